// scorm.js: SCORM 1.2 and 2004. The API object stands in this window, where the course looks for it (window.parent.API).
//
// The state that is kept is the whole CMI data model; total_time in it is what was spent before this session, session_time what is spent in it. A course that
// never says its status is completed when it ends, unless it wants to be gone on with (SCORM 1.2 RTE 3.4.4, cmi.core.lesson_status; 2004 SN, UP.4).
import { changedSay, commit, entryAddress, finishSet, frameEmpty, frameOpen, goTo, hiddenSet, leaveSet, leftSay, manual, navigateSet, problem, seconds, texts, toldSet } from './bridge.js'

const SILENT_MS = 4000 // a page that has not begun to talk this long after it was loaded has nothing to say: the learner says when it is finished
const SET_WAIT_MS = 1500 // values that were set are committed this long after the last of them, whether or not the course does
const UNLOAD_WAIT_MS = 1500

// scorm-again hands what it would send to this instead of a server.
const service = { processHttpRequest: () => ({ result: 'true', errorCode: 0 }), updateSettings() {} }

// What the manifest tells the content; what the data model refuses is left out.
function give(object, name, value) {
  try { if (value != null && value !== '') object[name] = value } catch { /* not in the form that it must have */ }
}

// SCORM 2004 courses with an order of their own have an engine.
async function open(launch, settings) {
  if (launch.runtime === 'scorm12') return { api: new (await import('scorm-again/scorm12/min')).Scorm12API(settings) }
  const { Scorm2004API } = await import('scorm-again/scorm2004/min')
  if (!launch.sequencing) return { api: new Scorm2004API(settings) }
  const { Sequence, settingsOf } = await import('./sequence.js')
  const make = () => new Scorm2004API({ ...settings, sequencing: settingsOf(launch) })
  const api = make()
  return { api, sequence: new Sequence(api, launch, make) }
}

export async function run(launch) {
  const is12 = launch.runtime === 'scorm12'
  const settings = { autocommit: false, lmsCommitUrl: 'local:', httpService: service, logLevel: 5, mastery_override: is12, autoCompleteLessonStatus: is12, sendFullCommit: true, selfReportSessionTime: true, alwaysSendTotalTime: false }
  const { api, sequence } = await open(launch, settings)
  if (sequence && !launch.item) {
    sequence.start(launch.wanted)
    return
  }
  if (sequence && !sequence.isHere()) {
    problem(texts.not_now)
    return
  }
  if (sequence) api.reset()
  restore(api, launch, is12, sequence)
  toldSet(api.renderCMIToJSONObject().cmi)

  let isOver = false, isBegun = false, isFinished = false, timer = 0, last = null
  const send = (isFinal) => {
    clearTimeout(timer)
    timer = 0
    const cmi = last || api.renderCMIToJSONObject().cmi
    last = null // before anything slow: Firefox kills the script of a closing window anywhere, and the next handler must not find what is old
    commit({ cmi, result: { seconds: seconds() }, ...(sequence && { sequencing: sequence.said() }) }, isFinal)
    if (!isFinal) sequence?.show()
  }
  // A course that began its session and never ends it was open all the same: its time counts.
  const isLeftOpen = () => isBegun && !isOver
  const prefix = is12 ? 'LMS' : ''
  const soon = () => {
    if (timer || isOver) return
    timer = setTimeout(() => send(false), SET_WAIT_MS)
    changedSay()
  }
  api.on(`${prefix}Commit`, () => isOver || send(false))
  api.on(is12 ? 'LMSSetValue' : 'SetValue', soon)
  api.on(is12 ? 'LMSInitialize' : 'Initialize', () => {
    isBegun = true
    if (!isFinished) manual(false) // it was only slow
  })
  api.on(is12 ? 'LMSFinish' : 'Terminate', () => {
    isOver = true
    if (sequence) last = api.renderCMIToJSONObject().cmi // the engine has not looked yet
    else send(true)
  })
  if (!sequence) {
    api.on('BeforeTerminate', () => {
      const { cmi } = api.renderCMIToJSONObject(), { exit, lesson_status, completion_status } = is12 ? cmi.core : cmi
      if (exit === 'suspend') return
      if (lesson_status === 'not attempted') api.cmi.core.lesson_status = 'completed'
      if (completion_status === 'unknown') api.cmi.completion_status = 'completed'
    })
  }
  // What a 2004 course without an order asked for by adl.nav.request when it ended. (1.2 knows no such thing.)
  for (const [name, where] of [['Next', 'next'], ['Previous', 'previous'], ['Exit', 'out'], ['ExitAll', 'out'], ['Abandon', 'out'], ['AbandonAll', 'out'], ['SuspendAll', 'out']]) {
    if (!sequence) api.on(`Sequence${name}`, () => goTo(where))
  }
  if (sequence) {
    const terminate = api.Terminate
    api.Terminate = (parameter) => {
      const wasOver = isOver
      sequence.apply()
      const said = terminate.call(api, parameter)
      sequence.close()
      if (!wasOver && isOver) {
        send(true)
        sequence.follow() || sequence.show()
      }
      return said
    }
  }
  window[is12 ? 'API' : 'API_1484_11'] = api

  const frame = frameOpen(entryAddress(), launch.title)
  if (sequence) frame.addEventListener('load', () => isOver || sequence.show(), { once: true })
  frame.addEventListener('load', () => setTimeout(() => isBegun || manual(), SILENT_MS), { once: true })
  finishSet(() => {
    isFinished = true
    commit({ result: { completion: true, progress: 1, seconds: seconds() } })
  })
  // Leaving unloads the course, which now sets its last values and ends its session; both happen before the frame is gone.
  const unload = () => new Promise((resolve) => {
    frame.addEventListener('load', () => resolve(), { once: true })
    frameEmpty(frame)
    setTimeout(resolve, UNLOAD_WAIT_MS)
  })
  // Ends what runs with a request to the engine.
  const end = async (request, target) => {
    if (isOver) return false
    sequence.pend(request, target)
    await unload()
    if (isBegun && !isOver) api.Terminate('')
    if (!isBegun) {
      isOver = true
      sequence.ask(request, target)
      commit({ result: { ...(isFinished && { completion: true }), seconds: seconds() }, sequencing: sequence.said() }, true)
      sequence.follow()
    }
    return true
  }
  navigateSet(async (request, target) => {
    if (!sequence) return
    if (!sequence.may(request, target)) {
      sequence.refuse()
    } else if (!isOver) {
      await end(request, target)
      if (!sequence.outcome.item && !sequence.outcome.isEnd) sequence.refuse()
    } else {
      const isLed = sequence.ask(request, target)
      commit({ sequencing: sequence.said() }, true)
      if (isLed) sequence.follow()
      else sequence.refuse()
    }
  })
  leaveSet(async () => {
    if (sequence) {
      await end('suspendAll')
      return
    }
    if (timer) send(false)
    leftSay()
    await unload()
    if (timer || isLeftOpen()) send(true)
    if (!isBegun) commit({ result: { ...(isFinished && { completion: true }), seconds: seconds() } }, true) // an asset is done when it is opened
  })
  // What a course set and did not commit before the tab closed. Its own last word comes after this; what it sets then and does not commit, or cannot, because
  // Firefox kills scripts of a closing window, is sent behind it.
  let isClosing = false
  addEventListener('pagehide', () => {
    isClosing = true
    if (sequence && !isOver) sequence.pendSuspend()
    if (timer || isLeftOpen()) send(true)
    leftSay()
  })
  hiddenSet(() => timer && send(false))
  const late = () => isClosing && timer && send(true)
  frame.addEventListener('load', () => {
    const page = frame.contentWindow
    page.addEventListener('pagehide', () => page.addEventListener('unload', late))
  })
}

