// console.mjs: an administrator acts; it is a command, and the log has it.

function crc32(bytes) {
  let sum = -1
  for (const byte of bytes) {
    sum ^= byte
    for (let bit = 0; bit < 8; bit++) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0)
  }
  return (sum ^ -1) >>> 0
}

// A .zip with one stored file.
function zip(name, text) {
  const data = Buffer.from(text), title = Buffer.from(name)
  const crc = crc32(data)
  const local = Buffer.alloc(30), central = Buffer.alloc(46), end = Buffer.alloc(22)
  local.writeUInt32LE(0x04034b50, 0)
  local.writeUInt16LE(20, 4)
  local.writeUInt32LE(crc, 14)
  local.writeUInt32LE(data.length, 18)
  local.writeUInt32LE(data.length, 22)
  local.writeUInt16LE(title.length, 26)
  central.writeUInt32LE(0x02014b50, 0)
  central.writeUInt16LE(20, 6)
  local.copy(central, 10, 8, 28)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(1, 8)
  end.writeUInt16LE(1, 10)
  end.writeUInt32LE(46 + title.length, 12)
  end.writeUInt32LE(30 + title.length + data.length, 16)
  return Buffer.concat([local, title, data, central, title, end])
}

export async function run(kit) {
  await kit.test('a window is added and removed on the console', async () => {
    const context = await kit.visitor()
    await kit.signIn(context, 'root', 'a-deep-channel')
    const page = await kit.open(context, '/admin/windows')
    await page.fill('input[name=rate]', '2')
    // Signed out meanwhile, in another tab: what was written is there when its person is in again, and nobody else sees it.
    const other = await kit.open(context, '/')
    await other.click('.top-end button')
    await page.waitForSelector('.notice a[target=_blank]')
    kit.equal('forms that are to be seen', await page.locator('form.card:visible').count(), 0)
    await (await kit.signIn(context, 'root', 'a-deep-channel')).close()
    await other.close()
    await page.locator('input[name=rate]').waitFor()
    await page.click('form.card button[type=submit]')
    await page.waitForSelector('form.card .notice.good')
    await page.waitForSelector('tbody code')
    kit.equal('window', JSON.parse(kit.qanat('window', 'list', '--json')).windows.map((one) => one.window), ['mon-fri 22:00-06:00 rate 2M'])
    await page.click('tbody button')
    await page.click('dialog .actions button')
    await kit.eventually('the window is gone', async () => JSON.parse(kit.qanat('window', 'list', '--json')).windows.length === 0)
    const acts = JSON.parse(kit.qanat('audit', 'list', '--json')).acts
    kit.equal('log', acts.filter((one) => one.who === 'root').map((one) => one.words.slice(0, 2).join(' ')).slice(0, 2), ['window remove', 'window add'])
    // A page that "Back" brings as it was, after its person went, shows nothing of theirs.
    await context.clearCookies()
    await page.evaluate(() => dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true })))
    await page.waitForSelector('.notice a[target=_blank]')
    await context.close()
  })
  await kit.test('whatever the state is, it can be read', async () => {
    const context = await kit.visitor({ size: 'phone' })
    await kit.signIn(context, 'root', 'a-deep-channel')
    const page = await kit.open(context, '/admin')
    await page.waitForSelector('.standing')
    for (const state of ['waiting', 'degraded', 'in_step']) {
      await page.evaluate((word) => { document.querySelector('.standing').className = `standing standing-${word}` }, state)
      await kit.axe(page)
    }
    await context.close()
  })
  await kit.test('what stands above this node is not offered for revoking', async () => {
    const context = await kit.visitor()
    await kit.signIn(context, 'root', 'a-deep-channel')
    const page = await kit.open(context, '/admin/nodes')
    await page.waitForSelector('tbody th')
    kit.equal('nodes', await page.locator('tbody th').allTextContents(), ['hub'])
    kit.equal('buttons', await page.locator('tbody button').count(), 0)
    kit.equal('countries', await page.locator('tbody td:nth-child(4)').allTextContents(), ['China'])
    await context.close()
  })
  await kit.test('a list of people is tried, then taken in', async () => {
    const context = await kit.visitor({ lang: 'ar', size: 'phone' })
    await kit.signIn(context, 'root', 'a-deep-channel')
    const page = await kit.open(context, '/admin/people')
    await page.setInputFiles('input[type=file]', { name: 'people.csv', mimeType: 'text/csv', buffer: Buffer.from('id,name,gender,role\nnew-1,ليلى,female,learner\nnew-2,X,alien,learner\n') })
    const buttons = page.locator('form.card').first().locator('.actions button')
    await buttons.nth(0).click()
    await page.waitForSelector('.notice summary') // why one would not be taken
    kit.equal('people before', kit.qanat('person', 'list', '--json', '--limit', '500').includes('new-1'), false)
    await buttons.nth(1).click()
    await kit.eventually('she is there', async () => kit.qanat('person', 'list', '--json', '--limit', '500').includes('new-1'))
    await context.close()
  })
  await kit.test('somebody who forgot the password gets a new one', async () => {
    const context = await kit.visitor()
    await kit.signIn(context, 'root', 'a-deep-channel')
    const page = await kit.open(context, '/admin/people')
    kit.person('id,name,gender,role,institution\nsalma,"Salma ""Sam"" Aziz, Dr",female,facilitator,Faculty 3')
    await page.fill('input[type=search]', 'salma')
    await page.locator('tr:has(th:has-text("salma")) button').first().click()
    await page.fill('dialog input[name=password]', 'the-seventh-well')
    kit.person('id,name,role\nsalma,"Salma ""Sam"" Aziz, Prof",manager') // what another administrator changes meanwhile stays
    await page.mouse.click(5, 5)
    const elsewhere = await kit.open(context, '/')
    await elsewhere.click('.top-end button')
    await page.click('.notice a[target=_blank]') // no dialog is in the way
    await (await kit.signIn(context, 'root', 'a-deep-channel')).close()
    await page.click('dialog form button[type=submit]')
    await page.waitForSelector('dialog .notice.good')
    await kit.axe(page)
    await kit.shot(page, 'new-password')
    const other = await kit.visitor()
    await kit.signIn(other, 'salma', 'the-seventh-well')
    const { id, name, gender, role, institution } = JSON.parse(kit.qanat('person', 'list', '--json', '--limit', '500')).people.find((one) => one.id === 'salma')
    kit.equal('the rest', { id, name, gender, role, institution }, { id: 'salma', name: 'Salma "Sam" Aziz, Prof', gender: 'female', role: 'manager', institution: 'Faculty 3' })
    kit.equal('log', kit.qanat('audit', 'list', '--json').includes('seventh'), false)
    await other.close()
    // Who was erased meanwhile does not come back by it.
    await page.fill('dialog input[name=password]', 'the-eighth-well')
    kit.qanat('person', 'erase', 'salma')
    await page.click('dialog form button[type=submit]')
    await page.waitForSelector('dialog .notice.bad')
    kit.equal('erased', JSON.parse(kit.qanat('person', 'list', '--json', '--limit', '500')).people.some((one) => one.id === 'salma'), false)
    await context.close()
  })
  await kit.test('what happens elsewhere shows at once, and nothing is asked for again', async () => {
    const context = await kit.visitor()
    await kit.signIn(context, 'root', 'a-deep-channel')
    const page = await kit.open(context, '/admin/windows')
    await page.waitForSelector('.notice, tbody code')
    const asked = []
    page.on('request', (request) => asked.push(new URL(request.url()).pathname))
    kit.qanat('window', 'add', 'always rate 3M')
    await page.waitForSelector('tbody code:text("rate 3M")', { timeout: 6000 })
    kit.qanat('window', 'remove', String(JSON.parse(kit.qanat('window', 'list', '--json')).windows[0].number))
    await page.waitForSelector('tbody code', { state: 'detached', timeout: 6000 })
    kit.qanat('window', 'add', `${['wed', 'thu', 'fri', 'sat', 'sun', 'mon', 'tue'][new Date().getDay()]} 12:00-13:00`) // three days from now
    await page.waitForSelector('tbody td:text("GMT-5")', { timeout: 6000 }) // by whose clock is said
    kit.qanat('window', 'remove', String(JSON.parse(kit.qanat('window', 'list', '--json')).windows[0].number))
    await page.waitForSelector('tbody code', { state: 'detached', timeout: 6000 })
    kit.equal('asked', asked.filter((path) => path.startsWith('/api/')), [])
    // A node that says nothing any more is said not to answer, and is heard again by itself.
    await page.clock.install()
    await page.reload()
    await page.waitForSelector('.notice, tbody code')
    process.kill(Number(process.env.QANAT_NODE_PID), 'SIGSTOP')
    try {
      await page.clock.fastForward(60000)
      await page.waitForSelector('.notice.bad .icon-away', { timeout: 6000 })
    } finally {
      process.kill(Number(process.env.QANAT_NODE_PID), 'SIGCONT')
    }
    await page.waitForSelector('.notice.bad .icon-away', { state: 'detached', timeout: 6000 })
    await context.close()
  })
  for (const [lang, size] of [['ar', 'phone'], ['en', 'desk']]) {
    await kit.test(`a manager brings a course, ${lang} ${size}`, async () => {
      kit.person('id,name,role,password\nmanal,منال,manager,a-deep-channel')
      const context = await kit.visitor({ lang, size })
      await kit.signIn(context, 'manal', 'a-deep-channel')
      const page = await kit.open(context, '/admin/courses')
      const form = page.locator('form.card:has(input[type=file])')
      await form.locator('input[type=file]').setInputFiles({ name: 'noise.zip', mimeType: 'application/zip', buffer: Buffer.alloc(400000, 'no package ') })
      await form.locator('input[name=id]').fill(`brought-${size}`)
      await form.locator('input[name=lang]').fill(lang)
      await form.locator('button[type=submit]').click()
      await form.locator('.notice.bad').waitFor()
      await kit.shot(page, `upload-refused-${lang}-${size}`)
      await form.locator('input[type=file]').setInputFiles({ name: 'well.zip', mimeType: 'application/zip', buffer: zip('index.html', `<!DOCTYPE html><title>Well ${size}</title><p>x`) })
      await form.locator('button[type=submit]').click()
      await form.locator('.notice.good').waitFor()
      await kit.shot(page, `upload-${lang}-${size}`)
      await kit.axe(page)
      await page.locator('table code', { hasText: `brought-${size}` }).waitFor()
      kit.equal('here', JSON.parse(kit.qanat('course', 'list', '--json')).filter((one) => one.course === `brought-${size}`).map((one) => one.lang), [lang])
      await context.close()
    })
  }
  await kit.test('a learner cannot act on the console', async () => {
    const context = await kit.visitor()
    const page = await kit.signIn(context, 'badr', 'a-calm-river')
    const { csrf } = await kit.api(page, '/api/v1/session')
    const code = await page.evaluate((token) => fetch('/api/v1/admin/commands', { method: 'POST', headers: { 'Content-Type': 'application/json', 'X-Qanat-CSRF': token }, body: '{"words":["window","add","always"]}' }).then((answer) => answer.status), csrf)
    kit.equal('answer', code, 403)
    await context.close()
  })
}
