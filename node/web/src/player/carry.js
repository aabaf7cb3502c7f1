// carry.js: what a course says to the record store itself (cmi5, Tin Can), carried over a time in which the node cannot be reached.
//
// Each statement and state document is handed to the page around before it is sent, which keeps it on the disk until it is known to have arrived. When no answer
// comes, the course gets the one that a record store gives to what it stored, as soon as the page around says that it is kept; that page sends it when the node is
// back, as it was and in its order. While something waits, what comes later waits behind it. Statements are known by their ids, so that sent twice they count once.
//
// Not carried is what only the node can decide (If-Match, profiles) or what is no text (attachments): the course hears that there is no network, and the learner
// that it is not saved.
import { carryingSet, carryListen, numberTake, say } from './bridge.js'
import { askWrap } from './ask.js'
import { pageSet } from './windows.js'

export const ANSWER_MS = 15000 // a link that went away without a word
const KEPT = ['authorization', 'content-type', 'x-experience-api-version']
let endpoint = '', isOfCmi5 = false, isFull = false, isReached = true
const waiting = new Map() // by number: what the node has not
const deciding = new Map() // by number: who waits to hear whether it is kept
const arrivals = new Map() // by document: the number of the newest that arrived
const unsaved = new Set() // documents and statements that are nowhere

const isStatements = (path) => /^statements(\?|$)/.test(path)
const isState = (path) => /^activities\/state\?/.test(path)

// A document's own name, in whatever order its parameters stand.
function nameOf(path) {
  const [where, query = ''] = path.split('?')
  const list = new URLSearchParams(query)
  list.sort()
  return `${where}?${list}`
}

// What a request asks of the record store ("/xapi//statements" is the same to it: some libraries add a slash); null where it is no business of ours.
export function askOf(method, address, base) {
  let path = null
  try { path = new URL(address, base).href } catch { /* the browser says it */ }
  return path?.startsWith(endpoint) ? { method: String(method || 'GET').toUpperCase(), path: path.slice(endpoint.length).replace(/^\/+/, ''), headers: {}, body: null } : null
}

export const isWrite = ({ method }) => ['PUT', 'POST', 'DELETE'].includes(method)
// From the node, and no word of a busy one, of a machine before it, or of a stranger's network.
export const isAnswer = (status, version) => status > 0 && status < 500 && status !== 429 && (status >= 400 || version !== null)

// RFC 9562, 5.4. (crypto.randomUUID is not on plain http.)
function uuidMake() {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  bytes[6] = (bytes[6] & 15) | 64
  bytes[8] = (bytes[8] & 63) | 128
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}

// Statements have an id and their own time before they are sent the first time, or could not be sent again. Those of cmi5 bring both. False where they are none.
function statementsName(ask) {
  let said
  try { said = JSON.parse(ask.body) } catch { return false }
  const list = Array.isArray(said) ? said : [said]
  if (list.some((one) => typeof one !== 'object' || !one)) return false
  if (!isOfCmi5 && list.some((one) => !one.id || !one.timestamp)) {
    const inPath = ask.method === 'PUT' ? new URLSearchParams(ask.path.split('?')[1]).get('statementId') : null
    for (const one of list) {
      one.id ||= inPath || uuidMake()
      one.timestamp ||= new Date().toISOString()
    }
    ask.body = JSON.stringify(said)
  }
  ask.ids = list.map((one) => one.id)
  return ask.method === 'PUT' ? list.length === 1 : ask.method === 'POST' && list.every((one) => one.id)
}

function isCarried(ask) {
  const { method, path, headers, body } = ask
  if (typeof body !== 'string' && !(method === 'DELETE' && body == null)) return false
  if (isStatements(path)) return /^application\/json\b/.test(headers['content-type'] || '') && statementsName(ask)
  return isState(path) && !headers['if-match'] && !headers['if-none-match']
}

