// parts.jsx: the small things that every page is made of.
import { useEffect, useId, useRef } from 'preact/hooks'
import { session } from './api.js'
import { bytes, has, number, percent, t } from './i18n.js'
import { Icon } from './art.jsx'

// While it is busy it does nothing, but is no less there: a button that is disabled loses who works by keyboard.
export function Button({ icon, kind = '', isBusy, onClick, children, ...rest }) {
  return (
    <button type="button" class={`button ${kind}`} aria-busy={isBusy || undefined} aria-disabled={isBusy || undefined} onClick={isBusy ? (event) => event.preventDefault() : onClick} {...rest}>
      {icon && <Icon name={icon} />}
      <span>{children}</span>
    </button>
  )
}

export function LinkButton({ icon, kind = '', children, ...rest }) {
  return <a class={`button ${kind}`} {...rest}>{icon && <Icon name={icon} />}<span>{children}</span></a>
}

export function Field({ label, hint, error, children, ...input }) {
  const id = useId()
  const describes = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(' ') || undefined
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {children
        ? <select id={id} aria-describedby={describes} {...input}>{children}</select>
        : input.rows
          ? <textarea id={id} aria-describedby={describes} aria-invalid={error ? 'true' : undefined} {...input} />
          : <input id={id} aria-describedby={describes} aria-invalid={error ? 'true' : undefined} {...input} />}
      {hint && <p class="hint" id={`${id}-hint`}>{hint}</p>}
      {error && <p class="wrong" id={`${id}-error`}>{error}</p>}
    </div>
  )
}

export function problemText(error) {
  if (!error) return ''
  if (has(`error.${error.word}`)) return t(`error.${error.word}`, { n: error.after || 0 })
  if (error.code >= 500) return t('error.internal')
  return error.text || t('error.internal')
}

export const signInAddress = () => `/signin?next=${encodeURIComponent(location.pathname + location.search)}`

export function Problem({ error, retry }) {
  if (!error) return null
  return (
    <div class="notice bad" role="alert">
      <Icon name={error.word === 'offline' ? 'away' : 'alarm'} />
      <div>
        <p>{problemText(error)}{error.word === 'not_signed_in' && <>{' '}<a href={signInAddress()}>{t('in.sign_in')}</a></>}</p>
        {retry && <Button kind="quiet" onClick={retry}>{t('app.retry')}</Button>}
      </div>
    </div>
  )
}

// What is said of something that was done is heard, too.
export const Notice = ({ kind = '', icon = 'drop', role = { good: 'status', bad: 'alert' }[kind], children }) => (
  <div class={`notice ${kind}`} role={role}><Icon name={icon} /><div>{children}</div></div>
)

export function Empty({ title, children }) {
  return <div class="empty"><svg width="96" height="40" viewBox="0 0 96 40" aria-hidden="true"><path class="empty-line" d="M2 12h92M14 12v20M36 12v21M58 12v22M80 12v23" /><path class="empty-water" d="M2 33l92 4" /></svg><p class="empty-title">{title}</p>{children}</div>
}

export const Loading = ({ lines = 3 }) => (
  <div class="loading" role="status" aria-label={t('app.loading')}>{Array.from({ length: lines }, (_, i) => <span key={i} />)}</div>
)

// Shows facts when they are there, and says what is the matter when not.
export function Facts({ of: facts, lines, children }) {
  if (facts.data) return <>{facts.error && <Problem error={facts.error} retry={facts.reload} />}{children(facts.data)}</>
  if (facts.error) return <Problem error={facts.error} retry={facts.reload} />
  return <Loading lines={lines} />
}

// Progress as water that has come so far along a channel.
export function Channel({ share, label }) {
  const whole = Math.round(Math.max(0, Math.min(1, share || 0)) * 100)
  return (
    <div class="channel" role="progressbar" aria-valuemin="0" aria-valuemax="100" aria-valuenow={whole} aria-label={label}>
      <span class="channel-water" style={{ inlineSize: `${whole}%` }} />
    </div>
  )
}

const GOOD = ['completed', 'passed', 'certified', 'waived', 'satisfied', 'in_step', 'installed', 'published', 'valid', 'present']
const BAD = ['failed', 'revoked', 'degraded', 'dropped', 'error', 'absent', 'two_machines', 'counts_twice']
export function Status({ of: word, group = 'app' }) {
  if (!word) return null
  const key = `${group}.status_${word}`
  return <span class={`status ${GOOD.includes(word) ? 'good' : BAD.includes(word) ? 'bad' : ''}`}>{GOOD.includes(word) && <Icon name="check" size={14} />}{has(key) ? t(key) : word}</span>
}

export const Name = ({ children, lang }) => <bdi lang={lang}>{children}</bdi>
export const Size = ({ of: n }) => <span class="size">{bytes(n)}</span>
export const Time = ({ at, as }) => (at ? <time datetime={at}>{as(at)}</time> : <span>–</span>)
export const Score = ({ of: score }) => <span>{score == null ? '–' : percent(score / 100, 2)}</span> // 59.5 is not the 60 that a course asks for

export function Table({ caption, head, children, isQuiet, kind = '' }) {
  return (
    <div class={`scroll ${kind}`} tabindex="0" role="region" aria-label={caption}>
      <table>
        <caption class={isQuiet ? 'unseen' : ''}>{caption}</caption>
        <thead><tr>{head.map((one, i) => (one && typeof one === 'object' && 'label' in one
          ? <th key={i} scope="col" class={one.isNumber ? 'number' : ''} aria-sort={one.sort}>{one.onClick
            ? <button type="button" class="sort" onClick={one.onClick}>{one.label}<span aria-hidden="true">{one.sort === 'descending' ? ' ↓' : one.sort === 'ascending' ? ' ↑' : ''}</span></button>
            : one.label}</th>
          : <th key={i} scope="col">{one}</th>))}</tr></thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  )
}

export const Figure = ({ value, label, note }) => (
  <div class="figure"><dd>{typeof value === 'number' ? number(value) : value}</dd><dt>{label}</dt>{note && <dd class="figure-note">{note}</dd>}</div>
)

export function Dialog({ title, onClose, children }) {
  const dialog = useRef()
  const id = useId()
  useEffect(() => {
    const before = document.activeElement
    return () => before?.focus() // a dialog that is not in the page any more gives nothing back itself
  }, [])
  // While nobody is signed in its page is hidden (guard.jsx): open it would keep everything else from being reached, too.
  const isIn = session.value?.signed_in === true
  useEffect(() => {
    if (!isIn) return undefined
    const mine = dialog.current
    mine.showModal()
    return () => mine.close()
  }, [isIn])
  // A click beside it closes it, but for a form: what was written there does not go by a slip of the hand.
  const beside = (event) => { if (event.target === dialog.current && !dialog.current.querySelector('form')) onClose() }
  return (
    <dialog ref={dialog} aria-labelledby={id} onCancel={(event) => { event.preventDefault(); onClose() }} onClick={beside}>
      <header><h2 id={id}>{title}</h2><button type="button" class="plain" aria-label={t('app.close')} onClick={onClose}><Icon name="close" /></button></header>
      {children}
    </dialog>
  )
}
