// windows.js: windows that a course opens. From a course that is kept apart from others (a credentialless frame) the browser cuts them off: they have no opener,
// and what runs in them reports to nobody. Pages of the course are shown above it here instead, and are to the page that opened them what a window would be:
// it can close them and sees that they are, and finds them again by their name; they find its API by their opener, or by their parent. Everything else
// (documents, other sites) gets a window of the browser's.
import { root, texts } from './bridge.js'

const HELD = new WeakSet() // frames, documents, and functions that open windows
const shown = new Map() // those that are open: their frames, by name

const isPage = ({ protocol, origin, pathname }) => protocol === 'about:' || (origin === location.origin && /(\/|\.x?html?)$/i.test(pathname))

// What lies under the topmost window is neither seen nor reached by keyboard.
function topFind() {
  const all = [...root().children]
  all.forEach((one, i) => { one.inert = i < all.length - 1 })
  all.at(-1)?.querySelector('iframe')?.focus()
}

function show(opener, address, name) {
  const old = name && shown.get(name)
  if (old?.isConnected) {
    if (address) old.src = address
    return old.contentWindow
  }
  const box = document.createElement('div'), button = document.createElement('button'), frame = document.createElement('iframe')
  const close = () => {
    box.remove()
    opener.focus()
    topFind()
  }
  box.className = 'window'
  Object.assign(button, { type: 'button', textContent: '×', onclick: close })
  button.setAttribute('aria-label', texts.close)
  frame.allow = 'fullscreen; autoplay; unload'
  frame.title = document.title
  box.append(button, frame)
  root().append(box)
  topFind()
  if (name) shown.set(name, frame)
  const be = () => {
    try { Object.assign(frame.contentWindow, { opener, close }) } catch { /* it went elsewhere */ }
  }
  be() // what is set in the first, empty window stays in that of the first page
  frame.addEventListener('load', be)
  windowsHold(frame)
  if (address) frame.src = address
  return frame.contentWindow
}

function pageHold(page) {
  const { document: inner } = page
  if (!HELD.has(page.open)) { // another page has another function
    const open = page.open.bind(page)
    const held = (address = '', name = '', ...rest) => {
      const target = new URL(address || 'about:blank', inner.baseURI)
      const isFrame = /^_(self|parent|top)$/i.test(name) || (name && !shown.has(name) && inner.getElementsByName(name)[0]?.contentWindow)
      return isFrame || !isPage(target) ? open(address, name, ...rest) : show(page, address && target.href, /^_blank$/i.test(name) ? '' : name)
    }
    HELD.add(held)
    page.open = held
  }
  if (HELD.has(inner)) return
  HELD.add(inner)
  inner.addEventListener('click', (event) => {
    const link = event.target.closest?.('a[href][target]')
    if (!link || event.defaultPrevented || link.hasAttribute('download') || /^_(self|parent|top)$/i.test(link.target)) return
    if (inner.getElementsByName(link.target)[0]?.contentWindow || page.parent.frames[link.target] || !isPage(new URL(link.href))) return
    event.preventDefault()
    show(page, link.href, /^_blank$/i.test(link.target) ? '' : link.target)
  })
  const framesHold = () => inner.querySelectorAll('iframe, frame').forEach(windowsHold)
  framesHold()
  if (inner.documentElement) new page.MutationObserver(framesHold).observe(inner.documentElement, { childList: true, subtree: true })
}

// Holds what a frame shows now and later, and the frames in it.
export function windowsHold(frame) {
  if (HELD.has(frame)) return
  HELD.add(frame)
  const hold = () => {
    try { pageHold(frame.contentWindow) } catch { /* of another origin */ }
  }
  hold()
  frame.addEventListener('load', hold)
}

// The last words of what runs in them come before those of the page that opened them.
export const windowsClose = () => document.querySelectorAll('.window').forEach((box) => box.remove())
