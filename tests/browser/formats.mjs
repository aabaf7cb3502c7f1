// formats.mjs: one package per format, from the sign-in to the certificate. A learner begins on one device, leaves, goes on on another in another language, and
// finishes; then status, score and minutes must be the same in the node's API, in its figures, on the certificate, and in the hub's figures after a sync.
import { execFileSync } from 'node:child_process'
import { courseOf, frameOf, menuSends, saved } from './learner.mjs'

const VIEWS = [['ar', 'phone'], ['en', 'desk'], ['en', 'phone'], ['ar', 'desk']]
const PASSWORD = 'a-calm-river'
const AT_ONCE = 3

// --- what can be done in a player ---

export const nextItem = async (page) => {
  const before = page.url()
  await page.click('.player-bar a:has(.icon-next)')
  await page.waitForFunction((old) => location.href !== old, before)
}
export const finishItem = async (page) => {
  await page.click('.player-bar .button')
  await saved(page)
}
// The last frame in which the text is found, once it is; older ones of the item before may still stand there for a moment.
const clickIn = async (kit, page, what) => (await frameOf(kit, page, what)).click(what)
const textIn = async (kit, page, what) => (await frameOf(kit, page, what)).locator(what).first().textContent()

const scormLesson = {
  async begin(kit, page) {
    await clickIn(kit, page, '#next')
    await clickIn(kit, page, '#next')
    await saved(page)
  },
  async resume(kit, page) {
    kit.equal('page', await textIn(kit, page, '#page'), '3')
    await clickIn(kit, page, '#finish')
    await saved(page)
  },
}

// The same in a window of its own; it never says that it is completed.
const windowLesson = {
  async begin(kit, page) {
    const first = await frameOf(kit, page, '#start')
    await menuSends(kit, first)
    await first.parentFrame().evaluate(() => window.top.postMessage({ qanat: 'manual', is: true }, '*')) // as after seconds in which nothing began
    await page.waitForSelector('.player-bar .button')
    await first.click('#start')
    await page.waitForSelector('.player-bar .button', { state: 'detached' }) // it says itself when it is finished
    kit.equal('what the keyboard reaches', await first.parentFrame().evaluate(() => [document.querySelector('#player > iframe').inert, document.activeElement.parentElement.className]), [true, 'window'])
    await scormLesson.begin(kit, page)
    kit.equal('the window', await first.evaluate(() => [window.lesson.opener === window, window.open('', 'lesson') === window.lesson, window.lesson.closed]), [true, true, false])
    await first.evaluate(() => window.lesson.close())
    await first.waitForFunction(() => window.lesson.closed && !window.frameElement.inert)
  },
  async resume(kit, page) {
    await clickIn(kit, page, '#start')
    await scormLesson.resume(kit, page)
  },
}

const itemOf = (page) => new URL(page.url()).searchParams.get('item')
const partsOf = async (kit, page, row) => (await courseOf(kit, page, row.id, row.lang)).items.filter((one) => one.entry)
// The part that the address names counts as done here; the tick in the bar alone may still be that of the part before.
const itemDone = (kit, page, row) => kit.eventually('the part is done', async () =>
  ['completed', 'passed'].includes((await partsOf(kit, page, row)).find((one) => one.id === itemOf(page)).status))

const demo = {
  async begin(kit, page) {
    for (let i = 0; i < 2; i++) {
      await itemDone(kit, page, this)
      await nextItem(page)
    }
    await itemDone(kit, page, this)
    await page.waitForTimeout(1100) // whole seconds of study are reported
  },
  async resume(kit, page) {
    const last = (await partsOf(kit, page, this)).at(-1).id
    while (itemOf(page) !== last) {
      await itemDone(kit, page, this)
      await nextItem(page)
    }
    const quiz = await frameOf(kit, page, 'form[data-result]')
    const right = quiz.locator('input[data-right]')
    const count = await right.count()
    for (let i = 1; i < count; i++) await right.nth(i).check()
    await quiz.locator('fieldset').first().locator('input:not([data-right])').first().check()
    await quiz.click('form button')
    await saved(page)
  },
}

