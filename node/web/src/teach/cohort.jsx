// cohort.jsx: one group: who is in it and how far, who was there on site, decisions by hand with their reason.
import { useRef, useState } from 'preact/hooks'
import { get, post, query, remove } from '../app/api.js'
import { date, minutes, number, percent, t } from '../app/i18n.js'
import { Button, Channel, Dialog, Facts, Field, LinkButton, Name, Notice, Problem, Score, Status, Table } from '../app/parts.jsx'
import { useAction, useFacts } from '../app/use.js'
import { Title } from '../app/shell.jsx'
import { Icon } from '../app/art.jsx'

const PAGE = 100

const idsOf = (text) => [...new Set(text.split(/[\s,;]+/).map((one) => one.trim()).filter(Boolean))]

function Outcome({ action }) {
  if (action.error) return <Problem error={action.error} />
  if (!action.done || action.done === true) return null
  return <Notice kind={action.done.refused ? '' : 'good'} icon="check" role="status"><p>{t('teach.outcome', action.done)}</p>{action.done.reasons?.length > 0 && <ul lang="en">{action.done.reasons.map((one) => <li key={one.reason}>{(one.examples || []).map((example) => example.text).join(', ')}: {one.advice}</li>)}</ul>}</Notice>
}

function Members({ base, after }) {
  const add = useAction(async (form) => {
    const done = await post(`${base}/members`, { people: idsOf(form.get('people')), trainer: form.get('trainer') != null })
    after()
    return done
  })
  return (
    <form class="card" onSubmit={(event) => { event.preventDefault(); add.run(new FormData(event.target)) }}>
      <h2>{t('teach.add')}</h2>
      <Field label={t('teach.people')} hint={t('teach.add_hint')} name="people" rows="4" required dir="auto" autocapitalize="none" spellcheck={false} />
      <label class="check"><input type="checkbox" name="trainer" />{t('teach.as_trainers')}</label>
      <Button type="submit" isBusy={add.isBusy}>{t('teach.add_now')}</Button>
      <Outcome action={add} />
    </form>
  )
}

// A session that was recorded before is shown as it was; only who was shown as there, and is no more, is taken out of it.
function Attendance({ base, people, sessions, more, after }) {
  const shown = useRef({ session: '', people: [] })
  const [isKnown, setKnown] = useState(false) // said while the name is written: what is clicked next may not move away
  const isSession = (name) => sessions.some((one) => one.session === name)
  const recall = async (form) => {
    const session = form.elements.session.value.trim()
    if (!isSession(session) || session === shown.current.session) return
    const known = (await get(`${base}/attendance`)).sessions.find((one) => one.session === session)
    if (!known || form.elements.session.value.trim() !== session) return
    const all = [...form.querySelectorAll('input[name=there]')], boxes = all.filter((box) => known.people.includes(box.value))
    for (const box of all) if (boxes.includes(box) || shown.current.people.includes(box.value)) box.checked = boxes.includes(box) // who was at the one shown before need not have been at this one
    shown.current = { session, people: boxes.map((box) => box.value) }
  }
  const record = useAction(async (form) => {
    const there = form.getAll('there')
    const value = { session: String(form.get('session')).trim(), at: form.get('at') || undefined, minutes: form.get('minutes') ? Number(form.get('minutes')) : undefined }
    const absent = shown.current.session === value.session ? shown.current.people.filter((id) => !there.includes(id)) : []
    const done = there.length ? await post(`${base}/attendance`, { ...value, people: there }) : { changed: 0, unchanged: 0, refused: 0 }
    if (absent.length) done.changed += (await post(`${base}/attendance`, { ...value, people: absent, absent: true })).changed
    shown.current = { session: value.session, people: there }
    after()
    return done
  })
  return (
    <form class="card" onSubmit={(event) => { event.preventDefault(); record.run(new FormData(event.target)) }}>
      <h2>{t('teach.session_new')}</h2>
      <div class="row row-top">
        <Field label={t('teach.session')} hint={t(isKnown ? 'teach.session_known' : 'teach.session_hint')} name="session" required maxlength="64" dir="auto" list="sessions" onInput={(event) => setKnown(isSession(event.target.value.trim()))} onChange={(event) => recall(event.target.form).catch(() => {})} />
        <datalist id="sessions">{sessions.map((one) => <option key={one.session} value={one.session} />)}</datalist>
        <Field label={t('teach.day')} name="at" type="date" />
        <Field label={t('teach.length')} name="minutes" type="number" min="0" max="1440" inputmode="numeric" />
      </div>
      <fieldset>
        <legend>{t('teach.there')}</legend>
        <div class="people">{people.map((one) => <label class="check" key={one.person}><input type="checkbox" name="there" value={one.person} /><Name>{one.name}</Name></label>)}</div>
        {more}
      </fieldset>
      <Button type="submit" isBusy={record.isBusy} disabled={!people.length}>{t('teach.record')}</Button>
      <Outcome action={record} />
    </form>
  )
}

function Mark({ base, row, close, after }) {
  const mark = useAction(async (form) => {
    await post(`${base}/completions`, { person: row.person, reason: String(form.get('reason')).trim(), ...(form.get('score') && { score: Number(form.get('score')) }) })
    close()
    after()
  })
  return (
    <Dialog title={t('teach.mark')} onClose={close}>
      <form onSubmit={(event) => { event.preventDefault(); mark.run(new FormData(event.target)) }}>
        <p><Name>{row.name}</Name></p>
        <Problem error={mark.error} />
        <Field label={t('teach.reason')} hint={t('teach.mark_ask')} name="reason" required maxlength="500" dir="auto" />
        <Field label={t('teach.score_maybe')} name="score" type="number" min="0" max="100" step="0.01" inputmode="decimal" />
        <div class="actions"><Button type="submit" isBusy={mark.isBusy}>{t('teach.mark')}</Button><Button kind="quiet" onClick={close}>{t('app.cancel')}</Button></div>
      </form>
    </Dialog>
  )
}

