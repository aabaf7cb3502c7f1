// windows.jsx: when, how fast and how much this node may talk.
import { bytes, momentZoned, t } from '../app/i18n.js'
import { Channel, Facts, Field, Name, Notice, Status, Table } from '../app/parts.jsx'
import { useLive } from '../app/live.js'
import { Title } from '../app/shell.jsx'
import { Act, ActForm, ReadOnly, mayAct } from './act.jsx'

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']

function words(form) {
  const days = DAYS.filter((day) => form.get(day))
  const parts = [days.length && days.length < 7 ? days.join(',') : '', `${form.get('from')}-${form.get('to')}`]
  if (form.get('rate')) parts.push(`rate ${form.get('rate')}${form.get('rate_unit')}`)
  if (form.get('quota')) parts.push(`quota ${form.get('quota')}${form.get('quota_unit')} per ${form.get('per')}`)
  if (form.get('metered')) parts.push('metered')
  if (form.get('what')) parts.push(`for ${form.get('what')}`)
  const list = ['window', 'add', parts.filter(Boolean).join(' ')]
  return form.get('peer') ? [...list, '--peer', form.get('peer')] : list
}

const dayName = (i) => new Intl.DateTimeFormat(document.documentElement.lang, { weekday: 'short', timeZone: 'UTC' }).format(new Date(Date.UTC(2024, 0, 1 + i)))

export function Windows() {
  const found = useLive('windows')
  return (
    <section class="page">
      <Title>{t('admin.windows')}</Title>
      <ReadOnly />
      <p>{t('admin.windows_why')}</p>
      <Facts of={found}>{({ windows, paused }) => (
        <>
          {paused && <Notice kind="bad" icon="clock"><p>{t('admin.say_paused')}</p><Act words={['sync', 'resume']} label={t('admin.resume')} after={found.reload} /></Notice>}
          {windows.length === 0 ? <Notice><p>{t('admin.no_windows')}</p></Notice> : (
            <Table caption={t('admin.windows')} head={[t('admin.window'), t('admin.for_peer'), t('admin.state'), t('admin.opens'), t('admin.quota'), ...(mayAct() ? [t('admin.change')] : [])]}>
              {windows.map((one) => (
                <tr key={one.number}>
                  <th scope="row"><code>{one.window}</code></th>
                  <td>{one.peer === 'all' ? t('admin.all_peers') : <Name>{one.peer}</Name>}</td>
                  <td><Status of={one.state === 'open' ? 'open' : one.state} group="admin" /></td>
                  <td>{one.next_window ? momentZoned(one.next_window) : t('admin.now')}</td>
                  <td>{one.quota_bytes ? <><Channel share={one.used_bytes / one.quota_bytes} label={t('admin.quota')} /> {t('admin.of', { part: bytes(one.used_bytes), whole: bytes(one.quota_bytes) })}</> : t('admin.no_quota')}</td>
                  {mayAct() && <td><Act words={['window', 'remove', String(one.number)]} label={t('admin.remove')} kind="danger small" ask={t('admin.window_remove_ask')} after={found.reload} /></td>}
                </tr>
              ))}
            </Table>
          )}
        </>
      )}</Facts>
      <ActForm title={t('admin.window_add')} label={t('admin.window_add')} words={words} after={found.reload}>
        <fieldset><legend>{t('admin.days')}</legend><div class="days">{DAYS.map((day, i) => <label class="check" key={day}><input type="checkbox" name={day} defaultChecked={i < 5} />{dayName(i)}</label>)}</div></fieldset>
        <div class="row">
          <Field label={t('admin.from')} name="from" type="time" defaultValue="22:00" required />
          <Field label={t('admin.to')} name="to" type="time" defaultValue="06:00" required />
          <Field label={t('admin.rate_max')} name="rate" type="number" min="1" inputmode="numeric" />
          <Field label={t('admin.unit')} name="rate_unit"><option value="M">Mbit/s</option><option value="k">kbit/s</option></Field>
          <Field label={t('admin.quota')} name="quota" type="number" min="1" inputmode="numeric" />
          <Field label={t('admin.unit')} name="quota_unit"><option value="G">GB</option><option value="M">MB</option></Field>
          <Field label={t('admin.per')} name="per"><option value="window">{t('admin.per_window')}</option><option value="day">{t('admin.per_day')}</option><option value="month">{t('admin.per_month')}</option></Field>
          <Field label={t('admin.what')} name="what"><option value="">{t('admin.what_all')}</option><option value="results">{t('admin.what_results')}</option><option value="courses">{t('admin.what_courses')}</option></Field>
        </div>
        <label class="check"><input type="checkbox" name="metered" />{t('admin.metered')}</label>
      </ActForm>
    </section>
  )
}
