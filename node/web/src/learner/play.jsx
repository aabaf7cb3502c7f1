// play.jsx: the player: a bar of ours, and the course in a frame of another origin that can reach nothing here. Messages are taken from that frame
// alone, and only for the launch that this page asked for.
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { get, online, post, query, remove, session, sessionAgain } from '../app/api.js'
import { crumbsWatch } from '../app/crumbs.js'
import { lang, t, locale } from '../app/i18n.js'
import { go, leavingSet, place } from '../app/route.js'
import { Button, Loading, Name, Problem, signInAddress } from '../app/parts.jsx'
import { Title } from '../app/shell.jsx'
import { Icon } from '../app/art.jsx'
import { FINISHED, Items, playAddress } from './course.jsx'
import { courseAddress } from './list.jsx'
import { carryRead } from './carry.js'
import { arrivalsWatch, carriedDrop, carriedHold, carryPut, changed, commitPut, flush, isCarrying, lastTake, saving, sealsMake, unsaved } from './queue.js'

const SANDBOX = 'allow-scripts allow-same-origin allow-forms allow-popups allow-modals allow-downloads'
const LEAVE_WAIT_MS = 4000
const CARRY_WAIT_MS = 30000 // a new launch ends the session of the one before, under which what waits of it is said

// Without an origin of its own the course gets an opaque one: then it may not have allow-same-origin, or it were this page.
const sandboxFor = (origin) => (origin === location.origin ? SANDBOX.replace('allow-same-origin ', '') : SANDBOX)

// The launch, its frame, and what they say to each other.
class Conversation {
  constructor(launch, wanted, frame, on) {
    Object.assign(this, { launch, wanted, frame, on, person: session.value?.person?.id })
    this.origin = new URL(launch.bridge || launch.url, location.href).origin
    this.onMessage = (event) => this.hear(event)
    addEventListener('message', this.onMessage)
    this.unwatch = arrivalsWatch((one, seq) => one === launch.launch && this.say('sent', { seq }))
  }

  hear(event) {
    if (event.source !== this.frame.contentWindow || (event.origin !== this.origin && event.origin !== 'null')) return
    const { qanat: word, ...rest } = typeof event.data === 'object' && event.data ? event.data : {}
    if (word === 'ready') this.say('launch', { launch: this.launch, wanted: this.wanted, seals: this.seals(), lang: lang.value, locale: locale(), dir: document.documentElement.dir, texts: texts() })
    else if (word === 'commit' && Number.isSafeInteger(rest.seq) && rest.seq > 0) {
      const body = { seq: rest.seq }
      for (const name of ['cmi', 'state', 'work', 'result', 'sequencing', 'statement', 'end']) if (rest[name] !== undefined) body[name] = rest[name]
      commitPut(this.launch.launch, body, this.person)
      this.on.commit?.(body)
    } else if (word === 'carry') this.carry(rest)
    else if (word === 'carried') carriedDrop(this.launch.launch, rest.seq)
    else if (word === 'held') {
      carriedHold(this.launch.launch, rest.seq)
      flush()
    } else if (word === 'changed') changed.value = true
    else if (word === 'unsaved') unsaved.value = rest.is === true
    else if (word === 'reached') sessionAgain()
    else if (word === 'last') this.last(rest)
    else if (word === 'left') this.onLeft?.()
    else if (word === 'manual') this.on.manual?.(rest.is === true)
    else if (word === 'navigation') this.on.navigation?.(navigationOf(rest))
    else if (word === 'go' && !this.isOver) this.on.go?.(String(rest.where), typeof rest.item === 'string' ? rest.item : '')
    else if (word === 'problem') this.on.problem?.(String(rest.text || '').slice(0, 300))
  }

  async carry(said) {
    const xapi = carryRead(said, this.launch)
    if (!Number.isSafeInteger(said.seq) || said.seq < 1) return
    const isKept = xapi !== null && (await carryPut(this.launch.launch, said.seq, xapi, said.is_out === true, this.person))
    this.say(isKept ? 'kept' : 'full', { seq: said.seq })
  }

  seals() {
    try { return sealsMake(this.launch.launch, this.person) } catch { return [] }
  }

  last(said) {
    try { lastTake(said) } catch { /* not in the form of last words */ }
  }

