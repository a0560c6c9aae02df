import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { GUESSERS, HOSTILE } from './lines.ts'
import { LANGUAGES, type Language, SIZES, THEMES, openBrowser, openSheet, picture, violations } from './page.ts'

const ROW = '[role=grid] [data-id]'

let browser: Browser
beforeAll(async () => void (browser = await openBrowser()))
afterAll(() => browser.close())

/** Opens the list and waits until it and its counts are there. */
async function openList(page: Page, query = ''): Promise<void> {
  await page.goto(`${inject('url')}/incidents${query}`)
  await page.waitForSelector(ROW)
}

/** Opens the incident whose evidence is as hostile as log text can be. */
async function openHostile(page: Page): Promise<void> {
  await openList(page, '?state=any&q=198.51.100.66')
  await page.click(`${ROW} a`)
  await page.waitForSelector('[data-testid=evidence] mark')
}

describe.each(LANGUAGES.flatMap((language) => THEMES.map((theme) => [language, theme] as const)))(
  '%s, %s: axe finds nothing, and nothing is refused or goes uncaught',
  (language, theme) => {
    test('the list, with a selection and its dialog', async () => {
      const { page, complaints, close } = await openSheet(browser, 'phan-tich', { language, theme })
      for (const [size, viewport] of Object.entries(SIZES)) {
        await page.setViewportSize(viewport)
        await openList(page, '?state=any')
        await page.waitForLoadState('networkidle')
        await picture(page, `incidents-${language}-${theme}-${size}`)
        expect(await violations(page), size).toEqual([])
      }
      await page.setViewportSize(SIZES['1440x900'])
      await page.keyboard.press('j')
      await page.keyboard.press('x')
      await page.keyboard.press('v')
      await page.waitForSelector('[role=dialog] input[type=radio]')
      await picture(page, `incidents-decide-${language}-${theme}`)
      expect(await violations(page), 'dialog').toEqual([])
      expect(complaints).toEqual([])
      await close()
    })

    test('an incident whose log text is hostile', async () => {
      const { page, complaints, close } = await openSheet(browser, 'phan-tich', { language, theme })
      for (const [size, viewport] of Object.entries(SIZES)) {
        await page.setViewportSize(viewport)
        await openHostile(page)
        await page.waitForLoadState('networkidle')
        await picture(page, `incident-${language}-${theme}-${size}`)
        expect(await violations(page), size).toEqual([])
        expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true)
      }
      expect(complaints).toEqual([])
      await close()
    })
  },
)

test('hostile log text is text: lit where it matched, what draws nothing written out, nothing of it run', async () => {
  const { page, complaints, close } = await openSheet(browser, 'phan-tich')
  await openHostile(page)
  const text = (await page.textContent('[data-testid=evidence] li')) ?? ''
  expect(text).toContain(HOSTILE.markup)
  expect(text).toContain('invoice‹U+202E›fdp.exe')
  expect(text).toContain('␛[31mred')
  expect(text).not.toMatch(/[\u0000\u0007\u001B\u202E]/)
  expect(await page.$$('main img, main script')).toEqual([])
  expect(await page.title()).not.toContain('owned')
  expect(await page.textContent('[data-testid=evidence] mark')).not.toBe('')
  expect(complaints).toEqual([])
  await close()
})

const TRIAGE = {
  vi: {
    take: 'Tôi nhận',
    comment: 'Ghi chú',
    state: 'Trạng thái',
    verdict: 'Kết luận',
    real: 'Tấn công thật',
    working: 'Đang xử lý',
    closed: 'Đã đóng',
    save: 'Lưu',
    back: 'Danh sách sự cố',
    handled: 'Đã xử lý',
  },
  en: {
    take: 'Take it',
    comment: 'Comment',
    state: 'State',
    verdict: 'Verdict',
    real: 'Real attack',
    working: 'In progress',
    closed: 'Closed',
    save: 'Save',
    back: 'List of incidents',
    handled: 'Handled',
  },
} as const satisfies Record<Language, object>

const SAID = '**không phải** họ. <img src=x onerror=alert(1)>'

