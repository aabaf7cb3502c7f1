// care.jsx: alarms with what to do, a deeper look, storage, and the log of what was done here by whom.
import { useEffect } from 'preact/hooks'
import { bytes, moment, t } from '../app/i18n.js'
import { Button, Channel, Empty, Facts, Field, Loading, Name, Table } from '../app/parts.jsx'
import { useLive } from '../app/live.js'
import { useAction, useFacts } from '../app/use.js'
import { Title } from '../app/shell.jsx'
import { Act, ActForm, Outcome, ReadOnly, Shell, command, facts, mayAct } from './act.jsx'
import { Alarms } from './overview.jsx'
import { state, watchState } from './state.js'

function Storage() {
  const storage = state.value.status?.storage
  if (!storage) return <Loading lines={2} />
  const used = storage.blob_bytes != null ? storage.blob_bytes + storage.database_bytes : storage.database_bytes
  return (
    <div class="card">
      <Channel share={used / (used + storage.free_bytes)} label={t('admin.storage')} />
      <ul class="facts">
        <li>{t('admin.database')}: {bytes(storage.database_bytes)}</li>
        {storage.blob_bytes != null && <li>{t('admin.files')}: {bytes(storage.blob_bytes)}</li>}
        <li>{t('admin.free')}: {bytes(storage.free_bytes)}</li>
        <li>{t('admin.floor', { bytes: bytes(storage.floor_bytes) })}</li>
      </ul>
    </div>
  )
}

export function Care() {
  useEffect(watchState, [])
  const doctor = useFacts(facts('doctor'))
  const acts = useLive(mayAct() ? 'audit' : null)
  const verify = useAction(() => command(['verify', '--quick']))
  return (
    <section class="page">
      <Title>{t('admin.care')}</Title>
      <ReadOnly />
      <h2>{t('admin.alarms')}</h2>
      <Facts of={doctor}>{(found) => <><Alarms findings={found.findings} /><p class="hint">{t('admin.checked', { list: found.checked.join(', ') })}</p></>}</Facts>
      <div class="actions">
        <Button kind="quiet" icon="pulse" isBusy={doctor.isLoading} onClick={doctor.reload}>{t('admin.doctor')}</Button>
        {mayAct() && <Button kind="quiet" icon="search" isBusy={verify.isBusy} onClick={() => verify.run()}>{t('admin.verify_all')}</Button>}
        <Act words={['scrub', '--repair']} label={t('admin.repair')} ask={t('admin.repair_ask')} after={doctor.reload} />
      </div>
      <Outcome action={verify} />
      <h2>{t('admin.storage')}</h2>
      <Storage />
      <h2>{t('admin.seal')}</h2>
      <ActForm label={t('admin.seal')} words={(form) => ['seal', String(form.get('period') || '')]}>
        <p class="hint">{t('admin.seal_hint')}</p>
        <Field label={t('admin.month')} name="period" required pattern="[0-9]{4}-[0-9]{2}" placeholder="2026-10" dir="ltr" />
      </ActForm>
      {mayAct() && <><h2>{t('admin.audit')}</h2>
      <Facts of={acts}>{({ acts: rows }) => (rows.length === 0 ? <Empty title={t('admin.no_acts')} /> : (
        <Table kind="log" caption={t('admin.audit')} head={[t('admin.when'), t('admin.who'), t('admin.did'), t('admin.outcome')]} isQuiet>
          {rows.map((one) => <tr key={one.number}><td>{moment(one.at)}</td><td><Name>{one.who || t('admin.at_the_machine')}</Name></td><td><Shell words={one.words} /></td><td>{one.exit === 0 ? t('admin.act_done') : t('admin.act_exit', { n: one.exit })}</td></tr>)}
        </Table>
      ))}</Facts>
      <p class="hint">{t('admin.as_command')} <Shell words={['audit', 'list']} /></p></>}
    </section>
  )
}
