// bridge.js: the player's line to the page around it, and its last words.
//
// A course sets its results while its window closes. Then a message to the page around may come too late, so a final commit also goes as a beacon to this
// launch's own address on this origin; and it is left in this origin's storage, sealed, for the next launch, in case the link was down. All three carry the
// same number: the node counts it once. Where the browser keeps each course apart (credentialless frames) nothing is left: what other courses cannot read, the
// next launch cannot either.
import { crumbsDelete } from '../app/crumbs.js'
import { seal } from './seal.js'
import { windowsClose, windowsHold } from './windows.js'

const LEFT = 'qanat.left'
const outer = window.parent // the page around
let answer = null // the message that brought the launch
let launch = null
let seq = 0
let onLeave = () => {}
let onFinish = () => {}
let onNavigate = () => {}
let onCarry = () => {}
let isCarrying = () => false // whether something that the course said waits for the node
export let texts = {}
export const root = () => document.getElementById('player')

export const leaveSet = (action) => { onLeave = action }
export const finishSet = (action) => { onFinish = action }
export const navigateSet = (action) => { onNavigate = action }
export const carryListen = (action) => { onCarry = action }
export const carryingSet = (is) => { isCarrying = is }

export const numberTake = () => ++seq
export function say(word, rest = {}) {
  if (answer) outer.postMessage({ qanat: word, ...rest }, answer === 'null' ? '*' : answer)
}

// How long the course was to be seen, or heard: a tab that lay behind others over night is no night of learning. By a clock that nobody sets: a telephone that
// hears the time of day after the course was opened did not learn for fifty years.
let spent = 0, looked = 0, isCounting = false, isElsewhere = false
function timeCount() {
  const now = performance.now()
  if (isCounting) spent += now - looked
  looked = now
  isCounting = isElsewhere || !document.hidden
}
document.addEventListener('visibilitychange', timeCount)
// When nobody looks at the page any more.
export const hiddenSet = (action) => document.addEventListener('visibilitychange', () => document.hidden && action())
export function seconds() {
  timeCount()
  return Math.round(spent / 1000)
}
// The learner listens, or is at the page in a window of its own that this one has opened: it need not be seen.
export function elsewhereSet(is) {
  isElsewhere = is
  timeCount()
}
const stateAddress = () => new URL('.qanat/state', launch.base).href

// Whether the learner did something since the state was last told, or handed over: clocks, and how a session ends, are said by a course that only lies open, too;
// and what a course says as it is left is of what was done before. The node hands on to the next device what was worked on last.
const IDLE = ['session_time', 'total_time', 'exit', 'entry']
let told = ''
let isLeft = false
export const leftSay = () => { isLeft = true }
const workOf = (state) => JSON.stringify(state, (name, value) => (IDLE.includes(name) ? undefined : value))
export const toldSet = (state) => { told = workOf(state) }

function isWork(state) {
  const was = told
  toldSet(state)
  return told !== was && !isLeft
}

export function commit(body, isFinal = false) {
  const state = body.cmi ?? body.state
  const whole = { seq: numberTake(), ...body, ...(state !== undefined && { work: isWork(state) }), ...(isFinal && { end: true }) }
  say('commit', whole)
  if (isFinal) {
    if (!isCarrying()) navigator.sendBeacon?.(stateAddress(), JSON.stringify(whole)) // the end comes behind what waits
    const text = JSON.stringify(whole), key = launch.seals?.pop()
    try { if (key) localStorage.setItem(LEFT, JSON.stringify({ launch: launch.launch, at: launch.seals.length, text, seal: seal(key, text) })) } catch { /* no room: the queue of the page around has it */ }
  }
}

// Something was done that the next commit will say: until then nothing is said to be saved.
export const changedSay = () => say('changed')
export const problem = (text) => say('problem', { text })
// The course cannot say itself when it is finished: the learner may. Or it can, as it turns out later.
export const manual = (is = true) => say('manual', { is })
export const goTo = (where) => say('go', { where })
// To another part of this course; and where the learner may go from here.
export const partGo = (item) => say('go', { where: 'part', item })
export const navigationSay = (navigation) => say('navigation', navigation)

// What an earlier course left on this origin is none of this one's business. Only the last words of an earlier launch are handed to the page around, which
// alone can tell whether they are genuine.
async function clean() {
  try {
    const left = JSON.parse(localStorage.getItem(LEFT))
    if (left && left.launch !== launch.launch) say('last', { launch: left.launch, at: left.at, text: left.text, seal: left.seal })
    localStorage.clear()
    sessionStorage.clear()
    crumbsDelete(document)
    for (const { name } of await (indexedDB.databases?.() || [])) indexedDB.deleteDatabase(name)
  } catch { /* storage is closed: nothing to clean */ }
}

export function listen(run) {
  addEventListener('message', async (event) => {
    if (event.source !== outer || typeof event.data !== 'object' || !event.data || (answer && event.origin !== answer)) return
    const { qanat: word } = event.data
    if (word === 'launch' && !launch) {
      answer = event.origin
      launch = event.data.launch
      texts = event.data.texts || {}
      launch.base = new URL('..', location.href.split('?')[0]).href // …/c/TOKEN/ of …/c/TOKEN/.qanat/player.html
      isElsewhere = launch.isolated === false // such courses may have windows of their own
      timeCount()
      spent = 0
      launch.locale = event.data.locale
      launch.wanted = event.data.wanted
      launch.seals = Array.isArray(event.data.seals) ? event.data.seals : []
      seq = launch.seq || 0
      document.documentElement.lang = event.data.lang || 'en'
      document.documentElement.dir = event.data.dir || 'ltr'
      toldSet(launch.state)
      await clean()
      try {
        await run(launch)
      } catch (error) {
        problem(`${texts.no_player || 'This course cannot be shown.'} ${error?.message || error}`)
      }
    } else if (word === 'leave') {
      windowsClose()
      await onLeave()
      crumbsDelete(document)
      say('left')
    } else if (['kept', 'full', 'sent'].includes(word)) {
      onCarry(word, event.data.seq)
    } else if (word === 'finish') {
      onFinish()
    } else if (word === 'navigate') {
      onNavigate(String(event.data.request), event.data.target)
    }
  })
  if (outer !== window) outer.postMessage({ qanat: 'ready' }, '*')
}

// The course in a frame that is of the same origin as this page, as SCORM wants it. Many look for one API all the way up, and only then for the other; where they
// looked into the page around, which is of another origin, their script would end. So to them this window is the topmost (SCORM 1.2 RTE 3.3.6.1 ends the search
// where a window is its own parent).
export function frameOpen(address, title) {
  window.parent = window
  const frame = document.createElement('iframe')
  frame.title = title || document.title
  frame.allow = 'fullscreen; autoplay; unload'
  root().replaceChildren(frame)
  windowsHold(frame, launch.isolated !== false)
  frame.src = address
  return frame
}

// Unloads the course. Its page is replaced: gone on from, it would be one more step on the way back, at which nothing is to be seen.
export const frameEmpty = (frame) => frame.contentWindow.location.replace('about:blank')

export const entryAddress = () => new URL(launch.url, launch.base).href
