// guard.jsx: a page for who is signed in. When a session ends, what was written into the page stands there, unseen, until its person is in again.
import { useRef } from 'preact/hooks'
import { session } from './api.js'
import { t } from './i18n.js'
import { Notice, signInAddress } from './parts.jsx'
import { Title } from './shell.jsx'

// `isOpen`: who was not in before sees the page as well.
export const guarded = (Page, title, { isOpen = false } = {}) => function Guarded(values) {
  const isIn = session.value?.signed_in
  const wasIn = useRef(false)
  wasIn.current ||= isIn
  const isShown = isIn || (isOpen && !wasIn.current)
  return (
    <>
      {!isShown && <section class="page narrow"><Title>{t(title)}</Title><Notice role="alert"><p>{t('error.not_signed_in')} <a href={signInAddress()} target={wasIn.current ? '_blank' : undefined}>{t('in.sign_in')}</a></p></Notice></section>}
      {(isShown || wasIn.current) && <div hidden={!isShown}><Page {...values} /></div>}
    </>
  )
}