// Asks the record store as older libraries do, and stops the page meanwhile. Gives the code of the answer.
const markAsk = (unit, method, mark) => unit.evaluate(([how, text]) => {
  const request = new XMLHttpRequest()
  request.open(how, endpoint + stateOf('mark'), false)
  for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value)
  request.send(text)
  return [request.readyState, request.status, request.responseText]
}, [method, mark])
// What only the node can decide.
const matchAsk = (unit) => unit.evaluate(() => send(stateOf('matched'), 'PUT', {}, { headers: { ...headers, 'If-None-Match': '*' } }).then(({ status }) => status, (error) => error.name))

// What a unit of cmi5 says while the node is away is kept for it, and the node has it when it is back; what cannot be kept is said not to be saved.
async function away(kit, page, act) {
  if (kit.isChromium) await page.context().setOffline(true)
  await act()
  const unit = await frameOf(kit, page, '#said:has-text("kept")')
  if (!kit.isChromium) return
  await page.waitForSelector('.saved .icon-away')
  if (await unit.evaluate(() => !data)) { // it has said its last word
    await page.context().setOffline(false)
    return void await saved(page)
  }
  kit.equal('a mark', [await markAsk(unit, 'PUT', '"here"'), await markAsk(unit, 'GET', null)], [[4, 204, ''], [4, 200, '"here"']])
  kit.equal('what only the node decides', await matchAsk(unit), 'TypeError')
  await page.waitForSelector('.saved .icon-alarm')
  await page.context().setOffline(false)
  await page.waitForFunction(() => !Object.keys(localStorage).some((key) => key.startsWith('qanat.commit.')))
  await page.waitForSelector('.saved .icon-alarm')
  kit.equal('what it decides now', await matchAsk(unit), 204)
  await saved(page)
  kit.equal('the mark there', await markAsk(unit, 'GET', null), [4, 200, '"here"'])
}

// Where the bar of the player leads now.
const bar = async (page) => (await Promise.all(['previous', 'next'].map(async (name) => ((await page.locator(`.player-bar button:has(.icon-${name === 'next' ? 'next' : 'back'})`).count()) ? name : null)))).filter(Boolean)
const partIs = (kit, page, name) => frameOf(kit, page, `#part:text("${name}")`)