describe.each(LANGUAGES)(
  'an incident is triaged from the list to closed with its verdict, and the list shows it, in %s',
  (language) => {
    const words = TRIAGE[language]
    const shown = (id: string): string => `[data-id="${id}"]:has-text("${words.closed}"):has-text("${words.real}")`

    test('by keyboard alone', async () => {
      const { page, complaints, close } = await openSheet(browser, 'phan-tich', { language })
      await openList(page, `?q=${GUESSERS[`${language} keyboard`]}`)
      await page.keyboard.press('j')
      const id = (await page.evaluate(() => (document.activeElement as HTMLElement).dataset['id']))!
      await page.keyboard.press('Enter')
      await page.waitForURL(`**/incidents/${id}`)
      await page.waitForSelector('[data-testid=evidence] mark')
      await page.waitForSelector('[data-testid=rule]')

      await page.keyboard.press('a')
      await page.waitForSelector(`article header >> text="${words.working}"`)
      await page.keyboard.press('c')
      await page.keyboard.type(SAID)
      await page.keyboard.press('Control+Enter')
      await page.waitForSelector('strong:has-text("không phải")')
      expect(await page.$$('main img')).toEqual([])
      await page.keyboard.press('Escape')

      await page.keyboard.press('v')
      await page.waitForSelector('[role=dialog] input[type=radio]:focus')
      await page.keyboard.press('1')
      await page.keyboard.press('Enter')
      await page.waitForSelector(`article header >> text="${words.real}"`)
      await page.waitForSelector('[role=dialog]', { state: 'detached' })
      await page.keyboard.press('s')
      await page.waitForSelector('[role=dialog] input[type=radio]:focus')
      await page.keyboard.press('3') // in progress, resolved, closed
      await page.keyboard.press('Enter')
      await page.waitForSelector('[role=dialog]', { state: 'detached' })
      await page.waitForSelector(`article header >> text="${words.closed}"`)

      await page.keyboard.press('g')
      await page.keyboard.press('i')
      await page.waitForSelector(ROW)
      for (let i = 0; i < 40; i++) {
        if (await page.evaluate((text) => document.activeElement?.textContent === text, words.handled)) break
        await page.keyboard.press('Tab')
      }
      await page.keyboard.press('Enter')
      await page.waitForSelector(shown(id))
      expect(complaints).toEqual([])
      await close()
    })

    test('by mouse', async () => {
      const { page, complaints, close } = await openSheet(browser, 'phan-tich', { language })
      await openList(page, `?q=${GUESSERS[`${language} mouse`]}`)
      const id = (await page.getAttribute(ROW, 'data-id'))!
      await page.click(`${ROW} a`)
      await page.waitForURL(`**/incidents/${id}`)
      await page.waitForSelector('[data-testid=evidence] mark')

      const act = (name: string) => page.locator('article header button', { hasText: name })
      await act(words.take).click()
      await page.waitForSelector(`article header >> text="${words.working}"`)
      await act(words.comment).click()
      await page.keyboard.type(SAID) // nobody writes a comment with the mouse
      await page.locator('form:has(#comment) button[type=submit]').click()
      await page.waitForSelector('strong:has-text("không phải")')

      const dialog = page.getByRole('dialog')
      await act(words.verdict).click()
      await dialog.locator('label', { hasText: words.real }).click()
      await dialog.getByRole('button', { name: words.save }).click()
      await page.waitForSelector(`article header >> text="${words.real}"`)
      await dialog.waitFor({ state: 'detached' })
      await act(words.state).click()
      await dialog.locator('label', { hasText: words.closed }).click()
      await dialog.getByRole('button', { name: words.save }).click()
      await page.waitForSelector(`article header >> text="${words.closed}"`)

      await page.locator('article header a', { hasText: words.back }).click()
      await page.waitForSelector(ROW)
      await page.locator('[role=group] button', { hasText: words.handled }).click()
      await page.waitForSelector(shown(id))
      expect(complaints).toEqual([])
      await close()
    })
  },
)

test('many are decided at once and taken back, by mouse; the rows stay where they are', async () => {
  const { page, complaints, close } = await openSheet(browser, 'truong-ca')
  await openList(page)
  const order = (): Promise<(string | undefined)[]> =>
    page.$$eval(ROW, (rows) => rows.map((row) => (row as HTMLElement).dataset['id']))
  const before = await order()
  await page.click('[role=columnheader] input')
  await page.click('[role=toolbar] button:has-text("Tôi nhận")')
  await page.waitForSelector('button:has-text("Hoàn tác")')
  await page.waitForFunction(
    ([row, count]) =>
      [...document.querySelectorAll(row)].filter((each) => each.textContent.includes('truong-ca')).length === count,
    [ROW, before.length] as const,
  )
  expect(await order()).toEqual(before)
  await page.click('button:has-text("Hoàn tác")')
  await page.waitForSelector('text=/Đã hoàn tác/')
  await page.waitForFunction(
    (row) => ![...document.querySelectorAll(row)].some((each) => each.textContent.includes('truong-ca')),
    ROW,
  )
  expect(complaints).toEqual([])
  await close()
})

