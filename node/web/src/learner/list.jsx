// list.jsx: the catalogue: search in any script, by language and series, each with its size.
import { useEffect, useMemo, useState } from 'preact/hooks'
import { get, query } from '../app/api.js'
import { bytes, has, lang, languageName, percent, sorted, t } from '../app/i18n.js'
import { place, querySet } from '../app/route.js'
import { Channel, Empty, Facts, Field, Name, Status } from '../app/parts.jsx'
import { useFacts } from '../app/use.js'
import { Title } from '../app/shell.jsx'
import { Tiles } from '../app/art.jsx'

export const courseAddress = ({ course, lang: tag }) => `/learn/${encodeURIComponent(course)}/${encodeURIComponent(tag)}`
// What can be opened here.
const shown = ({ courses }) => ({ courses: courses.filter((one) => one.current !== false) })
export const seriesName = (id) => (has(`list.series_${id}`) ? t(`list.series_${id}`) : id)
export const formatName = (format) => (has(`list.format_${format}`) ? t(`list.format_${format}`) : format)

// Of a course that was removed only its name is left.
export function CourseLink({ of: one }) {
  const name = <Name lang={one.lang}>{one.title || one.course}</Name>
  return one.available === false ? name : <a href={courseAddress(one)} lang={one.lang}>{name}</a>
}

export function CourseCards({ courses, level = 3 }) {
  const Heading = `h${level}`
  return (
    <ul class="cards">
      {courses.map((one) => (
        <li class="course" key={`${one.course} ${one.lang}`}>
          <div class="course-cover"><Tiles name={one.course} /></div>
          <div class="course-body">
            {one.series && <span class="series">{seriesName(one.series)}</span>}
            <Heading class="course-title"><CourseLink of={one} /></Heading>
            {one.progress > 0 && one.progress < 1 && <Channel share={one.progress} label={t('course.progress')} />}
            <p class="course-facts">
              <span>{languageName(one.lang)}</span>
              {one.bytes > 0 && <span>{bytes(one.bytes)}</span>}
              {one.items > 1 && <span>{t('list.items', { n: one.items })}</span>}
              {one.available === false && <span>{t('list.gone')}</span>}
              {one.status && <Status of={one.status} />}
              {one.progress > 0 && one.progress < 1 && <span>{percent(one.progress)}</span>}
            </p>
          </div>
        </li>
      ))}
    </ul>
  )
}

function useLate(value, wait) {
  const [late, set] = useState(value)
  useEffect(() => {
    const timer = setTimeout(() => set(value), wait)
    return () => clearTimeout(timer)
  }, [value, wait])
  return late
}

export function List() {
  const asked = place.value.query
  const [words, setWords] = useState(asked.get('q') || '')
  const q = useLate(words, 250)
  const tag = asked.get('lang') || '', series = asked.get('series') || ''
  // All rows once for the choices, then what was asked for.
  const all = useFacts(() => get('/api/v1/courses?available=1').then(shown))
  const isAll = !(q || tag || series)
  const some = useFacts(() => (isAll ? Promise.resolve(null) : get(`/api/v1/courses${query({ available: 1, q, lang: tag, series })}`).then(shown)), [q, tag, series])
  const found = isAll ? all : some
  useEffect(() => querySet({ q }), [q])
  const rows = all.data?.courses || []
  const tags = useMemo(() => sorted([...new Set(rows.map((one) => one.lang))], languageName), [all.data, lang.value])
  const ofSeries = useMemo(() => sorted([...new Set(rows.map((one) => one.series).filter(Boolean))], seriesName), [all.data, lang.value])
  return (
    <section class="page">
      <Title>{t('list.title')}</Title>
      <form class="filters" role="search" onSubmit={(event) => event.preventDefault()}>
        <div class="row">
          <Field label={t('list.search')} type="search" value={words} onInput={(event) => setWords(event.target.value)} dir="auto" enterkeyhint="search" />
          <Field label={t('app.language')} value={tag} onChange={(event) => querySet({ lang: event.target.value })}>
            <option value="">{t('list.any_language')}</option>
            {tags.map((one) => <option key={one} value={one}>{languageName(one)}</option>)}
          </Field>
          <Field label={t('list.series')} value={series} onChange={(event) => querySet({ series: event.target.value })}>
            <option value="">{t('list.any_series')}</option>
            {ofSeries.map((one) => <option key={one} value={one}>{seriesName(one)}</option>)}
          </Field>
        </div>
      </form>
      <Facts of={found} lines={5}>{({ courses }) => (
        <>
          <p class="count" role="status">{t('list.found', { n: courses.length })}</p>
          {courses.length ? <CourseCards courses={courses} level={2} />
            : <Empty title={rows.length ? t('list.none_found') : t('list.none_here')}><p>{rows.length ? t('list.none_found_hint') : t('list.none_here_hint')}</p></Empty>}
        </>
      )}</Facts>
    </section>
  )
}
