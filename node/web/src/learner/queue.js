// queue.js: commits on their way to the node. Each is kept on this device until the node said that it is durable; so a cut link, a closed laptop or
// a node that restarts lose nothing: in localStorage, where all tabs see it at once and a page that closes can still read it, and in what a power cut does not
// take (kept.js). Of plain states only the newest counts (they are absolute); statements are each kept.
import { signal } from '@preact/signals'
import { ApiError, online, put, sendLastSet, session } from '../app/api.js'
import { stored } from '../app/i18n.js'
import { keyMake, seal } from '../player/seal.js'
import { carrySend, isReplaced, resultOf } from './carry.js'
import { COMMITS as PREFIX, keep, keptAll } from './kept.js'

const WAIT_MAX = 30000
const ANSWER_MS = 60000 // over a link that went away without a word a request may hang for a quarter of an hour: it is made anew
const LATE_MS = 60000 // later than that a commit says when it was made
const CARRIED_MAX = 1 << 20 // characters of what a course said itself, for each launch
const OUT_MS = 20000 // after that what a page was sending itself is sent from here, where it did not say how that ended
export const saving = signal('saved') // saved | saving | kept | lost
export const changed = signal(false) // something was done that no commit has said yet
export const unsaved = signal(false) // the course said something that is nowhere
const memory = new Map() // what this page wrote: where the browser keeps nothing, or its storage is cleared meanwhile
let written = Promise.resolve() // until all that was put in the queue is on the disk
let isKept = true // what was put in it last found room there
let latest = '' // the launch that this page heard of last
let underway = null // what sends just now, until it ends
export const taken = signal(0) // how many commits the node took: what it says of a course may be another since
let wait = 0
let timer = 0

// What was stored may be older than what this page wrote, where there was no room for that.
const read = (launch) => {
  const mine = memory.get(launch)
  let row = null
  try { row = JSON.parse(stored.get(PREFIX + launch)) } catch { /* not a row */ }
  return mine && !(row?.list?.at(-1)?.seq >= mine.list.at(-1).seq) ? mine : row
}

function write(launch, row) {
  const isRow = row?.list.length > 0
  if (isRow) memory.set(launch, row)
  else memory.delete(launch)
  const isStored = stored.set(PREFIX + launch, isRow ? JSON.stringify(row) : null)
  written = Promise.all([written, keep(launch, isRow ? { ...row, launch } : null).then((isDeep) => { isKept = !isRow || isStored || isDeep })])
}

// Nobody is told that something is kept before it is.
async function keptSay() {
  const mine = written
  await mine
  if (mine === written && isKept && saving.value === 'saving') saving.value = 'kept'
}

// Of plain states the newest is enough; what it does not speak of (a step through a course says nothing of the part that ended before it), and that something was
// done, is said with it.
function listPut(list, one) {
  const last = list[list.length - 1]
  if (one.body.xapi) {
    const at = list.findIndex((other) => isReplaced(other, one))
    if (at >= 0) list.splice(at, 1)
  }
  if (!last || last.body.statement || last.body.xapi || one.body.xapi) {
    list.push(one)
    return
  }
  list.pop()
  const { body } = last, result = { ...body.result, ...one.body.result }, work = body.work || one.body.work
  list.push({ ...one, body: { ...body, ...one.body, ...((body.result || one.body.result) && { result }), ...(work !== undefined && { work }) } })
}

// What only one of the two has, the other gets: after a power cut localStorage is behind, and before there was another it was alone.
async function restore() {
  const rows = new Map((await keptAll()).map(({ launch, ...row }) => [launch, row]))
  for (const launch of new Set([...rows.keys(), ...launches()])) {
    const here = read(launch), there = rows.get(launch)
    const all = [...(here?.list || []), ...(there?.list || []).filter((one) => !here?.list.some(({ seq }) => seq === one.seq))]
    const list = []
    for (const one of all.sort((a, b) => a.seq - b.seq)) listPut(list, one)
    const isSame = (row) => row && row.list.length === list.length && row.list.every((one, i) => one.seq === list[i].seq)
    if (!isSame(here) || !isSame(there)) write(launch, { person: (here || there).person, list })
  }
}
const restored = restore().catch(() => {})

