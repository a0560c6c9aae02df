import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { HOSTILE, LONGEST } from './lines.ts'
import { SIZES, openBrowser, openSheet, picture } from './page.ts'

let browser: Browser
beforeAll(async () => void (browser = await openBrowser()))
afterAll(() => browser.close())

const ADDRESS = '198.51.100.66'

/** Nothing of what a log says was run or became part of the page, and the page is as wide as its window, at a desk and on a telephone. */
async function expectInert(page: Page, what: string): Promise<void> {
  for (const [size, viewport] of Object.entries(SIZES)) {
    await page.setViewportSize(viewport)
    const seen = await page.evaluate(() => ({
      texts: [
        document.title,
        document.body.innerText,
        ...[...document.querySelectorAll('[title], [aria-label]')].flatMap((element) => [
          element.getAttribute('title') ?? '',
          element.getAttribute('aria-label') ?? '',
        ]),
      ].join('\n'),
      title: document.title,
      foreign: document.querySelectorAll('body img[src="x"], body script').length,
      tooWide: document.documentElement.scrollWidth - innerWidth,
    }))
    expect(seen.texts, `${what} ${size}`).not.toMatch(/[\u0000\u0007\u001B\u202E]/)
    expect(seen.title).not.toMatch(/^(owned|1)$/)
    expect([what, size, seen.foreign, Math.max(0, seen.tooWide)]).toEqual([what, size, 0, 0])
  }
  await page.setViewportSize(SIZES['1440x900'])
}

const search = (q: string): string => `/search?q=${encodeURIComponent(q)}`

/** Pages that show it by themselves: where, what is there once all is, and whether its markup stands on the page. */
test.each([
  ['the incidents', `/incidents?state=any&q=${ADDRESS}`, '[role=grid] [data-id]', false],
  ['a search', `${search(ADDRESS)}&col=user.name`, '[role=grid] [data-index="3"]', true],
  ['a search for the longest line', search('host.name:tnmt-web01 AAAAAAAA'), '[role=grid] [data-index="0"]', true],
  ['counts of a field', search(`${ADDRESS} | count by user.name, host.name`), 'table [data-value]', true],
  ['dead letters', '/sources/dead-letters', 'main pre', true],
  ['the handover', '/handover', 'main table tbody tr', false],
  ['the overview', '/overview', 'main table tbody tr', false],
  ['the wallboard', '/wall', 'main svg[role=img]', false],
  ['reports', '/overview/reports', 'main a[download]', false],
])('%s', async (what, path, ready, hasMarkup) => {
  const { page, complaints, close } = await openSheet(browser, 'truong-ca')
  await page.goto(inject('url') + path)
  await page.waitForSelector(ready)
  await page.waitForLoadState('networkidle').catch(() => undefined) // the stream stays open
  if (hasMarkup) expect(await page.innerText('main')).toContain('<img src=x onerror=')
  await expectInert(page, what)
  expect(complaints).toEqual([])
  await close()
})

test('the palette, and the title of the window, of an incident that has it', async () => {
  const { page, complaints, close } = await openSheet(browser, 'truong-ca')
  await page.goto(`${inject('url')}/incidents?state=any&q=${ADDRESS}`)
  const id = await page.getAttribute('[role=grid] [data-id]', 'data-id')
  await page.goto(`${inject('url')}/incidents/${id}`)
  await page.waitForSelector('[data-testid=evidence] mark')
  await page.keyboard.press('Control+k')
  await page.getByRole('dialog').locator('input').waitFor()
  await page.keyboard.type(ADDRESS)
  await expectInert(page, 'palette')
  expect(complaints).toEqual([])
  await close()
})

/** A new rule in the editor, with that text. */
async function writeRule(page: Page, text: string): Promise<void> {
  await page.goto(`${inject('url')}/rules/new`)
  await page.locator('[data-editor=rule] .cm-content').waitFor()
  await page.locator('[data-editor=rule] .cm-content').focus()
  await page.keyboard.press('Control+a')
  await page.keyboard.insertText(text)
}

