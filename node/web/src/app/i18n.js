// i18n.js: the texts of one language and how numbers, dates and names are written in it.
import { signal } from '@preact/signals'

export const RTL = ['ar']
export const NAMES = { ar: 'العربية', en: 'English', es: 'Español', fr: 'Français', id: 'Bahasa Indonesia', kk: 'Қазақша', mn: 'Монгол', ru: 'Русский', zh: '中文' }
const STORED = 'qanat.lang'
// Mongolian and Kazakh readers expect Cyrillic, Chinese readers of the federation simplified characters.
const LOCALES = { zh: 'zh-Hans', kk: 'kk-Cyrl', mn: 'mn-Cyrl' }

export const lang = signal('en')
let texts = {}
let loaders = {}
let formats = new Map()
let isNumeric = false // days are written by numbers alone

export const stored = {
  get(key) {
    try { return localStorage.getItem(key) } catch { return null }
  },
  set(key, value) {
    try {
      if (value == null) localStorage.removeItem(key)
      else localStorage.setItem(key, value)
      return true
    } catch { return false }
  },
}

export function known(tag) {
  const base = String(tag || '').toLowerCase().split('-')[0]
  return LANGUAGES.includes(base) ? base : null
}

export function wanted(ofPerson) {
  return known(stored.get(STORED)) || known(ofPerson) || (navigator.languages || []).map(known).find(Boolean) || 'en'
}

export async function textsLoad(group, tag) {
  loaders = group || loaders
  const found = known(tag) || 'en'
  texts = (await loaders[found]()).default
  formats = new Map()
  lang.value = found
  isNumeric = !Intl.DateTimeFormat.supportedLocalesOf([locale()]).length || /^M\d/.test(format(Intl.DateTimeFormat, { month: 'long' }).format(0))
  document.documentElement.lang = found
  document.documentElement.dir = RTL.includes(found) ? 'rtl' : 'ltr'
}

export async function languageChoose(tag) {
  stored.set(STORED, known(tag))
  await textsLoad(null, tag)
}

export const locale = () => LOCALES[lang.value] || lang.value

function format(Kind, options = {}, first = locale()) {
  const key = Kind.name + first + JSON.stringify(options)
  if (!formats.has(key)) formats.set(key, new Kind([first, 'en'], options))
  return formats.get(key)
}

// Chromium has no names of months in Kazakh and Mongolian, and would write "2026 M11 30". Swedish writes 2026-11-30.
const time = (options, numeric) => (isNumeric ? format(Intl.DateTimeFormat, numeric, 'sv') : format(Intl.DateTimeFormat, options))

// A message is a text, or one text for each plural form of {n}.
function message(key, values) {
  const found = texts[key]
  if (found == null) return key
  if (typeof found === 'string') return found
  return found[format(Intl.PluralRules).select(Number(values?.n ?? 0))] || found.other
}

const written = (value) => (typeof value === 'number' ? number(value) : value)

export function t(key, values) {
  lang.value // redraws what used it
  return message(key, values).replace(/\{(\w+)\}/g, (whole, name) => (values && name in values ? written(values[name]) : whole))
}

// The same with elements in the gaps: gives a list of children.
export function rich(key, values) {
  lang.value
  return message(key, values).split(/(\{\w+\})/).map((part) => {
    const name = /^\{(\w+)\}$/.exec(part)?.[1]
    return name && name in values ? written(values[name]) : part
  })
}

export const has = (key) => key in texts
export const number = (n, options) => (n == null ? '–' : format(Intl.NumberFormat, options).format(n))
export const percent = (share, digits = 0) => (share == null ? '–' : format(Intl.NumberFormat, { style: 'percent', maximumFractionDigits: digits }).format(share))

export function bytes(n) {
  if (n == null) return '–'
  const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte']
  let at = 0
  while (n >= 1000 && at < units.length - 1) { n /= 1000; at++ }
  return format(Intl.NumberFormat, { style: 'unit', unit: units[at], unitDisplay: 'short', maximumFractionDigits: at > 1 && n < 100 ? 1 : 0 }).format(n)
}

export function minutes(n) {
  if (n == null) return '–'
  const whole = Math.round(n)
  const unit = (value, name) => format(Intl.NumberFormat, { style: 'unit', unit: name, unitDisplay: 'short' }).format(value)
  if (whole >= 6000) return unit(Math.round(whole / 60), 'hour')
  return whole < 60 ? unit(whole, 'minute') : `${unit(Math.floor(whole / 60), 'hour')}${whole % 60 ? ' ' + unit(whole % 60, 'minute') : ''}`
}

export const seconds = (n) => (n < 90 ? format(Intl.NumberFormat, { style: 'unit', unit: 'second', unitDisplay: 'short' }).format(Math.ceil(n)) : minutes(n / 60))

// A day is the same day everywhere; so is a moment that was written as a day.
const DAY = /^\d{4}-\d{2}-\d{2}(T00:00:00(\.0+)?Z)?$/
export function date(value) {
  const zone = DAY.test(value) && { timeZone: 'UTC' }
  return value ? time({ dateStyle: 'medium', ...zone }, { dateStyle: 'short', ...zone }).format(new Date(value)) : '–'
}
export const moment = (value) => (value ? time({ dateStyle: 'medium', timeStyle: 'short' }, { dateStyle: 'short', timeStyle: 'short' }).format(new Date(value)) : '–')
// With the name of the clock, for what people in several countries read.
const MOMENT_PARTS = { year: 'numeric', month: 'short', day: 'numeric', hour: 'numeric', minute: '2-digit', timeZoneName: 'short' }
export const momentZoned = (value) => (value ? time(MOMENT_PARTS, { ...MOMENT_PARTS, month: 'numeric' }).format(new Date(value)) : '–')
// Of '2026-02'; a year alone stays what it is.
export const month = (text) => (/^\d{4}-\d{2}$/.test(text) && !isNumeric ? time({ month: 'short', year: 'numeric', timeZone: 'UTC' }).format(new Date(`${text}-01T00:00:00Z`)) : text)
export const clock = (value) => (value ? time({ timeStyle: 'medium' }, { timeStyle: 'medium' }).format(new Date(value)) : '–')

export function ago(value) {
  if (!value) return '–'
  if (isNumeric) return moment(value)
  let distance = (new Date(value).getTime() - Date.now()) / 1000
  for (const [unit, size] of [['second', 60], ['minute', 60], ['hour', 24], ['day', 30], ['month', 12]]) {
    if (Math.abs(distance) < size) return format(Intl.RelativeTimeFormat, { numeric: 'auto' }).format(Math.round(distance), unit)
    distance /= size
  }
  return format(Intl.RelativeTimeFormat, { numeric: 'auto' }).format(Math.round(distance), 'year')
}

function displayName(type, code) {
  try {
    const name = format(Intl.DisplayNames, { type }).of(code)
    return (name === code ? format(Intl.DisplayNames, { type }, 'en').of(code) : name) || code
  } catch { return code }
}

export const languageName = (tag) => (isNumeric && NAMES[tag]) || displayName('language', tag) // or what it calls itself
export const countryName = (code) => (/^[A-Z]{2}$/.test(code || '') ? displayName('region', code) : code || '–')
export const sorted = (list, by = (one) => one) => {
  const order = format(Intl.Collator, { numeric: true })
  return [...list].sort((a, b) => order.compare(by(a), by(b)))
}
