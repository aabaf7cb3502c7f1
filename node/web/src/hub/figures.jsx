// figures.jsx: the statistics page: what is known, of whom it is known, what is missing and what is withheld. Every view is an address.
import { useMemo, useState } from 'preact/hooks'
import { get } from '../app/api.js'
import { ago, momentZoned, number, rich, t } from '../app/i18n.js'
import { place, querySet } from '../app/route.js'
import { Button, Empty, Facts, Field, Figure, Name, Notice, Table } from '../app/parts.jsx'
import { useFacts } from '../app/use.js'
import { Title } from '../app/shell.jsx'
import { Bars, Columns, Shares, written } from './charts.jsx'
import { COUNTS, DIMENSIONS, FILTERS, METRICS, csv, download, figureOf, nameOf, statsLoad } from './data.js'

const ROWS_SHOWN = 200

// On paper nobody can open what is folded.
addEventListener('beforeprint', () => document.querySelectorAll('.coverage details').forEach((one) => { one.open = true }))

function Coverage({ of: { coverage, as_of: at } }) {
  const aside = coverage.quarantined || []
  const missing = coverage.expected - coverage.reporting - aside.length
  return (
    <div class="coverage">
      <p class="coverage-line">
        <span class="coverage-dots" aria-hidden="true">{Array.from({ length: Math.min(coverage.expected, 60) }, (_, i) => <i key={i} class={i < coverage.reporting ? 'on' : ''} />)}</span>
        {coverage.expected > 0 && <span>{t('hub.coverage', { reporting: coverage.reporting, expected: coverage.expected })}</span>}
        <span class="hint">{t('hub.as_of', { time: momentZoned(at) })}</span>
      </p>
      {missing > 0 && <p>{t('hub.missing', { n: missing })}</p>}
      {aside.map((one) => <p key={one.node}><strong>{rich('hub.quarantined', { node: <Name>{one.node}</Name> })}</strong></p>)}
      {coverage.late.length > 0 && (
        <details>
          <summary>{t('hub.late', { n: coverage.late.length })}</summary>
          <ul>{coverage.late.map((one) => <li key={one.node}><Name>{one.node}</Name>: {one.last_heard ? t('hub.last_heard', { ago: ago(one.last_heard) }) : t('hub.never_heard')}</li>)}</ul>
        </details>
      )}
    </div>
  )
}

function Totals({ row }) {
  if (!row) return null
  return (
    <dl class="figures">
      {['people', 'registered', 'enrolled', 'started', 'completed', 'certified', 'revoked', 'minutes', 'score'].map((metric) => {
        const value = figureOf(row, metric)
        const note = metric === 'people' && row.people?.error > 0 ? t('hub.about', { error: number(row.people.error * 100, { maximumFractionDigits: 1 }) })
          : metric === 'score' && row.score?.n ? t('hub.of_scores', { n: row.score.n }) : undefined
        return <Figure key={metric} value={written(metric, value)} label={t(`hub.${metric}`)} note={note} />
      })}
    </dl>
  )
}

function Filters({ only, choices }) {
  return (
    <div class="row">
      {FILTERS.map((one) => {
        const values = [...new Set([...(choices[one] || []), ...(only[one] ? [only[one]] : [])])]
        if (values.length < 2 && !only[one]) return null
        return (
          <Field key={one} label={t(`hub.by_${one}`)} value={only[one] || ''} onChange={(event) => querySet({ [one]: event.target.value })}>
            <option value="">{t('hub.all')}</option>
            {values.map((value) => <option key={value} value={value}>{nameOf(one, value)}</option>)}
          </Field>
        )
      })}
    </div>
  )
}

// Says what is in it: which figures, of whom, of which day.
const fileName = (by, only, day) => `${['qanat', ...by, ...Object.values(only).filter(Boolean), day].join('-').replace(/[^\p{L}\p{N}.-]+/gu, '_')}.csv`

function Rows({ document, by, only }) {
  const [sort, setSort] = useState({ metric: null, isDown: true })
  const rows = useMemo(() => {
    const list = [...document.rows]
    if (sort.metric) list.sort((a, b) => (sort.isDown ? 1 : -1) * ((figureOf(b, sort.metric) ?? -1) - (figureOf(a, sort.metric) ?? -1)))
    return list
  }, [document, sort])
  const withheld = document.rows.filter((row) => row.suppressed).length
  const head = [...by.map((one) => t(`hub.by_${one}`)), ...METRICS.map((metric) => ({ label: t(`hub.${metric}`), isNumber: true,
    sort: sort.metric === metric ? (sort.isDown ? 'descending' : 'ascending') : 'none', onClick: () => setSort({ metric, isDown: sort.metric === metric ? !sort.isDown : true }) }))]
  return (
    <>
      {withheld > 0 && <Notice><p>{t('hub.withheld_why', { n: withheld })}</p></Notice>}
      <Table caption={t('hub.table')} head={head}>
        {rows.slice(0, ROWS_SHOWN).map((row) => (
          <tr key={JSON.stringify(row.by)}>
            {by.map((one, i) => (i ? <td key={one}><Name>{nameOf(one, row.by[one])}</Name></td> : <th key={one} scope="row"><Name>{nameOf(one, row.by[one])}</Name></th>))}
            {METRICS.map((metric) => {
              const value = figureOf(row, metric)
              return <td key={metric} class={`number ${value == null ? 'withheld' : ''}`}>{written(metric, value)}</td>
            })}
          </tr>
        ))}
      </Table>
      {rows.length > ROWS_SHOWN && <p class="hint">{t('hub.more_rows', { n: rows.length - ROWS_SHOWN })}</p>}
      <p class="actions"><Button kind="quiet" icon="down" onClick={() => download(fileName(by, only, document.as_of.slice(0, 10)), csv(document, by), 'text/csv;charset=utf-8')}>{t('hub.csv')}</Button></p>
    </>
  )
}

