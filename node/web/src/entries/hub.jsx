// hub.jsx: the analysts' face.
import texts from 'texts:hub'
import { start } from '../app/shell.jsx'
import { t } from '../app/i18n.js'
import { Figures } from '../hub/figures.jsx'
import '../style/hub.css'

start({ face: 'hub', texts, links: () => [{ href: '/hub', text: t('app.figures'), icon: 'chart' }, { href: '/courses', text: t('app.courses'), icon: 'book' }], rows: [['/hub', Figures]] })