const OWN = [
  { id: 'in-order', lang: 'en', score: 80, minutes: 5,
    async begin(kit, page) {
      let part = await partIs(kit, page, 'one')
      kit.equal('entry', await part.locator('#entry').textContent(), 'ab-initio')
      kit.equal('told', await part.locator('#data').textContent(), 'told one')
      kit.equal('the bar before the lesson is done', await bar(page), [])
      await page.click('.player-bar button:has(.icon-list)')
      const items = page.locator('.player-items .item-row')
      kit.equal('the extra page is not listed', await items.count(), 3)
      kit.equal('what is closed', await items.evaluateAll((all) => all.map((one) => one.disabled)), [false, true, true])
      await kit.axe(page)
      await kit.shot(page, 'sequenced-items')
      await page.click('.player-bar button:has(.icon-list)')
      await part.click('#done')
      await kit.eventually('the bar after it', async () => (await bar(page)).includes('next'))
      await part.click('#on')
      part = await partIs(kit, page, 'two')
      await kit.eventually('the way back', async () => JSON.stringify(await bar(page)) === '["previous"]')
      await part.click('#move')
      await part.click('#move')
      await saved(page)
    },
    async resume(kit, page) {
      let part = await partIs(kit, page, 'two')
      kit.equal('entry and place', [await part.locator('#entry').textContent(), await part.locator('#place').textContent()], ['resume', '3'])
      await part.click('#done')
      await page.click('.player-bar button:has(.icon-next)')
      part = await partIs(kit, page, 'test')
      kit.equal('the course hides the bar', (await bar(page)).includes('next'), false)
      await part.click('#fail')
      await kit.eventually('the test again', async () => {
        part = await partIs(kit, page, 'test')
        return (await part.locator('#entry').textContent()) === 'ab-initio' && page.frames().filter((frame) => frame.url().includes('sco.html')).length === 1 && !(await part.evaluate(() => over))
      })
      await kit.axe(page)
      await part.click('#pass')
      await page.waitForSelector('.course-head')
    } },
  { id: 'lots', lang: 'en', score: 50, minutes: 3,
    async begin(kit, page) {
      let part = await partIs(kit, page, 'q')
      const first = await part.locator('#part').textContent()
      await part.click('#pass')
      await page.click('.player-bar button:has(.icon-next)')
      part = await kit.eventually('another question', async () => {
        const found = await partIs(kit, page, 'q')
        return (await found.locator('#part').textContent()) !== first && found
      })
      await part.click('#move')
      await saved(page)
      this.second = await part.locator('#part').textContent()
    },
    async resume(kit, page) {
      const part = await partIs(kit, page, 'q')
      kit.equal('the same question', [await part.locator('#part').textContent(), await part.locator('#place').textContent()], [this.second, '2'])
      await part.click('#fail')
      await page.click('.player-bar button:has(.icon-next)')
      await page.waitForSelector('.course-head')
    } },
  { id: 'wells-12', lang: 'en', score: 85, minutes: 4, ...windowLesson },
  { id: 'wells-2004', lang: 'en', score: 85, minutes: 4, ...windowLesson },
  { id: 'running-a-centre-node', lang: 'en', score: 80, ...demo },
  { id: 'running-a-centre-node-ar', lang: 'ar', score: 80, ...demo },
  { id: 'wells-cmi5', lang: 'en', score: 80,
    async begin(kit, page) {
      kit.equal('step', await kit.eventually('a step', async () => /\d/.exec(await textIn(kit, page, '#step'))?.[0]), '1')
      await away(kit, page, () => clickIn(kit, page, '#on'))
    },
    async resume(kit, page) {
      await kit.eventually('the bookmark', async () => (await textIn(kit, page, '#step')) === '2')
      await clickIn(kit, page, '#end')
      await frameOf(kit, page, '#said:has-text("kept")')
      await nextItem(page)
      await kit.eventually('the other unit', async () => (await textIn(kit, page, '#step')) === '1')
      await page.waitForTimeout(1100)
      await away(kit, page, () => clickIn(kit, page, '#end'))
    } },
  { id: 'how-deep', lang: 'en', score: 50,
    async begin(kit, page) {
      await frameOf(kit, page, '.well-shallow')
      if (kit.isChromium) await page.context().setOffline(true)
      await clickIn(kit, page, '.well-shallow')
      // Its state is kept with what it says, not only when H5P next saves it.
      if (kit.isChromium) await page.waitForFunction(() => Object.keys(localStorage).some((key) => key.startsWith('qanat.commit.') && localStorage[key].includes('tries')), null, { timeout: 3000 })
      if (kit.isChromium) await page.context().setOffline(false)
      await page.waitForTimeout(1100)
      await saved(page)
    },
    async resume(kit, page) {
      kit.equal('tries', await textIn(kit, page, '.well-tries'), '2')
      await saved(page)
    } },
  { id: 'canals', lang: 'en', score: 80, // a quiz with weights, a test with all
    async begin(kit, page) {
      await frameOf(kit, page, 'text=Water runs downhill')
      await page.waitForTimeout(1100)
      await nextItem(page)
      await frameOf(kit, page, 'a.go')
      await nextItem(page)
      await frameOf(kit, page, 'i:text("water")')
      await nextItem(page)
      const file = await frameOf(kit, page, 'a[download="map 1.pdf"]')
      const [download] = await Promise.all([page.waitForEvent('download'), file.click('a.go')])
      kit.equal('document', download.suggestedFilename(), 'map 1.pdf')
    },
    async resume(kit, page) {
      let quiz = await frameOf(kit, page, 'form.quiz')
      kit.equal('questions', await quiz.locator('fieldset').count(), 4)
      await quiz.check('input[value=one-3]') // as good as the second
      await quiz.check('input[value=two-1]')
      await saved(page)
      await quiz.fill('input[type=text]', 'Water')
      await page.waitForSelector('.saved .icon-cloud') // what is typed is not saved yet, and is soon
      await saved(page)
      await quiz.fill('input[type=text]', 'Water ')
      await quiz.evaluate(() => { // looked away, and ended by the telephone
        Object.defineProperty(document, 'hidden', { get: () => true })
        document.dispatchEvent(new Event('visibilitychange'))
      })
      await page.waitForTimeout(100)
      await saved(page)
      await page.evaluate(() => { addEventListener('pagehide', (event) => event.stopImmediatePropagation(), true) })
      await page.reload()
      quiz = await frameOf(kit, page, 'form.quiz')
      await quiz.check('input[value=two-3]')
      await quiz.locator('input[value=one-2]').nth(1).check() // wrong
      await quiz.click('button')
      await quiz.waitForSelector('text=60')
      await saved(page)
      await nextItem(page)
      const test = await frameOf(kit, page, 'legend:has-text("A canal needs which of these?")')
      await test.check('input[value=A]')
      await test.check('input[value=C]')
      await test.click('button')
      await test.waitForSelector('text=100')
      await saved(page)
    } },
  { id: 'wells-text', lang: 'en', score: null,
    async begin(kit, page) {
      await frameOf(kit, page, '.prose h1')
      await page.waitForTimeout(1100)
    },
    resume: (kit, page) => finishItem(page) },
  { id: 'wells-pages', lang: 'ar', score: null,
    async begin(kit, page) {
      await frameOf(kit, page, 'h1:has-text("الماء")')
      await page.waitForTimeout(1100)
    },
    resume: (kit, page) => finishItem(page) },
]

