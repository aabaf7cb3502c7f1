// api.js: the node's API. Every problem becomes an ApiError whose `word` is the machine's and whose `text` is for people.
import { signal } from '@preact/signals'
import { sweep } from './crumbs.js'

export const session = signal(null) // the document of GET /api/v1/session; null until it was read
export const online = signal(navigator.onLine !== false)
addEventListener('online', () => { online.value = true })
addEventListener('offline', () => { online.value = false })

const TOO_MANY_COOKIES = 431 // Request Header Fields Too Large (RFC 6585)

export class ApiError extends Error {
  constructor(code, word, text, after) {
    super(text)
    Object.assign(this, { code, word, text, after })
  }
}

async function problem(response) {
  const text = await response.text()
  let body = {}
  try { body = JSON.parse(text) } catch { /* a plain text */ }
  return new ApiError(response.status, body.error || `http_${response.status}`, body.text || text.trim(), Number(response.headers.get('Retry-After')) || 0)
}

async function call(method, path, body, type) {
  const headers = { Accept: 'application/json' }
  if (method !== 'GET' && session.value?.csrf) headers['X-Qanat-CSRF'] = session.value.csrf
  if (body !== undefined) headers['Content-Type'] = type || 'application/json'
  const ask = () => fetch(path, { method, headers, body: body === undefined ? undefined : type ? body : JSON.stringify(body), credentials: 'same-origin' })
  let response
  try {
    response = await ask()
    if (response.status === TOO_MANY_COOKIES) {
      await sweep(path)
      response = await ask()
    }
  } catch {
    online.value = false
    throw new ApiError(0, 'offline', '')
  }
  online.value = true
  if (!response.ok) throw await problem(response)
  if (response.status === 204) return null
  return response.headers.get('Content-Type')?.includes('json') ? response.json() : response.text()
}

export const get = (path) => call('GET', path)
export const post = (path, body, type) => call('POST', path, body, type)
export const put = (path, body) => call('PUT', path, body)
export const remove = (path) => call('DELETE', path)

export const query = (values) => {
  const list = Object.entries(values).filter(([, value]) => value != null && value !== '')
  return list.length ? `?${new URLSearchParams(list)}` : ''
}

const nobody = { signed_in: false, csrf: '', person: null, node: null, registration: false }

export async function sessionLoad() {
  try {
    session.value = await get('/api/v1/session')
  } catch (error) {
    session.value = { ...nobody, offline: error.word === 'offline' }
  }
  return session.value
}

export async function signIn(person, password) {
  session.value = await post('/api/v1/session', { person, password })
  return session.value
}

export async function signOut() {
  await remove('/api/v1/session')
  await sessionLoad()
}

const LEVELS = ['learner', 'facilitator', 'trainer', 'manager', 'administrator']

// Whether who is signed in may do what this role may.
export function may(role) {
  const person = session.value?.person
  if (!person) return false
  const highest = Math.max(...[person.role, ...(person.roles || [])].map((one) => LEVELS.indexOf(one)))
  return highest >= LEVELS.indexOf(role)
}
