import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { STRANGER } from './lines.ts'
import { openBrowser, openSheet, picture, violations } from './page.ts'

/** SSH Password Guessing From One Address: the stranger's guesses at two agencies, and the hostile lines. */
const GUESSING = '4f47ed9c-d6b5-4950-a3d7-82136bac1132'
/** Password Hashes Read Through Sudo: a detection rule with tests beside it. */
const HASHES_READ = '744b5a2e-8fed-4c14-b2b7-e854ca7f7aa4'

let browser: Browser
beforeAll(async () => void (browser = await openBrowser()))
afterAll(() => browser.close())

async function openRule(page: Page, id: string, tab = ''): Promise<void> {
  await page.goto(`${inject('url')}/rules/${id}${tab === '' ? '' : `?tab=${tab}`}`)
  await page.waitForSelector('[role=tabpanel] > *')
}

/** Presses Tab until what has the focus matches. */
async function tabTo(page: Page, selector: string, presses = 60): Promise<void> {
  for (let i = 0; i < presses; i++) {
    await page.keyboard.press('Tab')
    if (await page.evaluate((selector) => document.activeElement?.matches(selector), selector)) return
  }
  throw new Error(`Tab does not come to ${selector}`)
}

test('from a noisy rule to an exception that was tried and ends, on one screen, by keyboard alone', async () => {
  const { page, complaints, close } = await openSheet(browser, 'truong-ca')
  await openRule(page, GUESSING)
  await page.keyboard.press('5')
  await page.waitForSelector('[role=tabpanel] p button')
  await tabTo(page, '[role=tabpanel] p button')
  await page.keyboard.press('Enter')
  const dialog = page.getByRole('dialog')
  await dialog.locator('pre').waitFor()
  expect(await violations(page)).toEqual([])
  await dialog.getByRole('button', { name: 'Chạy thử' }).focus()
  await page.keyboard.press('Enter')
  const result = dialog.getByTestId('backtest-result')
  await result.waitFor()
  expect(await result.innerText()).toMatch(/Giấu [1-9]\d* cảnh báo trong [1-9]\d* sự cố/)
  expect(await result.locator('a[href^="/incidents/"]').count()).toBeGreaterThan(0)
  await result.locator('summary').first().press('Enter')
  await result.locator('details[open] code').first().waitFor()
  expect(await result.locator('details[open]').first().innerText()).toContain('Failed password')
  await picture(page, 'exception-dry-run')
  expect(await violations(page)).toEqual([])

  // Another filter was not tried: what the first one hides is not said of it.
  await dialog.locator('input[type=checkbox]:not(:checked)').first().press('Space')
  await dialog.getByText('Chưa chạy thử').waitFor()
  await dialog.getByLabel('Vì sao').fill('Máy quét của tỉnh chạy hằng đêm')
  await page.keyboard.press('Enter')
  await page.getByText('Đã tạo ngoại lệ').waitFor()

  await page.goto(`${inject('url')}/rules/exceptions`)
  const made = page.locator('main li', { hasText: 'Máy quét của tỉnh chạy hằng đêm' })
  await made.waitFor()
  expect(await made.innerText()).toContain('Đặng Thị Trưởng Ca')
  await picture(page, 'exceptions-made')
  expect(await violations(page)).toEqual([])
  await made.getByRole('button', { name: 'Thu hồi' }).press('Enter')
  await page.keyboard.type('Máy quét đã thay')
  await page.keyboard.press('Enter')
  await made.getByText('Đã thu hồi', { exact: true }).waitFor()
  expect(complaints).toEqual([])
  await close()
})

test('a dry run says which real attack would be hidden, and wants a word for it', async () => {
  const { page, complaints, close } = await openSheet(browser, 'truong-ca', { language: 'en' })
  await page.goto(`${inject('url')}/incidents?state=any&q=${STRANGER}`)
  await page.locator('[role=grid] [data-id] a').first().click()
  await page.waitForSelector('[data-testid=evidence] mark')
  await page.keyboard.press('v')
  await page.waitForSelector('[role=dialog] input[type=radio]:focus')
  await page.keyboard.press('1')
  await page.keyboard.press('Enter')
  const dialog = page.getByRole('dialog')
  await dialog.waitFor({ state: 'detached' })
  await page.locator('header').getByText('Real attack').waitFor()
  await page.keyboard.press('e')
  await dialog.getByRole('button', { name: 'Try it' }).press('Enter')
  await dialog.getByText(/1 incident was a real attack!/).waitFor()
  await dialog.getByLabel('Why').fill('noise')
  expect(await dialog.getByRole('button', { name: 'Make the exception' }).isDisabled()).toBe(true)
  await dialog.getByLabel(/I have looked/).press('Space')
  expect(await dialog.getByRole('button', { name: 'Make the exception' }).isDisabled()).toBe(false)
  await picture(page, 'exception-threat')
  expect(await violations(page)).toEqual([])
  expect(complaints).toEqual([])
  await close()
})