test('keys are letters while somebody types', async () => {
  const { page, close } = await openSheet(browser, 'phan-tich')
  await openList(page)
  await page.keyboard.press('/')
  await page.keyboard.type('?jx')
  expect(await page.inputValue('#incident-search')).toBe('?jx')
  expect(await page.$('[role=dialog]')).toBeNull()
  await page.keyboard.press('Escape')
  await page.keyboard.press('?')
  await page.waitForSelector('[role=dialog] dl')
  await close()
})

test('a decision typed without a pause is taken whole: every key has the dialog before it', async () => {
  const { page, complaints, close } = await openSheet(browser, 'phan-tich')
  await openList(page, `?q=${GUESSERS.typed}`)
  await page.keyboard.press('j')
  await page.keyboard.press('Enter')
  await page.waitForSelector('[data-testid=evidence] mark')
  // Nobody asked for the dialog: its code comes by itself.
  await page.waitForFunction(() =>
    performance.getEntriesByType('resource').some(({ name }) => /decision-dialog.*js$/.test(name)),
  )
  await page.waitForLoadState('networkidle')
  for (const key of ['v', '1', 'Enter']) await page.keyboard.press(key)
  await page.waitForSelector('article header >> text="Tấn công thật"')
  expect(await page.$('[role=dialog]')).toBeNull()
  for (const key of ['s', '3', 'Enter']) await page.keyboard.press(key)
  await page.waitForSelector('article header >> text="Đã đóng"')
  expect(complaints).toEqual([])
  await close()
})

test('an attack has its lines, what matched in them lit, and beside them the rule', async () => {
  const { page, complaints, close } = await openSheet(browser, 'phan-tich')
  await openList(page, '?state=any&level=critical')
  await page.click(`${ROW} a`)
  await page.waitForSelector('[data-testid=evidence] mark')
  await page.waitForSelector('[data-testid=rule]')
  await page.waitForLoadState('networkidle').catch(() => undefined) // the stream stays open
  await page.locator('[data-testid=evidence]').evaluate((lines) => lines.scrollIntoView({ block: 'start' }))
  await page.evaluate(() => document.getElementById('content')?.scrollBy(0, -130)) // below the head, which stays
  await picture(page, 'incident-attack')
  expect(complaints).toEqual([])
  await close()
})

test('an exception is begun from the list by its key', async () => {
  const { page, complaints, close } = await openSheet(browser, 'truong-ca')
  await openList(page, `?state=any&q=${GUESSERS.typed}`)
  await page.keyboard.press('j')
  await page.keyboard.press('e')
  await page.waitForURL('**/incidents/*?at=exception')
  await page.getByRole('dialog').locator('pre').waitFor()
  expect(await page.getByRole('dialog').innerText()).toContain(GUESSERS.typed)
  expect(complaints).toEqual([])
  await close()
})

test('who may only look is offered nothing else', async () => {
  const { page, close } = await openSheet(browser, 'xem-yte')
  await openList(page, '?state=any')
  expect(await page.$('[role=grid] input')).toBeNull()
  await page.click(`${ROW} a`)
  await page.waitForSelector('[data-testid=evidence]')
  expect(await page.$('#comment')).toBeNull()
  expect(await page.$('article header button:has(kbd)')).toBeNull()
  await close()
})

test('a new incident does not move the rows: it waits until it is asked for', async () => {
  const watching = await openSheet(browser, 'phan-tich')
  await openList(watching.page, '?state=resolved&state=closed')
  const before = await watching.page.$$eval(ROW, (rows) => rows.length)
  const working = await openSheet(browser, 'truong-ca')
  await openList(working.page, `?q=${GUESSERS.resolved}`)
  await working.page.keyboard.press('j')
  await working.page.keyboard.press('v')
  await working.page.waitForSelector('[role=dialog] input[type=radio]:focus')
  await working.page.keyboard.press('3')
  await working.page.keyboard.press('Enter')
  await watching.page.waitForSelector('button:has-text("1 sự cố mới hoặc vừa đổi")')
  expect(await watching.page.$$eval(ROW, (rows) => rows.length)).toBe(before)
  await watching.page.keyboard.press('.')
  await watching.page.waitForFunction(([row, count]) => document.querySelectorAll(row).length === count + 1, [
    ROW,
    before,
  ] as const)
  await Promise.all([watching.close(), working.close()])
})
