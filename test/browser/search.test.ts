import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { HOSTILE, STRANGER } from './lines.ts'
import { LANGUAGES, type Language, openBrowser, openSheet, picture, violations } from './page.ts'

let browser: Browser
beforeAll(async () => void (browser = await openBrowser()))
afterAll(() => browser.close())

const WORDS = {
  vi: {
    only: 'Tìm riêng giá trị này',
    include: 'Chỉ lấy có giá trị này',
    exclude: 'Loại giá trị này',
    event: 'Sự kiện',
  },
  en: { only: 'Search for just this', include: 'Only events with it', exclude: 'Leave it out', event: 'Event' },
} as const satisfies Record<Language, object>

const parameter = (page: Page, name: string): string | null => new URL(page.url()).searchParams.get(name)
const focusIs = (page: Page, selector: string): Promise<unknown> =>
  page.waitForFunction((selector) => document.activeElement?.matches(selector), selector)

describe.each(LANGUAGES)('a hunt from one value to the raw lines of another agency, in %s', (language) => {
  const { only, include, event } = WORDS[language]

  test('by keyboard alone', async () => {
    const { page, complaints, close } = await openSheet(browser, 'phan-tich', { language })
    await page.goto(inject('url'))
    await page.waitForSelector('nav')
    await page.keyboard.press('g')
    await page.keyboard.press('s')
    await page.waitForSelector('[role=grid] [role=row][data-index="0"]')
    // What the attack on the one-stop shop shows: its source address.
    await page.keyboard.press('/')
    await page.keyboard.type('host.name:motcua-web01 and source.ip:*')
    await page.keyboard.press('Enter')
    await focusIs(page, '[role=row][data-index="0"]')
    await page.keyboard.press('Enter')
    const drawer = page.locator(`aside[aria-label="${event}"]`)
    await focusIs(page, 'aside [data-value]')
    for (let i = 0; i < 60; i++) {
      if (await page.evaluate(() => document.activeElement?.matches('[data-value="source.ip"]'))) break
      await page.keyboard.press('ArrowDown')
    }
    await page.keyboard.press('Enter')
    await page.getByRole('menuitem', { name: only }).waitFor()
    expect(await violations(page)).toEqual([])
    while (!(await page.getByRole('menuitem', { name: only }).evaluate((item) => item === document.activeElement))) {
      await page.keyboard.press('ArrowDown')
    }
    await page.keyboard.press('Enter')
    await page.waitForURL(/q=source\.ip/)
    const address = /^source\.ip:(.+)$/.exec(parameter(page, 'q') ?? '')?.[1]
    await focusIs(page, '[role=row][data-index="0"]')
    // Where else that address was: a host of the Department of Health.
    await page.keyboard.press('/')
    await page.keyboard.press('Control+a')
    await page.keyboard.type(`source.ip:${address} and soc.agency:hp-so-yt`)
    await page.keyboard.press('Enter')
    await page.waitForURL(/hp-so-yt/)
    await focusIs(page, '[role=row][data-index="0"]')
    await page.keyboard.press('j')
    await focusIs(page, '[role=row][data-index="1"]')
    await page.keyboard.press('Enter')
    await drawer.locator('pre').waitFor()
    expect(await drawer.locator('pre').innerText()).toMatch(
      new RegExp(`yte-(db|app)01 .*Failed password.* ${STRANGER} `),
    )
    await page.keyboard.press('Escape')
    await drawer.waitFor({ state: 'detached' })
    await focusIs(page, '[role=row][data-index="1"]')
    expect(complaints).toEqual([])
    await close()
  })

  test('by mouse', async () => {
    const { page, complaints, close } = await openSheet(browser, 'phan-tich', { language })
    await page.goto(
      `${inject('url')}/search?q=${encodeURIComponent(`host.name:motcua-web01 and source.ip:${STRANGER}`)}`,
    )
    await page.locator('[role=row][data-index="0"]').click()
    const drawer = page.locator(`aside[aria-label="${event}"]`)
    await drawer.locator('[data-value="source.ip"]').click()
    await page.getByRole('menuitem', { name: only }).click()
    await page.waitForURL(/q=source\.ip/)
    // The agencies that it was seen at, and into the other one.
    await page.locator('button[aria-expanded="false"]', { hasText: 'soc.agency' }).click()
    const agency = page.locator('li [data-value="soc.agency"]', { hasText: 'hp-so-yt' })
    await agency.click()
    await page.getByRole('menuitem', { name: include }).click()
    await page.waitForURL(/hp-so-yt/)
    await page.waitForSelector('[role=row][data-index="0"]')
    await page.waitForFunction(() => !document.body.innerText.includes('motcua-web01'))
    await page.locator('[role=row][data-index="0"]').click()
    expect(await drawer.locator('pre').innerText()).toMatch(new RegExp(`yte-(db|app)01 .*${STRANGER}`))
    await picture(page, `hunt-${language}`)
    expect(complaints).toEqual([])
    await close()
  })
})

test('who sees one agency hunts in that one: the others have no lines', async () => {
  const { page, close } = await openSheet(browser, 'phan-tich-yte')
  await page.goto(`${inject('url')}/search?q=${STRANGER}`)
  await page.waitForSelector('[role=row][data-index="0"]')
  expect(await page.locator('[role=grid]').getAttribute('aria-rowcount')).toBe('25') // 24 guesses and the head
  expect(await page.locator('body').innerText()).not.toContain('motcua-web01')
  await close()
})

