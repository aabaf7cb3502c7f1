// cmi5.js: an assignable unit speaks to the record store by itself; here it only gets its frame, and time to say its last word.
import { entryAddress, frameEmpty, frameOpen, goTo, leaveSet } from './bridge.js'
import { carryBegin } from './carry.js'

const LAST_WORD_MS = 1500

export function run(launch) {
  const isHere = new URL(entryAddress()).origin === location.origin
  carryBegin(launch)
  const frame = frameOpen(entryAddress(), launch.title)
  let isLeaving = false
  // A unit that is done goes to its returnURL, which may not be framed: that is the way out.
  frame.addEventListener('load', () => {
    let address = ''
    try { address = frame.contentWindow.location.href } catch { /* of another origin */ }
    if (!isLeaving && isHere && address !== 'about:blank' && !address.startsWith(launch.base)) goTo('out')
  })
  leaveSet(() => new Promise((resolve) => {
    isLeaving = true
    frameEmpty(frame)
    setTimeout(resolve, LAST_WORD_MS)
  }))
}
