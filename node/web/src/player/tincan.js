// tincan.js: a page made for Tin Can speaks to the record store by itself, as its address tells it; here it gets its frame, its time is counted, and the
// learner may say that it is finished, which many such pages never do.
import { commit, entryAddress, finishSet, frameEmpty, frameOpen, leaveSet, manual, seconds } from './bridge.js'
import { carryBegin } from './carry.js'

const LAST_WORD_MS = 1500
const SAVE_EVERY_S = 30

export function run(launch) {
  carryBegin(launch)
  const frame = frameOpen(entryAddress(), launch.title)
  let isFinished = false
  const send = (isFinal) => commit({ result: { ...(isFinished && { completion: true, progress: 1 }), seconds: seconds() } }, isFinal)
  manual()
  finishSet(() => {
    isFinished = true
    send(false)
  })
  const timer = setInterval(() => send(false), SAVE_EVERY_S * 1000)
  // The end of the launch is the end of what the page may say: its last words come first.
  leaveSet(() => new Promise((resolve) => {
    clearInterval(timer)
    frameEmpty(frame)
    setTimeout(() => {
      send(true)
      resolve()
    }, LAST_WORD_MS)
  }))
}
