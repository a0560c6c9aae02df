import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { SIZES, THEMES, openBrowser, openSheet, picture, violations } from './page.ts'

let browser: Browser
beforeAll(async () => void (browser = await openBrowser()))
afterAll(() => browser.close())

const FIGURES = 'main svg[role=img]'

/** An administrator makes the token of a screen, and gives the link that the page shows once. */
async function makeLink(page: Page, name: string): Promise<string> {
  await page.goto(`${inject('url')}/administration/tokens`)
  await page.getByRole('button', { name: 'Tạo mã truy cập' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Dùng để làm gì').fill(name)
  await dialog.getByLabel('Loại').selectOption({ label: 'Màn hình lớn' })
  await picture(page, 'wall-token-vi-light')
  expect(await violations(page)).toEqual([])
  await dialog.getByRole('button', { name: 'Tạo mã truy cập' }).click()
  const link = await dialog.locator('code').innerText()
  await dialog.getByRole('button', { name: 'Đóng' }).last().click()
  return link
}

test('a screen opens by its link without a log-in, keeps no token in its address, shows figures only, and goes dark when revoked', async () => {
  const admin = await openSheet(browser, 'quan-tri')
  const link = await makeLink(admin.page, 'Phòng trực')
  expect(link).toMatch(/\/kiosk#soc_/)

  const { page, complaints, close } = await openSheet(browser, null)
  const asked: string[] = []
  page.on('request', (request) => asked.push(request.url()))
  await page.goto(link)
  await page.waitForSelector(FIGURES)
  expect(page.url()).toBe(`${inject('url')}/kiosk`)
  expect(asked.filter((url) => url.includes('soc_'))).toEqual([])
  expect(new Set(asked.filter((url) => url.includes('/api/')))).toEqual(new Set([`${inject('url')}/api/v1/wall`]))
  const text = await page.innerText('body')
  expect(text).toContain('Sở Y tế')
  expect(text).not.toMatch(/phan-tich|Nguyễn Văn|yte-|203\.0\.113|root/)

  // Another start of the screen needs no link.
  await page.goto(`${inject('url')}/kiosk`)
  await page.waitForSelector(FIGURES)

  await admin.page.locator('tr', { hasText: 'Phòng trực' }).getByRole('button', { name: 'Thu hồi' }).click()
  await admin.page.getByRole('dialog').getByRole('button', { name: 'Thu hồi' }).click()
  await page.waitForSelector('form [role=alert]:not(:empty)') // within a round of its figures
  expect(await page.locator(FIGURES).count()).toBe(0)
  expect([...complaints, ...admin.complaints]).toEqual([])
  await Promise.all([close(), admin.close()])
})

test.each(THEMES)('the screen, and the form that asks for its token, in %s', async (theme) => {
  const admin = await openSheet(browser, 'quan-tri')
  const link = await makeLink(admin.page, `Sảnh ${theme}`)
  await admin.close()
  const { page, complaints, close } = await openSheet(browser, null, { theme })
  await page.goto(`${inject('url')}/kiosk#khong-phai-ma`)
  await page.waitForSelector('form [role=alert]:not(:empty)')
  expect(await violations(page)).toEqual([])
  await page.getByLabel('Mã của màn hình lớn').fill(link.split('#')[1]!)
  await page.keyboard.press('Enter')
  await page.waitForSelector(FIGURES)
  for (const [size, viewport] of Object.entries(SIZES)) {
    await page.setViewportSize(viewport)
    await picture(page, `kiosk-vi-${theme}-${size}`)
    expect(await violations(page), size).toEqual([])
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true)
  }
  expect(complaints).toEqual([])
  await close()
})

test('figures stay while the server is away, and say how old they are', async () => {
  const admin = await openSheet(browser, 'quan-tri')
  const link = await makeLink(admin.page, 'Mất mạng')
  await admin.close()
  const { page, close } = await openSheet(browser, null, { language: 'en' })
  await page.goto(link)
  await page.waitForSelector(FIGURES)
  await page.route('**/api/v1/wall', (route) => route.abort())
  await page.getByText(/The server cannot be reached. Figures of \d\d\/\d\d\/\d{4} \d\d:\d\d/).waitFor()
  expect(await page.locator(FIGURES).count()).toBe(1)
  await close()
})
