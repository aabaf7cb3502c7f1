// cohorts.jsx: the groups that somebody runs, and making one.
import { get, post } from '../app/api.js'
import { date, languageName, t } from '../app/i18n.js'
import { go } from '../app/route.js'
import { Button, Empty, Facts, Field, Name, Problem } from '../app/parts.jsx'
import { useAction, useFacts } from '../app/use.js'
import { Title } from '../app/shell.jsx'
import { Tiles } from '../app/art.jsx'

export const cohortAddress = (cohort) => `/teach/${encodeURIComponent(cohort)}`

function Maker({ courses }) {
  const make = useAction(async (form) => {
    const value = (name) => String(form.get(name) || '').trim() || undefined
    const [course, lang, version] = JSON.parse(form.get('course'))
    await post('/api/v1/cohorts', { cohort: value('cohort'), title: value('title'), course, lang, version, starts: value('starts'), ends: value('ends'), trains: value('trains') })
    go(cohortAddress(value('cohort')))
  })
  return (
    <form class="card" onSubmit={(event) => { event.preventDefault(); make.run(new FormData(event.target)) }}>
      <h2>{t('teach.new')}</h2>
      <Problem error={make.error} />
      <div class="row row-top">
        <Field label={t('teach.name')} name="title" required maxlength="200" dir="auto" />
        <Field label={t('teach.id')} hint={t('teach.id_hint')} name="cohort" required pattern="[A-Za-z0-9][A-Za-z0-9._\-]*" maxlength="64" dir="ltr" autocapitalize="none" />
        <Field label={t('teach.course')} name="course" required>
          {courses.map((one) => <option key={`${one.course} ${one.lang}`} value={JSON.stringify([one.course, one.lang, one.version])}>{`${one.title} (${languageName(one.lang)}, ${one.version})`}</option>)}
        </Field>
        <Field label={t('teach.starts')} name="starts" type="date" />
        <Field label={t('teach.ends')} name="ends" type="date" />
        <Field label={t('teach.trains')} hint={t('teach.trains_hint')} name="trains">
          <option value="">–</option>
          {[...new Map(courses.map((one) => [one.course, one.title]))].map(([course, title]) => <option key={course} value={course}>{title}</option>)}
        </Field>
      </div>
      <Button type="submit" isBusy={make.isBusy} disabled={!courses.length}>{t('teach.make')}</Button>
    </form>
  )
}

export function Cohorts() {
  const found = useFacts(() => get('/api/v1/cohorts'))
  const courses = useFacts(() => get('/api/v1/courses?available=1'))
  return (
    <section class="page">
      <Title>{t('teach.title')}</Title>
      <Facts of={found}>{({ cohorts }) => (cohorts.length === 0 ? <Empty title={t('teach.none')}><p>{t('teach.none_hint')}</p></Empty> : (
        <ul class="cards">
          {cohorts.map((one) => (
            <li class="course" key={one.cohort}>
              <div class="course-cover"><Tiles name={one.course + one.cohort} /></div>
              <div class="course-body">
                <h2><a href={cohortAddress(one.cohort)}><Name>{one.title || one.cohort}</Name></a></h2>
                <p class="course-facts"><span><Name>{one.course}</Name></span>{one.starts && <span>{date(one.starts)} – {date(one.ends)}</span>}<span>{t('teach.learners', { n: one.learners })}</span></p>
              </div>
            </li>
          ))}
        </ul>
      ))}</Facts>
      <Facts of={courses} lines={2}>{(all) => <Maker courses={all.courses.filter((one) => one.current !== false)} />}</Facts>
    </section>
  )
}
