// browser.mjs: the browser with helpers, and TAP. Each file exports `run(kit)`.
import { chromium, firefox } from 'playwright-core'
import { execFileSync, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

// The pages of one visitor share a process: each costs a quarter of a second to start, and parses all scripts anew.
// Browsers are about to drop `unload`, which most SCORM packages say their last word in, unless a page asks for it: here that is so already.
const FLAGS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--renderer-process-limit=1', '--enable-features=DeprecateUnload']
// No processes for pages that nobody opens, no looking for updates.
const PREFERENCES = { 'dom.ipc.processPrelaunch.enabled': false, 'app.update.enabled': false, 'extensions.update.enabled': false, 'browser.safebrowsing.update.enabled': false }
const WIDTHS = { phone: { width: 360, height: 740 }, desk: { width: 1280, height: 860 } }
const axeText = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const profile = mkdtempSync(join(tmpdir(), 'qanat-browser-'))
// A profile of its own on the disk: Chromium keeps the storage of its windows there.
const ENGINES = {
  chromium: async () => (await chromium.launchPersistentContext(profile, { executablePath: process.env.QANAT_PROGRAM, args: FLAGS, headless: true })).browser(),
  firefox: () => firefox.launch({ channel: 'moz-firefox', executablePath: process.env.QANAT_PROGRAM, headless: true, firefoxUserPrefs: PREFERENCES }),
}
// Firefox's driver looks for frames that came and went, and nobody hears that it found none.
process.on('unhandledRejection', (error) => {
  if (!String(error).includes('browsingContext.locateNodes')) throw error
})
const browser = await ENGINES[process.env.QANAT_ENGINE]()
let number = Number(process.env.QANAT_FIRST || 0)

const kit = {
  isChromium: process.env.QANAT_ENGINE === 'chromium',
  main: process.env.QANAT_MAIN,
  content: process.env.QANAT_CONTENT,
  packages: process.env.QANAT_PACKAGES || '',
  shots: process.env.QANAT_SHOTS || '',

  // One TAP line; what is thrown says why. Numbered as it ends: several views are looked at beside each other.
  async test(name, action) {
    try {
      await action()
      console.log(`ok ${++number} - ${name}`)
    } catch (error) {
      console.log(`not ok ${++number} - ${name}`)
      for (const line of String(error?.stack || error).split('\n').slice(0, 12)) console.log(`# ${line}`)
    }
  },

  // A browser window of its own: cookies and storage of nobody else.
  async visitor({ lang = 'en', size = 'desk', scheme = 'light' } = {}) {
    const context = await browser.newContext({ locale: lang, viewport: WIDTHS[size], colorScheme: scheme, reducedMotion: 'reduce', ...(kit.isChromium && { timezoneId: 'America/Bogota' }) }) // where a day of UTC begins the evening before
    context.errors = []
    context.on('weberror', (error) => context.errors.push(String(error.error())))
    context.on('console', (message) => {
      // A refused try of a hostile course, and what the network says of a cut link, are no errors of ours.
      if (message.type() === 'error' && message.location().url.startsWith(kit.main) && !/net::|status of 4\d\d/.test(message.text())) context.errors.push(message.text())
    })
    return context
  },

  // A Chromium of its own, with what it keeps in `folder` (under the profile of all), and how to end it as a power cut does: without a word.
  async machine(folder) {
    const home = join(profile, folder)
    rmSync(join(home, 'DevToolsActivePort'), { force: true })
    const program = spawn(process.env.QANAT_PROGRAM, [...FLAGS, `--user-data-dir=${home}`, '--remote-debugging-port=0'], { stdio: 'ignore', detached: true })
    const ended = new Promise((resolve) => program.on('exit', resolve))
    const port = await kit.eventually('the port of the browser', async () => readFileSync(join(home, 'DevToolsActivePort'), 'utf8').split('\n')[0])
    const connection = await chromium.connectOverCDP(`http://127.0.0.1:${port}`)
    const cut = async () => {
      process.kill(-program.pid, 'SIGKILL') // what stands in the path may be a script that started it
      await ended
      await connection.close()
    }
    return { context: connection.contexts()[0], cut }
  },

  async open(context, path) {
    const page = await context.newPage()
    await page.goto(kit.main + path)
    await page.waitForSelector('main h1')
    return page
  },

  // Closes a tab. Firefox ends whatever script a closing tab runs as soon as another comes to the front: so one is sent there before. On a busy machine it may
  // still come late.
  async close(page, other) {
    await (kit.isChromium ? page : other).bringToFront()
    await page.close({ runBeforeUnload: false })
  },

  async signIn(context, person, password) {
    const page = await kit.open(context, '/signin')
    await page.fill('input[name=person]', person)
    await page.fill('input[name=password]', password)
    await page.click('form.signin button[type=submit]')
    await page.waitForURL(kit.main + '/')
    return page
  },

  async axe(page) {
    await page.evaluate(axeText)
    const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'], runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'], iframes: false }))
    if (violations.length) throw new Error(violations.map((one) => `${one.id}: ${one.help}: ${one.nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(' | ')}`).join('\n'))
  },

  async shot(page, name) {
    if (!kit.shots) return
    mkdirSync(kit.shots, { recursive: true })
    await page.screenshot({ path: join(kit.shots, `${name}.png`), fullPage: true })
  },

  api: (page, path) => page.evaluate((where) => fetch(where).then((answer) => answer.json()), path),
  qanat: (...words) => execFileSync(process.env.QANAT_BIN, [...words, '--dir', process.env.QANAT_NODE_DIR], { encoding: 'utf8' }),

  // People as a list in CSV.
  person(list) {
    const file = join(profile, 'people.csv')
    writeFileSync(file, `${list}\n`)
    kit.qanat('person', 'import', file)
  },

  equal(what, got, wanted) {
    if (JSON.stringify(got) !== JSON.stringify(wanted)) throw new Error(`${what}: ${JSON.stringify(got)} is not ${JSON.stringify(wanted)}`)
  },

  async eventually(what, action, ms = 30000) {
    const end = Date.now() + ms
    for (;;) {
      const found = await action().catch((error) => ({ error }))
      if (found && !found.error) return found
      if (Date.now() > end) throw new Error(`${what} did not come about${found?.error ? `: ${found.error}` : ''}`)
      await new Promise((resolve) => setTimeout(resolve, 150))
    }
  },
}

const only = process.env.QANAT_BROWSER ? process.env.QANAT_BROWSER.split(',') : null
try {
  for (const file of ['pages', 'learner', 'formats', 'teach', 'console', 'left']) if (only ? only.includes(file) : file !== 'left') await (await import(`./${file}.mjs`)).run(kit)
  console.log('# all files ran')
} finally {
  await browser.close()
  rmSync(profile, { recursive: true, force: true })
}