test(
  'a rule goes to shadow and back with a reason, gets a budget, and its versions say who and why',
  { timeout: 180_000 },
  async () => {
    const { page, complaints, close } = await openSheet(browser, 'viet-luat')
    await openRule(page, HASHES_READ)
    const settle = async (key: string, fill: () => Promise<void>, why: string): Promise<void> => {
      await page.keyboard.press(key)
      const dialog = page.getByRole('dialog')
      await fill()
      await dialog.getByLabel(/^Vì sao/).fill(why)
      expect(await violations(page)).toEqual([])
      await page.keyboard.press('Enter')
      await dialog.waitFor({ state: 'detached' })
    }
    await settle('l', () => page.getByRole('radio', { name: /^Chạy thử/ }).check(), 'đo trước')
    await page.locator('[data-stage=shadow]').waitFor()
    await settle('b', () => page.getByLabel(/Số cảnh báo tối đa/).fill('20'), 'ồn vào giờ sao lưu')
    await page.getByText('20 cảnh báo mỗi ngày, mỗi cơ quan').waitFor()
    await settle('l', () => page.getByRole('radio', { name: /^Đang dùng/ }).check(), 'đã đo xong')
    await page.locator('[data-stage=live]').waitFor()

    await page.keyboard.press('3')
    const newest = page.locator('[role=tabpanel] ol li').first()
    await newest.waitFor()
    expect(await newest.innerText()).toMatch(/viet-luat[^]*Giai đoạn: Chạy thử → Đang dùng[^]*đã đo xong/)
    expect(await page.locator('[role=tabpanel] ol li').count()).toBe(4)
    await picture(page, 'rule-versions-changed')
    expect(await violations(page)).toEqual([])

    await page.keyboard.press('2')
    await page.getByRole('button', { name: 'Thử ngay' }).press('Enter')
    await page.getByText(/Bắt được \d+ trong \d+ lần bỏ điều kiện/).waitFor()
    expect(complaints).toEqual([])
    await close()
  },
)

test('a rule is switched off for one agency, and on again', async () => {
  const { page, complaints, close } = await openSheet(browser, 'truong-ca', { language: 'en' })
  await openRule(page, HASHES_READ)
  await page.keyboard.press('o')
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('radio', { name: 'Only these agencies' }).check()
  await dialog.getByRole('combobox').or(dialog.locator('input[aria-haspopup=listbox]')).first().click()
  await page.getByRole('option').first().click()
  await dialog.getByLabel(/^Why/).fill('their own scanner')
  await dialog.getByRole('button', { name: 'Switch off' }).press('Enter')
  await page.getByText(/^Off at .*their own scanner/).waitFor()
  await dialog.waitFor({ state: 'detached' })
  await page.keyboard.press('o')
  await dialog.getByLabel(/^Why/).fill('replaced')
  await dialog.getByRole('button', { name: 'Switch on' }).press('Enter')
  await page.getByText(/^Off at /).waitFor({ state: 'detached' })
  expect(complaints).toEqual([])
  await close()
})

test('the matrix leads from a technique to its rules by keyboard, and gives a layer for Navigator', async () => {
  const { page, complaints, close } = await openSheet(browser, 'viet-luat')
  await page.goto(`${inject('url')}/rules/coverage`)
  const cell = page.locator('#technique-T1110')
  await cell.waitFor()
  expect(await cell.innerText()).toContain('có luật đang hoạt động')
  await page.getByLabel('Tô màu theo').selectOption('fired')
  expect(await cell.innerText()).toMatch(/[1-9]\d* sự cố/)
  await cell.press('Enter')
  await page.locator('aside h2:focus').waitFor()
  expect(await page.locator('aside').innerText()).toContain('Dò mật khẩu SSH từ một địa chỉ')
  await page.keyboard.press('Escape')
  await page.locator('#technique-T1110:focus').waitFor()
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'Tải lớp cho ATT&CK Navigator' }).press('Enter'),
  ])
  const chunks: Buffer[] = []
  for await (const chunk of await download.createReadStream()) chunks.push(chunk as Buffer)
  const layer = JSON.parse(Buffer.concat(chunks).toString()) as { techniques: { techniqueID: string }[] }
  expect(layer.techniques.map(({ techniqueID }) => techniqueID)).toContain('T1110.001')
  expect(complaints).toEqual([])
  await close()
})

test('who only looks is offered nothing to change', async () => {
  const { page, close } = await openSheet(browser, 'phan-tich')
  await openRule(page, GUESSING)
  expect(await page.locator('article header button').count()).toBe(0)
  expect(await page.getByRole('tab', { name: 'Gợi ý' }).count()).toBe(0)
  await page.goto(`${inject('url')}/rules/exceptions`)
  await page.locator('main li').first().waitFor()
  expect(await page.getByRole('button', { name: 'Thu hồi' }).count()).toBe(0)
  await close()
})
