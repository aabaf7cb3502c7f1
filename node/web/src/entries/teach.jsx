// teach.jsx: the facilitators' face.
import texts from 'texts:teach'
import { start } from '../app/shell.jsx'
import { guarded } from '../app/guard.jsx'
import { t } from '../app/i18n.js'
import { Cohorts } from '../teach/cohorts.jsx'
import { Cohort } from '../teach/cohort.jsx'
import '../style/learner.css'
import '../style/admin.css'

// Who runs cohorts need not be a facilitator by role: a trained trainer may, too.
const signedIn = (Page) => guarded(Page, 'teach.title')

start({ face: 'teach', texts, links: () => [{ href: '/teach', text: t('app.teach'), icon: 'people' }, { href: '/courses', text: t('app.courses'), icon: 'book' }],
  rows: [['/teach', signedIn(Cohorts)], ['/teach/:cohort', signedIn(Cohort)]] })
