// signin.jsx: signing in, and registering oneself with a code.
import { useState } from 'preact/hooks'
import { register, session, signIn } from '../app/api.js'
import { lang, t, textsLoad, stored } from '../app/i18n.js'
import { go, place } from '../app/route.js'
import { Button, Field, Notice, Problem } from '../app/parts.jsx'
import { useAction } from '../app/use.js'
import { Title } from '../app/shell.jsx'
import { isKeptHere } from './kept.js'

// Only an address of this site may be gone on to.
const next = () => {
  try {
    const { origin, pathname, search } = new URL(place.value.query.get('next') || '/', location.href)
    return origin === location.origin ? pathname + search : '/'
  } catch { return '/' }
}

export function SignInForm({ then = next }) {
  const action = useAction(async (event) => {
    const form = new FormData(event.target)
    const document_ = await signIn(form.get('person').trim(), form.get('password'))
    const own = document_.person?.lang
    if (own && own !== lang.value && !stored.get('qanat.lang')) await textsLoad(null, own)
    go(then(), { replace: true })
  })
  return (
    <form class="signin" onSubmit={(event) => { event.preventDefault(); action.run(event) }}>
      {isKeptHere() && <Notice icon="away"><p>{t('in.kept')}</p></Notice>}
      <Problem error={action.error} />
      <Field label={t('in.person')} hint={t('in.person_hint')} name="person" autocomplete="username" autocapitalize="none" spellcheck={false} required dir="auto" />
      <Field label={t('in.password')} name="password" type="password" autocomplete="current-password" required />
      <div class="actions">
        <Button type="submit" isBusy={action.isBusy}>{t('in.sign_in')}</Button>
        {session.value?.registration && <a href="/register">{t('in.register_here')}</a>}
      </div>
    </form>
  )
}

export function SignIn() {
  return <section class="page narrow"><Title>{t('in.sign_in')}</Title><div class="card"><SignInForm /></div></section>
}

export function Register() {
  const [again, setAgain] = useState('')
  const action = useAction(async (event) => {
    const form = new FormData(event.target)
    const value = (name) => form.get(name).trim()
    if (form.get('password') !== form.get('again')) {
      setAgain(t('in.not_equal'))
      return false
    }
    setAgain('')
    await register({ code: value('code'), id: value('id'), name: value('name'), gender: form.get('gender'), lang: lang.value, password: form.get('password') })
    go('/', { replace: true })
    return true
  })
  return (
    <section class="page narrow">
      <Title>{t('in.register')}</Title>
      <p>{t('in.register_why')}</p>
      <form class="card" onSubmit={(event) => { event.preventDefault(); action.run(event) }}>
        <Problem error={action.error} />
        <Field label={t('in.code')} hint={t('in.code_hint')} name="code" autocomplete="off" autocapitalize="none" required dir="ltr" />
        <Field label={t('in.name')} name="name" autocomplete="name" required dir="auto" maxlength="200" />
        <Field label={t('in.id')} hint={t('in.id_hint')} name="id" autocomplete="username" autocapitalize="none" spellcheck={false} required dir="auto" maxlength="100" />
        <Field label={t('in.gender')} hint={t('in.gender_hint')} name="gender">
          {['undisclosed', 'female', 'male', 'other'].map((one) => <option key={one} value={one}>{t(`in.gender_${one}`)}</option>)}
        </Field>
        <Field label={t('in.password')} hint={t('in.password_hint')} name="password" type="password" autocomplete="new-password" minlength="8" required />
        <Field label={t('in.password_again')} name="again" type="password" autocomplete="new-password" required error={again} />
        <Button type="submit" isBusy={action.isBusy}>{t('in.register')}</Button>
      </form>
      <p class="actions"><a href="/signin">{t('in.have_account')}</a></p>
    </section>
  )
}
