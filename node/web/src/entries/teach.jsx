// teach.jsx: the facilitators' face.
import { useRef } from 'preact/hooks'
import texts from 'texts:teach'
import { start } from '../app/shell.jsx'
import { session } from '../app/api.js'
import { t } from '../app/i18n.js'
import { Notice, signInAddress } from '../app/parts.jsx'
import { Title } from '../app/shell.jsx'
import { Cohorts } from '../teach/cohorts.jsx'
import { Cohort } from '../teach/cohort.jsx'
import '../style/learner.css'
import '../style/admin.css'

// Who runs cohorts need not be a facilitator by role: a trained trainer may, too.
// What was written into a page stands there, unseen, until its person is in again.
const signedIn = (Page) => function Guarded(values) {
  const isIn = session.value?.signed_in
  const wasIn = useRef(false)
  wasIn.current ||= isIn
  return (
    <>
      {!isIn && <section class="page narrow"><Title>{t('teach.title')}</Title><Notice role="alert"><p>{t('error.not_signed_in')} <a href={signInAddress()} target={wasIn.current ? '_blank' : undefined}>{t('in.sign_in')}</a></p></Notice></section>}
      {wasIn.current && <div hidden={!isIn}><Page {...values} /></div>}
    </>
  )
}

start({ face: 'teach', texts, links: () => [{ href: '/teach', text: t('app.teach'), icon: 'people' }, { href: '/courses', text: t('app.courses'), icon: 'book' }],
  rows: [['/teach', signedIn(Cohorts)], ['/teach/:cohort', signedIn(Cohort)]] })