export function Figures() {
  const asked = place.value.query
  const only = Object.fromEntries(FILTERS.map((one) => [one, asked.get(one) || undefined]))
  const first = DIMENSIONS.includes(asked.get('by')) ? asked.get('by') : 'country'
  const second = DIMENSIONS.includes(asked.get('and')) && asked.get('and') !== first ? asked.get('and') : ''
  const metric = METRICS.includes(asked.get('show')) ? asked.get('show') : 'completed'
  const by = second ? [first, second] : [first]
  const key = JSON.stringify(only)
  const total = useFacts(() => statsLoad([], only), [key])
  const main = useFacts(() => statsLoad(by, only), [key, first, second])
  const chart = useFacts(() => (second ? statsLoad([first], only) : Promise.resolve(null)), [key, first, second])
  const gender = useFacts(() => statsLoad(['gender'], only), [key])
  const period = useFacts(() => statsLoad(['period'], { ...only, period: only.period?.length === 7 ? only.period.slice(0, 4) : only.period }), [key])
  // What may be chosen: everything there is, whatever is chosen now.
  const all = useFacts(async () => {
    const dimensions = FILTERS.filter((one) => one !== 'period')
    const found = await Promise.all([...dimensions, 'period'].map((one) => get(`/api/v1/stats?by=${one}`).catch(() => ({ rows: [] }))))
    const choices = Object.fromEntries([...dimensions, 'period'].map((one, i) => [one, found[i].rows.map((row) => row.by[one]).filter(Boolean)]))
    choices.period = [...new Set(choices.period.map((one) => one.slice(0, 4))), ...choices.period].sort()
    return choices
  })
  return (
    <section class="page">
      <Title>{t('hub.title')}</Title>
      <Facts of={total} lines={3}>{(document) => <><Coverage of={document} /><Totals row={document.rows[0]} /></>}</Facts>
      <form class="filters card" onSubmit={(event) => event.preventDefault()}>
        <div class="row">
          <Field label={t('hub.group')} value={first} onChange={(event) => querySet({ by: event.target.value })}>{DIMENSIONS.map((one) => <option key={one} value={one}>{t(`hub.by_${one}`)}</option>)}</Field>
          <Field label={t('hub.group_then')} value={second} onChange={(event) => querySet({ and: event.target.value })}>
            <option value="">{t('hub.nothing')}</option>
            {DIMENSIONS.filter((one) => one !== first && !(first === 'course' && one === 'series') && !(first === 'series' && one === 'course')).map((one) => <option key={one} value={one}>{t(`hub.by_${one}`)}</option>)}
          </Field>
          <Field label={t('hub.show')} value={metric} onChange={(event) => querySet({ show: event.target.value })}>{METRICS.map((one) => <option key={one} value={one}>{t(`hub.${one}`)}</option>)}</Field>
        </div>
        {all.data && <Filters only={only} choices={all.data} />}
      </form>
      <Facts of={main} lines={6}>{(document) => (document.rows.length === 0 ? <Empty title={t('hub.none')}><p>{t('hub.none_hint')}</p></Empty> : (
        <>
          <div class="halves">
            <Bars title={t('hub.chart_by', { metric: t(`hub.${metric}`), dimension: t(`hub.by_${first}`) })} rows={(second && chart.data ? chart.data : document).rows} dimension={first} metric={metric} />
            <div class="stack">
              {gender.data && COUNTS.includes(metric) && <Shares title={t('hub.chart_by', { metric: t(`hub.${metric}`), dimension: t('hub.by_gender') })} rows={gender.data.rows} dimension="gender" metric={metric} />}
              {period.data && <Columns title={t('hub.chart_by', { metric: t(`hub.${metric}`), dimension: t('hub.by_period') })} rows={period.data.rows} metric={metric} />}
            </div>
          </div>
          <Rows document={document} by={by} only={only} />
        </>
      ))}</Facts>
      <p class="hint">{t('hub.rules')}</p>
    </section>
  )
}
