// teach.mjs: a facilitator makes a cohort, adds people, records who was there, decides by hand, and sees how far everybody is.
export async function run(kit) {
  // Without cohorts in the API there is nothing to run yet.
  if ((await fetch(`${kit.main}/api/v1/cohorts`)).status === 404) return
  for (const [lang, size] of [['en', 'desk'], ['ar', 'phone']]) {
    await kit.test(`a cohort is run from its beginning to a decision, ${lang} ${size}`, async () => {
      const id = `cairo-${lang}`
      const context = await kit.visitor({ lang, size })
      await kit.signIn(context, 'tariq', 'a-calm-river')
      const page = await kit.open(context, '/teach')
      await page.waitForSelector('input[name=cohort]')
      await kit.axe(page)
      await page.fill('input[name=title]', 'القاهرة')
      await page.fill('input[name=cohort]', id)
      await page.fill('input[name=starts]', '2026-10-01')
      await page.fill('input[name=ends]', '2026-12-20')
      await page.click('form.card button[type=submit]')
      await page.waitForSelector('textarea[name=people]')
      await page.fill('textarea[name=people]', 'p00001\np00002, p00003 nobody-here')
      await page.locator('form.card').nth(0).locator('button[type=submit]').press('Enter')
      await page.waitForSelector('tbody tr:nth-child(4)') // three learners, and who made it
      await page.waitForSelector('form.card [role=status]:has-text("nobody-here")') // a refusal is heard; who works by keyboard is where they were
      kit.equal('where the keyboard is', await page.evaluate(() => document.activeElement.closest('form.card')?.querySelector('textarea')?.name), 'people')
      await page.fill('input[name=session]', '2026-10-05 morning')
      if (lang === 'en') { // a session that ends meanwhile is said, and nothing that was written is lost
        const again = await kit.open(context, '/')
        await again.click('.top-end button')
        await again.waitForSelector('input[name=person]')
        await page.waitForSelector('.notice a[href^="/signin"]')
        await (await kit.signIn(context, 'tariq', 'a-calm-river')).close()
      }
      await page.fill('input[name=minutes]', '90')
      await page.check('input[name=there][value=p00001]')
      await page.check('input[name=there][value=p00003]')
      await page.locator('form.card').nth(1).locator('button[type=submit]').click()
      await page.waitForSelector('table caption >> nth=1')
      // Another day somebody is put in who came late: who was there stays.
      await page.reload()
      await page.fill('input[name=session]', '2026-10-05 morning')
      await page.keyboard.press('Tab')
      await page.waitForSelector('input[name=there][value=p00003]:checked')
      await page.check('input[name=there][value=p00002]')
      await page.uncheck('input[name=there][value=p00003]')
      let asked = 0
      page.on('request', (request) => { asked += request.method() === 'POST' })
      await page.locator('form.card').nth(1).locator('button[type=submit]').dblclick()
      await page.waitForSelector('form.card .notice.good')
      kit.equal('asked', asked, 2) // who was there, who was not
      // Another session, and a look at the first: each as it was.
      await page.fill('input[name=session]', 'afternoon')
      await page.uncheck('input[name=there][value=p00001]')
      await page.locator('form.card').nth(1).locator('button[type=submit]').click()
      await page.waitForSelector('th:has-text("afternoon")')
      for (const [session, ids] of [['2026-10-05 morning', 'p00001 p00002'], ['afternoon', 'p00002']]) {
        await page.fill('input[name=session]', session)
        await page.keyboard.press('Tab')
        await kit.eventually(`who was there: ${session}`, async () => (await page.$$eval('input[name=there]:checked', (all) => all.map((one) => one.value).join(' '))) === ids, 3000)
      }
      const row = page.locator('tbody tr', { hasText: 'p00002' })
      await row.locator('.acts button').first().press('Enter')
      await page.waitForSelector('dialog[open]')
      await page.keyboard.press('Escape')
      await page.waitForSelector('dialog', { state: 'detached' })
      await kit.eventually('the keyboard is where it was', () => page.evaluate(() => document.activeElement.closest('.acts') !== null), 2000)
      await page.keyboard.press('Enter')
      await page.fill('dialog input[name=reason]', 'oral exam')
      await page.fill('dialog input[name=score]', '70.5')
      await page.click('dialog button[type=submit]')
      await page.waitForSelector('tbody >> text=oral exam')
      if (lang === 'en') kit.equal('the mark', await row.locator('td.number').first().textContent(), '70.5%')
      await row.locator('.acts button .icon-award').click()
      await page.waitForFunction(() => !document.querySelector('.acts .icon-award'))
      if (lang === 'en') kit.equal('the same days everywhere', await page.locator('.facts >> text=/2026/').textContent(), 'Oct 1, 2026 – Dec 20, 2026')
      await kit.axe(page)
      await kit.shot(page, `cohort-${lang}-${size}`)
      const { people } = await kit.api(page, `/api/v1/cohorts/${id}/progress`)
      const of = (person) => people.find((one) => one.person === person)
      kit.equal('decided', [of('p00002').status, of('p00002').score, of('p00002').by_hand], ['completed', 70.5, true])
      kit.equal('attended', ['p00001', 'p00002', 'p00003'].map((one) => of(one).attended), [1, 2, 0])
      // Of many the first hundred are shown, and the next when they are asked for, also where one says who was there.
      await page.route('**/progress?limit=*', async (route) => {
        const json = await (await route.fetch()).json()
        const count = Number(new URL(route.request().url()).searchParams.get('limit'))
        await route.fulfill({ json: { ...json, people: Array.from({ length: Math.min(count, 150) }, (_, i) => json.people[i] || { ...json.people[0], person: `q${i}`, trainer: false }) } })
      })
      await page.reload()
      await page.click('fieldset .button')
      await page.waitForSelector('input[name=there][value=q149]')
      kit.equal('more', await page.locator('fieldset .button').count(), 0)
      await page.unroute('**/progress?limit=*')
      await page.emulateMedia({ media: 'print' })
      kit.equal('on paper', await page.locator('.button:visible, input:visible').count(), 0)
      await page.emulateMedia({ media: null })
      kit.equal('too wide by', await page.evaluate(() => Math.max(0, document.documentElement.scrollWidth - innerWidth)), 0)
      await context.close()
    })
  }
}
