// real.mjs: packages that other people made: each is begun, left, resumed and completed as a learner would. What each shows to click is its own.
export async function run(kit, { frameOf, saved, courseOf }) {
  const begin = async (id, size = 'desk', lang = 'en') => {
    const context = await kit.visitor({ size, lang })
    await kit.signIn(context, 'amina', 'a-calm-river')
    return { context, page: await kit.open(context, `/play/${id}/en`) }
  }
  for (const [id, name] of [['golf-12', 'SCORM 1.2 run-time calls'], ['golf-2004', 'SCORM 2004 run-time calls']]) {
    await kit.test(`real: ${name}`, async () => {
      const { context, page } = await begin(id, id === 'golf-12' ? 'phone' : 'desk', id === 'golf-12' ? 'ar' : 'en')
      const next = async () => (await frameOf(kit, page, '#butNext')).click('#butNext')
      for (let i = 0; i < 3; i++) { await next(); await page.waitForTimeout(250) }
      await saved(page)
      await page.click('.player-bar a')
      await page.waitForSelector('.course-head')
      const before = await courseOf(kit, page, id)
      kit.equal('begun', before.registration.status, 'started')
      page.on('dialog', (dialog) => dialog.accept())
      await page.goto(`${kit.main}/play/${id}/en`)
      const last = await frameOf(kit, page, '#butNext')
      await kit.shot(page, `real-${id}`)
      for (let i = 0; i < 25 && await last.locator('#butNext:not([disabled])').isVisible(); i++) { await last.click('#butNext').catch(() => {}); await page.waitForTimeout(150) }
      await page.waitForTimeout(500)
      await page.click('.player-bar a')
      await page.waitForSelector('.course-head')
      await kit.eventually('time is counted', async () => (await courseOf(kit, page, id)).registration.minutes > 0)
      kit.equal('status', (await courseOf(kit, page, id)).registration.status, 'completed')
      await context.close()
    })
  }
  await kit.test('real: an H5P greeting card is shown and counts', async () => {
    const { context, page } = await begin('greeting', 'phone', 'ar')
    await frameOf(kit, page, '.h5p-greetingcard >> text=Hello world!')
    await kit.shot(page, 'real-h5p')
    await page.click('.player-bar .button')
    await saved(page)
    await kit.eventually('completed', async () => (await courseOf(kit, page, 'greeting')).registration?.status === 'completed')
    await context.close()
  })
  await kit.test('real: an eXeLearning package reports by itself or by the learner', async () => {
    const { context, page } = await begin('exe-12')
    await frameOf(kit, page, 'text=Untitled document')
    await page.waitForTimeout(1000)
    await page.click('.player-bar a')
    await page.waitForSelector('.course-head')
    await kit.eventually('begun', async () => ['started', 'completed'].includes((await courseOf(kit, page, 'exe-12')).registration?.status))
    await context.close()
  })
  await kit.test('real: a Common Cartridge page is read and finished', async () => {
    const { context, page } = await begin('latex')
    await frameOf(kit, page, 'text=This is a test')
    await page.click('.player-bar .button')
    await saved(page)
    await kit.eventually('one item done', async () => (await courseOf(kit, page, 'latex')).items.some((item) => item.status === 'completed'))
    await context.close()
  })
  await kit.test('real: a course of Markdown lessons is read', async () => {
    const { context, page } = await begin('iot', 'phone')
    await frameOf(kit, page, '.prose h1, .prose h2')
    await kit.shot(page, 'real-markdown')
    await context.close()
  })
}
