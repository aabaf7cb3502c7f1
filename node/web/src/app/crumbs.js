// crumbs.js: cookies that are not ours. Ports share cookies: where a course's frame has no store of its own (browsers without credentialless frames) it can set so
// many for this host that the node refuses every request (431). A page can delete what it sees, and it sees what was set for its path: so does a frame in it, even
// one that shows nothing but that refusal.
const PATHS = ['/', '/api/v1/', '/app/', '/c/', '/xapi/']
const FRAME_WAIT_MS = 3000
const ROOM = 4096 // bytes of cookies that nobody minds
const LOOK_EVERY_MS = 2000

// Deletes what `page` sees, whichever part of its path it was set for. The session's cookie is not to be seen.
export function crumbsDelete(page) {
  const parts = page.location.pathname.split('/').filter(Boolean)
  const paths = ['/', ...parts.flatMap((_, i) => [`/${parts.slice(0, i + 1).join('/')}`, `/${parts.slice(0, i + 1).join('/')}/`])]
  for (const pair of page.cookie.split(';')) {
    const name = pair.split('=')[0].trim()
    if (name) for (const path of paths) page.cookie = `${name}=; max-age=0; path=${path}`
  }
}

async function sweepAt(path) {
  const frame = document.createElement('iframe')
  frame.hidden = true
  frame.src = path
  const loaded = new Promise((resolve) => {
    frame.addEventListener('load', () => resolve(true))
    setTimeout(resolve, FRAME_WAIT_MS, false)
  })
  document.body.append(frame)
  const isThere = await loaded
  try { crumbsDelete(frame.contentDocument) } catch { /* a page that may not be framed: it was not refused */ }
  frame.remove()
  return isThere
}

// Everywhere, and at `path`, where a request was refused. Once at a time. Gives false when a frame came too late: what was to be seen there may be left.
let sweeping = null
export function sweep(path = '/') {
  sweeping ||= Promise.all([...new Set([...PATHS, path.split('?')[0]])].map(sweepAt)).then((all) => all.every(Boolean)).finally(() => { sweeping = null })
  return sweeping
}

// While a course is open whose store is not its own; gives what ends it.
export function crumbsWatch() {
  if ('credentialless' in HTMLIFrameElement.prototype) return () => {}
  let isWhole = true
  const timer = setInterval(async () => {
    if (document.cookie.length > ROOM || !isWhole) isWhole = await sweep()
  }, LOOK_EVERY_MS)
  return () => clearInterval(timer)
}
