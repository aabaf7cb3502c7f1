// charts.jsx: small charts that are lists first: each bar says its name and its figure as text, so nothing depends on seeing or on colour.
import { useEffect, useRef } from 'preact/hooks'
import { lang, minutes, number, percent, t } from '../app/i18n.js'
import { Name } from '../app/parts.jsx'
import { byMonth, figureOf, nameOf } from './data.js'

export function written(metric, value) {
  if (value === undefined) return '–'
  if (value === null) return t('hub.withheld')
  if (metric === 'minutes') return minutes(value)
  if (metric === 'score') return number(value, { maximumFractionDigits: 1 })
  return number(value)
}

export function Bars({ title, rows, dimension, metric, max = 15 }) {
  const all = rows.map((row) => ({ name: nameOf(dimension, row.by[dimension]), value: figureOf(row, metric), key: row.by[dimension] })).sort((a, b) => (b.value ?? -1) - (a.value ?? -1))
  const top = Math.max(1, ...all.map((one) => one.value || 0))
  return (
    <figure class="chart">
      <figcaption>{title}</figcaption>
      <ol class="bars">
        {all.slice(0, max).map(({ name, value, key }) => (
          <li key={key}>
            <span class="bar-name"><Name>{name}</Name></span>
            <span class="bar-room"><span class={`bar ${value == null ? 'none' : ''}`} style={{ inlineSize: `${value == null ? 0 : Math.max(0.6, (100 * value) / top)}%` }} /></span>
            <span class="bar-value">{written(metric, value)}</span>
          </li>
        ))}
      </ol>
      {all.length > max && <p class="hint">{t('hub.more_rows', { n: all.length - max })}</p>}
    </figure>
  )
}

const MONTHS_SHOWN = 18

export function Columns({ title, rows, metric }) {
  const months = byMonth(rows)
  const all = months.slice(-MONTHS_SHOWN).map(({ key, row }) => ({ key, value: figureOf(row, metric) }))
  const top = Math.max(1, ...all.map((one) => one.value || 0))
  const room = useRef()
  // The newest is what one looks for; before it stands what came before, towards the beginning of the line.
  useEffect(() => { room.current.scrollLeft = (document.dir === 'rtl' ? -1 : 1) * room.current.scrollWidth }, [all.length, lang.value])
  return (
    <figure class="chart">
      <figcaption>{title}</figcaption>
      <div ref={room} class="scroll-plain" tabindex="0" role="region" aria-label={title}>
        <ol class="columns">
          {all.map(({ key, value }) => (
            <li key={key}>
              <span class="column-value">{written(metric, value)}</span>
              <span class="column-room"><span class="column" style={{ blockSize: `${value == null ? 0 : Math.max(1, (100 * value) / top)}%` }} /></span>
              <span class="column-name">{nameOf('period', key)}</span>
            </li>
          ))}
        </ol>
      </div>
      {months.length > all.length && <p class="hint">{t('hub.more_months', { n: months.length - all.length, by: t('hub.by_period') })}</p>}
    </figure>
  )
}

const ORDER = ['female', 'male', 'other', 'undisclosed', 'not_asked']

// Shares of a whole, with the whole said: a percentage without its denominator is not shown.
export function Shares({ title, rows, dimension, metric }) {
  const all = rows.map((row) => ({ key: row.by[dimension], value: figureOf(row, metric) })).sort((a, b) => ORDER.indexOf(a.key) - ORDER.indexOf(b.key))
  const isWhole = all.every((one) => one.value != null)
  const sum = all.reduce((total, one) => total + (one.value || 0), 0)
  return (
    <figure class="chart">
      <figcaption>{title}</figcaption>
      {isWhole && sum > 0 && <div class="share-bar" aria-hidden="true">{all.map(({ key, value }, i) => <span key={key} class={`share share-${i % 7}`} style={{ inlineSize: `${(100 * value) / sum}%` }} />)}</div>}
      <ul class="share-list">
        {all.map(({ key, value }, i) => (
          <li key={key}><span class={`share-dot share-${i % 7}`} aria-hidden="true" /><Name>{nameOf(dimension, key)}</Name>: <b>{isWhole && sum > 0 ? t('hub.share_of', { share: percent(value / sum), part: written(metric, value), whole: written(metric, sum) }) : written(metric, value)}</b></li>
        ))}
      </ul>
    </figure>
  )
}
