// teach.jsx: the facilitators' face.
import texts from 'texts:teach'
import { start } from '../app/shell.jsx'
import { session } from '../app/api.js'
import { t } from '../app/i18n.js'
import { Notice } from '../app/parts.jsx'
import { Title } from '../app/shell.jsx'
import { Cohorts } from '../teach/cohorts.jsx'
import { Cohort } from '../teach/cohort.jsx'
import '../style/learner.css'
import '../style/admin.css'

// Who runs cohorts need not be a facilitator by role: a trained trainer may, too.
const signedIn = (Page) => function Guarded(values) {
  if (session.value?.signed_in) return <Page {...values} />
  return <section class="page narrow"><Title>{t('teach.title')}</Title><Notice><p>{t('error.not_signed_in')} <a href={`/signin?next=${encodeURIComponent(location.pathname)}`}>{t('in.sign_in')}</a></p></Notice></section>
}

start({ face: 'teach', texts, links: () => [{ href: '/teach', text: t('app.teach'), icon: 'people' }, { href: '/courses', text: t('app.courses'), icon: 'book' }],
  rows: [['/teach', signedIn(Cohorts)], ['/teach/:cohort', signedIn(Cohort)]] })
