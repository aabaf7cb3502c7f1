// courses.jsx: what is here, what could be, and what is fetched by itself.
import { may } from '../app/api.js'
import { bytes, languageName, moment, t } from '../app/i18n.js'
import { Empty, Facts, Field, Name, Status, Table } from '../app/parts.jsx'
import { useLive } from '../app/live.js'
import { Title } from '../app/shell.jsx'
import { Act, ActForm, ReadOnly, mayAct } from './act.jsx'
import { CourseUpload } from './upload.jsx'

const of = (one) => [one.course, '--lang', one.lang]

function subscribe(verb) {
  return (form) => {
    const list = ['course', verb]
    if (form.get('course')) list.push(form.get('course').trim())
    for (const name of ['series', 'lang', 'publisher']) if (form.get(name)) list.push(`--${name}`, form.get(name).trim())
    if (list.length === 2) list.push('--all')
    return list
  }
}

export function Courses() {
  const found = useLive('courses')
  const wishes = useLive('subscriptions')
  const reload = () => { found.reload(); wishes.reload() }
  return (
    <section class="page">
      <Title>{t('admin.courses')}</Title>
      {!may('manager') && <ReadOnly />}
      <Facts of={found}>{(rows) => (rows.length === 0 ? <Empty title={t('admin.no_courses')} /> : (
        <Table caption={t('admin.courses')} head={[t('admin.course'), t('app.language'), t('admin.version'), t('admin.state'), { label: t('admin.size'), isNumber: true }, t('admin.publisher'), ...(mayAct() ? [t('admin.change')] : [])]}>
          {rows.map((one) => (
            <tr key={`${one.course} ${one.lang} ${one.version}`}>
              <th scope="row"><Name lang={one.lang}>{one.title || one.course}</Name><br /><code>{one.course}</code></th>
              <td>{languageName(one.lang)}</td>
              <td>{one.version}{one.current && <> · {t('admin.current')}</>}{one.pinned && <> · {t('admin.pinned')}</>}</td>
              <td><Status of={one.state} group="admin" />{one.missing > 0 && <p class="hint">{t('admin.missing_files', { n: one.missing })}</p>}{one.problem && <p class="wrong" lang="en">{one.problem}</p>}</td>
              <td class="number">{bytes(one.bytes)}</td>
              <td><Name>{one.publisher}</Name><br /><span class="hint">{one.published ? moment(one.published) : ''}</span></td>
              {mayAct() && <td class="acts">
                {!one.published && <Act words={['course', 'publish', ...of(one), '--version', one.version]} label={t('admin.publish')} kind="quiet small" ask={t('admin.publish_ask')} after={reload} />}
                {one.state === 'installed' && !one.current && <Act words={['course', 'pin', ...of(one), '--version', one.version]} label={t('admin.pin')} kind="quiet small" after={reload} />}
                {one.pinned && <Act words={['course', 'pin', ...of(one), '--newest']} label={t('admin.unpin')} kind="quiet small" after={reload} />}
                {one.current && <Act words={['course', 'verify', ...of(one)]} label={t('admin.verify')} kind="quiet small" />}
                <Act words={['course', 'remove', ...of(one), '--version', one.version]} label={t('admin.remove')} kind="danger small" ask={t('admin.course_remove_ask')} after={reload} />
              </td>}
            </tr>
          ))}
        </Table>
      ))}</Facts>
      <CourseUpload after={reload} />
      <h2>{t('admin.subscriptions')}</h2>
      <p>{t('admin.subscriptions_why')}</p>
      <Facts of={wishes} lines={2}>{({ subscriptions }) => (subscriptions.length === 0 ? <p class="hint">{t('admin.no_subscriptions')}</p> : (
        <Table caption={t('admin.subscriptions')} head={[t('admin.course'), t('admin.series'), t('app.language'), t('admin.publisher')]} isQuiet>
          {subscriptions.map((one, i) => <tr key={i}><th scope="row">{one.course || t('admin.any')}</th><td>{one.series || t('admin.any')}</td><td>{one.lang ? languageName(one.lang) : t('admin.any')}</td><td>{one.publisher || t('admin.any')}</td></tr>)}
        </Table>
      ))}</Facts>
      <div class="halves">
        {['subscribe', 'unsubscribe'].map((verb) => (
          <ActForm key={verb} title={t(`admin.${verb}`)} label={t(`admin.${verb}`)} words={subscribe(verb)} after={reload}>
            <p class="hint">{t(`admin.${verb}_hint`)}</p>
            <div class="row">
              <Field label={t('admin.course')} name="course" dir="ltr" autocapitalize="none" />
              <Field label={t('admin.series')} name="series" dir="ltr" autocapitalize="none" />
              <Field label={t('app.language')} name="lang" dir="ltr" autocapitalize="none" size="8" />
              <Field label={t('admin.publisher')} name="publisher" dir="auto" />
            </div>
          </ActForm>
        ))}
      </div>
    </section>
  )
}
