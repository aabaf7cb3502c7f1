// scorm.js: SCORM 1.2 and 2004. The API object stands in this window, where the course looks for it (window.parent.API).
//
// The state that is kept is the whole CMI data model; total_time in it is what was spent before this session, session_time what is spent in it. A 1.2 course that
// never says its status is completed when it ends (SCORM 1.2 RTE 3.4.4, cmi.core.lesson_status).
import { commit, entryAddress, finishSet, frameOpen, goTo, leaveSet, manual, seconds } from './bridge.js'

const SILENT_MS = 4000 // a page that has not begun to talk by then has nothing to say: the learner says when it is finished
const SET_WAIT_MS = 1500 // values that were set are committed this long after the last of them, whether or not the course does

// scorm-again hands what it would send to this instead of a server.
const service = { processHttpRequest: () => ({ result: 'true', errorCode: 0 }), updateSettings() {} }

export async function run(launch) {
  const is12 = launch.runtime === 'scorm12'
  const settings = { autocommit: false, lmsCommitUrl: 'local:', httpService: service, logLevel: 5, mastery_override: is12, autoCompleteLessonStatus: is12, sendFullCommit: true, selfReportSessionTime: true, alwaysSendTotalTime: false }
  const api = is12 ? new (await import('scorm-again/scorm12/min')).Scorm12API(settings) : new (await import('scorm-again/scorm2004/min')).Scorm2004API(settings)
  restore(api, launch, is12)

  let isOver = false, timer = 0
  const send = (isFinal) => {
    clearTimeout(timer)
    timer = 0
    commit({ cmi: api.renderCMIToJSONObject().cmi, result: { seconds: seconds() } }, isFinal)
  }
  const prefix = is12 ? 'LMS' : ''
  const soon = () => { if (!timer && !isOver) timer = setTimeout(() => send(false), SET_WAIT_MS) }
  api.on(`${prefix}Commit`, () => isOver || send(false))
  api.on(is12 ? 'LMSSetValue' : 'SetValue', soon)
  api.on(is12 ? 'LMSFinish' : 'Terminate', () => {
    isOver = true
    send(true)
  })
  // What a 2004 course asked for by adl.nav.request when it ended. (1.2 knows no such thing.)
  for (const [name, where] of [['Next', 'next'], ['Previous', 'previous'], ['Exit', 'out'], ['ExitAll', 'out'], ['Abandon', 'out'], ['AbandonAll', 'out'], ['SuspendAll', 'out']]) {
    api.on(`Sequence${name}`, () => goTo(where))
  }
  window[is12 ? 'API' : 'API_1484_11'] = api

  const frame = frameOpen(entryAddress(), launch.title)
  let isBegun = false, isFinished = false
  api.on(is12 ? 'LMSInitialize' : 'Initialize', () => { isBegun = true })
  setTimeout(() => isBegun || manual(), SILENT_MS)
  finishSet(() => {
    isFinished = true
    commit({ result: { completion: true, progress: 1, seconds: seconds() } })
  })
  leaveSet(() => new Promise((resolve) => {
    // Leaving unloads the course, which now sets its last values and ends its session; both happen before the frame is gone.
    frame.addEventListener('load', () => resolve(), { once: true })
    frame.src = 'about:blank'
    setTimeout(resolve, 1500)
  }).then(() => {
    if (timer) send(true)
    if (!isBegun) commit({ result: { ...(isFinished && { completion: true }), seconds: seconds() } }, true) // an asset is done when it is opened
  }))
  // What a course set and did not commit before the tab closed.
  addEventListener('pagehide', () => { if (timer) send(true) })
}

const two = (n) => String(n).padStart(2, '0')
const clock12 = (n) => `${String(Math.floor(n / 3600)).padStart(4, '0')}:${two(Math.floor(n / 60) % 60)}:${two(n % 60)}`

function restore(api, launch, is12) {
  const learner = launch.learner || {}
  const old = launch.state?.cmi || launch.state || null
  if (is12) {
    const core = { ...(old?.core || {}) }
    const isResumed = core.exit === 'suspend' || (old && core.lesson_status && core.lesson_status !== 'not attempted')
    const total = clock12(launch.seconds_before || 0)
    for (const name of ['session_time', 'exit', 'entry', 'total_time', 'student_id', 'student_name', '_children']) delete core[name]
    if (old) api.loadFromJSON({ ...old, core }, 'cmi')
    Object.assign(api.cmi.core, { student_id: learner.id || '', student_name: learner.name || '' })
    api.cmi.core.total_time = total
    api.cmi.core.entry = old ? (isResumed ? 'resume' : '') : 'ab-initio'
    if (launch.mastery != null) api.cmi.student_data.mastery_score = String(launch.mastery)
    if (launch.details?.launch_data) api.cmi.launch_data = launch.details.launch_data
    return
  }
  const cmi = old ? { ...old } : null
  const isResumed = cmi?.exit === 'suspend' || cmi?.exit === 'logout'
  const total = `PT${launch.seconds_before || 0}S`
  if (cmi) {
    for (const name of ['session_time', 'exit', 'entry', 'total_time', 'learner_id', 'learner_name', '_children', '_version', 'mode', 'credit']) delete cmi[name]
    api.loadFromJSON(cmi, 'cmi')
  }
  api.cmi.learner_id = learner.id || ''
  api.cmi.learner_name = learner.name || ''
  api.cmi.total_time = total
  api.cmi.entry = old ? (isResumed ? 'resume' : '') : 'ab-initio'
  if (launch.mastery != null) api.cmi.scaled_passing_score = String(launch.mastery / 100)
  if (launch.details?.launch_data) api.cmi.launch_data = launch.details.launch_data
}