function launches() {
  const found = new Set(memory.keys())
  try {
    for (let i = 0; i < localStorage.length; i++) {
      const key = localStorage.key(i)
      if (key.startsWith(PREFIX)) found.add(key.slice(PREFIX.length))
    }
  } catch { /* nothing is kept here */ }
  return [...found]
}

// Keys for the last words of a launch (player/seal.js): they lie on the content origin, where any course can read and write.
const SEALS = 'qanat.seals.'
const SEALS_EACH = 4
const KEPT_MAX = 20 // launches

export function sealsMake(launch, person) {
  const keys = Array.from({ length: SEALS_EACH }, keyMake)
  const old = Object.keys(localStorage).filter((key) => key.startsWith(SEALS)).map((key) => Number(key.slice(SEALS.length))).sort((a, b) => b - a)
  for (const one of old.slice(KEPT_MAX)) stored.set(SEALS + one, null)
  stored.set(SEALS + launch, JSON.stringify({ person, keys }))
  return keys
}

// The last words of a launch whose window closed: taken when their seal is right.
export function lastTake({ launch, at, text, seal: given }) {
  const row = JSON.parse(stored.get(SEALS + launch) || 'null')
  const key = row?.keys?.[at]
  if (!key || typeof text !== 'string' || text.length > 1 << 20 || seal(key, text) !== given) return
  stored.set(SEALS + launch, null)
  const body = JSON.parse(text)
  if (Number.isSafeInteger(body?.seq)) commitPut(String(launch), body, row.person)
}

// Puts a commit {seq, …} in the queue and starts sending.
export function commitPut(launch, body, person = session.value?.person?.id) {
  latest = launch
  const row = read(launch) || { person, list: [] }
  if (row.list.some((one) => one.seq >= body.seq)) return
  listPut(row.list, { seq: body.seq, made: Date.now(), body })
  write(launch, row)
  changed.value = false
  saving.value = 'saving'
  if (!online.value) keptSay()
  wait = 0
  flush()
}

// What a course says to the record store itself (player/carry.js). `isOut` while its page sends it. Gives whether it is kept on this device.
export async function carryPut(launch, seq, xapi, isOut, person) {
  const row = read(launch) || { person, list: [] }
  const size = row.list.reduce((sum, { body }) => sum + (body.xapi?.body?.length || 0), xapi.body?.length || 0)
  if (size > CARRIED_MAX || row.list.some((one) => one.seq >= seq)) return false
  latest = launch
  listPut(row.list, { seq, made: Date.now(), ...(isOut && { out: true }), body: { seq, xapi } })
  write(launch, row)
  saving.value = 'saving'
  if (!online.value) keptSay()
  if (!isOut) flush()
  const mine = written
  await mine
  return isKept
}

function rowChange(launch, change) {
  const row = read(launch)
  if (row) write(launch, { ...row, list: change(row.list) })
}

// It has arrived.
export function carriedDrop(launch, seq) {
  rowChange(launch, (list) => list.filter((one) => one.seq !== seq || !one.body.xapi))
  taken.value++
  return flush()
}

// It (or all that its page was sending, which is gone) is sent from here now.
export function carriedHold(launch, seq) {
  rowChange(launch, (list) => list.map(({ out, ...one }) => (out && seq !== undefined && one.seq !== seq ? { ...one, out } : one)))
  wait = 0
}

export const isCarrying = () => launches().some((launch) => read(launch)?.list.some(({ body }) => body.xapi))
const arrivals = new Set() // who hears what has arrived
export function arrivalsWatch(action) {
  arrivals.add(action)
  return () => arrivals.delete(action)
}

// What the session of the launch refuses because it is over (cmi5 ends it when its learner opens the course elsewhere) says its result through the launch itself.
// False where it has none.
async function carriedSend(launch, { seq, made, body: { xapi } }, signal) {
  const code = await carrySend(xapi, signal)
  arrivals.forEach((action) => action(launch, seq))
  if (code < 300) return true
  const result = code === 401 && resultOf(xapi)
  if (!result) return false
  await put(`/api/v1/launches/${launch}/state`, { seq, result, at: new Date(made).toISOString().replace(/\.\d+/, '') }, signal)
  return true
}

