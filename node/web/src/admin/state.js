// state.js: how this node stands, as the node tells it; rates from one telling to the next.
import { signal } from '@preact/signals'
import { ago, bytes, momentZoned, t } from '../app/i18n.js'
import { look as ask, watch } from '../app/live.js'

const SMOOTH = 0.4
export const state = signal({ status: null, error: null, at: 0, rates: {} })
export const plan = signal(null) // windows and pause
function rates(before, now, seconds) {
  const old = new Map((before?.peers || []).map((peer) => [peer.id, peer]))
  return Object.fromEntries(now.peers.map((peer) => {
    const then = old.get(peer.id)
    const speed = then && seconds > 0 ? Math.max(0, peer.bytes_in + peer.bytes_out - then.bytes_in - then.bytes_out) / seconds : 0
    const last = state.value.rates[peer.id] || 0
    return [peer.id, last ? last + SMOOTH * (speed - last) : speed]
  }))
}

// From the first page of the console on.
let isWatching = false
export function watchState() {
  if (isWatching) return
  isWatching = true
  watch('status', ({ data: status, error, at }) => {
    const seconds = (at - state.value.at) / 1000
    if (error) state.value = { ...state.value, error }
    else state.value = { status, error: null, at, rates: rates(state.value.status, status, seconds) }
  })
  watch('windows', ({ data }) => { if (data) plan.value = data })
}

export const look = () => ask('status')

// The sentence of `qanat status`, in the reader's language.
export function sentence(status) {
  const peer = status.peers.find((one) => one.state === status.state) || status.peers[0]
  const values = { peer: peer?.node || '', ago: ago(peer?.last_success), bytes: bytes(status.peers.reduce((sum, one) => sum + one.we_lack.bytes + one.they_lack.bytes, 0)),
    time: momentZoned(peer?.next_window) } // the hours of a window are the node's, a reader may be elsewhere
  if (!status.peers.length) return t('admin.say_alone')
  if (plan.value?.paused) return t('admin.say_paused')
  if (status.state === 'waiting') return peer?.next_window ? t('admin.say_waiting', values) : t('admin.say_waiting_open', values)
  if (status.state === 'offline' && !peer?.last_success) return t('admin.say_never', values)
  return t(`admin.say_${status.state}`, values)
}

// Why something that is to go or come does not move; "" when it moves or nothing waits.
export function why(peer, rate) {
  const waits = peer.we_lack.bytes + peer.they_lack.bytes + peer.we_lack.cells + peer.they_lack.cells
  if (plan.value?.paused) return t('admin.why_paused')
  if (peer.next_window) return t('admin.why_window', { time: momentZoned(peer.next_window) })
  if (peer.error) return t('admin.why_error', { error: peer.error })
  if (!waits || rate > 0) return ''
  return peer.state === 'offline' ? t('admin.why_offline') : t('admin.why_turn')
}
