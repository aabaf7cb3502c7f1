// act.jsx: everything that can be done here is a command: the button sends its words, and shows what the command said.
import { useState } from 'preact/hooks'
import { get, mayStill, post, session } from '../app/api.js'
import { t } from '../app/i18n.js'
import { Button, Dialog, Notice, Problem } from '../app/parts.jsx'
import { useAction } from '../app/use.js'
import { look } from './state.js'

export const command = (words, input) => post('/api/v1/admin/commands', { words, ...(input != null && { input }) })
export const facts = (name) => () => get(`/api/v1/admin/${name}`)
export const mayAct = () => mayStill('administrator')

const shellWord = (word) => (/^[\w./:@%+,=-]+$/.test(word) ? word : `"${word.replace(/(["\\$`])/g, '\\$1')}"`)
export const Shell = ({ words }) => <code class="shell">{['qanat', ...words].map(shellWord).join(' ')}</code>

export function Outcome({ action }) {
  const { done, error } = action
  if (error) return <Problem error={error} />
  if (!done) return null
  const text = [done.out, done.err].filter(Boolean).join('\n').trim()
  return (
    <Notice kind={done.exit === 0 ? 'good' : 'bad'} icon={done.exit === 0 ? 'check' : 'alarm'}>
      <p>{done.exit === 0 ? t('admin.act_done') : t('admin.act_failed')}</p>
      {text && <pre lang="en" tabindex="0">{text}</pre>}
    </Notice>
  )
}

// A button for one command; with `ask` it says first what will happen.
export function Act({ words, label, icon, kind = 'quiet', ask, after, input }) {
  const [isAsking, setAsking] = useState(false)
  const action = useAction(async () => {
    const done = await command(words, input)
    look()
    after?.(done)
    return done
  })
  if (!mayAct()) return null
  return (
    <>
      <Button icon={icon} kind={kind} isBusy={action.isBusy} onClick={() => (ask ? setAsking(true) : action.run())}>{label}</Button>
      {isAsking && (
        <Dialog title={label} onClose={() => setAsking(false)}>
          <p>{ask}</p>
          <p><Shell words={words} /></p>
          <div class="actions">
            <Button kind={kind === 'danger' ? 'danger' : ''} onClick={() => { setAsking(false); action.run() }}>{label}</Button>
            <Button kind="quiet" onClick={() => setAsking(false)}>{t('app.cancel')}</Button>
          </div>
        </Dialog>
      )}
      {(action.done || action.error) && (
        <Dialog title={label} onClose={action.clear}>
          <Outcome action={action} />
          <div class="actions"><Button onClick={action.clear}>{t('app.close')}</Button></div>
        </Dialog>
      )}
    </>
  )
}

// A form whose fields become the words of a command.
export function ActForm({ title, words, label, children, after, readInput }) {
  const [shown, setShown] = useState([])
  const action = useAction(async (form) => {
    const list = words(new FormData(form))
    const input = await readInput?.(form)
    const done = await command(list, input)
    look()
    if (done.exit === 0) after?.(done, form)
    return done
  })
  if (!mayAct()) return null
  return (
    <form class="card" onSubmit={(event) => { event.preventDefault(); action.run(event.target) }} onInput={(event) => setShown(words(new FormData(event.currentTarget)))}>
      {title && <h2>{title}</h2>}
      {children}
      {shown.length > 0 && <p class="hint">{t('admin.as_command')} <Shell words={shown} /></p>}
      <div class="actions"><Button type="submit" isBusy={action.isBusy}>{label}</Button></div>
      <Outcome action={action} />
    </form>
  )
}

export const ReadOnly = () => (mayAct() ? null : (
  <Notice icon="drop"><p>{session.value?.signed_in ? t('admin.not_yours') : t('admin.read_only')}{' '}{!session.value?.signed_in && <a href={`/signin?next=${encodeURIComponent(location.pathname)}`}>{t('in.sign_in')}</a>}</p></Notice>
))
