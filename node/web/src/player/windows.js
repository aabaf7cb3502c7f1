// windows.js: windows that a course opens, and frames that it sends elsewhere.
//
// From a course that is kept apart from others (a credentialless frame) the browser cuts windows off: they have no opener, and what runs in them reports to nobody.
// Pages of the course are shown above it here instead, and are to the page that opened them what a window would be: it can close them and sees that they are, and
// finds them again by their name; they find its API by their opener, or by their parent. Everything else (documents, other sites) gets a window of the browser's.
import { root, texts } from './bridge.js'

const HELD = new WeakSet() // frames, documents, and functions that open windows
const shown = new Map() // those that are open: their frames, by name
let isApart = true // elsewhere the browser's windows do
let onPage = () => {}
export const pageSet = (action) => { onPage = action } // what else is done to each page of the course

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

// --- frames beside each other ---
//
// In a sandbox a document may send elsewhere what is inside of it, but not a frame beside it, as the menu of a frameset does (HTML, "allowed by sandboxing to
// navigate"). The frame's element may. So links, window.open, `parent.NAME.location` and `parent.frames[N].location` go by the element here.

// The frame of that name in this page, or in one around it.
function frameFind(page, name) {
  for (let at = page; name && at !== window; at = at.parent) {
    const found = [...at.document.getElementsByName(name)].find((one) => one.contentWindow)
    if (found) return found
  }
  return null
}

// Methods of the browser's want their own object.
const isMethod = (what, key) => typeof what === 'function' && /^[a-z]/.test(String(key)) && /\[native code\]/.test(Function.prototype.toString.call(what))
const bound = (owner, key) => (isMethod(owner[key], key) ? owner[key].bind(owner) : owner[key])

// An address is one of the page whose script runs.
function send(page, frame, address) {
  const pages = [page, ...[...page.document.querySelectorAll('iframe, frame')].map((one) => one.contentWindow)]
  const runs = pages.find((one) => { try { return one.event || one.document.currentScript } catch { return false } })
  frame.src = new URL(address, (runs || page).document.baseURI).href
}

// What stands for the window of a frame to those beside it.
function standIn(page, frame) {
  const location = new Proxy({}, {
    get: (none, key) => (['assign', 'replace'].includes(key) ? (address) => send(page, frame, address) : bound(frame.contentWindow.location, key)),
    set: (none, key, value) => {
      if (key === 'href') send(page, frame, value)
      else frame.contentWindow.location[key] = value
      return true
    },
  })
  return new Proxy({}, {
    get: (none, key) => (key === 'location' ? location : bound(frame.contentWindow, key)),
    has: (none, key) => key in frame.contentWindow,
    set: (none, key, value) => {
      if (key === 'location') send(page, frame, value)
      else frame.contentWindow[key] = value
      return true
    },
  })
}

const standIns = new WeakMap() // by frame
function standInOf(page, frame) {
  if (!standIns.has(frame)) standIns.set(frame, standIn(page, frame))
  return standIns.get(frame)
}

// What is put there by the page itself takes its place.
function give(page, name, get) {
  Object.defineProperty(page, name, { configurable: true, get, set: (value) => Object.defineProperty(page, name, { configurable: true, writable: true, value }) })
}

function standInsMake(page, frames) {
  for (const frame of frames.length > 1 ? frames : []) {
    if (frame.name && !Object.hasOwn(page, frame.name)) give(page, frame.name, () => (frame.isConnected ? standInOf(page, frame) : undefined))
  }
  if (frames.length < 2 || HELD.has(frames[0].ownerDocument.body)) return
  HELD.add(frames[0].ownerDocument.body) // a frameset, too
  const list = new Proxy({}, {
    get: (none, key) => {
      const frame = /^\d+$/.test(String(key)) && [...page.document.querySelectorAll('iframe, frame')].find((one) => one.contentWindow === page[key])
      return frame ? standInOf(page, frame) : bound(page, key)
    },
    has: (none, key) => key in page,
    set: (none, key, value) => { page[key] = value; return true },
  })
  give(page, 'frames', () => list)
}

const isAround = (name) => /^_(self|parent|top)$/i.test(name)
const nameOf = (name) => (/^_blank$/i.test(name) ? '' : name)

function pageHold(page) {
  const { document: inner } = page
  onPage(page)
  if (!HELD.has(page.open)) { // another page has another function
    const open = page.open.bind(page)
    const held = (address = '', name = '', ...rest) => {
      const target = new URL(address || 'about:blank', inner.baseURI), beside = frameFind(page, name)
      if (beside) {
        if (address) beside.src = target.href
        return beside.contentWindow
      }
      if (isAround(name) || !isApart || !isPage(target)) return open(address, name, ...rest)
      return show(page, address && target.href, nameOf(name))
    }
    HELD.add(held)
    page.open = held
  }
  if (HELD.has(inner)) return
  HELD.add(inner)
  inner.addEventListener('click', (event) => {
    const link = event.target.closest?.('a[href], area[href]'), name = link?.getAttribute('target') || inner.querySelector('base[target]')?.target
    if (!link || !name || event.defaultPrevented || link.hasAttribute('download') || isAround(name)) return
    const address = new URL(link.getAttribute('href'), inner.baseURI), beside = frameFind(page, name)
    if (beside ? address.protocol === 'javascript:' : !isApart || !isPage(address)) return
    event.preventDefault()
    if (beside) beside.src = address.href
    else show(page, address.href, nameOf(name))
  })
  const framesHold = () => {
    const frames = [...inner.querySelectorAll('iframe, frame')]
    frames.forEach((one) => windowsHold(one))
    standInsMake(page, frames)
  }
  framesHold()
  if (inner.documentElement) new page.MutationObserver(framesHold).observe(inner.documentElement, { childList: true, subtree: true })
}

// Holds what a frame shows now and later, and the frames in it. `isKeptApart`: whether the browser would cut its windows off.
export function windowsHold(frame, isKeptApart = isApart) {
  isApart = isKeptApart
  if (HELD.has(frame)) return
  HELD.add(frame)
  const next = () => setTimeout(() => { // the next page is there, and its scripts have not run
    try { onPage(frame.contentWindow) } catch { /* of another origin */ }
  })
  const hold = () => {
    try {
      pageHold(frame.contentWindow)
      frame.contentWindow.addEventListener('pagehide', next)
    } catch { /* of another origin */ }
  }
  hold()
  frame.addEventListener('load', hold)
}

// The last words of what runs in them come before those of the page that opened them.
export const windowsClose = () => document.querySelectorAll('.window').forEach((box) => box.remove())
