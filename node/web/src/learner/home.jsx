// home.jsx: a visitor sees what this place is and signs in; a learner goes on where they left off.
import { get, session } from '../app/api.js'
import { t, percent, rich } from '../app/i18n.js'
import { Channel, Empty, Facts, LinkButton, Name } from '../app/parts.jsx'
import { useFacts } from '../app/use.js'
import { Title } from '../app/shell.jsx'
import { Ground, Tiles } from '../app/art.jsx'
import { CourseCards, CourseLink } from './list.jsx'
import { SignInForm } from './signin.jsx'

function Visitor() {
  return (
    <>
      <section class="hero">
        <div class="hero-words">
          <Title text={t('home.title')}>{t('home.welcome')}</Title>
          <p>{t('home.about')}</p>
          <p class="actions"><LinkButton href="/courses" kind="quiet" icon="book">{t('home.see_courses')}</LinkButton></p>
        </div>
        <Ground />
      </section>
      <section class="page">
        <div class="halves">
          <div class="card"><h2>{t('in.sign_in')}</h2><SignInForm then={() => '/'} /></div>
          <div>
            <h2>{t('home.how')}</h2>
            <ol class="stack">
              <li>{t('home.how_choose')}</li>
              <li>{t('home.how_learn')}</li>
              <li>{t('home.how_prove')}</li>
            </ol>
          </div>
        </div>
      </section>
    </>
  )
}

const isDone = (one) => ['completed', 'passed', 'certified'].includes(one.status)
// Each with what its registration says. Who took a course alone and then in cohorts sees it once, as it is now, and once more where it was finished before.
const flat = ({ courses }) => {
  const all = courses.map((one) => ({ ...one, ...one.registration, cohort: one.registration?.cohort })).sort((a, b) => (a.current || false) - (b.current || false))
  return { courses: [...new Map(all.map((one) => [JSON.stringify([one.course, one.lang, isDone(one)]), one])).values()] }
}

export function Going({ course }) {
  return (
    <li class="course">
      <div class="course-cover"><Tiles name={course.course} /></div>
      <div class="course-body">
        <h3><CourseLink of={course} /></h3>
        <Channel share={course.progress} label={t('course.progress')} />
        <p class="course-facts">{course.available === false && <span>{t('list.gone')}</span>}<span>{percent(course.progress || 0)}</span></p>
      </div>
    </li>
  )
}

function Learner() {
  const mine = useFacts(() => get('/api/v1/me/courses').then(flat))
  const name = session.value.person.name
  return (
    <>
      <section class="hero hero-short">
        <div class="hero-words"><Title text={t('home.title')}>{rich('home.hello', { name: <Name>{name}</Name> })}</Title></div>
        <Ground />
      </section>
      <section class="page">
        <Facts of={mine}>{({ courses }) => {
          const going = courses.filter((one) => !isDone(one))
          const done = courses.filter(isDone)
          return (
            <>
              <h2>{t('home.go_on')}</h2>
              {going.length ? <ul class="cards">{going.map((one) => <Going key={one.course + one.lang} course={one} />)}</ul>
                : <Empty title={t('home.nothing_begun')}><p><LinkButton href="/courses" icon="book">{t('home.see_courses')}</LinkButton></p></Empty>}
              {done.length > 0 && <><h2>{t('home.finished')}</h2><CourseCards courses={done} /></>}
            </>
          )
        }}</Facts>
      </section>
    </>
  )
}

export const Home = () => (session.value?.signed_in ? <Learner /> : <Visitor />)