  say(word, rest) {
    this.frame.contentWindow?.postMessage({ qanat: word, ...rest }, this.origin === 'null' || this.origin === location.origin ? '*' : this.origin)
  }

  // The course says its last words, then everything is sent and the launch ends.
  async end() {
    if (this.isOver) return
    this.isOver = true
    await new Promise((resolve) => {
      this.onLeft = resolve
      if (!this.launch.bridge) resolve()
      this.say('leave')
      setTimeout(resolve, LEAVE_WAIT_MS)
    })
    carriedHold(this.launch.launch)
    await Promise.race([flush(), new Promise((resolve) => setTimeout(resolve, LEAVE_WAIT_MS))])
    removeEventListener('message', this.onMessage)
    this.unwatch()
    unsaved.value = changed.value = false
    if (saving.value === 'saved' && session.value?.person?.id === this.person) await remove(`/api/v1/launches/${this.launch.launch}`).catch(() => {})
  }
}

// Where a course with rules of its own lets one go from here: what a stranger says, taken for no more than that.
const strings = (list) => new Set(Array.isArray(list) ? list.filter((one) => typeof one === 'string') : [])
const navigationOf = (said) => ({ continue: said.continue === true, previous: said.previous === true, blocked: strings(said.blocked), hidden: strings(said.hidden), hide: strings(said.hide) })

const texts = () => Object.fromEntries([['close', t('app.close')], ...['loading', 'no_player', 'not_found', 'not_now', 'finish', 'open_link', 'open_file', 'check_answers', 'your_score', 'right', 'wrong', 'again'].map((key) => [key, t(`play.${key}`)])])

function Saved() {
  const icons = { saved: 'check', saving: 'cloud', kept: 'away', lost: 'alarm' }
  const word = unsaved.value ? 'lost' : changed.value && saving.value !== 'lost' ? 'saving' : saving.value
  return <span class="saved" role="status"><Icon name={icons[word]} size={18} /><span class="saved-word">{t(`play.${word}`)}</span></span>
}

// To the part before or behind this one: a link, or a question to the rules of the course.
function Step({ to, way, request, icon, ask, course }) {
  const name = t(request === 'continue' ? 'play.next' : 'play.previous')
  if (way) return way.hide.has(request) || !way[request] ? null : <button type="button" class="plain" aria-label={name} title={name} onClick={() => ask(request)}><Icon name={icon} /></button>
  return to ? <a class="plain" href={playAddress(course, to.id)} aria-label={name} title={name}><Icon name={icon} /></a> : null
}

