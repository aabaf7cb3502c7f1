// course.jsx: one course: what it is, how far I am, its items, and the way in.
import { get, query, session } from '../app/api.js'
import { bytes, languageName, minutes, percent, t } from '../app/i18n.js'
import { go, place } from '../app/route.js'
import { Channel, Facts, Field, LinkButton, Name, Notice, Score, Status } from '../app/parts.jsx'
import { useFacts } from '../app/use.js'
import { Title } from '../app/shell.jsx'
import { Icon, Tiles } from '../app/art.jsx'
import { formatName } from './list.jsx'
import { taken } from './queue.js'

export const FINISHED = ['completed', 'passed', 'satisfied', 'waived', 'certified']
export const playAddress = (course, item) => `/play/${encodeURIComponent(course.course)}/${encodeURIComponent(course.lang)}${query({ item })}`

function Row({ item, way, ask, href, isCurrent, children }) {
  const current = isCurrent ? 'true' : undefined
  if (!way) return <a class="item-row" href={href} aria-current={current}>{children}</a>
  return <button type="button" class="item-row" aria-current={current} disabled={way.blocked.has(item.id) && !isCurrent} onClick={() => ask(item)}>{children}</button>
}

// `way` is what the rules of a sequenced course allow, `ask` asks them.
export function Items({ course, current, href, way, ask }) {
  const shown = course.items.filter((item) => !way?.hidden.has(item.id))
  return (
    <ol class="items">
      {shown.map((item) => {
        const isDone = FINISHED.includes(item.status)
        const isBegun = !isDone && item.status && item.status !== 'not_started'
        if (!item.entry && item.kind !== 'quiz') {
          return <li key={item.id} class="item-head" data-depth={item.depth}><Name lang={course.lang}>{item.title}</Name></li>
        }
        return (
          <li key={item.id} class={`item ${isDone ? 'done' : isBegun ? 'begun' : ''}`} data-depth={item.depth}>
            <Row item={item} way={way} ask={ask} href={href(item)} isCurrent={current === item.id}>
              <span class="item-title" lang={course.lang}><Name lang={course.lang}>{item.title || item.entry}</Name></span>
              {item.score != null && <Score of={item.score} />}
              {(isDone || isBegun) && <Status of={isDone || item.status === 'failed' ? item.status : 'begun'} />}
            </Row>
          </li>
        )
      })}
    </ol>
  )
}

function Versions({ course }) {
  const others = (course.languages || []).filter((one) => (one.lang || one) !== course.lang)
  if (!others.length) return null
  return (
    <Field label={t('course.other_language')} value={course.lang} onChange={(event) => go(`/learn/${encodeURIComponent(course.course)}/${encodeURIComponent(event.target.value)}`)}>
      {[{ lang: course.lang }, ...others].map((one) => <option key={one.lang || one} value={one.lang || one}>{languageName(one.lang || one)}</option>)}
    </Field>
  )
}

function Way({ course }) {
  const mine = course.registration
  const isSigned = session.value?.signed_in
  const isDone = FINISHED.includes(mine?.status)
  const next = course.next || course.items.find((item) => item.entry)?.id
  const word = !mine || mine.status === 'enrolled' ? 'course.begin' : isDone ? 'course.again' : 'course.go_on'
  if (!isSigned) {
    return <p class="actions"><LinkButton href={`/signin?next=${encodeURIComponent(place.value.path)}`} icon="next">{t('course.sign_in_first')}</LinkButton></p>
  }
  return (
    <>
      {isDone && <Notice kind="good" icon="award"><p>{t('course.done')}</p><p><a href="/certificates">{t('course.see_certificates')}</a></p></Notice>}
      <p class="actions"><LinkButton href={playAddress(course, course.items.length > 1 && !course.sequenced ? next : undefined)} icon="next">{t(word)}</LinkButton></p>
      {mine && (
        <div class="stack">
          <Channel share={mine.progress} label={t('course.progress')} />
          <ul class="facts">
            <li>{percent(mine.progress || 0)}</li>
            {mine.score != null && <li>{t('course.score')}: <Score of={mine.score} /></li>}
            {mine.minutes > 0 && <li><Icon name="clock" size={16} /> {minutes(mine.minutes)}</li>}
          </ul>
        </div>
      )}
    </>
  )
}

export function Course({ id, lang: tag }) {
  const facts = useFacts(() => get(`/api/v1/courses/${encodeURIComponent(id)}${query({ lang: tag, version: place.value.query.get('version') })}`), [id, tag, taken.value]) // last words may come after the page
  return (
    <section class="page">
      <p class="crumb"><a href="/courses"><Icon name="back" size={16} />{t('course.all')}</a></p>
      {facts.error && !facts.data && <Title text={id}><Name>{id}</Name></Title>}
      <Facts of={facts} lines={6}>{(course) => {
        const mastery = Math.max(0, ...course.items.map((item) => item.mastery || 0))
        return (
        <>
          <div class="course-head">
            <div>
              <Title text={course.title}><Name lang={course.lang}>{course.title}</Name></Title>
              <ul class="facts">
                <li>{languageName(course.lang)}</li>
                <li>{formatName(course.format)}</li>
                {course.size > 0 && <li>{bytes(course.size)}</li>}
                <li>{t('course.version', { version: course.version })}</li>
                {mastery > 0 && <li>{t('course.mastery', { score: percent(mastery / 100, 2) })}</li>}
              </ul>
              <Way course={course} />
            </div>
            <div class="stack">
              <div class="course-cover"><Tiles name={course.course} wide={10} high={5} /></div>
              <Versions course={course} />
            </div>
          </div>
          {course.items.length > 1 && <><h2>{t('course.items')}</h2><Items course={course} href={(item) => (session.value?.signed_in ? playAddress(course, item.id) : `/signin?next=${encodeURIComponent(place.value.path)}`)} /></>}
        </>
        )
      }}</Facts>
    </section>
  )
}