test('hostile text is text: in the table, the drawer, its JSON, the fields and the menu', async () => {
  const { page, complaints, close } = await openSheet(browser, 'phan-tich')
  await page.goto(`${inject('url')}/search?q=${encodeURIComponent('198.51.100.66')}&col=user.name&col=process.name`)
  await page.locator('[role=row][data-index="0"]').click()
  const drawer = page.locator('aside[aria-label]')
  await drawer.locator('pre').waitFor()
  const raw = await drawer.locator('pre').innerText()
  expect(raw).toContain(HOSTILE.markup)
  expect(raw).toContain('invoice‹U+202E›fdp.exe')
  expect(raw).toContain('␛[31mred')
  expect(raw).toContain('before␀after')
  expect(raw).toContain(HOSTILE.emoji.slice(-10))
  await picture(page, 'hostile')
  await drawer.getByRole('tab', { name: 'JSON' }).click()
  expect(await drawer.locator('pre').innerText()).toContain('<img src=x')
  await page.goto(`${inject('url')}/search?q=${encodeURIComponent('host.name:tnmt-web01 AAAAAAAA')}`)
  await page.locator('[role=row][data-index="0"]').click()
  await drawer.getByRole('button', { name: /ký tự/ }).click()
  expect((await drawer.locator('pre').innerText()).length).toBeGreaterThan(900_000)
  expect(await page.title()).not.toMatch(/owned|1/)
  expect(await page.locator('img[src="x"], main script').count()).toBe(0)
  expect(complaints).toEqual([])
  await close()
})

test('a query is completed with fields and values, and a mistake is told where it is', async () => {
  const { page, complaints, close } = await openSheet(browser, 'phan-tich', { language: 'en' })
  await page.goto(`${inject('url')}/search`)
  await page.waitForSelector('[role=grid] [data-index="0"]')
  await page.keyboard.press('/')
  await page.keyboard.type('host.na')
  await page.getByRole('option', { name: /host\.name/ }).waitFor()
  await page.keyboard.press('Tab')
  await page.keyboard.type('yte-d')
  await page.getByRole('option', { name: /yte-db01/ }).waitFor()
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await page.waitForURL(/q=host\.name%3Ayte-db01/)
  await page.keyboard.press('/')
  await page.keyboard.type(' and (')
  await page.getByText(/^Characters \d+–\d+: /).waitFor()
  expect(complaints).toEqual([])
  await close()
})

test('drawing over the chart narrows the time; a link that is shared has it', async () => {
  const { page, complaints, close } = await openSheet(browser, 'phan-tich')
  await page.goto(`${inject('url')}/search?last=6h`)
  await page.waitForSelector('.u-over')
  const box = (await page.locator('.u-over').boundingBox())!
  await page.mouse.move(box.x + box.width * 0.5, box.y + 30)
  await page.mouse.down()
  await page.mouse.move(box.x + box.width * 0.75, box.y + 30, { steps: 5 })
  await page.mouse.up()
  await page.waitForURL(/from=/)
  const [from, to] = ['from', 'to'].map((name) => Date.parse(parameter(page, name)!))
  const hours = (to! - from!) / 3_600_000
  expect(hours).toBeGreaterThan(1.3)
  expect(hours).toBeLessThan(1.7)
  expect(complaints).toEqual([])
  await close()
})

test('an export is started, shown until it is done, and downloaded', async () => {
  const { page, complaints, close } = await openSheet(browser, 'phan-tich', { language: 'en' })
  await page.goto(`${inject('url')}/search?q=host.name:yte-db01`)
  await page.waitForSelector('[role=row][data-index="0"]')
  await page.getByRole('button', { name: 'Export' }).click()
  await page.waitForSelector('[role=dialog][aria-label]')
  expect(await violations(page)).toEqual([])
  await page.getByRole('button', { name: 'Start' }).click()
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'Download' }).click(),
  ])
  const chunks: Buffer[] = []
  for await (const chunk of await download.createReadStream()) chunks.push(chunk as Buffer)
  expect(Buffer.concat(chunks).toString()).toContain('yte-db01')
  await page.getByRole('button', { name: 'Delete' }).click()
  await page.getByText('No files yet.').waitFor()
  expect(complaints).toEqual([])
  await close()
})

test('Escape stops a search that is under way; nothing is shown of it', async () => {
  const { page, close } = await openSheet(browser, 'phan-tich', { language: 'en' })
  const aborted = new Promise<string>((resolve) => {
    page.on('requestfailed', (request) => {
      if (request.url().includes('/events/')) resolve(request.url())
    })
  })
  // The network of a far office: the answer takes its time.
  await page.route('**/api/v1/events/**', async (route) => {
    await new Promise((resolve) => setTimeout(resolve, 3_000))
    await route.continue().catch(() => undefined)
  })
  await page.goto(`${inject('url')}/search`)
  await page.getByRole('button', { name: 'Stop' }).waitFor()
  await page.keyboard.press('Escape')
  await page.getByText('The search was stopped.').waitFor()
  expect(await aborted).toContain('/api/v1/events/')
  await close()
})