function Doing({ icon, label, kind = 'quiet small', run, after }) {
  const action = useAction(async () => { await run(); after() })
  return <><Button kind={kind} icon={icon} isBusy={action.isBusy} onClick={action.run}>{label}</Button>{action.error && <Problem error={action.error} />}</>
}

function Progress({ base, cohort, rows, after }) {
  const [marked, setMarked] = useState(null)
  return (
    <>
      <Table caption={t('teach.progress')} head={[t('teach.person'), t('teach.status'), t('course.progress'), { label: t('course.score'), isNumber: true }, { label: t('teach.minutes'), isNumber: true }, { label: t('teach.attended'), isNumber: true }, t('teach.change')]}>
        {rows.map((row) => (
          <tr key={row.person}>
            <th scope="row"><Name>{row.name}</Name><br /><code>{row.person}</code>{row.trainer && <> · {t('app.role_trainer')}</>}</th>
            <td>{!row.trainer && <Status of={row.certified ? 'certified' : row.status} />}{row.by_hand && <p class="hint">{t('teach.by_hand')}{row.reason ? ': ' : ''}<Name>{row.reason}</Name></p>}{row.completed && <p class="hint">{date(row.completed)}</p>}</td>
            <td><Channel share={row.progress} label={t('course.progress')} /> {percent(row.progress || 0)}</td>
            <td class="number"><Score of={row.score} /></td>
            <td class="number">{minutes(row.minutes)}</td>
            <td class="number">{number(row.attended)}</td>
            <td class="acts">{!row.trainer && (
              <>
                {row.by_hand ? <Doing label={t('teach.undo')} run={() => remove(`${base}/completions`, { person: row.person })} after={after} />
                  : row.status !== 'completed' && <Button kind="quiet small" onClick={() => setMarked(row)}>{t('teach.mark')}</Button>}
                {row.status === 'completed' && !row.certified && <Doing icon="award" label={t('teach.certify')} run={() => post('/api/v1/credentials', { person: row.person, course: cohort.course, cohort: cohort.cohort })} after={after} />}
              </>
            )}<Doing kind="danger small" label={t('teach.drop')} run={() => remove(`${base}/members`, { people: [row.person] })} after={after} /></td>
          </tr>
        ))}
      </Table>
      {marked && <Mark base={base} row={marked} close={() => setMarked(null)} after={after} />}
    </>
  )
}

export function Cohort({ cohort: id }) {
  const base = `/api/v1/cohorts/${encodeURIComponent(id)}`
  const one = useFacts(() => get(base), [id])
  const [limit, setLimit] = useState(PAGE)
  const people = useFacts(() => get(`${base}/progress${query({ limit })}`).then((found) => found.people), [id, limit])
  const reload = () => { one.reload(); people.reload() }
  return (
    <section class="page">
      <p class="crumb"><a href="/teach"><Icon name="back" size={16} />{t('teach.title')}</a></p>
      {one.error && !one.data && <Title text={id}><Name>{id}</Name></Title>}
      <Facts of={one}>{(cohort) => (
        <>
          <Title text={cohort.title || cohort.cohort}><Name>{cohort.title || cohort.cohort}</Name></Title>
          <ul class="facts">
            <li><Name>{cohort.course}</Name> {cohort.version}</li>
            {(cohort.starts || cohort.ends) && <li>{date(cohort.starts)} – {date(cohort.ends)}</li>}
            <li>{t('teach.learners', { n: cohort.learners })}</li>
            <li>{t('teach.trainers', { n: cohort.trainers })}</li>
            {cohort.trains && <li>{t('teach.trains')}: <Name>{cohort.trains}</Name></li>}
          </ul>
          <Facts of={people}>{(rows) => {
            const more = rows.length >= limit && <Button kind="quiet" onClick={() => setLimit(limit + PAGE)}>{t('teach.more')}</Button>
            return (
            <>
              {rows.length > 0 && <Progress base={base} cohort={cohort} rows={rows} after={reload} />}
              <div class="actions">
                <LinkButton kind="quiet" icon="down" href={`${base}/progress?format=csv`} download>{t('teach.export')}</LinkButton>
                {more}
              </div>
              {cohort.sessions?.length > 0 && (
                <Table caption={t('teach.sessions')} head={[t('teach.session'), t('teach.day'), { label: t('teach.length'), isNumber: true }, { label: t('teach.attended'), isNumber: true }]}>
                  {cohort.sessions.map((session_) => <tr key={session_.session}><th scope="row"><Name>{session_.session}</Name></th><td>{date(session_.at)}</td><td class="number">{minutes(session_.minutes)}</td><td class="number">{number(session_.attended)}</td></tr>)}
                </Table>
              )}
              <div class="halves"><Members base={base} after={reload} /><Attendance base={base} people={rows.filter((row) => !row.trainer)} sessions={cohort.sessions || []} more={more} after={reload} /></div>
            </>
            )
          }}</Facts>
        </>
      )}</Facts>
    </section>
  )
}
