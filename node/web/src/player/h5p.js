// h5p.js: H5P content, its state and what it reports.
import { H5P } from 'h5p-standalone'
import { changedSay, commit, finishSet, hiddenSet, leaveSet, manual, root, seconds } from './bridge.js'

const STATE_EVERY_S = 5
const SAID_WAIT_MS = 1000 // content may say what was done before its own state has it
const BEGIN_WAIT_MS = 15000

// {"0/state": text} as H5P keeps it: {0: {state: text}}.
function kept(data) {
  const map = { 0: { state: 'false' } }
  for (const [key, text] of Object.entries(data)) {
    const [content, type] = key.split('/')
    map[content] = { ...map[content], [type]: text }
  }
  return map
}

// The windows that hold H5P once its content was made: in a frame, or here.
async function begun() {
  for (const end = Date.now() + BEGIN_WAIT_MS; ;) {
    const windows = [window, ...[...document.querySelectorAll('iframe')].map((frame) => frame.contentWindow)].filter((one) => one?.H5P)
    const isThere = windows.some((one) => one.H5P.jQuery && one.document.querySelector('.h5p-content.h5p-initialized'))
    if (isThere || Date.now() > end) return windows
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

// Some libraries are packed under a name with a number that their own program does not know (H5P.GreetingCard1 holds H5P.GreetingCard).
async function nameMend({ H5P: core, document: inner }, base) {
  if (!core.jQuery || core.instances?.length) return
  const { mainLibrary } = await (await fetch(new URL('h5p.json', base))).json()
  const name = String(mainLibrary).replace(/^H5P\./, '')
  const other = core[name.replace(/\d+$/, '')]
  if (core[name] || typeof other !== 'function') return
  core[name] = other
  core.jQuery('.h5p-content', inner.body).removeClass('h5p-initialized').empty()
  core.init(inner.body)
}

export async function run(launch) {
  const state = { data: {}, ...(launch.state?.data ? launch.state : {}) }
  const box = document.createElement('div')
  box.className = 'h5p'
  root().replaceChildren(box)
  let inside = [], timer = 0
  // The state as it is now; before the content was made it has none, and what was kept stands. Gives whether it is another than before.
  const gather = () => {
    const before = state.data['0/state']
    for (const one of inside) {
      for (const instance of one.H5P.instances || []) {
        let found
        try { found = instance.getCurrentState?.() } catch { /* not all of it is there */ }
        if (found !== undefined) state.data['0/state'] = JSON.stringify(found)
      }
    }
    return state.data['0/state'] !== before
  }
  const result = { status: state.status || 'incomplete', progress: state.progress, score: state.score }
  const send = (extra = {}, isFinal = false) => commit({ state: { ...state, ...result }, ...extra,
    result: { completion: result.status === 'completed', ...(result.progress != null && { progress: result.progress }), ...(result.score != null && { score: { scaled: result.score } }), seconds: seconds() } }, isFinal)

  // Each H5P program calls this once it is loaded, before its content is made: what the content says at once, or the learner does at once, is heard.
  window.h5pBorn = (core) => {
    // H5P saves its state by POST; here it stays in this window and goes the way of every commit.
    core.setUserData = (contentId, dataType, data, extras = {}) => {
      const text = typeof data === 'string' ? data : JSON.stringify(data)
      const key = `${extras.subContentId || 0}/${dataType}`
      if (state.data[key] === text) return
      state.data[key] = text
      send()
    }
    if (core !== window.H5P) return // the one in a frame tells the one here
    core.externalDispatcher.on('xAPI', (event) => {
      const statement = event.data.statement
      const verb = String(statement.verb?.id || '').split('/').pop()
      const isWhole = !statement.context?.contextActivities?.parent?.length
      if (statement.result?.score?.scaled != null && isWhole && ['answered', 'completed', 'passed', 'failed', 'mastered'].includes(verb)) result.score = Math.max(0, statement.result.score.scaled)
      if (isWhole && (['completed', 'passed', 'mastered', 'consumed'].includes(verb) || (verb === 'answered' && statement.result?.completion))) {
        result.status = 'completed'
        result.progress = 1
      }
      gather()
      send({ statement })
      if (timer) return
      changedSay()
      timer = setTimeout(() => {
        timer = 0
        gather()
        send()
      }, SAID_WAIT_MS)
    })
  }

  const address = new URL('.qanat/h5p', launch.base).href
  const path = new URL(launch.base).pathname.replace(/\/$/, '')
  await new H5P(box, { id: launch.launch, h5pJsonPath: path, frameJs: H5P_FRAME_JS, frameCss: H5P_FRAME_CSS, icon: false, fullScreen: true, reportingIsEnabled: true,
    saveFreq: STATE_EVERY_S, user: { name: launch.learner?.name || 'Learner', mail: 'learner@localhost' }, ajax: { contentUserDataUrl: `${address}?content=:contentId&type=:dataType&sub=:subContentId` },
    // The text 'false' is: there is none, and no server to ask. ('RESET' would tell the learner that the course has changed.)
    contentUserData: kept(state.data) })

  inside = await begun()
  for (const one of inside) await nameMend(one, launch.base)
  if (!inside.some((one) => one.H5P.instances?.some((instance) => instance.getMaxScore?.() > 0))) manual()
  finishSet(() => {
    result.status = 'completed'
    result.progress = 1
    send()
  })
  const last = () => {
    clearTimeout(timer)
    timer = 0
    gather()
    send({}, true)
  }
  leaveSet(last)
  addEventListener('pagehide', last)
  hiddenSet(() => gather() && send())
  send()
}
