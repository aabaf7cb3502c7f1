// api.js: the node's API. Every problem becomes an ApiError whose `word` is the machine's and whose `text` is for people.
import { effect, signal } from '@preact/signals'
import { sweep } from './crumbs.js'
import { stored } from './i18n.js'

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

function away() {
  online.value = false
  return new ApiError(0, 'offline', '')
}

async function problem(response) {
  const text = await response.text().catch(() => '')
  let body = {}
  try { body = JSON.parse(text) } catch { /* a plain text */ }
  return new ApiError(response.status, body.error || `http_${response.status}`, body.text || text.trim(), Number(response.headers.get('Retry-After')) || 0)
}

async function call(method, path, body, type, signal) {
  const headers = { Accept: 'application/json' }
  if (method !== 'GET' && session.value?.csrf) headers['X-Qanat-CSRF'] = session.value.csrf
  if (body !== undefined) headers['Content-Type'] = type || 'application/json'
  const ask = () => fetch(path, { method, headers, body: body === undefined ? undefined : type ? body : JSON.stringify(body), credentials: 'same-origin', signal })
  let response
  try {
    response = await ask()
    if (response.status === TOO_MANY_COOKIES) {
      await sweep(path)
      response = await ask()
    }
  } catch {
    throw away()
  }
  online.value = true
  if (!response.ok) {
    const error = await problem(response)
    if (error.word === 'csrf' && (await isSame())) return call(method, path, body, type, signal)
    if (error.word === 'not_signed_in') await sessionAgain()
    throw error.word === 'csrf' ? new ApiError(401, 'not_signed_in', error.text) : error
  }
  if (response.status === 204) return null
  try {
    return await (response.headers.get('Content-Type')?.includes('json') ? response.json() : response.text())
  } catch {
    throw away() // the link was cut amid the answer
  }
}

export const get = (path) => call('GET', path)
export const post = (path, body, type) => call('POST', path, body, type)
export const put = (path, body, signal) => call('PUT', path, body, undefined, signal)
export const remove = (path, body) => call('DELETE', path, body)

export const query = (values) => {
  const list = Object.entries(values).filter(([, value]) => value != null && value !== '')
  return list.length ? `?${new URLSearchParams(list)}` : ''
}

const nobody = { signed_in: false, csrf: '', person: null, node: null, registration: false }

// Who signed out without a link is out as soon as there is one: until then the cookie, which no script can take away, is still theirs.
const LEFT = 'qanat.out'

async function sessionGet() {
  const document_ = await get('/api/v1/session')
  const left = stored.get(LEFT)
  if (!left) return document_
  if (document_.person?.id === left) await fetch('/api/v1/session', { method: 'DELETE', headers: { 'X-Qanat-CSRF': document_.csrf } })
  stored.set(LEFT, null)
  return document_.person?.id === left ? get('/api/v1/session') : document_
}

export async function sessionLoad() {
  try {
    session.value = await sessionGet()
  } catch (error) {
    session.value = { ...nobody, offline: error.word === 'offline' }
  }
  return session.value
}

// Who is signed in now, as far as the node answers.
export async function sessionAgain() {
  try {
    session.value = await sessionGet()
  } catch { // what was known stands
    const { person, node } = session.value || {}
    if (person && stored.get(LEFT) === person.id) session.value = { ...nobody, node, offline: true }
  }
}
addEventListener('online', () => stored.get(LEFT) && sessionAgain())

// A token of before is one of before somebody signed in again, in another tab. Whether it is still the same person who asks.
async function isSame() {
  const { csrf, person } = session.value || {}
  await sessionAgain()
  return session.value?.csrf !== csrf && person != null && session.value?.person?.id === person.id
}

// The other tabs of this browser have the same session: they hear when it is another.
const TOLD = 'qanat.session'
addEventListener('storage', (event) => { if (event.key === TOLD) sessionAgain() })
addEventListener('pageshow', (event) => { if (event.persisted) sessionAgain() }) // a page that "Back" brings as it was has not heard it

function sessionTell(document_) {
  session.value = document_
  if (document_.signed_in) stored.set(LEFT, null)
  stored.set(TOLD, String(Date.now()))
  return document_
}

export const signIn = async (person, password) => sessionTell(await post('/api/v1/session', { person, password }))
export const register = async (who) => sessionTell(await post('/api/v1/registrations', who))
// What is kept here is sent before its person goes: on a machine of many it would wait until they come to this one again.
const SEND_WAIT_MS = 4000
const LEAVE_WAIT_MS = 5000 // a node that takes the request and says nothing keeps nobody in
const later = (ms, action) => new Promise((resolve) => setTimeout(resolve, ms)).then(action)
let sendLast = null
export const sendLastSet = (action) => { sendLast = action }
export async function signOut() {
  const id = session.value?.person?.id
  await Promise.race([sendLast?.().catch(() => {}), later(SEND_WAIT_MS)])
  try {
    await Promise.race([remove('/api/v1/session'), later(LEAVE_WAIT_MS, () => { throw new ApiError(0, 'offline', '') })])
  } catch (error) {
    if (error.word !== 'offline') throw error
    stored.set(LEFT, id)
    sessionTell({ ...nobody, node: session.value?.node, offline: true })
    return
  }
  sessionTell(await sessionLoad())
}

const LEVELS = ['learner', 'facilitator', 'trainer', 'manager', 'administrator']

function reaches(person, role) {
  if (!person) return false
  const highest = Math.max(...[person.role, ...(person.roles || [])].map((one) => LEVELS.indexOf(one)))
  return highest >= LEVELS.indexOf(role)
}

// Whether who is signed in may do what this role may.
export const may = (role) => reaches(session.value?.person, role)

// The same of who was in last, until somebody else is: what they wrote into a page outlives their session.
let last = null
effect(() => { last = session.value?.person || last })
export const mayStill = (role) => reaches(session.value?.person || last, role)
