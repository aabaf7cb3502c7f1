// overview.jsx: the state at a glance: one sentence, what waits and why, receipts, alarms.
import { useEffect } from 'preact/hooks'
import { ago, bytes, clock, moment, number, seconds, t } from '../app/i18n.js'
import { Figure, Loading, Name, Notice, Problem, Status, Time } from '../app/parts.jsx'
import { useFacts } from '../app/use.js'
import { Title } from '../app/shell.jsx'
import { Icon } from '../app/art.jsx'
import { Act, ReadOnly, Shell, facts } from './act.jsx'
import { look, plan, sentence, state, watchState, why } from './state.js'

function Peer({ peer, rate }) {
  const toCome = peer.we_lack, toGo = peer.they_lack
  const waits = toCome.bytes + toGo.bytes
  const reason = why(peer, rate)
  return (
    <li class={`card peer peer-${peer.state}`}>
      <h3><Name>{peer.node}</Name> <Status of={peer.state} group="admin" /></h3>
      <dl class="pairs">
        <div><dt>{t('admin.last_in_step')}</dt><dd>{peer.last_success ? <time datetime={peer.last_success} title={moment(peer.last_success)}>{ago(peer.last_success)}</time> : t('admin.never')}</dd></div>
        <div><dt>{t('admin.to_come')}</dt><dd>{t('admin.cells_bytes', { cells: number(toCome.cells), bytes: bytes(toCome.bytes) })}</dd></div>
        <div><dt>{t('admin.to_go')}</dt><dd>{t('admin.cells_bytes', { cells: number(toGo.cells), bytes: bytes(toGo.bytes) })}</dd></div>
        <div><dt>{t('admin.rate')}</dt><dd>{t('admin.per_second', { bytes: bytes(Math.round(rate)) })}</dd></div>
        {waits > 0 && <div><dt>{t('admin.time_left')}</dt><dd>{rate > 1 ? seconds(waits / rate) : '–'}</dd></div>}
        <div><dt>{t('admin.so_far')}</dt><dd>↓ {bytes(peer.bytes_in)} · ↑ {bytes(peer.bytes_out)}</dd></div>
        {peer.refused > 0 && <div><dt>{t('admin.refused')}</dt><dd>{number(peer.refused)}</dd></div>}
      </dl>
      {reason && <p class="why"><Icon name="clock" size={17} /> {reason}</p>}
    </li>
  )
}

export function Alarms({ findings }) {
  if (!findings.length) return <Notice kind="good" icon="check"><p>{t('admin.no_alarms')}</p></Notice>
  return (
    <ul class="alarms">
      {findings.map((one, i) => (
        <li key={i} class={`notice ${one.level === 'fault' ? 'bad' : ''}`}><Icon name="alarm" />
          <div lang="en" dir="ltr"><p><b>{one.subject}</b>: {one.cause || one.text || one.code}</p>{(one.remedy || one.todo || one.do) && <p>→ {one.remedy || one.todo || one.do}</p>}</div></li>
      ))}
    </ul>
  )
}

export function Overview() {
  useEffect(watchState, [])
  const { status, error, at, rates } = state.value
  const doctor = useFacts(facts('doctor'), [], { every: 60000 })
  if (!status) return <section class="page"><Title>{t('admin.title')}</Title>{error ? <Problem error={error} retry={look} /> : <Loading lines={6} />}</section>
  return (
    <section class="page">
      <ReadOnly />
      <Title text={t('admin.title')} isUnseen>{t('admin.title')}</Title>
      <div class={`standing standing-${status.state}`} role="status">
        <Icon name={status.state === 'in_step' ? 'check' : status.state === 'degraded' || status.state === 'offline' ? 'alarm' : 'clock'} size={34} />
        <div><p class="sentence">{sentence(status)}</p>
          <p class="hint">{t('admin.looked', { time: clock(at) })} <Shell words={['status']} /></p></div>
      </div>
      {error && <Problem error={error} />}
      <div class="actions">
        <Act words={['sync', '--timeout', '20']} label={t('admin.sync_now')} icon="drop" kind="" />
        {plan.value?.paused ? <Act words={['sync', 'resume']} label={t('admin.resume')} icon="next" /> : <Act words={['sync', 'pause']} label={t('admin.pause')} icon="clock" ask={t('admin.pause_ask')} />}
      </div>
      <dl class="figures">
        {status.receipts?.hub && <Figure value={ago(status.receipts.hub)} label={t('admin.receipt')} note={status.receipts.hub_lacks > 0 ? t('admin.hub_lacks', { n: status.receipts.hub_lacks }) : moment(status.receipts.hub)} />}
        <Figure value={bytes(status.storage.free_bytes)} label={t('admin.free')} note={t('admin.floor', { bytes: bytes(status.storage.floor_bytes) })} />
        <Figure value={bytes(status.storage.database_bytes)} label={t('admin.database')} />
        <Figure value={status.peers.length} label={t('admin.peers')} />
      </dl>
      <h2>{t('admin.peers')}</h2>
      {status.peers.length ? <ul class="peers">{status.peers.map((peer) => <Peer key={peer.id} peer={peer} rate={rates[peer.id] || 0} />)}</ul> : <p>{t('admin.no_peers')}</p>}
      <h2>{t('admin.alarms')}</h2>
      {doctor.data ? <Alarms findings={doctor.data.findings} /> : doctor.error ? <Problem error={doctor.error} /> : <Loading lines={2} />}
      <p class="hint">{t('admin.as_command')} <Shell words={['doctor']} /></p>
    </section>
  )
}
