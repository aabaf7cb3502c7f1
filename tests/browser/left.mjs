// left.mjs: the last words of a window that closed while the node was away. They lie, sealed, in the content origin's storage and come with the next launch; a
// course that puts others there is not believed. Only where courses may have windows of their own (option content_windows): elsewhere every launch has a storage
// of its own, and the page around keeps what it heard.
import { spawn } from 'node:child_process'
import { courseOf, frameOf, menuSends, saved } from './learner.mjs'

const LEARNERS = ['layla', 'lina', 'lubna']
const BEACON_MS = 1000 // by then the beacon of a window that closed has found nobody
let node = null
let pid = Number(process.env.QANAT_NODE_PID)

async function down(kit) {
  process.kill(pid, 'SIGKILL')
  await kit.eventually('the node is away', async () => fetch(`${kit.main}/healthz`).then(() => false, () => true))
}

async function up(kit) {
  node = spawn(process.env.QANAT_BIN, ['run', '--dir', process.env.QANAT_NODE_DIR], { stdio: 'ignore' })
  pid = node.pid
  await kit.eventually('the node is there', async () => (await fetch(`${kit.main}/healthz`)).ok, 20000)
}

const registration = async (kit, page) => (await courseOf(kit, page, 'irrigation-12')).registration

// False when the page around heard the last words all the same, before it was gone, and brought them: then nothing was left to come.
async function lastWords(kit, person) {
  const context = await kit.visitor()
  const page = await kit.signIn(context, person, 'a-calm-river')
  await page.goto(`${kit.main}/play/irrigation-12/en`)
  const frame = await frameOf(kit, page, '#next')
  await frame.click('#next')
  await saved(page)
  await down(kit)
  await frame.click('#next')
  await page.waitForSelector('.saved .icon-away')
  const other = await context.newPage() // the window must not be the last one
  await page.close({ runBeforeUnload: false })
  await other.waitForTimeout(BEACON_MS)
  await up(kit)
  // The page around had heard of page 3, and sends that by itself; not what the course said while it closed.
  await other.goto(`${kit.main}/learn/irrigation-12/en`)
  await kit.eventually('an empty queue', async () => other.evaluate(() => !Object.keys(localStorage).some((key) => key.startsWith('qanat.commit.'))))
  const minutes = Math.round((await registration(kit, other)).minutes)
  kit.equal('minutes', [0, 2].includes(minutes), true)
  await other.goto(`${kit.main}/play/water-text/en`)
  await frameOf(kit, other, '.prose h1')
  await kit.eventually('two minutes', async () => Math.round((await registration(kit, other)).minutes) === 2)
  await other.goto(`${kit.main}/play/irrigation-12/en`)
  kit.equal('page', await (await frameOf(kit, other, '#next')).locator('#page').textContent(), '3')
  kit.equal('errors', context.errors, [])
  await context.close()
  return minutes === 0
}

async function forged(kit) {
  const context = await kit.visitor()
  const page = await kit.signIn(context, 'layla', 'a-calm-river')
  await page.goto(`${kit.main}/play/irrigation-12/en`)
  await frameOf(kit, page, '#next')
  await saved(page)
  const launches = await page.evaluate(() => Object.keys(localStorage).filter((key) => key.startsWith('qanat.seals.')).map((key) => key.slice('qanat.seals.'.length)))
  await page.goto(`${kit.main}/play/water-text/en`)
  let frame = await frameOf(kit, page, '.prose h1')
  for (const launch of launches) {
    await frame.evaluate((one) => localStorage.setItem('qanat.left', JSON.stringify({ launch: one, at: 0, seal: '1'.repeat(31),
      text: '{"seq":900,"cmi":{"core":{"lesson_status":"completed","score":{"raw":"100"}}},"result":{"completion":true,"score":100},"end":true}' })), launch)
    await page.goto(`${kit.main}/play/water-text/en`)
    frame = await frameOf(kit, page, '.prose h1')
    await saved(page)
    kit.equal('left', await frame.evaluate(() => localStorage.getItem('qanat.left')), null)
  }
  const now = await registration(kit, page)
  kit.equal('status and score', [now.status, now.score], ['started', null])
  await context.close()
}

export async function run(kit) {
  kit.person(`id,name,gender,password\n${LEARNERS.map((one) => `${one},ليلى,female,a-calm-river`).join('\n')}`)
  try {
    await kit.test('the last words of a window that closed while the node was away come with the next launch', async () => {
      for (const person of LEARNERS) if (await lastWords(kit, person)) return
      throw new Error('the page around heard them each time')
    })
    await kit.test('last words that a course made up are not believed', () => forged(kit))
    await kit.test('a menu sends the frame beside it elsewhere here, too', async () => {
      const page = await kit.signIn(await kit.visitor(), 'layla', 'a-calm-river')
      await page.goto(`${kit.main}/play/wells-12/en`)
      await menuSends(kit, await frameOf(kit, page, '#start'))
    })
  } finally {
    node?.kill('SIGTERM')
  }
}
