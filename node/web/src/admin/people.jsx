// people.jsx: taking people in from a list, first dry; adding one; a new password; inviting a node.
import { useState } from 'preact/hooks'
import { ApiError, get, query } from '../app/api.js'
import { ago, countryName, date, number, t } from '../app/i18n.js'
import { Button, Dialog, Facts, Field, Name, Notice, Status, Table, Time } from '../app/parts.jsx'
import { useLive } from '../app/live.js'
import { useFacts } from '../app/use.js'
import { Title } from '../app/shell.jsx'
import { Act, ActForm, ReadOnly, Shell, facts, mayAct } from './act.jsx'
import { Progress, useUpload } from './upload.jsx'

// Every good row is taken, whatever becomes of the others.
const takes = (upload) => upload?.state === 'done' && (upload.exit === 0 || upload.out?.added + upload.out?.updated > 0)

function Import({ after }) {
  const [file, setFile] = useState(null)
  const [column, setColumn] = useState('')
  const dry = useUpload('person')
  const real = useUpload('person')
  if (!mayAct()) return null
  const isRoster = file?.name.toLowerCase().endsWith('.zip')
  const values = isRoster ? { id: column } : {}
  const option = isRoster && column ? ['--id', column] : []
  const shown = real.step === 'idle' && !real.error ? dry : real
  return (
    <form class="card" onSubmit={(event) => { event.preventDefault(); real.clear(); dry.start(file, { ...values, dry_run: 1 }) }}>
      <h2>{t('admin.people_import')}</h2>
      <p>{t('admin.people_import_why')} <code>id,name,gender,role,institution,password</code></p>
      <p class="hint">{t('admin.people_zip')}</p>
      <Field label={t('admin.file')} type="file" accept=".csv,text/csv,.zip,application/zip" required onChange={(event) => { setFile(event.target.files[0] || null); dry.clear(); real.clear() }} />
      {isRoster && <Field label={t('admin.roster_id')} value={column} onChange={(event) => { setColumn(event.target.value); dry.clear(); real.clear() }}>
        {['', 'sourcedId', 'identifier', 'email'].map((one) => <option key={one} value={one}>{one || 'username'}</option>)}
      </Field>}
      <p class="hint">{t('admin.as_command')} <Shell words={['person', 'import', file?.name || 'people.csv', ...option, '--dry-run']} /></p>
      <div class="actions">
        <Button type="submit" isBusy={dry.isBusy} disabled={!file || real.isBusy}>{t('admin.try_first')}</Button>
        <Button kind="quiet" isBusy={real.isBusy} disabled={!file || dry.isBusy || !takes(dry.upload)} onClick={() => real.start(file, values).then(after)}>{t('admin.import_now')}</Button>
      </div>
      <Progress of={shown} />
      {shown.upload?.state === 'done' && <Report upload={shown.upload} />}
    </form>
  )
}

// What an import did, or would do, and the rows it did not take.
function Report({ upload: { exit, out, err } }) {
  const reasons = [...(out?.reasons || []), ...(out?.other_reasons || [])]
  return (
    <Notice kind={exit === 0 ? 'good' : 'bad'} icon={exit === 0 ? 'check' : 'alarm'}>
      {out && <p>{t(out.dry_run ? 'admin.would_be' : 'admin.was_done', { added: out.added, updated: out.updated, unchanged: out.unchanged, refused: out.refused })}</p>}
      {out?.cohorts && <p>{t('admin.cohorts_too', { cohorts: out.cohorts.changed, members: out.members.changed })}</p>}
      {reasons.map((one) => (
        <details key={one.reason} open={reasons.length < 3}>
          <summary><bdi lang="en">{one.reason}</bdi> ({number(one.count)})</summary>
          <p lang="en" dir="ltr">{one.advice}</p>
          <ul>{one.examples.slice(0, 50).map((row, i) => <li key={i}>{t('admin.line', { n: row.line })}: <bdi>{row.text}</bdi></li>)}</ul>
        </details>
      ))}
      {!out && err && <pre lang="en" dir="ltr" tabindex="0">{err.trim()}</pre>}
    </Notice>
  )
}

const ROLES = ['learner', 'facilitator', 'trainer', 'manager', 'administrator']
const GENDERS = ['not_asked', 'female', 'male', 'other', 'undisclosed']

// For somebody who forgot theirs. As a row of a list, which the command reads: its words are logged, what it reads is not.
// They may have another name by now, or be erased; of what a list does not name the import changes nothing.
const cell = (text) => `"${String(text).replaceAll('"', '""')}"`
async function rowOf({ id }, password) {
  const { people: [person] } = await get(`/api/v1/people${query({ id })}`)
  if (person?.id !== id) throw new ApiError(404, 'not_found', '')
  return `id,name,password\n${[id, person.name, password].map(cell).join()}\n`
}

function NewPassword({ person }) {
  const [isOpen, setOpen] = useState(false)
  return (
    <>
      <Button kind="quiet small" onClick={() => setOpen(true)}>{t('admin.password_new')}</Button>
      {isOpen && (
        <Dialog title={t('admin.password_new')} onClose={() => setOpen(false)}>
          <p><Name>{person.name}</Name> (<Name>{person.id}</Name>)</p>
          <ActForm words={() => ['person', 'import', '-']} label={t('app.save')} readInput={(form) => rowOf(person, new FormData(form).get('password'))}>
            <Field label={t('admin.password_new')} hint={t('in.password_hint')} name="password" required minlength="8" dir="ltr" autocomplete="off" autocapitalize="none" spellcheck={false} />
          </ActForm>
        </Dialog>
      )}
    </>
  )
}

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
                {mayAct() && <td><div class="actions"><NewPassword person={one} /><Act words={['person', 'erase', one.id]} label={t('admin.erase')} kind="danger small" ask={t('admin.erase_ask')} after={reload} /></div></td>}</tr>
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

// A word of `qanat peer list` as one of ours: "ALARM: two machines" is two_machines.
const stateOf = (node) => node.state.replace('ALARM: ', '').replace(/ /g, '_')

export function Nodes() {
  const found = useLive('peers')
  const value = (form, name) => String(form.get(name) || '').trim()
  return (
    <section class="page">
      <Title>{t('admin.nodes')}</Title>
      <ReadOnly />
      <Facts of={found}>{({ peers }) => (
        <Table caption={t('admin.nodes')} head={[t('admin.node'), t('admin.state'), t('admin.kind'), t('admin.country'), t('admin.parent'), ...(mayAct() ? [t('admin.change')] : [])]}>
          {peers.map((one) => (
            <tr key={one.id}>
              <th scope="row"><Name>{one.name}</Name></th>
              <td>{one.revoked ? t('admin.revoked') : <><Status of={stateOf(one)} group="admin" /> {one.last_success_ms > 0 && <span class="hint"><Time at={one.last_success_ms} as={ago} /></span>}</>}{one.error && <p class="wrong" lang="en">{one.error}</p>}</td>
              <td>{t(`admin.kind_${one.kind}`)}</td><td>{one.country && <Name>{countryName(one.country)}</Name>}</td><td><Name>{one.parent}</Name></td>
              {mayAct() && <td>{one.below && !one.revoked && <Act words={['peer', 'revoke', one.name]} label={t('admin.revoke')} kind="danger small" ask={t('admin.revoke_ask')} after={found.reload} />}</td>}
            </tr>
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