// --- the flow ---

const personOf = (row) => `on-${row.id}`

async function onDevice(kit, row, [lang, size], action) {
  const context = await kit.visitor({ lang, size })
  await kit.signIn(context, personOf(row), PASSWORD)
  const page = await kit.open(context, `/learn/${row.id}/${row.lang}`)
  page.on('dialog', (dialog) => dialog.accept()) // "resume where you left?"
  await page.click('a.button')
  await page.waitForSelector('.player-frame')
  await action(page)
  await kit.axe(page)
  kit.equal('direction', await page.evaluate(() => document.documentElement.dir), lang === 'ar' ? 'rtl' : 'ltr')
  kit.equal('too wide by', await page.evaluate(() => Math.max(0, document.documentElement.scrollWidth - innerWidth)), 0)
  await kit.shot(page, `format-${row.id}-${lang}-${size}`)
  if (!(await page.locator('.course-head').count())) await page.click('.player-bar a')
  await page.waitForSelector('.course-head')
  const course = await courseOf(kit, page, row.id, row.lang)
  await context.close()
  return course
}

async function learned(kit, row, number) {
  const first = await onDevice(kit, row, VIEWS[number % 4], (page) => row.begin(kit, page))
  if (!row.isShort) kit.equal('begun', first.registration.status, 'started')
  await onDevice(kit, row, VIEWS[(number + 1) % 4], (page) => row.resume(kit, page))
  const context = await kit.visitor()
  const page = await kit.signIn(context, personOf(row), PASSWORD)
  const { registration } = await kit.eventually('it is completed', async () => {
    const found = await courseOf(kit, page, row.id, row.lang)
    return found.registration?.status === 'completed' && (!row.minutes || found.registration.minutes === row.minutes) && found // its last words may come after its page
  })
  kit.equal('score', registration.score, row.score)
  if (!row.minutes && !(registration.minutes > 0 && registration.minutes < 10)) throw new Error(`${registration.minutes} minutes`)
  await context.close()
  return registration
}

