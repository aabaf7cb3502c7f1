// plain.js: pages, Markdown, films, sounds, pictures, documents, topics, quizzes and links: what has no run-time of its own. Finished when the learner says
// so, when the film was seen, when the page was read to its end.
import { changedSay, commit, elsewhereSet, entryAddress, finishSet, frameOpen, hiddenSet, leaveSet, manual, root, seconds, texts } from './bridge.js'

const SAVE_EVERY_S = 15
const TYPED_WAIT_MS = 1000
const SEEN_SHARE = 0.95

const kindOf = (address) => {
  const name = new URL(address).pathname.toLowerCase()
  if (/\.(md|markdown)$/.test(name)) return 'markdown'
  if (/\.(mp4|webm|m4v|ogv|mov)$/.test(name)) return 'video'
  if (/\.(mp3|m4a|ogg|oga|opus|wav|flac)$/.test(name)) return 'audio'
  if (/\.(png|jpe?g|gif|svg|webp|avif)$/.test(name)) return 'image'
  if (/\.(pdf|docx?|pptx?|xlsx?|od[tps]|rtf|zip)$/.test(name)) return 'paper'
  return 'page'
}

export async function run(launch) {
  const state = { status: 'incomplete', progress: 0, ...(launch.state || {}) }
  // That it is not finished is never said: what is done when it is opened would not be.
  const send = (isFinal) => commit({ state, result: { ...(state.status === 'completed' && { completion: true }), progress: state.progress, ...(state.score != null && { score: { scaled: state.score } }), seconds: seconds() } }, isFinal)
  const finish = (score) => {
    state.status = 'completed'
    state.progress = 1
    if (score != null) state.score = Math.max(score, state.score || 0)
    send(false)
  }
  finishSet(() => finish())
  manual()
  const address = entryAddress()
  if (new URL(address).origin !== location.origin) return link(address, launch, finish, send)
  const show = { markdown, video: film, audio: film, image, page, topic, paper }
  const kind = ['quiz', 'assessment'].includes(launch.kind) ? 'quiz' : launch.kind === 'discussion' ? 'topic' : kindOf(address)
  let typing = 0
  let leave = () => clearTimeout(typing)
  const keep = (answers, isNow) => {
    state.answers = answers
    clearTimeout(typing)
    if (isNow) return send(false)
    typing = setTimeout(() => send(false), TYPED_WAIT_MS)
    return changedSay()
  }
  if (kind === 'quiz') await (await import('./quiz.js')).show(root(), address, texts, { kept: state.answers, keep, finish })
  else leave = (await show[kind](address, launch, state, send, finish, kind)) || leave
  send(false)
  leaveSet(() => { leave(); send(true) })
  addEventListener('pagehide', () => { leave(); send(true) })
  // A telephone ends what is not looked at, without a word.
  hiddenSet(() => { leave(); send(false) })
}

// Somewhere else: opened in a window of its own, when there is a link.
function link(address, launch, finish, send) {
  const box = document.createElement('p')
  const anchor = document.createElement('a')
  Object.assign(anchor, { href: address, target: '_blank', rel: 'noopener noreferrer', textContent: texts.open_link, className: 'go' })
  anchor.addEventListener('click', () => {
    elsewhereSet(true)
    finish()
  })
  box.className = 'prose'
  box.append(anchor, document.createElement('br'), new URL(address).host)
  root().replaceChildren(box)
  leaveSet(() => send(true))
}

// A document that no browser shows in a frame that is kept apart (Chromium blocks its reader of PDF there): it goes to the program that reads it here.
function paper(address, launch, state, send, finish) {
  const box = document.createElement('p'), anchor = document.createElement('a'), name = decodeURIComponent(new URL(address).pathname.split('/').pop())
  Object.assign(anchor, { href: address, download: name, textContent: texts.open_file, className: 'go' })
  anchor.addEventListener('click', () => {
    elsewhereSet(true)
    finish()
  })
  box.className = 'prose'
  box.append(anchor, document.createElement('br'), name)
  root().replaceChildren(box)
}

function page(address, launch) {
  frameOpen(address, launch.title)
}

// The topic of a discussion (IMS Discussion Topic): what is to be talked about, for nobody talks here.
async function topic(address, launch) {
  const response = await fetch(address)
  if (!response.ok) throw new Error(texts.not_found || response.statusText)
  const said = new DOMParser().parseFromString(await response.text(), 'application/xml').querySelector('topic > text')
  const words = document.createElement('p')
  words.textContent = said?.textContent || ''
  const page = new DOMParser().parseFromString(said?.getAttribute('texttype') === 'text/plain' ? words.outerHTML : words.textContent, 'text/html')
  for (const name of ['src', 'href']) for (const one of page.querySelectorAll(`[${name}]`)) one.setAttribute(name, new URL(one.getAttribute(name), address).href)
  page.body.style = 'font: 1.1rem/1.5 sans-serif; max-inline-size: 42rem; margin: 2rem auto; padding: 0 1rem'
  frameOpen('about:blank', launch.title).srcdoc = `<!DOCTYPE html>${page.documentElement.outerHTML}`
}

function image(address, launch) {
  const picture = document.createElement('img')
  picture.src = address
  picture.alt = launch.title || ''
  root().replaceChildren(picture)
}

function film(address, launch, state, send, finish, kind) {
  const media = document.createElement(kind)
  Object.assign(media, { src: address, controls: true, preload: 'metadata', playsInline: true })
  let saved = 0
  media.addEventListener('loadedmetadata', () => {
    if (state.position > 1 && state.position < media.duration - 2) media.currentTime = state.position
  })
  media.addEventListener('timeupdate', () => {
    state.position = media.currentTime
    if (!media.duration) return
    state.progress = Math.max(state.progress || 0, Math.min(1, media.currentTime / media.duration))
    if (state.status !== 'completed' && state.progress >= SEEN_SHARE) finish()
    if (Math.abs(media.currentTime - saved) >= SAVE_EVERY_S) {
      saved = media.currentTime
      send(false)
    }
  })
  media.addEventListener('play', () => elsewhereSet(true))
  media.addEventListener('pause', () => {
    elsewhereSet(false)
    send(false)
  })
  media.setAttribute('aria-label', launch.title || '')
  root().replaceChildren(media)
}

async function markdown(address, launch, state, send) {
  const response = await fetch(address)
  if (!response.ok) throw new Error(texts.not_found || response.statusText)
  const { write } = await import('./markdown.js')
  const article = document.createElement('article')
  article.className = 'prose'
  article.tabIndex = 0
  article.append(write(await response.text(), address))
  root().replaceChildren(article)
  const read = () => {
    const room = article.scrollHeight - article.clientHeight
    state.position = room > 0 ? article.scrollTop / room : 1
    state.progress = Math.max(state.progress || 0, Math.min(1, state.position))
  }
  if (state.position > 0) requestAnimationFrame(() => { article.scrollTop = state.position * (article.scrollHeight - article.clientHeight) })
  let timer = 0
  article.addEventListener('scroll', () => {
    read()
    timer ||= setTimeout(() => { timer = 0; send(false) }, SAVE_EVERY_S * 1000)
  }, { passive: true })
  return read
}
