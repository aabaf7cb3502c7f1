// pages.mjs: every page in Arabic and English, phone and desktop, light and dark: WCAG 2.2 AA by axe, nothing wider than the screen, nothing on the console.
import { readFileSync } from 'node:fs'

const OPEN = ['/', '/courses', '/learn/irrigation-12/en', '/learn/water-pages/ar', '/learn/nowhere/en', '/signin', '/register', '/certificates', '/me', '/hub', '/hub?by=course&and=gender&show=people', '/admin']
const MINE = ['/', '/courses', '/learn/irrigation-12/en', '/certificates', '/me']
const CONSOLE = ['/admin', '/admin/windows', '/admin/courses', '/admin/people', '/admin/nodes', '/admin/care']
// Two that differ in everything, for every other page, and two for those between; where pictures are wanted, each page in all of them.
const VIEWS = [['ar', 'phone', 'light'], ['en', 'desk', 'dark'], ['ar', 'desk', 'dark'], ['en', 'phone', 'light']]

async function look(kit, context, path, name, lang) {
  const page = await kit.open(context, path)
  try {
    await page.waitForFunction(() => !document.querySelector('.loading'), null, { timeout: 10000 })
    await kit.shot(page, name)
    await kit.axe(page)
    kit.equal('direction', await page.evaluate(() => document.documentElement.dir), lang === 'ar' ? 'rtl' : 'ltr')
    kit.equal('too wide by', await page.evaluate(() => Math.max(0, document.documentElement.scrollWidth - innerWidth)), 0)
    kit.equal('texts that are missing', await page.evaluate(() => document.body.innerText.match(/\b(app|in|home|list|course|play|paper|me|hub|admin|verify|error)\.[a-z_]{3,}\b/g) || []), [])
    kit.equal('errors', context.errors.splice(0), [])
  } finally {
    await page.close()
  }
}

const nameOf = (path) => path.replace(/[^a-z0-9]+/gi, '-').replace(/^-|-$/g, '') || 'home'

// Two views at a time: a browser mostly waits.
export async function run(kit) {
  const left = VIEWS.map((one, i) => [...one, i < VIEWS.length / 2 ? 0 : 1])
  const next = async () => {
    for (let one = left.shift(); one; one = left.shift()) await view(kit, ...one)
  }
  await Promise.all([next(), next()])
  await figures(kit)
  await languages(kit)
  await verify(kit)
}

// Of the pages those that are in turn: every other one, beginning with the first or the second.
async function view(kit, lang, size, scheme, first) {
  const name = `${lang}-${size}-${scheme}`
  const seen = (paths) => paths.filter((_, i) => kit.shots || i % 2 === first)
  const context = await kit.visitor({ lang, size, scheme })
  for (const path of seen(OPEN)) await kit.test(`${path}, ${name}`, () => look(kit, context, path, `${nameOf(path)}-${name}`, lang))
  await kit.signIn(context, 'amina', 'a-calm-river')
  for (const path of seen(MINE)) await kit.test(`${path} signed in, ${name}`, () => look(kit, context, path, `${nameOf(path)}-mine-${name}`, lang))
  await context.close()
  const admin = await kit.visitor({ lang, size, scheme })
  await kit.signIn(admin, 'root', 'a-deep-channel')
  for (const path of seen(CONSOLE)) await kit.test(`${path} as administrator, ${name}`, () => look(kit, admin, path, `${nameOf(path)}-root-${name}`, lang))
  await admin.close()
}

