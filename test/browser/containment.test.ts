import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { HOSTILE, STRANGER } from './lines.ts'
import { openBrowser, openSheet, picture, violations } from './page.ts'

let browser: Browser
beforeAll(async () => void (browser = await openBrowser()))
afterAll(() => browser.close())

async function openIncident(page: Page, q: string): Promise<void> {
  await page.goto(`${inject('url')}/incidents?state=any&q=${encodeURIComponent(q)}`)
  await page.click('[role=grid] [data-id] a')
  await page.waitForSelector('[data-testid=evidence] mark')
}

test('an address of an incident is asked to be blocked by one and agreed to by another, by keyboard, after a dry run', async () => {
  const asks = await openSheet(browser, 'phan-tich-1')
  await openIncident(asks.page, STRANGER)
  await asks.page.focus(`button[aria-label="Đề nghị chặn ${STRANGER}"]`)
  await asks.page.keyboard.press('Enter')
  await asks.page.waitForSelector('[role=dialog] >> text=root') // the account that would have been cut off
  await picture(asks.page, 'block-dialog-vi-light')
  expect(await violations(asks.page)).toEqual([])
  await asks.page.keyboard.type('Dò mật khẩu hai máy của Sở Y tế')
  await asks.page.keyboard.press('Tab') // how long
  await asks.page.keyboard.press('Tab') // everywhere
  await asks.page.keyboard.press('Tab') // away
  await asks.page.keyboard.press('Tab')
  await asks.page.keyboard.press('Enter')
  await asks.page.waitForSelector('text=chờ duyệt')

  await asks.page.keyboard.press('g')
  await asks.page.keyboard.press('c')
  await asks.page.waitForSelector(`tbody tr:has-text("${STRANGER}") >> text=người khác duyệt`)
  expect(await asks.page.$(`tbody tr:has-text("${STRANGER}") button:has-text("Đồng ý")`)).toBeNull()

  const agrees = await openSheet(browser, 'truong-ca', { language: 'en', theme: 'dark' })
  await agrees.page.goto(`${inject('url')}/containment`)
  await agrees.page.focus(`tbody tr:has-text("${STRANGER}") button:has-text("Agree")`)
  await agrees.page.keyboard.press('Enter')
  await agrees.page.waitForSelector('[role=dialog] >> text=root')
  await picture(agrees.page, 'block-approve-en-dark')
  expect(await violations(agrees.page)).toEqual([])
  await agrees.page.click('[role=dialog] button:has-text("Agree")')
  await agrees.page.waitForSelector('text=Nothing waits for approval')
  await agrees.page.goto(`${inject('url')}/containment/lists`)
  await agrees.page.waitForSelector('tbody tr:has-text("/api/v1/blocklists/ip") >> text=1 entry')

  await agrees.page.goto(`${inject('url')}/containment?show=approved`)
  await agrees.page.click(`tbody tr:has-text("${STRANGER}") button:has-text("Lift")`)
  await agrees.page.click('[role=dialog] button:has-text("Lift")')
  await agrees.page.waitForSelector('text=Firewalls have nothing to stop now')
  expect([...asks.complaints, ...agrees.complaints]).toEqual([])
  await Promise.all([asks.close(), agrees.close()])
})

test('reports and evidence of an incident come as files, with what makes them what they are', async () => {
  const { page, complaints, close } = await openSheet(browser, 'truong-ca')
  await openIncident(page, STRANGER)
  const begins: Record<string, string> = { PDF: '%PDF-', DOCX: 'PK', STIX: '{', CSV: '\uFEFF', 'Gói chứng cứ': 'PK' }
  for (const [name, start] of Object.entries(begins)) {
    const [download] = await Promise.all([page.waitForEvent('download'), page.click(`aside a:has-text("${name}")`)])
    const chunks: Buffer[] = []
    for await (const chunk of await download.createReadStream()) chunks.push(chunk as Buffer)
    const text = Buffer.concat(chunks).toString()
    expect(text.startsWith(start), `${name}: ${text.slice(0, 20)}`).toBe(true)
  }
  expect(complaints).toEqual([])
  await close()

  const viewer = await openSheet(browser, 'xem-yte')
  await openIncident(viewer.page, STRANGER)
  await viewer.page.waitForSelector('aside a:has-text("PDF")')
  expect(await viewer.page.$('aside a:has-text("Gói chứng cứ")')).toBeNull()
  expect(await viewer.page.$('button:has-text("Chặn…")')).toBeNull()
  await viewer.close()
})

test('an observable leads to a search of the log around the time that it was seen', async () => {
  const { page, complaints, close } = await openSheet(browser, 'phan-tich')
  await openIncident(page, STRANGER)
  await page.click(`aside a[aria-label="Tìm ${STRANGER} trong log"]`)
  await page.waitForURL('**/search?**')
  await page.waitForSelector('[role=grid] [data-index="3"]')
  expect(await page.textContent('[role=grid]')).toContain(STRANGER)
  expect(complaints).toEqual([])
  await close()
})

test('a line that has just come says that its proof is not there yet', async () => {
  const { page, complaints, close } = await openSheet(browser, 'phan-tich')
  await openIncident(page, STRANGER)
  await page.click('button:has-text("Kiểm chứng toàn vẹn")')
  await page.waitForSelector('text=giờ của nó chưa khép')
  expect(complaints).toEqual([])
  await close()
})

test('an incident in print has its evidence and its story, and nothing to press', async () => {
  const { page, complaints, close } = await openSheet(browser, 'phan-tich')
  await openIncident(page, '198.51.100.66')
  await page.waitForLoadState('networkidle')
  await page.emulateMedia({ media: 'print' })
  await page.setViewportSize({ width: 794, height: 1_123 }) // A4 at 96 to the inch
  await picture(page, 'incident-print')
  const visible = await page.$$eval('button, nav, textarea, [role=toolbar]', (all) =>
    all
      .filter((one) => one.checkVisibility() && (one.closest('ol') === null || one.querySelector('time') === null))
      .map((one) => one.textContent || one.outerHTML),
  )
  expect(visible.filter((text) => !/^\d\d/.test(text))).toEqual([])
  expect(await page.textContent('[data-testid=evidence]')).toContain(HOSTILE.markup)
  expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true)
  expect(complaints).toEqual([])
  await close()
})
