// route.js: the address of the page. Links to what this face knows are followed without a new page load.
import { signal } from '@preact/signals'

export const place = signal(read())
let routes = []

function read() {
  return { path: location.pathname, query: new URLSearchParams(location.search) }
}

// rows: [pattern, component]; ":name" in a pattern takes one part of the path.
export function routesSet(rows) {
  routes = rows.map(([pattern, component]) => {
    const names = []
    const source = pattern.replace(/:(\w+)/g, (whole, name) => (names.push(name), '([^/]+)'))
    return { component, names, pattern: new RegExp(`^${source}/?$`) }
  })
}

function isText(path) {
  try { return decodeURIComponent(path) !== '' } catch { return false }
}

export function routeFind(path) {
  for (const { pattern, names, component } of routes) {
    const match = pattern.exec(path)
    if (match && isText(path)) return { component, values: Object.fromEntries(names.map((name, i) => [name, decodeURIComponent(match[i + 1])])) }
  }
  return null
}

// What must happen before this page may be left (the player saves); gives a promise.
let leaving = null
export const leavingSet = (action) => { leaving = action }

export async function go(address, { replace = false } = {}) {
  const url = new URL(address, location.href)
  if (leaving) {
    const action = leaving
    leaving = null
    await action()
  }
  if (url.origin !== location.origin || !routeFind(url.pathname)) {
    location.assign(url)
    return
  }
  history[replace ? 'replaceState' : 'pushState'](null, '', url)
  const isOther = url.pathname !== place.value.path
  place.value = read()
  if (isOther) scrollTo(0, 0)
}

// Changes the query only: filters stay in the address, so that Back and a sent link work.
export function querySet(values) {
  const next = new URLSearchParams(location.search)
  for (const [name, value] of Object.entries(values)) {
    if (value == null || value === '') next.delete(name)
    else next.set(name, value)
  }
  const text = next.toString()
  history.replaceState(null, '', location.pathname + (text ? `?${text}` : ''))
  place.value = read()
}

addEventListener('popstate', async () => {
  if (leaving) {
    const action = leaving
    leaving = null
    await action()
  }
  place.value = read()
})

addEventListener('click', (event) => {
  const link = event.target.closest?.('a[href]')
  if (!link || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || link.target || link.hasAttribute('download')) return
  const url = new URL(link.href)
  if (url.origin !== location.origin || (url.hash && url.pathname === location.pathname) || !routeFind(url.pathname)) return
  event.preventDefault()
  go(url)
})
