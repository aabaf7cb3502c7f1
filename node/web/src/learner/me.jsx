// me.jsx: my certificates; my profile, language and password.
import { useState } from 'preact/hooks'
import { get, put, session, signOut } from '../app/api.js'
import { date, t, lang } from '../app/i18n.js'
import { go } from '../app/route.js'
import { Button, Empty, Facts, Field, LinkButton, Name, Notice, Problem, Status } from '../app/parts.jsx'
import { useAction, useFacts } from '../app/use.js'
import { LanguageField, Title } from '../app/shell.jsx'
import { Tiles } from '../app/art.jsx'
import { SignInForm } from './signin.jsx'

const Closed = ({ title }) => <section class="page narrow"><Title>{title}</Title><div class="card"><SignInForm then={() => location.pathname} /></div></section>

export function Certificates() {
  if (!session.value?.signed_in) return <Closed title={t('paper.title')} />
  return <Papers />
}

const numberOf = ({ id }) => encodeURIComponent(id.replace(/^urn:uuid:/, ''))

function Papers() {
  const facts = useFacts(() => get('/api/v1/me/credentials'))
  return (
    <section class="page">
      <Title>{t('paper.title')}</Title>
      <Facts of={facts}>{({ credentials }) => (credentials.length === 0
        ? <Empty title={t('paper.none')}><p>{t('paper.none_hint')}</p></Empty>
        : (
          <ul class="cards">
            {credentials.map((one) => (
              <li key={one.id} class="certificate">
                <Tiles name={one.course || one.id} wide={2} high={6} />
                <div class="certificate-body">
                  <h2 lang={one.lang}><Name lang={one.lang}>{one.title || one.course}</Name></h2>
                  <ul class="facts">
                    <li>{t('paper.issued', { date: date(one.issued) })}</li>
                    {one.revoked && <li><Status of="revoked" /></li>}
                  </ul>
                  <p class="actions">
                    <LinkButton kind="quiet small" href={`/api/v1/me/credentials/${numberOf(one)}.pdf?lang=${lang.value}`} target="_blank" icon="down">{t('paper.pdf')}</LinkButton>
                    <LinkButton kind="quiet small" href={`/api/v1/me/credentials/${numberOf(one)}.json`} download icon="down">{t('paper.json')}</LinkButton>
                    <a href={`/verify/${numberOf(one)}?lang=${lang.value}`}>{t('paper.check')}</a>
                  </p>
                </div>
              </li>
            ))}
          </ul>
        ))}</Facts>
    </section>
  )
}

function PasswordForm() {
  const [again, setAgain] = useState('')
  const action = useAction(async (form) => {
    const data = new FormData(form)
    if (data.get('new') !== data.get('again')) {
      setAgain(t('in.not_equal'))
      return undefined
    }
    setAgain('')
    await put('/api/v1/me/password', { old: data.get('old'), new: data.get('new') })
    form.reset()
    return true
  })
  return (
    <form class="card" onSubmit={(event) => { event.preventDefault(); action.run(event.target) }}>
      <h2>{t('me.password')}</h2>
      <Problem error={action.error} />
      {action.done && !again && <Notice kind="good" icon="check"><p>{t('me.password_changed')}</p></Notice>}
      <Field label={t('me.password_old')} type="password" name="old" autocomplete="current-password" required />
      <Field label={t('me.password_new')} hint={t('in.password_hint')} type="password" name="new" autocomplete="new-password" minlength="8" required />
      <Field label={t('in.password_again')} type="password" name="again" autocomplete="new-password" required error={again} />
      <Button type="submit" isBusy={action.isBusy}>{t('me.password_change')}</Button>
    </form>
  )
}

export function Me() {
  if (!session.value?.signed_in) return <Closed title={t('me.title')} />
  const { person } = session.value
  return (
    <section class="page">
      <Title>{t('me.title')}</Title>
      <div class="halves">
        <div class="stack">
          <div class="card">
            <h2><Name>{person.name}</Name></h2>
            <ul class="facts"><li>{t('in.person')}: <Name>{person.id}</Name></li><li>{t(`app.role_${person.role}`)}</li></ul>
            <div class="field"><label for="my-language">{t('app.language')}</label><LanguageField id="my-language" key={lang.value} /></div>
            <p class="hint">{t('me.people_stay')}</p>
          </div>
          <Button kind="quiet" icon="out" onClick={() => signOut().then(() => go('/'))}>{t('app.sign_out')}</Button>
        </div>
        <PasswordForm />
      </div>
    </section>
  )
}
