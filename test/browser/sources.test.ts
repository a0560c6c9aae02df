import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { HOSTILE } from './lines.ts'
import { openBrowser, openSheet } from './page.ts'

let browser: Browser
beforeAll(async () => void (browser = await openBrowser()))
afterAll(() => browser.close())

test('every source has its state, and leads to its lines', async () => {
  const { page, complaints, close } = await openSheet(browser, 'truong-ca')
  await page.goto(`${inject('url')}/sources?agency=hp-so-yt`)
  await page.locator('tbody tr').first().waitFor()
  expect(await page.locator('tbody tr').count()).toBe(1)
  expect(await page.locator('tbody tr').innerText()).toContain('Đang học')
  await page.locator('tbody a').click()
  await page.waitForSelector('[role=row][data-index="0"]')
  expect(new URL(page.url()).searchParams.get('q')).toBe('soc.source:"syslog-tcp/127.0.0.1" and soc.agency:hp-so-yt')
  expect(complaints).toEqual([])
  await close()
})

test('the wizard fills in a configuration, refuses what cannot be, and an administrator makes the token in place', async () => {
  const { page, complaints, close } = await openSheet(browser, 'quan-tri', { language: 'en' })
  await page.goto(`${inject('url')}/sources/add`)
  await page.getByLabel('Agency', { exact: true }).selectOption('hp-so-yt')
  await page.getByLabel('System', { exact: true }).selectOption('yte')
  await page.getByLabel('Address or network of the sender').fill('10.20.5')
  await page.getByText('This value cannot be used.').waitFor()
  await page.getByLabel('Address or network of the sender').fill('10.20.5.7')
  await page.getByText('match: { address: 10.20.5.7 }, agency: hp-so-yt, system: yte').waitFor()
  await page.getByLabel('Shipper', { exact: true }).selectOption('winlogbeat')
  await page.getByRole('button', { name: 'Make the token and fill it in' }).click()
  await page.getByText(/soc_[a-z0-9]{12}_[\w-]{43}/).waitFor()
  expect(complaints).toEqual([])
  await close()
})

test('who may not make tokens is told whom to ask; who sees one agency chooses among that one', async () => {
  const { page, complaints, close } = await openSheet(browser, 'may-chu-yte', { language: 'en' })
  await page.goto(`${inject('url')}/sources/add`)
  const agency = page.getByLabel('Agency', { exact: true })
  await agency.locator('option[value="hp-so-yt"]').waitFor({ state: 'attached' })
  expect(
    await agency.locator('option').evaluateAll((options) => options.map((one) => one.getAttribute('value'))),
  ).toEqual(['', 'hp-so-yt'])
  await agency.selectOption('hp-so-yt')
  await page.getByLabel('Shipper', { exact: true }).selectOption('curl')
  await page.getByText('Ask an administrator').waitFor()
  expect(complaints).toEqual([])
  await close()
})

test('a dead letter shows its bytes as text, whatever they are', async () => {
  const { page, complaints, close } = await openSheet(browser, 'truong-ca')
  await page.goto(`${inject('url')}/sources/dead-letters`)
  await page.locator('main pre').first().waitFor()
  const shown = await page.locator('main pre').allInnerTexts()
  expect(shown.join('\n')).toContain(HOSTILE.markup)
  expect(shown.join('\n')).toContain('invoice‹U+202E›fdp.exe')
  expect(await page.title()).not.toContain('owned')
  expect(complaints).toEqual([])
  await close()
})
