// real.mjs: packages that other people made, each played as a learner would; formats.mjs does the rest. What each shows to click is its own.
import { frameOf, saved } from './learner.mjs'
import { finishItem, nextItem } from './formats.mjs'

// Rustici's golf course: a bar with "Next", and at the end questions whose right answers are marked in the page.
const golf = {
  score: 100,
  async begin(kit, page) {
    for (let i = 0; i < 3; i++) {
      await (await frameOf(kit, page, '#butNext')).click('#butNext')
      await page.waitForTimeout(250)
    }
    await saved(page)
  },
  async resume(kit, page) {
    const frame = await frameOf(kit, page, '#butNext')
    kit.equal('bookmark', await frame.evaluate(() => currentPage), 3)
    for (let i = 0; i < 20 && (await frame.locator('#butNext:not([disabled])').count()); i++) {
      await frame.click('#butNext')
      await page.waitForTimeout(150)
    }
    const quiz = await frameOf(kit, page, 'input[value="Submit Answers"]')
    for (const box of await quiz.locator('.correctAnswer').all()) {
      if (await box.locator('input[type=radio]').count()) await box.locator('input').check()
      else await box.locator('input').fill(/\((.*)\)/.exec(await box.textContent())[1])
    }
    await quiz.click('input[value="Submit Answers"]')
    await quiz.waitForSelector('text=Score: 100')
    await page.waitForTimeout(2000)
    await saved(page)
  },
}

// CATAPULT's geology: seven units that count when they are opened, and questions.
const geology = {
  score: 100,
  async begin(kit, page) {
    for (let i = 0; i < 3; i++) {
      await frameOf(kit, page, '#next')
      await page.waitForTimeout(800)
      await nextItem(page)
    }
    await frameOf(kit, page, '#next')
    await page.waitForTimeout(1200)
  },
  async resume(kit, page) {
    for (let i = 0; i < 9; i++) {
      await frameOf(kit, page, '#next')
      await page.waitForTimeout(1200)
      const resume = page.frames().at(-1).locator('.resume-button')
      if (await resume.isVisible().catch(() => false)) await resume.click()
      if (!(await page.locator('.player-bar a:has(.icon-next)').count())) break
      await nextItem(page)
    }
    const quiz = await frameOf(kit, page, 'button[onclick*=autopass]')
    await quiz.click('button[onclick*=autopass]')
    await quiz.click('button[onclick*=submitAnswers]')
    await page.waitForTimeout(2000)
  },
}

// Pages without a run-time: read, and said to be finished by the learner.
const pages = (text) => ({
  score: null,
  async begin(kit, page) {
    await frameOf(kit, page, text)
    await page.waitForTimeout(1200)
  },
  async resume(kit, page) {
    for (let i = 0; i < 300; i++) {
      await frameOf(kit, page, text)
      await page.waitForSelector('.player-bar .button', { timeout: 3000 }).catch(() => {})
      if (await page.locator('.player-bar .button').count()) await finishItem(page)
      if (!(await page.locator('.player-bar a:has(.icon-next)').count())) break
      await nextItem(page)
    }
  },
})

export const rows = [
  { id: 'golf-12', lang: 'en', ...golf },
  { id: 'golf-2004', lang: 'en', ...golf },
  { id: 'geology', lang: 'en', ...geology },
  { id: 'geology-older', lang: 'en', ...geology },
  { id: 'exe-12', lang: 'en', ...pages('text=Untitled document') },
  { id: 'greeting', lang: 'en', ...pages('.h5p-greetingcard >> text=Hello world!') },
  { id: 'latex', lang: 'en', ...pages('body p') },
  { id: 'purpose', lang: 'en', isShort: true, ...pages('body *') },
  ...['en', 'ar', 'fr'].flatMap((lang) => [1, 2, 3].map((version) => ({ id: `iot-${lang}-v${version}`, lang, ...pages('.prose h1, .prose h2, .prose p') }))),
]