const two = (n) => String(n).padStart(2, '0')
const clock12 = (n) => `${String(Math.floor(n / 3600)).padStart(4, '0')}:${two(Math.floor(n / 60) % 60)}:${two(n % 60)}`

function restore(api, launch, is12, sequence) {
  const learner = launch.learner || {}, details = launch.details || {}
  // A new attempt at an activity begins with nothing.
  const old = sequence && !sequence.isResumed ? null : launch.state?.cmi || launch.state || null
  if (is12) {
    const core = { ...(old?.core || {}) }
    const isResumed = core.exit === 'suspend' || (old && core.lesson_status && core.lesson_status !== 'not attempted')
    const total = clock12(launch.seconds_before || 0)
    for (const name of ['session_time', 'exit', 'entry', 'total_time', 'student_id', 'student_name', '_children']) delete core[name]
    if (old) api.loadFromJSON({ ...old, core }, 'cmi')
    Object.assign(api.cmi.core, { student_id: learner.id || '', student_name: learner.name || '', credit: 'credit' })
    api.cmi.core.total_time = total
    api.cmi.core.entry = old ? (isResumed ? 'resume' : '') : 'ab-initio'
    if (launch.mastery != null) api.cmi.student_data.mastery_score = String(launch.mastery)
    give(api.cmi, 'launch_data', details.launchData)
    give(api.cmi.student_data, 'max_time_allowed', details.maxTimeAllowed)
    give(api.cmi.student_data, 'time_limit_action', details.timeLimitAction)
    return
  }
  const cmi = old ? { ...old } : null
  const isResumed = sequence ? sequence.isResumed : cmi?.exit === 'suspend' || cmi?.exit === 'logout'
  const total = sequence && !sequence.isResumed ? 'PT0S' : `PT${launch.seconds_before || 0}S`
  if (cmi) {
    for (const name of ['session_time', 'exit', 'entry', 'total_time', 'learner_id', 'learner_name', '_children', '_version', 'mode', 'credit']) delete cmi[name]
    api.loadFromJSON(cmi, 'cmi')
  }
  api.cmi.learner_id = learner.id || ''
  api.cmi.learner_name = learner.name || ''
  api.cmi.total_time = total
  api.cmi.entry = old ? (isResumed ? 'resume' : '') : 'ab-initio'
  if (launch.mastery != null) api.cmi.scaled_passing_score = String(launch.mastery / 100)
  give(api.cmi, 'launch_data', details.launchData)
  give(api.cmi, 'time_limit_action', details.timeLimitAction)
  give(api.cmi, 'max_time_allowed', details.maxTimeAllowed)
  if (!sequence) give(api.cmi, 'completion_threshold', details.completionThreshold == null ? '' : String(details.completionThreshold))
}