export function Play({ id, lang: tag }) {
  const item = place.value.query.get('item') || undefined
  const [course, setCourse] = useState(null)
  const [launch, setLaunch] = useState(null)
  const [error, setError] = useState(null)
  const [note, setNote] = useState('')
  const [person, setPerson] = useState(session.value?.person?.id) // whose course this is
  const [isListOpen, setList] = useState(false)
  const [isDone, setDone] = useState(false)
  const [isManual, setManual] = useState(false) // the course does not say itself when it is finished
  const [way, setWay] = useState(null) // where the rules of a sequenced course let one go
  const frame = useRef()
  const talk = useRef()
  const led = useRef(null) // the part that the rules have just led to

  async function begin() {
    setError(null)
    setLaunch(null)
    setManual(false)
    setWay(null)
    setPerson(session.value?.person?.id)
    const isLed = item !== undefined && led.current === item
    led.current = null
    try {
      const found = await get(`/api/v1/courses/${encodeURIComponent(id)}${query({ lang: tag })}`)
      setCourse(found)
      setDone(FINISHED.includes(found.registration?.status))
      await Promise.race([flush(), new Promise((resolve) => setTimeout(resolve, isCarrying() ? CARRY_WAIT_MS : LEAVE_WAIT_MS))]) // what is kept comes before what the course begins with
      // A course with rules of its own is opened as a whole; they lead to a part of it.
      const opened = await post('/api/v1/launches', { course: id, lang: tag, ...(item && { item }), ...(!isLed && { sequencing: true }) })
      if (opened.sequencing) setWay({ continue: false, previous: false, blocked: new Set(), hidden: new Set(), hide: new Set() })
      setLaunch(opened)
    } catch (problem) {
      setError(problem)
    }
  }
  useEffect(() => {
    if (!session.value?.signed_in) {
      go(`/signin?next=${encodeURIComponent(location.pathname + location.search)}`, { replace: true })
      return
    }
    begin()
  }, [id, tag, item])

  const entries = course?.items.filter((one) => one.entry) || []
  const at = entries.findIndex((one) => one.id === (launch?.item || item))
  const moveTo = (other) => (other ? go(playAddress({ course: id, lang: tag }, other.id), { replace: true }) : go(courseAddress({ course: id, lang: tag })))

  // The rules have led to a part. The same one once more is a new launch of it, too.
  async function lead(part) {
    led.current = part
    if (part !== item) return go(playAddress({ course: id, lang: tag }, part), { replace: true })
    await talk.current?.end()
    return begin()
  }
  const ask = (request, target) => {
    setNote('')
    talk.current?.say('navigate', { request, target })
  }

  // The button goes with it; who works by keyboard stays in the bar.
  const finish = () => {
    talk.current?.say('finish')
    document.querySelector('.player-bar h1')?.focus()
  }

  // Before anything else runs: the player says once that it is there, and a page that is not looked at (or a busy machine) draws nothing for long.
  useLayoutEffect(() => {
    if (!launch || !frame.current) return undefined
    const conversation = new Conversation(launch, item, frame.current, {
      go: (where, part) => {
        if (where === 'part' && entries.some((one) => one.id === part)) lead(part)
        else if (where !== 'part') moveTo(where === 'next' ? entries[at + 1] : where === 'previous' ? entries[at - 1] : null)
      },
      navigation: setWay,
      problem: setNote,
      manual: setManual,
      commit: (body) => {
        if (body.result?.completion === true) setDone(true)
      },
    })
    talk.current = conversation
    leavingSet(() => conversation.end())
    const unwatch = crumbsWatch()
    return () => {
      unwatch()
      leavingSet(null)
      conversation.end()
    }
  }, [launch])

  return (
    <div class="player">
      <header class="player-bar">
        <a class="plain" href={courseAddress({ course: id, lang: tag })} aria-label={t('play.leave')} title={t('play.leave')}><Icon name="back" /></a>
        {entries.length > 1 && <button type="button" class="plain" aria-expanded={isListOpen} aria-controls="player-items" aria-label={t('course.items')} title={t('course.items')} onClick={() => setList(!isListOpen)}><Icon name="list" /></button>}
        <Title text={course?.title}>{course ? <Name lang={tag}>{course.title}</Name> : error ? id : t('app.loading')}</Title>
        <Saved />
        {isManual && !isDone && <Button icon="check" aria-label={t('play.finish')} title={t('play.finish')} onClick={finish}>{t('play.finish')}</Button>}
        <Step to={entries[at - 1]} way={way} request="previous" icon="back" ask={ask} course={{ course: id, lang: tag }} />
        <Step to={at >= 0 ? entries[at + 1] : null} way={way} request="continue" icon="next" ask={ask} course={{ course: id, lang: tag }} />
      </header>
      {!online.value && <div class="player-note" role="status"><Icon name="away" /><p>{t('play.offline')}</p></div>}
      {session.value?.person?.id !== person && <div class="player-note" role="alert"><Icon name="alarm" /><p>{t('play.signed_out')} <a href={signInAddress()}>{t('in.sign_in')}</a></p></div>}
      {unsaved.value && <div class="player-note" role="alert"><Icon name="alarm" /><p>{t('play.unsaved')}</p></div>}
      {note && <div class="player-note" role="alert"><Icon name="alarm" /><p>{note}</p></div>}
      {error ? <section class="page narrow"><Problem error={error} retry={begin} /></section> : (
        <div class="player-main">
          {isListOpen && course && <nav id="player-items" class="player-items" aria-label={t('course.items')}><Items course={course} current={launch?.item || item} way={way} ask={(one) => ask('choice', one.id)} href={(one) => playAddress(course, one.id)} /></nav>}
          {launch ? <iframe key={launch.launch} ref={frame} credentialless={launch.isolated} class="player-frame" title={course?.title || t('play.frame')} src={launch.bridge || launch.url}
            sandbox={sandboxFor(new URL(launch.url || launch.bridge, location.href).origin)} allow="fullscreen; autoplay; unload" /> : <section class="page"><Loading lines={5} /></section>}
        </div>
      )}
    </div>
  )
}