// What a visitor is shown of the figures is what the interface gives a visitor.
async function figures(kit) {
  await kit.test('a chart of months leaves none out, and names them', async () => {
    const context = await kit.visitor()
    const page = await kit.open(context, '/hub')
    const periods = (await kit.api(page, '/api/v1/stats?by=period')).rows.map((row) => row.by.period).filter(Boolean).sort()
    const months = [periods[0], periods.at(-1)].map((one) => Number(one.slice(0, 4)) * 12 + Number(one.slice(5)))
    await page.waitForSelector('.columns li')
    const names = await page.locator('.column-name').allTextContents()
    kit.equal('columns', names.length, Math.min(18, months[1] - months[0] + 1))
    if (names.length === periods.length) throw new Error('no month is without figures here')
    kit.equal('the last one', names.at(-1), new Intl.DateTimeFormat('en', { month: 'short', year: 'numeric', timeZone: 'UTC' }).format(new Date(`${periods.at(-1)}-01`)))
    await context.close()
  })
  await kit.test('who is registered only counts under no course', async () => {
    const context = await kit.visitor()
    const page = await kit.open(context, '/hub?by=course')
    await kit.eventually('the row', async () => (await page.locator('tbody th').allTextContents()).includes('No course'))
    await context.close()
  })
  await kit.test('whose figures are set aside is said, and the file has what the command has', async () => {
    const context = await kit.visitor()
    await context.route('**/api/v1/stats*', async (route) => {
      const json = await (await route.fetch()).json()
      Object.assign(json.coverage, { expected: json.coverage.reporting + 1, quarantined: [{ node: 'Aswan' }], late: [{ node: 'Luxor', last_heard: null }] })
      const dated = json.rows.filter((row) => row.by.period).sort((a, b) => (a.by.period < b.by.period ? 1 : -1))
      if (dated.length) json.rows.push({ ...dated[0], by: { ...dated[0].by, period: `${Number(dated[0].by.period.slice(0, 4)) - 2}${dated[0].by.period.slice(4)}` } })
      await route.fulfill({ json })
    })
    const page = await kit.open(context, '/hub?by=gender&role=learner')
    await page.waitForSelector('.coverage strong')
    if (!(await page.locator('.coverage-line .hint').textContent()).endsWith('GMT-5')) throw new Error('which clock?') // Bogota
    await page.waitForSelector('.columns li')
    kit.equal('months that are not shown', await page.locator('.chart:has(.columns) .hint').allTextContents(), ['7 earlier months are not shown here: group by “Month” to see them.'])
    kit.equal('said', await page.locator('.coverage p:not(.coverage-line)').allTextContents(), ['In quarantine, not in these figures: Aswan'])
    const [file] = await Promise.all([page.waitForEvent('download'), page.click('.actions button')])
    kit.equal('name', file.suggestedFilename(), `qanat-gender-learner-${new Date().toISOString().slice(0, 10)}.csv`)
    kit.equal('text', readFileSync(await file.path(), 'utf8').replace(/\r/g, ''), `\ufeff${kit.qanat('stats', '--by', 'gender', '--role', 'learner', '--format', 'csv')}`)
    await page.setViewportSize({ width: 718, height: 1000 }) // A4
    await page.evaluate(() => dispatchEvent(new Event('beforeprint')))
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' })
    kit.equal('late ones on paper', await page.locator('.coverage li:visible').allTextContents(), ['Luxor: never heard'])
    const paper = await page.evaluate(() => ({ lost: [...document.querySelectorAll('.scroll, .scroll-plain')].map((one) => Math.max(0, one.scrollWidth - one.clientWidth)), ink: getComputedStyle(document.querySelector('tbody th')).color }))
    kit.equal('on paper', paper, { lost: [0, 0], ink: 'rgb(0, 0, 0)' })
    await context.close()
  })
}

async function languages(kit) {
  await kit.test('all nine languages can be chosen, and are kept', async () => {
    const context = await kit.visitor()
    const page = await kit.open(context, '/')
    for (const [lang, word] of [['zh', '登录'], ['fr', 'Se connecter'], ['ru', 'Войти'], ['es', 'Entrar'], ['id', 'Masuk'], ['mn', 'Нэвтрэх'], ['kk', 'Кіру'], ['ar', 'تسجيل الدخول'], ['en', 'Sign in']]) {
      await page.selectOption('footer select >> nth=0', lang)
      await page.waitForFunction((text) => document.querySelector('.card h2').textContent === text, word)
      kit.equal('lang', await page.evaluate(() => document.documentElement.lang), lang)
    }
    // Of some languages a browser knows next to nothing: neither codes nor "2026 M11 30" are shown, and no English days.
    for (const lang of ['kk', 'mn']) {
      await page.evaluate((tag) => localStorage.setItem('qanat.lang', tag), lang)
      await page.goto(`${kit.main}/hub?by=lang`)
      await page.waitForSelector('tbody tr')
      const texts = await page.locator('.coverage .hint, .column-name, tbody th').allTextContents()
      if (texts.some((text) => /M\d\d|^en$|[A-Z][a-z]+ \d/.test(text)) || !texts.includes('English')) throw new Error(texts.join('; '))
    }
    await page.goto(kit.main)
    await page.selectOption('footer select >> nth=0', 'fr')
    await page.reload()
    await page.waitForFunction(() => document.documentElement.lang === 'fr')
    await context.close()
  })
}

// The page that checks certificates needs no script, and speaks as the browser does.
async function verify(kit) {
  const issued = JSON.parse(kit.qanat('credential', 'issue', '--person', 'safiya', '--course', 'irrigation-12', '--title', 'Irrigation 1.2', '--json'))
  const number = issued.id || issued.credential?.id
  for (const [i, lang] of ['ar', 'en', 'zh', 'es', 'fr', 'id', 'kk', 'mn', 'ru'].entries()) {
    const size = i % 2 ? 'desk' : 'phone', scheme = i % 3 ? 'light' : 'dark'
    await kit.test(`/verify and a certificate, ${lang}-${size}-${scheme}`, async () => {
      const context = await kit.visitor({ lang, size, scheme })
      for (const [path, what] of [['/verify', 'verify'], [`/verify/${String(number).replace('urn:uuid:', '')}`, 'verify-valid'], ['/verify?c=QANAT1.nothing', 'verify-none']]) {
        await look(kit, context, path, `${what}-${lang}-${size}-${scheme}`, lang)
      }
      const page = await kit.open(context, '/verify')
      kit.equal('language', await page.evaluate(() => document.documentElement.lang), lang)
      await page.fill('textarea', 'QANAT1.nothing')
      await page.click('form button')
      await page.waitForSelector('.verdict.bad')
      kit.equal('language after the form', await page.evaluate(() => document.documentElement.lang), lang)
      await page.click('.tongues a[lang="kk"]')
      await page.waitForFunction(() => document.documentElement.lang === 'kk')
      await context.close()
    })
  }
}
