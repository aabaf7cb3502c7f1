// shell.jsx: what every page stands in: skip link, header, navigation, footer with language and colours; and how a face starts.
import { render } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { signal } from '@preact/signals'
import { online, session, sessionLoad, signOut, put, may } from './api.js'
import { NAMES, lang, languageChoose, sorted, stored, t, textsLoad, wanted } from './i18n.js'
import { place, routeFind, routesSet, go } from './route.js'
import { Icon, Mark } from './art.jsx'
import { Name, Notice } from './parts.jsx'
import '../style/base.css'

const THEMES = ['auto', 'light', 'dark']
const theme = signal(THEMES.includes(stored.get('qanat.theme')) ? stored.get('qanat.theme') : 'auto')
function themeApply() {
  if (theme.value === 'auto') delete document.documentElement.dataset.theme
  else document.documentElement.dataset.theme = theme.value
}

// After a page was left by a link its heading gets the focus, as soon as it is there: who uses a screen reader hears where they are.
let wantsFocus = false
function focusHeading() {
  const heading = document.querySelector('main h1')
  if (!wantsFocus || !heading) return
  wantsFocus = false
  heading.focus({ preventScroll: true })
}

// The face's page name for the browser's title and its first heading.
export function Title({ children, text, isUnseen }) {
  const words = text || (typeof children === 'string' ? children : '')
  useEffect(() => {
    const node = session.value?.node?.name
    document.title = [words, node || 'Qanat'].filter(Boolean).join(' · ')
  }, [words, session.value])
  useEffect(focusHeading, [])
  return <h1 tabindex="-1" class={isUnseen ? 'unseen' : ''}>{children}</h1>
}

export function LanguageField({ id, onChoose }) {
  return (
    <select id={id} aria-label={t('app.language')} value={lang.value} onChange={async (event) => {
      const tag = event.target.value
      await languageChoose(tag)
      onChoose?.(tag)
      if (session.value?.signed_in) put('/api/v1/me', { lang: tag }).catch(() => {})
    }}>
      {sorted(LANGUAGES, (tag) => NAMES[tag]).map((tag) => <option key={tag} value={tag} lang={tag}>{NAMES[tag]}</option>)}
    </select>
  )
}

function ThemeField() {
  return (
    <select aria-label={t('app.colours')} value={theme.value} onChange={(event) => {
      theme.value = event.target.value
      stored.set('qanat.theme', theme.value === 'auto' ? null : theme.value)
      themeApply()
    }}>
      {THEMES.map((one) => <option key={one} value={one}>{t(`app.colours_${one}`)}</option>)}
    </select>
  )
}

function faces() {
  const list = [{ href: '/', face: 'learner', text: t('app.learn'), icon: 'home' }]
  if (may('facilitator')) list.push({ href: '/teach', face: 'teach', text: t('app.teach'), icon: 'people' })
  if (may('manager')) list.push({ href: '/hub', face: 'hub', text: t('app.figures'), icon: 'chart' })
  if (may('manager')) list.push({ href: '/admin', face: 'admin', text: t('app.console'), icon: 'pulse' })
  return list
}

function Header({ face, links }) {
  const person = session.value?.person
  const others = faces().filter((one) => one.face !== face)
  const here = place.value.path
  return (
    <header class="top">
      <a class="brand" href={face === 'learner' ? '/' : links[0].href}><Mark /><span class="brand-name" dir="auto">{session.value?.node?.name ? <Name>{session.value.node.name}</Name> : 'Qanat'}</span></a>
      <nav class="places" aria-label={t('app.pages')}>
        {links.map(({ href, text, icon }) => (
          <a key={href} href={href} aria-current={here === href || (href !== '/' && href !== links[0].href && here.startsWith(href)) ? 'page' : undefined}><Icon name={icon} /><span>{text}</span></a>
        ))}
      </nav>
      <div class="top-end">
        {others.length > 0 && face && person && others.map(({ href, text, icon }) => <a key={href} class="other" href={href} title={text} aria-label={text}><Icon name={icon} /></a>)}
        {person
          ? <button type="button" class="other" title={t('app.sign_out')} aria-label={t('app.sign_out')} onClick={() => signOut().then(() => go('/'))}><Icon name="out" /></button>
          : session.value && place.value.path !== '/signin' && <a class="button small" href="/signin">{t('in.sign_in')}</a>}
      </div>
    </header>
  )
}

function Footer() {
  return (
    <footer class="foot">
      <div class="foot-tools">
        <label class="with-icon"><Icon name="globe" /><LanguageField /></label>
        <label class="with-icon"><Icon name="sun" /><ThemeField /></label>
      </div>
      <p class="foot-word">{t('app.motto')}</p>
      <p class="foot-links"><a href="/courses">{t('app.courses')}</a> <a href="/hub">{t('app.figures')}</a> <a href="/admin">{t('app.console')}</a> <a href={`/verify?lang=${lang.value}`}>{t('app.verify')}</a></p>
    </footer>
  )
}

function Missing() {
  return <section class="page"><Title>{t('app.nothing_here')}</Title><p><a href="/">{t('app.to_start')}</a></p></section>
}

function App({ face, links }) {
  const found = routeFind(place.value.path)
  const Page = found ? found.component : Missing
  const isBare = Page.isBare
  const isFirst = useRef(true)
  // Another person gets a page of their own; who is merely signed out keeps what they have written into this one.
  const whose = useRef('')
  whose.current = session.value?.person?.id ?? whose.current
  useEffect(() => {
    if (isFirst.current) isFirst.current = false
    else {
      wantsFocus = true
      focusHeading()
    }
  }, [place.value.path])
  return (
    <>
      <a class="skip" href="#main" onClick={(event) => { event.preventDefault(); document.getElementById('main').focus() }}>{t('app.skip')}</a>
      {!isBare && <Header face={face} links={links()} />}
      {!online.value && !isBare && <div class="strip"><Notice icon="away" role="status">{t('error.offline')}</Notice></div>}
      <main id="main" tabindex="-1" class={isBare ? 'bare' : ''}><Page key={isBare ? place.value.path : `${place.value.path} ${whose.current}`} {...(found?.values || {})} /></main>
      {!isBare && <Footer />}
    </>
  )
}

// texts: of this face; links(): its navigation; rows: its pages.
export async function start({ face, texts, links, rows }) {
  themeApply()
  routesSet(rows)
  const language = wanted()
  const [document_] = await Promise.all([sessionLoad(), textsLoad(texts, language).catch(() => textsLoad(texts, 'en'))])
  const ofPerson = document_.person?.lang
  if (ofPerson && wanted(ofPerson) !== language) await textsLoad(texts, wanted(ofPerson))
  const root = document.getElementById('app')
  root.textContent = ''
  render(<App face={face} links={links} />, root)
}