// Waits for who did it: the node would say that there is no such launch of theirs.
const isOthersRow = (row) => row.person && row.person !== session.value?.person?.id

async function commitSend(launch, { made, body }, signal) {
  const said = await put(`/api/v1/launches/${launch}/state`, Date.now() - made > LATE_MS ? { ...body, at: new Date(made).toISOString().replace(/\.\d+/, '') } : body, signal)
  if (!Number.isSafeInteger(said?.seq)) throw new ApiError(0, 'offline', '') // not the node: the page of a stranger's network
  return true
}

// Gives whether the node took everything.
async function flushOne(launch) {
  let isTaken = true
  for (let row = read(launch); row?.list.length; row = read(launch)) {
    if (isOthersRow(row)) throw new ApiError(401, 'not_signed_in', '') // since the last one
    const [one] = row.list
    if (one.out && Date.now() - one.made < OUT_MS) throw new ApiError(0, 'under_way', '')
    const ending = new AbortController()
    const late = setTimeout(() => ending.abort(), ANSWER_MS)
    const isOne = await (one.body.xapi ? carriedSend : commitSend)(launch, one, ending.signal).finally(() => clearTimeout(late))
    isTaken = isTaken && isOne
    rowChange(launch, (list) => list.filter((other) => other.seq > one.seq))
    taken.value++
  }
  return isTaken
}

// Sends what is kept of whoever is signed in, also from earlier days. Gives true when nothing is left; who asks while it is under way waits for the same.
export function flush() {
  underway ||= flushAll().finally(() => { underway = null })
  return underway
}

sendLastSet(flush)

async function flushAll() {
  if (!session.value?.signed_in) {
    keptSay()
    return false
  }
  clearTimeout(timer)
  let isLeft = false, isRefused = false, isOthers = false
  await restored
  for (const launch of launches()) {
    const row = read(launch)
    if (!row) continue
    if (isOthersRow(row)) {
      isOthers = isOthers || launch === latest
      continue
    }
    try {
      if (!(await flushOne(launch))) isRefused = true
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      // A launch that the node no longer knows can never be taken; everything else is tried again. Elsewhere another machine may have the node's address, and
      // know no launch: it does not say so in the node's words.
      if ([400, 404, 410].includes(error.code) && !error.word.startsWith('http_')) {
        write(launch, null)
        isRefused = true
      } else {
        isLeft = true
      }
    }
  }
  if (!isLeft && !isOthers) saving.value = isRefused ? 'lost' : 'saved'
  else if (!isLeft) keptSay()
  if (isLeft) {
    if (saving.value !== 'kept') saving.value = 'saving'
    keptSay()
    wait = Math.min(WAIT_MAX, (wait || 1000) * 2)
    timer = setTimeout(flush, wait * (0.5 + Math.random() / 2))
  } else if (launches().some((launch) => read(launch)?.person === session.value?.person?.id && read(launch)?.list.length)) {
    return flushAll()
  }
  return !isLeft
}

// The page goes away: what is left is handed to the browser, which sends it when the page is gone. It stays in the queue: sent twice it counts once.
export function beacon() {
  for (const launch of launches()) if (read(launch)?.list.some((one) => one.out) && memory.has(launch)) carriedHold(launch)
  if (!session.value?.signed_in) return
  for (const launch of launches()) {
    const row = read(launch)
    if (row?.person !== session.value.person?.id) continue
    for (const { body } of row.list) {
      if (body.xapi) break // no beacon can say whose it is; and the rest comes behind it
      navigator.sendBeacon(`/api/v1/launches/${launch}/state?csrf=${encodeURIComponent(session.value.csrf)}`, JSON.stringify(body))
    }
  }
}

addEventListener('pagehide', beacon)
addEventListener('online', () => { wait = 0; flush() })
