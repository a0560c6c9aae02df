import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { HOSTILE } from './lines.ts'
import { openBrowser, openSheet } from './page.ts'

let browser: Browser
beforeAll(async () => void (browser = await openBrowser()))
afterAll(() => browser.close())

test('a shift is handed over: what is open and what changed, a note that the next shift reads, as text whatever it holds', async () => {
  const lead = await openSheet(browser, 'truong-ca')
  await lead.page.goto(`${inject('url')}/handover`)
  await lead.page.waitForSelector('section[aria-label^="Đang mở"] tbody tr')
  await lead.page.waitForSelector('section[aria-label="Thay đổi trong ca"] tbody tr')
  await lead.page.focus('form textarea')
  await lead.page.keyboard.type(`**Để ý** máy chủ thư ${HOSTILE.markup}`)
  await lead.page.keyboard.press('Control+Enter')

  const next = await openSheet(browser, 'phan-tich', { language: 'en' })
  await next.page.goto(`${inject('url')}/handover`)
  await next.page.waitForSelector('section[aria-label="For the next shift"] strong:has-text("Để ý")')
  expect(await next.page.textContent('section[aria-label="For the next shift"]')).toContain('<script>')
  expect(await next.page.$$('main img, main script')).toEqual([])

  await next.page.emulateMedia({ media: 'print' })
  expect(await next.page.isVisible('form textarea')).toBe(false)
  expect(await next.page.isVisible('section[aria-label="For the next shift"] strong')).toBe(true)
  expect([...lead.complaints, ...next.complaints]).toEqual([])
  await Promise.all([lead.close(), next.close()])
})

test('a legal hold is placed and lifted with its reasons, by keyboard', async () => {
  const { page, complaints, close } = await openSheet(browser, 'truong-ca')
  await page.goto(`${inject('url')}/administration/holds`)
  await page.focus('button:has-text("Đặt lệnh giữ")')
  await page.keyboard.press('Enter')
  await page.waitForSelector('[role=dialog] input:focus')
  await page.keyboard.type('31/2/2026')
  await page.keyboard.press('Tab')
  await page.waitForSelector('[role=dialog] >> text=Viết ngày/tháng/năm')
  await page.keyboard.press('Shift+Tab')
  await page.keyboard.press('ControlOrMeta+A')
  await page.keyboard.type('1/11/2026')
  await page.getByLabel('Đến ngày').focus()
  await page.keyboard.type('31/10/2026')
  await page.keyboard.press('Tab')
  await page.waitForSelector('[role=dialog] >> text=Không được trước 01/11/2026')
  await page.getByLabel('Đến ngày').fill('')
  await page.getByLabel('Ai yêu cầu, căn cứ nào').focus()
  await page.keyboard.type('Công văn 12/CAT')
  await page.keyboard.press('Enter')
  await page.waitForSelector('tbody tr:has-text("Công văn 12/CAT") >> text=đang giữ')
  await page.focus('button:has-text("Gỡ lệnh giữ")')
  await page.keyboard.press('Enter')
  await page.waitForSelector('[role=dialog] input:focus')
  await page.keyboard.type('Vụ việc đã khép')
  await page.keyboard.press('Enter')
  await page.waitForSelector('tbody tr >> text=đã gỡ: Vụ việc đã khép')
  expect(complaints).toEqual([])
  await close()
})

test('why the single sign-on let nobody in is said once, in words, and leaves the address', async () => {
  const { page, complaints, close } = await openSheet(browser, null, { language: 'en' })
  await page.goto(`${inject('url')}/?signOn=disabled`)
  await page.waitForSelector('[role=alert]:has-text("locked here")')
  expect(new URL(page.url()).search).toBe('')
  await page.goto(`${inject('url')}/?signOn=${encodeURIComponent(HOSTILE.markup)}`)
  await page.waitForSelector('[role=alert]:has-text("wrong answer")')
  expect(complaints).toEqual([])
  await close()
})
