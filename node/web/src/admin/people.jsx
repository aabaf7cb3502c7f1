// people.jsx: taking people in from a list, first dry; adding one; inviting a node.
import { useState } from 'preact/hooks'
import { get, query } from '../app/api.js'
import { date, number, t } from '../app/i18n.js'
import { Button, Facts, Field, Name, Table } from '../app/parts.jsx'
import { useAction, useFacts } from '../app/use.js'
import { Title } from '../app/shell.jsx'
import { Act, ActForm, Outcome, ReadOnly, Shell, command, facts, mayAct } from './act.jsx'

function Import({ after }) {
  const [file, setFile] = useState(null)
  const dry = useAction(async () => command(['person', 'import', '-', '--dry-run'], await file.text()))
  const real = useAction(async () => {
    const done = await command(['person', 'import', '-'], await file.text())
    after()
    return done
  })
  if (!mayAct()) return null
  return (
    <form class="card" onSubmit={(event) => { event.preventDefault(); real.clear(); dry.run() }}>
      <h2>{t('admin.people_import')}</h2>
      <p>{t('admin.people_import_why')} <code>id,name,gender,role,institution,password</code></p>
      <Field label={t('admin.file')} type="file" accept=".csv,text/csv" required onChange={(event) => { setFile(event.target.files[0] || null); dry.clear(); real.clear() }} />
      <p class="hint">{t('admin.as_command')} <Shell words={['person', 'import', file?.name || 'people.csv', '--dry-run']} /></p>
      <div class="actions">
        <Button type="submit" isBusy={dry.isBusy} disabled={!file}>{t('admin.try_first')}</Button>
        <Button kind="quiet" isBusy={real.isBusy} disabled={!file || dry.done?.exit !== 0} onClick={() => real.run()}>{t('admin.import_now')}</Button>
      </div>
      <Outcome action={real.done || real.error ? real : dry} />
    </form>
  )
}

const ROLES = ['learner', 'facilitator', 'trainer', 'manager', 'administrator']
const GENDERS = ['not_asked', 'female', 'male', 'other', 'undisclosed']

export function People() {
  const [words, setWords] = useState('')
  const all = useFacts(facts('people'))
  const found = useFacts(() => (words.trim() && mayAct() ? get(`/api/v1/people${query({ q: words.trim(), limit: 100 })}`) : Promise.resolve(null)), [words])
  const reload = () => { all.reload(); found.reload() }
  const value = (form, name) => String(form.get(name) || '').trim()
  return (
    <section class="page">
      <Title>{t('admin.people')}</Title>
      <ReadOnly />
      {mayAct() && <Field label={t('admin.people_search')} type="search" value={words} onInput={(event) => setWords(event.target.value)} dir="auto" />}
      <Facts of={all}>{({ total, people: first }) => {
        const people = found.data?.people || first
        return (
        <>
          <p role="status">{t('admin.people_total', { total: number(total), shown: number(people.length) })}</p>
          <Table caption={t('admin.people')} head={[t('admin.person_id'), t('admin.person_name'), t('admin.role'), t('admin.institution'), t('admin.since'), ...(mayAct() ? [t('admin.change')] : [])]}>
            {people.map((one) => (
              <tr key={one.id}><th scope="row"><Name>{one.id}</Name></th><td><Name>{one.name}</Name></td><td>{t(`app.role_${one.role}`)}</td><td><Name>{one.institution}</Name></td><td>{date(one.registered)}</td>
                {mayAct() && <td><Act words={['person', 'erase', one.id]} label={t('admin.erase')} kind="danger small" ask={t('admin.erase_ask')} after={reload} /></td>}</tr>
            ))}
          </Table>
        </>
        )
      }}</Facts>
      <div class="halves">
        <Import after={reload} />
        <ActForm title={t('admin.person_add')} label={t('admin.person_add')} after={reload}
          words={(form) => ['person', 'add', '--id', value(form, 'id'), '--name', value(form, 'name'), '--role', value(form, 'role'), '--gender', value(form, 'gender')]}>
          <div class="row">
            <Field label={t('admin.person_id')} name="id" required autocapitalize="none" dir="auto" />
            <Field label={t('admin.person_name')} name="name" required dir="auto" />
            <Field label={t('admin.role')} name="role">{ROLES.map((one) => <option key={one} value={one}>{t(`app.role_${one}`)}</option>)}</Field>
            <Field label={t('admin.gender')} name="gender">{GENDERS.map((one) => <option key={one} value={one}>{t(`admin.gender_${one}`)}</option>)}</Field>
          </div>
        </ActForm>
      </div>
    </section>
  )
}

export function Nodes() {
  const found = useFacts(facts('peers'), [], { every: 10000 })
  const value = (form, name) => String(form.get(name) || '').trim()
  return (
    <section class="page">
      <Title>{t('admin.nodes')}</Title>
      <ReadOnly />
      <Facts of={found}>{({ peers }) => (
        <Table caption={t('admin.nodes')} head={[t('admin.node'), t('admin.kind'), t('admin.country'), t('admin.parent'), t('admin.state'), ...(mayAct() ? [t('admin.change')] : [])]}>
          {peers.map((one) => (
            <tr key={one.id}><th scope="row"><Name>{one.name}</Name></th><td>{t(`admin.kind_${one.kind}`)}</td><td>{one.country}</td><td><Name>{one.parent}</Name></td>
              <td>{one.revoked ? t('admin.revoked') : <span lang="en">{one.state}, {one.last_success}</span>}{one.error && <p class="wrong" lang="en">{one.error}</p>}</td>
              {mayAct() && <td>{!one.revoked && <Act words={['peer', 'revoke', one.name]} label={t('admin.revoke')} kind="danger small" ask={t('admin.revoke_ask')} after={found.reload} />}</td>}</tr>
          ))}
        </Table>
      )}</Facts>
      <ActForm title={t('admin.invite')} label={t('admin.invite')}
        words={(form) => ['invite', '--name', value(form, 'name'), '--kind', value(form, 'kind'), ...(value(form, 'country') ? ['--country', value(form, 'country').toUpperCase()] : [])]}>
        <p class="hint">{t('admin.invite_hint')}</p>
        <div class="row">
          <Field label={t('admin.node')} name="name" required dir="auto" />
          <Field label={t('admin.kind')} name="kind">{['campus', 'national', 'training', 'regional', 'hub'].map((one) => <option key={one} value={one}>{t(`admin.kind_${one}`)}</option>)}</Field>
          <Field label={t('admin.country_code')} name="country" maxlength="2" pattern="[A-Za-z]{2}" dir="ltr" />
        </div>
      </ActForm>
    </section>
  )
}
