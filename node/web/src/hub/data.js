// data.js: figures as the pages need them. A figure is a number, null when it is withheld, undefined where there is none; nothing is made up for what is missing.
import { get, query } from '../app/api.js'
import { countryName, has, languageName, month, t } from '../app/i18n.js'

export const DIMENSIONS = ['centre', 'country', 'region', 'series', 'course', 'lang', 'version', 'cohort', 'role', 'gender', 'period']
const OF_COURSES = ['course', 'lang', 'version'] // who is registered only has none
export const FILTERS = ['country', 'region', 'centre', 'course', 'lang', 'role', 'gender', 'period']
export const COUNTS = ['registered', 'enrolled', 'started', 'active', 'completed', 'certified', 'revoked', 'dropped', 'attended']
export const METRICS = [...COUNTS, 'minutes', 'score', 'people']
const SUMMED = [...COUNTS, 'minutes']
const NOTHING = Object.fromEntries(SUMMED.map((name) => [name, 0]))

export function figureOf(row, metric) {
  if (metric === 'score') return row?.score?.n === 0 ? undefined : row?.score && row.score.mean
  if (metric === 'people') return row?.people?.estimate
  return row?.[metric]
}

export function nameOf(dimension, value) {
  if (value == null || value === '') return t(OF_COURSES.includes(dimension) ? 'hub.no_course' : 'hub.not_said')
  if (dimension === 'country') return countryName(value)
  if (dimension === 'lang') return languageName(value)
  if (dimension === 'period') return month(value)
  const key = `hub.${dimension}_${value}`
  return has(key) ? t(key) : value
}

// The months between the first and the last with their rows; in those without one nothing was counted.
export function byMonth(rows) {
  const found = new Map(rows.filter((row) => /^\d{4}-\d{2}$/.test(row.by.period)).map((row) => [row.by.period, row]))
  const [first, ...rest] = [...found.keys()].sort()
  const last = rest.at(-1) || first
  const all = []
  for (let key = first; key && key <= last; key = monthAfter(key)) all.push({ key, row: found.get(key) || { ...NOTHING, by: { period: key } } })
  return all
}
const monthAfter = (key) => new Date(Date.UTC(Number(key.slice(0, 4)), Number(key.slice(5)), 1)).toISOString().slice(0, 7)

// What is added up is withheld where a part of it is: a sum of the others would look like the whole.
const plus = (sum, part) => (sum === null || part === null ? null : sum + part)
const plusScore = (sum, part) => (sum === null || part.n === null || (part.n > 0 && part.mean === null) ? null : { n: sum.n + part.n, sum: sum.sum + part.n * (part.mean || 0) })

// Figures by series: those of its courses added up. People are not added: one person may take many courses.
function bySeries(document, series, rest) {
  const groups = new Map()
  for (const row of document.rows) {
    const by = { series: series.get(row.by.course) || '', ...Object.fromEntries(rest.map((one) => [one, row.by[one]])) }
    const key = JSON.stringify(by)
    const group = groups.get(key) || { ...NOTHING, by, score: { n: 0, sum: 0 }, suppressed: false }
    for (const name of SUMMED) group[name] = plus(group[name], row[name])
    group.score = plusScore(group.score, row.score)
    group.suppressed ||= row.suppressed
    groups.set(key, group)
  }
  for (const group of groups.values()) group.score &&= { n: group.score.n, mean: group.score.n ? group.score.sum / group.score.n : null, median: null }
  return { ...document, rows: [...groups.values()] }
}

let catalogue = null
async function seriesOf() {
  catalogue ||= get('/api/v1/courses')
  catalogue.catch(() => { catalogue = null })
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
  const head = [...by, ...COUNTS, 'minutes', 'score_n', 'score_mean', 'score_median', 'people', 'people_error', 'suppressed']
  const lines = document.rows.map((row) => [...by.map((one) => row.by[one] || ''), ...COUNTS.map((one) => row[one]), row.minutes, row.score?.n, row.score?.mean, row.score?.median, row.people?.estimate, row.people?.error,
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
