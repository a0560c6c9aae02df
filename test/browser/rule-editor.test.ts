import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { openBrowser, openSheet, picture, violations } from './page.ts'

/** Password Hashes Read Through Sudo: a rule of one document. */
const HASHES_READ = '744b5a2e-8fed-4c14-b2b7-e854ca7f7aa4'

let browser: Browser
beforeAll(async () => void (browser = await openBrowser()))
afterAll(() => browser.close())

const content = '[data-editor=rule] .cm-content'
const GUESS =
  '<38>1 2026-11-20T09:00:01+07:00 yte-db01 sshd 4411 - - Failed password for root from 203.0.113.45 port 5112 ssh2'

/** Puts a text in the place of what is in the editor. */
async function write(page: Page, text: string): Promise<void> {
  await page.locator(content).focus()
  await page.keyboard.press('Control+a')
  await page.keyboard.insertText(text)
}

const rule = (id: string, condition: string): string => `title: Failed Password of Root
title_vi: Sai mật khẩu root
id: ${id}
status: experimental
tags: [attack.credential-access, attack.t1110]
logsource: { product: linux, service: sshd }
detection:
  words: ['Failed password for root']
  condition: ${condition}
level: high
`

test(
  'a rule is written, mended where it is wrong, tried on a line and on what is stored, and saved as a draft',
  { timeout: 180_000 },
  async () => {
    const id = '6f1b6a52-54b0-4f0e-9f0a-5d6f6a7b0042'
    const { page, complaints, close } = await openSheet(browser, 'viet-luat')
    await page.goto(`${inject('url')}/rules/new`)
    await page.locator(content).waitFor()
    await page.getByText('Nạp được 1 luật.').waitFor()
    expect(await violations(page)).toEqual([])

    await write(page, rule(id, 'word'))
    const problems = page.getByTestId('problems')
    await problems.getByText('bad_condition').waitFor()
    await page.locator('[data-editor=rule] .cm-lintRange-error').waitFor()
    expect(await page.getByRole('button', { name: 'Lưu bản nháp' }).isDisabled()).toBe(true)
    await picture(page, 'rule-editor-wrong')
    expect(await violations(page)).toEqual([])
    // From the list of what is wrong to its place, and the mistake mended there.
    await problems.getByRole('button', { name: /dòng 9, cột/ }).press('Enter')
    await page.keyboard.press('End')
    await page.keyboard.type('s')
    await problems.getByText('bad_condition').waitFor({ state: 'detached' })

    await page.getByLabel(/^Dán các dòng log/).fill(`${GUESS}\n${GUESS.replace('root', 'lan')}`)
    await page.getByRole('button', { name: 'Thử', exact: true }).press('Enter')
    const tried = page.getByTestId('tried')
    await tried.getByText('1 dòng khớp').waitFor()
    expect(await tried.locator('mark').innerText()).toBe('Failed password for root')

    await page.locator('[data-run=backtest]:enabled').press('Enter')
    const result = page.getByTestId('backtest-result')
    await result.waitFor()
    expect(await result.innerText()).toMatch(/\d+ sự cố (?:xuất hiện|thay đổi)/)
    await result.locator('summary').first().press('Enter')
    await result.getByText('Failed password for root').first().waitFor()
    await picture(page, 'rule-editor-backtest')
    expect(await violations(page)).toEqual([])

    await page.locator(content).focus()
    await page.keyboard.press('Control+s')
    await page
      .getByRole('dialog')
      .getByLabel(/^Vì sao/)
      .fill('theo dõi riêng root')
    await page.keyboard.press('Enter')
    await page.waitForURL(`**/rules/${id}`)
    await page.locator('[data-stage=draft]').waitFor()
    expect(complaints).toEqual([])
    await close()
  },
)

test('a rule gets a new version, which is compared with the former one and taken back', async () => {
  const { page, complaints, close } = await openSheet(browser, 'truong-ca', { language: 'en' })
  await page.goto(`${inject('url')}/rules/${HASHES_READ}`)
  await page.waitForSelector('[role=tabpanel] pre')
  await page.keyboard.press('e')
  await page.locator(content).waitFor()
  const former = (await page.locator(content).innerText()).split('\n')
  await page.locator(content).press('Control+Home')
  await page.keyboard.press('End')
  await page.keyboard.type(' Again')
  await page.getByText('rule loads').waitFor()
  await page.keyboard.press('Control+s')
  await page.getByRole('dialog').getByLabel(/^Why/).fill('another name')
  await page.keyboard.press('Enter')
  await page.waitForURL('**?tab=versions')
  const diff = page.locator('[role=tabpanel] pre')
  await diff.locator('[data-kind=added]').waitFor()
  expect(await diff.locator('[data-kind=added]').innerText()).toBe(`+${former[0]} Again`)
  await picture(page, 'rule-diff')
  expect(await violations(page)).toEqual([])
  await page
    .getByRole('button', { name: /^Restore version/ })
    .first()
    .press('Enter')
  await page.getByRole('dialog').getByLabel(/^Why/).fill('the old name was better')
  await page.keyboard.press('Enter')
  await diff.locator('[data-kind=removed]').getByText('Again').waitFor()
  expect(complaints).toEqual([])
  await close()
})

test('a backtest that is under way is stopped', async () => {
  const { page, complaints, close } = await openSheet(browser, 'viet-luat', { language: 'en' })
  await page.goto(`${inject('url')}/rules/${HASHES_READ}/edit`)
  await page.locator(content).waitFor()
  await page.getByRole('button', { name: 'Run', exact: true }).click()
  await page.getByRole('button', { name: 'Stop' }).click()
  await page.getByText('Stopped.').waitFor()
  expect(complaints).toEqual([])
  await close()
})