// Hands a write over, before it is sent. `isHeld` where it is not to be sent from here. Null where it cannot be carried.
export function carry(ask) {
  if (!isCarried(ask)) return null
  const entry = { ...ask, seq: numberTake(), isHeld: waiting.size > 0, name: isState(ask.path) ? nameOf(ask.path) : null }
  entry.kept = new Promise((resolve) => deciding.set(entry.seq, resolve)).then((is) => {
    if (!is) waiting.delete(entry.seq)
    return is
  })
  if (entry.isHeld) waiting.set(entry.seq, entry)
  const headers = Object.fromEntries(KEPT.filter((name) => ask.headers[name]).map((name) => [name, ask.headers[name]]))
  say('carry', { seq: entry.seq, is_out: !entry.isHeld, method: ask.method, path: ask.path, headers, body: ask.body })
  return entry
}

function drop(seq) {
  waiting.delete(seq)
  say('carried', { seq })
}

// The node has answered. What it took of a document is newer than what waits of it.
export function arrived(entry) {
  reachedSay(true)
  drop(entry.seq)
  if (!entry.name) return
  arrivals.set(entry.name, Math.max(entry.seq, arrivals.get(entry.name) || 0))
  for (const [seq, one] of waiting) if (one.name === entry.name && seq < entry.seq) drop(seq)
}

// No answer came.
export function hold(entry) {
  if (entry.isHeld) return
  entry.isHeld = true
  if (entry.name && arrivals.get(entry.name) > entry.seq) return drop(entry.seq)
  waiting.set(entry.seq, entry)
  say('held', { seq: entry.seq })
}

// Whether what cannot wait for an answer (a request that stops its page) may be taken as kept.
export const isRoom = () => !isFull

// What a record store says when it has stored that.
export function answerOf({ method, path, ids, headers, document }) {
  const version = { 'X-Experience-API-Version': headers['x-experience-api-version'] || '1.0.3' }
  if (document !== undefined) return document === null ? { status: 404, text: '', headers: version } : { status: 200, text: document, headers: { ...version, 'Content-Type': headers['content-type'] || 'application/json' } }
  return method === 'POST' && isStatements(path) ? { status: 200, text: JSON.stringify(ids), headers: { ...version, 'Content-Type': 'application/json' } } : { status: 204, text: null, headers: version }
}

// A document that waits is read as it was written. Null where the node must be asked.
export function waitingFind(ask) {
  if (ask.method !== 'GET' || !isState(ask.path)) return null
  const name = nameOf(ask.path), last = [...waiting.values()].filter((one) => one.name === name).at(-1)
  if (!last || last.method === 'POST') return null
  return answerOf({ ...last, document: last.method === 'DELETE' ? null : last.body })
}

// Whether a write that cannot be carried is saved: what was not may be later, when the course tries again.
export function unsavedSay(ask, is) {
  const name = `${ask.method} ${nameOf(ask.path)}`, before = unsaved.size
  if (is) unsaved.add(name)
  else unsaved.delete(name)
  if ((before > 0) !== (unsaved.size > 0)) say('unsaved', { is: unsaved.size > 0 })
}

// Whether the node answers at all: a course that only reads has nothing to keep.
export function reachedSay(is) {
  if (is !== isReached) say('reached', { is })
  isReached = is
}

export function carryBegin(launch) {
  const { searchParams, origin } = new URL(launch.url, launch.base)
  endpoint = searchParams.get('endpoint') || ''
  if (!endpoint || origin !== location.origin) return
  isOfCmi5 = launch.runtime === 'cmi5'
  carryingSet(() => waiting.size > 0)
  carryListen((word, seq) => {
    if (word === 'sent') for (const one of [...waiting.keys()]) if (one <= seq) waiting.delete(one)
    if (word === 'kept' || word === 'full') {
      deciding.get(seq)?.(word === 'kept')
      deciding.delete(seq)
    }
    isFull = word === 'full' || (isFull && word === 'kept')
  })
  pageSet(askWrap)
}