async function certified(kit, row, registration, desk) {
  const { csrf } = await kit.api(desk, '/api/v1/session')
  const issued = await desk.evaluate(([token, body]) => fetch('/api/v1/credentials', { method: 'POST', headers: { 'Content-Type': 'application/json', 'X-Qanat-CSRF': token }, body })
    .then((answer) => answer.json()), [csrf, JSON.stringify({ person: personOf(row), course: row.id, lang: row.lang })])
  const { credentialSubject } = issued.credential || {}
  kit.equal('title', [credentialSubject?.achievement?.humanCode, credentialSubject?.result?.[0]?.value], [row.id, row.score === null ? undefined : String(registration.score)])
  const file = `/api/v1/me/credentials/${issued.id.replace('urn:uuid:', '')}`
  const [code, type, size] = await desk.evaluate((address) => fetch(address).then(async (answer) => [answer.status, answer.headers.get('Content-Type'), (await answer.arrayBuffer()).byteLength]), `${file}.pdf`)
  if (code !== 503 && (code !== 200 || type !== 'application/pdf' || size < 5000)) throw new Error(`PDF: ${code} ${type} ${size}`)
  const verdict = await desk.evaluate((body) => fetch('/api/v1/verify', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body }).then((answer) => answer.json()), JSON.stringify(issued.credential))
  kit.equal('verdict', verdict.verdict, 'valid')
}

// Hundredths of a minute, half up, are what the figures count.
const hundredths = (minutes) => Math.round(minutes * 100 + 1e-9) / 100

const figureOf = (document, course) => {
  const row = document.rows.find((one) => one.by.course === course)
  return row && [row.enrolled, row.started, row.completed, row.certified, row.minutes, row.score?.n ? row.score.mean : null]
}

export async function run(kit) {
  const rows = [...OWN, ...(kit.packages ? (await import('./real.mjs')).rows : [])].filter((row) => !process.env.QANAT_COURSE || process.env.QANAT_COURSE.split(',').includes(row.id))
  const list = ['id,name,gender,role,password', ...rows.map((row, i) => `${personOf(row)},${i % 2 ? 'Learner' : 'متعلمة'} ${row.id},${i % 2 ? 'male' : 'female'},learner,${PASSWORD}`)]
  kit.person(list.join('\n'))
  const teacher = await kit.visitor()
  const desk = await kit.signIn(teacher, 'tariq', PASSWORD)
  const wanted = new Map()
  const left = rows.map((row, i) => [row, i])
  const worker = async () => {
    for (let one = left.shift(); one; one = left.shift()) {
      const [row, number] = one
      await kit.test(`${row.id}: begun, left, resumed elsewhere, completed, certified`, async () => {
        const registration = await learned(kit, row, number)
        await certified(kit, row, registration, desk)
        wanted.set(row.id, [1, 1, 1, 1, hundredths(registration.minutes), registration.score])
      })
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  await teacher.close()
  await kit.test('the figures here say the same', () => kit.eventually('figures', async () => {
    const here = JSON.parse(kit.qanat('stats', '--by', 'course', '--json'))
    for (const [id, figures] of wanted) kit.equal(id, figureOf(here, id), figures)
    return true
  }))
  await kit.test('and so do those of the hub, after a sync', () => kit.eventually('figures', async () => {
    kit.qanat('sync')
    const hub = JSON.parse(execFileSync(process.env.QANAT_BIN, ['stats', '--by', 'course', '--json', '--dir', process.env.QANAT_HUB_DIR], { encoding: 'utf8' }))
    for (const [id, figures] of wanted) kit.equal(id, figureOf(hub, id), figures)
    const here = JSON.parse(kit.qanat('stats', '--by', 'course', '--json'))
    kit.equal('all courses', hub.rows.map((row) => [row.by.course, figureOf(hub, row.by.course)]), here.rows.map((row) => [row.by.course, figureOf(here, row.by.course)]))
    return true
  }, 30000))
}
