// data.js: figures as the pages need them. A figure is a number, or null when it is withheld; nothing is made up for what is missing.
import { get, query } from '../app/api.js'
import { countryName, has, languageName, t } from '../app/i18n.js'

export const DIMENSIONS = ['centre', 'country', 'region', 'series', 'course', 'lang', 'version', 'cohort', 'role', 'gender', 'period']
export const FILTERS = ['country', 'region', 'centre', 'course', 'lang', 'role', 'gender', 'period']
export const COUNTS = ['registered', 'enrolled', 'started', 'active', 'completed', 'certified', 'dropped', 'attended']
export const METRICS = [...COUNTS, 'minutes', 'score', 'people']

export function figureOf(row, metric) {
  if (!row) return null
  if (metric === 'score') return row.score?.mean ?? null
  if (metric === 'people') return row.people?.estimate ?? null
  return row[metric] ?? null
}

export function nameOf(dimension, value) {
  if (value == null || value === '') return t('hub.not_said')
  if (dimension === 'country') return countryName(value)
  if (dimension === 'lang') return languageName(value)
  const key = `hub.${dimension}_${value}`
  return has(key) ? t(key) : value
}

// Figures by series: those of its courses added up. People are not added: one person may take many courses.
function bySeries(document, series, rest) {
  const groups = new Map()
  for (const row of document.rows) {
    const by = { series: series.get(row.by.course) || '', ...Object.fromEntries(rest.map((one) => [one, row.by[one]])) }
    const key = JSON.stringify(by)
    const group = groups.get(key) || { by, score: { n: 0, sum: 0 }, people: null, suppressed: false }
    for (const name of [...COUNTS, 'minutes']) group[name] = row[name] == null ? (group[name] ?? null) : (group[name] || 0) + row[name]
    if (row.score?.n) Object.assign(group.score, { n: group.score.n + row.score.n, sum: group.score.sum + row.score.n * (row.score.mean || 0) })
    group.suppressed ||= row.suppressed
    groups.set(key, group)
  }
  for (const group of groups.values()) group.score = { n: group.score.n, mean: group.score.n ? group.score.sum / group.score.n : null, median: null }
  return { ...document, rows: [...groups.values()] }
}

let catalogue = null
async function seriesOf() {
  catalogue ||= get('/api/v1/courses').catch(() => ({ courses: [] }))
  return new Map((await catalogue).courses.map((one) => [one.course, one.series]))
}

export async function statsLoad(by, only) {
  const asked = by.map((one) => (one === 'series' ? 'course' : one)).filter((one, i, all) => all.indexOf(one) === i)
  const document = await get(`/api/v1/stats${query({ by: asked.join(','), ...only })}`)
  return by.includes('series') && !by.includes('course') ? bySeries(document, await seriesOf(), by.filter((one) => one !== 'series')) : document
}

const quoted = (value) => {
  const text = value == null ? '' : String(value)
  // A cell that a spreadsheet would take for a formula is made a text.
  const safe = typeof value === 'string' && /^[=+\-@\t\r\n＝＋－＠]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replace(/"/g, '""')}"` : safe
}

export function csv(document, by) {
  const head = [...by, ...COUNTS, 'minutes', 'score_n', 'score_mean', 'score_median', 'people', 'suppressed']
  const lines = document.rows.map((row) => [...by.map((one) => row.by[one] || ''), ...COUNTS.map((one) => row[one]), row.minutes, row.score?.n, row.score?.mean, row.score?.median, row.people?.estimate,
    row.suppressed ? 'true' : 'false'])
  return '\ufeff' + [head, ...lines].map((line) => line.map(quoted).join(',')).join('\r\n') + '\r\n'
}

export function download(name, text, type) {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(new Blob([text], { type }))
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 10000)
}
