// learner.jsx: the learners' face. The player comes when it is needed.
import { useEffect, useState } from 'preact/hooks'
import { effect } from '@preact/signals'
import texts from 'texts:learner'
import { session } from '../app/api.js'
import { start } from '../app/shell.jsx'
import { t } from '../app/i18n.js'
import { Loading, Problem } from '../app/parts.jsx'
import { isKeptHere, keptAll } from '../learner/kept.js'
import { Home } from '../learner/home.jsx'
import { List } from '../learner/list.jsx'
import { Course } from '../learner/course.jsx'
import { Certificates, Me } from '../learner/me.jsx'
import { Register, SignIn } from '../learner/signin.jsx'
import '../style/learner.css'

function Play(values) {
  const [state, set] = useState({})
  const load = () => import('../learner/play.jsx').then((part) => set({ Page: part.Play }), () => set({ error: { word: 'offline' } }))
  useEffect(() => { load() }, [])
  if (state.error) return <Problem error={state.error} retry={load} />
  return state.Page ? <state.Page {...values} /> : <Loading />
}
Play.isBare = true

start({
  face: 'learner',
  texts,
  links: () => [
    { href: '/', text: t('app.home'), icon: 'home' },
    { href: '/courses', text: t('app.courses'), icon: 'book' },
    { href: '/certificates', text: t('app.certificates'), icon: 'award' },
    { href: '/me', text: t('app.me'), icon: 'person' },
  ],
  rows: [['/', Home], ['/courses', List], ['/learn/:id/:lang', Course], ['/play/:id/:lang', Play], ['/certificates', Certificates], ['/me', Me], ['/signin', SignIn], ['/register', Register]],
})

// What an earlier visit could not send goes as soon as somebody is signed in, also when no course is opened.
async function keptSend() {
  if (isKeptHere() || (await keptAll()).length > 0) await (await import('../learner/queue.js')).flush()
}
effect(() => { if (session.value?.signed_in) keptSend().catch(() => {}) })
