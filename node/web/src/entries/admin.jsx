// admin.jsx: the console of the person who runs this node.
import texts from 'texts:admin'
import { may } from '../app/api.js'
import { guarded } from '../app/guard.jsx'
import { start } from '../app/shell.jsx'
import { t } from '../app/i18n.js'
import { Overview } from '../admin/overview.jsx'
import { Windows } from '../admin/windows.jsx'
import { Courses } from '../admin/courses.jsx'
import { Nodes, People } from '../admin/people.jsx'
import { Care } from '../admin/care.jsx'
import '../style/admin.css'

start({
  face: 'admin',
  texts,
  links: () => [
    { href: '/admin', text: t('admin.overview'), icon: 'pulse' },
    { href: '/admin/windows', text: t('admin.windows'), icon: 'window' },
    { href: '/admin/courses', text: t('app.courses'), icon: 'book' },
    ...(may('manager') && !may('administrator') ? [] : [{ href: '/admin/people', text: t('admin.people'), icon: 'people' }]),
    { href: '/admin/nodes', text: t('admin.nodes'), icon: 'globe' },
    { href: '/admin/care', text: t('admin.care'), icon: 'store' },
  ],
  rows: [['/admin', Overview], ['/admin/windows', Windows], ['/admin/courses', Courses], ['/admin/people', People], ['/admin/nodes', Nodes], ['/admin/care', Care]]
    .map(([path, Page]) => [path, guarded(Page, 'admin.title', { isOpen: true })]),
})