test('a rule is tried on lines that are pasted: all of it, and a line that is too long says so', async () => {
  const { page, complaints, close } = await openSheet(browser, 'viet-luat')
  await writeRule(
    page,
    `title: Hostile
id: 6f1b6a52-54b0-4f0e-9f0a-5d6f6a7b0077
logsource: { product: linux, service: sshd }
detection:
  words: ['Failed password']
  condition: words
level: low
`,
  )
  const guess = `<38>1 2026-11-20T09:00:01+07:00 yte-db01 sshd 4411 - - Failed password for ${Object.values(HOSTILE).join(' ')} end`
  const lines = page.getByLabel(/^Dán các dòng log/)
  await lines.fill(`${guess}\n${guess} ${LONGEST}`)
  await page.getByText('Dòng 2 dài quá 65.536 ký tự').waitFor()
  await expectInert(page, 'too long')
  await lines.fill(`${guess}\n${guess} ${LONGEST.slice(0, 60_000)}`)
  await page.getByRole('button', { name: 'Thử', exact: true }).press('Enter')
  const tried = page.getByTestId('tried')
  await tried.getByText('2 dòng khớp').waitFor()
  expect(await tried.innerText()).toContain('<img src=x onerror=')
  expect(await tried.innerText()).toContain('invoice‹U+202E›fdp.exe')
  await picture(page, 'hostile-tried')
  await expectInert(page, 'tried')
  expect(complaints).toEqual([])
  await close()
})

test('an exception from an alert that has it: the draft, its dry run, and the list of exceptions', async () => {
  const { page, complaints, close } = await openSheet(browser, 'truong-ca')
  await page.goto(`${inject('url')}/incidents?state=any&q=${ADDRESS}`)
  await page.locator('[role=grid] [data-id] a').first().click()
  await page.waitForSelector('[data-testid=evidence] mark')
  await page.keyboard.press('e')
  const dialog = page.getByRole('dialog')
  await dialog.locator('pre').waitFor()
  await expectInert(page, 'draft')
  await dialog.getByRole('button', { name: 'Chạy thử' }).press('Enter')
  const result = dialog.getByTestId('backtest-result')
  await result.waitFor()
  await result.locator('summary').first().press('Enter')
  await result.locator('details[open] code').first().waitFor()
  expect(await result.innerText()).toContain('<img src=x onerror=')
  await picture(page, 'hostile-dry-run')
  await expectInert(page, 'dry run')
  await dialog.getByLabel('Vì sao').fill(`${HOSTILE.markup} ${HOSTILE.override}`)
  await page.keyboard.press('Enter')
  await page.getByText('Đã tạo ngoại lệ').waitFor()
  await page.goto(`${inject('url')}/rules/exceptions`)
  const made = page.locator('main li', { hasText: '<img src=x' })
  await made.waitFor()
  await picture(page, 'hostile-exceptions')
  await expectInert(page, 'exceptions')
  await made.getByRole('button', { name: 'Thu hồi' }).press('Enter')
  await page.keyboard.type('thử xong')
  await page.keyboard.press('Enter')
  await made.getByText('Đã thu hồi', { exact: true }).waitFor()
  // What was said of it stands in the audit trail too.
  await page.goto(`${inject('url')}/administration/audit`)
  await page.waitForSelector('main table tbody tr')
  await expectInert(page, 'audit')
  expect(complaints).toEqual([])
  await close()
})

test('a backtest over stored lines that have it', async () => {
  const { page, complaints, close } = await openSheet(browser, 'viet-luat')
  await writeRule(
    page,
    `title: Hostile
id: 6f1b6a52-54b0-4f0e-9f0a-5d6f6a7b0078
logsource: { product: linux, service: sshd }
detection:
  words: ['onerror=']
  condition: words
level: high
`,
  )
  await page.getByText('Nạp được 1 luật.').waitFor()
  await page.locator('[data-run=backtest]:enabled').press('Enter')
  const result = page.getByTestId('backtest-result')
  await result.waitFor()
  await result.locator('summary').first().press('Enter')
  await result.locator('details[open] code').first().waitFor()
  expect(await result.innerText()).toContain('<img src=x onerror=')
  await picture(page, 'hostile-backtest')
  await expectInert(page, 'backtest')
  expect(complaints).toEqual([])
  await close()
})
