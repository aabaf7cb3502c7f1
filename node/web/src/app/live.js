// live.js: documents of the console as they change: the node sends them (server-sent events). Where that does not work they are asked for
// every few seconds. A page that nobody looks at asks and hears nothing.
import { useEffect, useState } from 'preact/hooks'
import { ApiError, get } from './api.js'

const POLL_MS = 3000
const AGAIN_MS = 30000 // after the node had no stream to give
const SILENT_MS = 35000 // the node says something every 10 s: a connection may be dead without a word, for hours
const CHECK_MS = 5000
const topics = new Map() // name -> {data, error, takers: Set}
let stream = null
let streamed = '' // names of the stream, sorted
let poll = 0
let again = 0
let heard = 0 // when the stream said something last
let turn = 0

const addressOf = (name) => (name === 'status' ? '/api/v1/status' : `/api/v1/admin/${name}`)
const watched = () => [...topics].filter(([, topic]) => topic.takers.size).map(([name]) => name).sort()

function tell(name, change) {
  const topic = topics.get(name)
  Object.assign(topic, change, { at: Date.now() })
  for (const take of topic.takers) take(topic)
}

async function ask(name) {
  try {
    tell(name, { data: await get(addressOf(name)), error: null })
  } catch (error) {
    tell(name, { error })
  }
}

function pollStart() {
  clearInterval(poll)
  poll = setInterval(() => document.hidden || watched().forEach(ask), POLL_MS)
  watched().forEach(ask)
}

function streamStop() {
  stream?.close()
  stream = null
  streamed = ''
  clearInterval(poll)
  clearTimeout(again)
}

function streamStart(names) {
  streamStop()
  streamed = names
  if (!window.EventSource) return pollStart()
  const mine = (stream = new EventSource(`/api/v1/events?of=${names}`))
  const hear = () => { heard = performance.now() }
  hear()
  mine.addEventListener('beat', hear)
  for (const name of names.split(',')) {
    mine.addEventListener(name, (event) => {
      hear()
      const data = JSON.parse(event.data)
      if (data === null) ask(name) // too large for an event
      else tell(name, { data, error: null })
    })
  }
  mine.addEventListener('open', () => clearInterval(poll))
  mine.addEventListener('error', () => {
    if (mine !== stream) return
    // Says what is the matter at once, by asking; the browser tries again by itself unless the node refused.
    if (mine.readyState === EventSource.CLOSED) {
      again = setTimeout(() => streamStart(names), AGAIN_MS)
      pollStart()
    } else watched().forEach(ask)
  })
}

setInterval(() => {
  if (stream?.readyState === EventSource.CLOSED || !stream || performance.now() - heard < SILENT_MS) return
  const names = streamed
  for (const name of names.split(',')) tell(name, { error: new ApiError(0, 'offline', '') })
  streamStart(names)
}, CHECK_MS)

// Pages come and go: one stream for what they want now, once they are all there.
function refresh() {
  const mine = ++turn
  queueMicrotask(() => {
    if (mine !== turn) return
    const names = document.hidden ? '' : watched().join()
    if (!names) streamStop()
    else if (names !== streamed) streamStart(names)
  })
}
document.addEventListener('visibilitychange', refresh)

export function watch(name, take) {
  if (!topics.has(name)) topics.set(name, { data: null, error: null, at: 0, takers: new Set() })
  const topic = topics.get(name)
  topic.takers.add(take)
  if (topic.data) take(topic)
  refresh()
  return () => {
    topic.takers.delete(take)
    if (!topic.takers.size) topic.data = null
    refresh()
  }
}

// As useFacts: {data, error, isLoading, reload}; null: nothing is watched.
export function useLive(name) {
  const [state, set] = useState({ data: null, error: null })
  useEffect(() => (name ? watch(name, ({ data, error }) => set({ data, error })) : undefined), [name])
  return { ...state, isLoading: !state.data && !state.error, reload: () => name && ask(name) }
}

export const look = (name) => topics.has(name) && ask(name)
