// upload.jsx: a file of this device goes to the node, which says how far it is; then its command runs there, and says what came of it.
import { useEffect, useRef, useState } from 'preact/hooks'
import { ApiError, get, mayStill, query, session, sessionAgain } from '../app/api.js'
import { bytes, t } from '../app/i18n.js'
import { Button, Channel, Field, Notice, Problem } from '../app/parts.jsx'
import { state } from './state.js'

const LOOK_MS = 1000

// Sends `file`; told(sent) as it goes. fetch() cannot say how far a body is.
function send(file, values, told) {
  const request = new XMLHttpRequest()
  const done = new Promise((resolve, reject) => {
    request.open('POST', `/api/v1/uploads${query(values)}`)
    request.setRequestHeader('Content-Type', 'application/octet-stream')
    request.setRequestHeader('X-Qanat-CSRF', session.value?.csrf || '')
    request.upload.onprogress = (event) => told(event.loaded)
    request.onload = () => {
      let body = {}
      try { body = JSON.parse(request.responseText) } catch { /* a plain text */ }
      if (request.status === 202) resolve(body)
      else reject(new ApiError(request.status, body.error || `http_${request.status}`, body.text || '', Number(request.getResponseHeader('Retry-After')) || 0))
    }
    request.onerror = () => reject(new ApiError(0, 'offline', ''))
    request.onabort = () => resolve(null)
    request.send(file)
  })
  return { done, stop: () => request.abort() }
}

// {step: 'idle'|'sending'|'here', sent, size, upload, error, start(file, values), stop}
export function useUpload(what) {
  const [now, set] = useState({ step: 'idle', sent: 0, size: 0, upload: null, error: null })
  const current = useRef(null)
  const isThere = useRef(true)
  useEffect(() => () => { isThere.current = false; current.current?.stop() }, [])

  async function follow(upload) {
    while (isThere.current) {
      set({ step: 'here', sent: upload.bytes, size: upload.bytes, upload, error: null })
      if (upload.state === 'done') return upload
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
      // A node that restarts has forgotten it: what it took in stands in the list.
      try { upload = await get(`/api/v1/uploads/${upload.upload}`) } catch (error) { if (error.word !== 'offline') throw error }
    }
    return null
  }

  async function start(file, values) {
    const storage = state.value.status?.storage
    set({ step: 'sending', sent: 0, size: file.size, upload: null, error: null })
    try {
      // Else the node would refuse while the browser still sends, and the browser would not say why.
      if (storage && file.size > storage.free_bytes - storage.floor_bytes) throw new ApiError(507, 'no_space', '')
      await sessionAgain() // its token stands before a large body
      current.current = send(file, { for: what, ...values }, (sent) => set((old) => ({ ...old, sent })))
      const upload = await current.current.done
      if (!upload) {
        set({ step: 'idle', sent: 0, size: 0, upload: null, error: null })
        return null
      }
      return await follow(upload)
    } catch (error) {
      set({ step: 'idle', sent: 0, size: 0, upload: null, error })
      return null
    }
  }
  const clear = () => set({ step: 'idle', sent: 0, size: 0, upload: null, error: null })
  return { ...now, isBusy: now.step === 'sending' || (now.step === 'here' && now.upload.state !== 'done'), start, follow, clear, stop: () => current.current?.stop() }
}

export function Progress({ of: upload }) {
  if (upload.error) return <Problem error={upload.error} />
  if (upload.step === 'sending') {
    return (
      <div class="stack" role="status">
        <Channel share={upload.size ? upload.sent / upload.size : 0} label={t('admin.upload_file')} />
        <p class="hint">{t('admin.upload_sending', { part: bytes(upload.sent), whole: bytes(upload.size) })}</p>
      </div>
    )
  }
  if (upload.isBusy) return <Notice icon="clock"><p role="status">{t(upload.upload.state === 'waiting' ? 'admin.upload_waiting' : 'admin.upload_checking')}</p></Notice>
  return null
}

function Done({ upload }) {
  const { exit, out, err } = upload
  if (exit !== 0) return <Notice kind="bad" icon="alarm"><p>{t('admin.upload_failed')}</p>{err && <pre lang="en" dir="ltr" tabindex="0">{err.trim()}</pre>}</Notice>
  return (
    <Notice kind="good" icon="check">
      <p>{t(out.unchanged ? 'admin.upload_same' : 'admin.upload_done', { title: out.title || out.course, version: out.version, n: out.files })}</p>
      {err && <pre lang="en" dir="ltr" tabindex="0">{err.trim()}</pre>}
    </Notice>
  )
}

export function CourseUpload({ after }) {
  const upload = useUpload('course')
  const [file, setFile] = useState(null)
  useEffect(() => {
    // One that was left under way is followed again.
    get('/api/v1/uploads').then(({ uploads }) => {
      const mine = uploads.find((one) => one.for === 'course' && one.state !== 'done' && one.who === session.value?.person?.id)
      if (mine) upload.follow(mine).then(after, () => {})
    }, () => {})
  }, [])
  if (!mayStill('manager')) return null
  const submit = (event) => {
    event.preventDefault()
    const form = new FormData(event.target)
    const values = Object.fromEntries(['id', 'lang', 'title', 'series'].map((name) => [name, String(form.get(name) || '').trim()]))
    upload.start(file, values).then(after)
  }
  return (
    <form class="card" onSubmit={submit}>
      <h2>{t('admin.upload')}</h2>
      <p class="hint">{t('admin.upload_why')}</p>
      <Field label={t('admin.upload_file')} type="file" accept=".zip,.xml,.tar,.gz,.tgz,.h5p,.imscc,.epub,application/zip" required disabled={upload.isBusy} onChange={(event) => { setFile(event.target.files[0] || null); upload.clear() }} />
      <div class="row row-top">
        <Field label={t('admin.upload_id')} hint={t('admin.upload_id_hint')} name="id" required dir="ltr" autocapitalize="none" autocomplete="off" />
        <Field label={t('admin.upload_lang')} name="lang" required dir="ltr" autocapitalize="none" size="8" placeholder="ar, zh-Hans" pattern="[A-Za-z]{2,3}(-[A-Za-z0-9]+)*" />
        <Field label={t('admin.upload_title')} hint={t('admin.upload_title_hint')} name="title" dir="auto" />
        <Field label={t('admin.series')} name="series" dir="ltr" autocapitalize="none" />
      </div>
      <div class="actions">
        <Button type="submit" icon="drop" isBusy={upload.isBusy} disabled={!file}>{t('admin.upload_start')}</Button>
        {upload.step === 'sending' && <Button kind="quiet" onClick={upload.stop}>{t('admin.upload_cancel')}</Button>}
      </div>
      <Progress of={upload} />
      {upload.upload?.state === 'done' && <Done upload={upload.upload} />}
    </form>
  )
}
