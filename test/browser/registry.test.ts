import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { HOSTILE } from './lines.ts'
import { THEMES, SIZES, openBrowser, openSheet, picture, violations } from './page.ts'

let browser: Browser
beforeAll(async () => void (browser = await openBrowser()))
afterAll(() => browser.close())

test('a system changes hands on a day: staged, looked at, put in force with a reason, and what was before stays in the history', async () => {
  const { page, complaints, close } = await openSheet(browser, 'truong-ca')
  await page.goto(`${inject('url')}/sources/registry`)
  const row = page.locator('tbody tr', { hasText: 'Hệ thống y tế' }).first()
  await row.waitFor()
  const owner = row.locator('td').first()
  const before = (await owner.innerText()).trim()
  await row.getByRole('button', { name: /^Vai trò/ }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Cơ quan').selectOption({ label: 'Sở Khoa học và Công nghệ thành phố Hải Phòng' })
  await dialog.getByLabel('Căn cứ').fill(`QĐ 15 ${HOSTILE.markup}`)
  await dialog.getByLabel('Từ ngày').fill('2027-01-01')
  await picture(page, 'registry-dialog-vi-light')
  expect(await violations(page)).toEqual([])
  await dialog.getByRole('button', { name: 'Đưa vào bản nháp' }).click()

  const draft = page.locator('section', { hasText: 'Bản nháp: 1 thay đổi' })
  await draft.getByText('Sẽ đổi', { exact: true }).waitFor()
  expect(await draft.innerText()).toContain('Chủ quản của')
  expect(await draft.innerText()).toContain('chủ quản')
  await draft.getByText('Tệp sẽ đổi thế nào').click()
  await draft.locator('[data-kind=added]').first().waitFor()
  await picture(page, 'registry-draft-vi-light')
  expect(await violations(page)).toEqual([])

  await page.reload() // a draft is not lost
  await draft.getByText('Sẽ đổi', { exact: true }).waitFor()
  await draft.getByLabel('Vì sao, theo văn bản nào').fill('Nghị quyết 15 về sắp xếp')
  await draft.getByRole('button', { name: 'Lưu và áp dụng' }).click()
  await page.getByText(/Đã áp dụng từ vị trí \d+ của nhật ký/).waitFor()
  await draft.waitFor({ state: 'detached' })
  await page.waitForFunction(
    (text) => document.querySelector('tbody')?.textContent.includes(text),
    'Sở Khoa học và Công nghệ thành phố Hải Phòng từ 01/01/2027',
  )
  expect(await owner.innerText()).toContain(before.split('\n')[0])

  await page.getByRole('button', { name: 'Lịch sử' }).click()
  await page.getByText('Nghị quyết 15 về sắp xếp').waitFor()
  await page
    .getByRole('button', { name: /khác bản trước thế nào/ })
    .first()
    .click()
  await page.locator('[data-kind=added]').first().waitFor()
  await picture(page, 'registry-history-vi-light')
  expect(await violations(page)).toEqual([])
  expect(await page.$$('main img, main script')).toEqual([])
  expect(complaints).toEqual([])
  await close()
})

test('what cannot be is refused before it is saved, with the place; the draft stays', async () => {
  const { page, complaints, close } = await openSheet(browser, 'truong-ca', { language: 'en' })
  await page.goto(`${inject('url')}/sources/registry?part=agencies`)
  await page.locator('tbody tr', { hasText: 'hp-so-xd' }).getByRole('button', { name: /^End/ }).click()
  await page.getByRole('dialog').getByLabel('First day on which it is no more').fill('2027-06-01')
  await page.getByRole('dialog').getByRole('button', { name: 'Put into the draft' }).click()
  const alert = page.locator('section [role=alert]')
  await alert.waitFor()
  expect(await alert.innerText()).toMatch(/did not exist, or has ended[\s\S]*Where: /)
  await picture(page, 'registry-refused-en-light')
  expect(await violations(page)).toEqual([])
  await page.getByLabel('Why, and by what decision').fill('decision 9')
  expect(await page.getByRole('button', { name: 'Save and put in force' }).isDisabled()).toBe(true)
  await page.getByRole('button', { name: /^Drop this change/ }).click()
  await alert.waitFor({ state: 'detached' })
  expect(complaints).toEqual([])
  await close()
})

test('who may only read it is offered no change', async () => {
  const { page, close } = await openSheet(browser, 'kiem-toan')
  await page.goto(`${inject('url')}/sources/registry`)
  await page.waitForSelector('tbody tr')
  expect(await page.getByRole('button', { name: /^(Vai trò|Thêm)/ }).count()).toBe(0)
  await close()
})

test.each(THEMES)('its parts, in %s', async (theme) => {
  const { page, complaints, close } = await openSheet(browser, 'truong-ca', { theme })
  for (const part of ['systems', 'agencies', 'sources', 'calendar', 'history']) {
    for (const [size, viewport] of Object.entries(SIZES)) {
      await page.setViewportSize(viewport)
      await page.goto(`${inject('url')}/sources/registry?part=${part}`)
      await page.waitForSelector('main tbody tr, main ol li')
      await picture(page, `registry-${part}-vi-${theme}-${size}`)
      expect(await violations(page), `${part} ${size}`).toEqual([])
    }
  }
  expect(complaints).toEqual([])
  await close()
})
