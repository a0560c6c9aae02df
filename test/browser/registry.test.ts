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

/** What is filled in for one kind of change: fields by their labels, in the order of the dialog. */
interface Filled {
  part: string
  /** The row whose button it is; without it, a button beside the list. */
  row?: string
  press: string
  fields?: Record<string, string>
  /** What the draft says of it, and what the list shows once it is in force. */
  says: string
  shows: string
}

const CERTIFICATE = 'ab'.repeat(32)

const CHANGES: readonly Filled[] = [
  {
    part: 'systems',
    row: 'giaothong',
    press: 'Tên',
    fields: { 'Tên tiếng Việt': 'Hệ thống giao thông mới', 'Tên khác': 'GTTM; Giao thông, đèn tín hiệu' },
    says: 'có tên mới: Hệ thống giao thông mới',
    shows: 'Tên khác: GTTM; Giao thông, đèn tín hiệu',
  },
  {
    part: 'systems',
    row: 'nnchain',
    press: 'Cấp độ',
    fields: { 'Cấp độ an toàn': 'cấp độ 4', 'Căn cứ': 'QĐ 99/2027', 'Từ ngày': '2027-03-01' },
    says: 'ở cấp độ 4 (đã phê duyệt) từ 01/03/2027',
    shows: 'cấp độ 4, đã phê duyệt: QĐ 99/2027',
  },
  {
    part: 'systems',
    press: 'Thêm hệ thống',
    fields: {
      'Tên tiếng Việt': 'Kho lưu trữ số',
      'Tên tiếng Anh': 'Digital archive',
      'Khóa (': 'kho-so',
      'Cơ quan chủ quản': 'Sở Tài chính thành phố Hải Phòng',
      'Từ ngày': '2027-01-01',
    },
    says: 'Thêm hệ thống «Kho lưu trữ số» của Sở Tài chính',
    shows: 'Kho lưu trữ số',
  },
  {
    part: 'agencies',
    row: 'hp-so-tc',
    press: 'Tên',
    fields: { 'Tên khác': 'STC; Sở TC' },
    says: '«Sở Tài chính thành phố Hải Phòng» có tên mới',
    shows: 'Tên khác: STC; Sở TC',
  },
  {
    part: 'agencies',
    press: 'Thêm cơ quan',
    fields: {
      'Tên tiếng Việt': 'Trung tâm Lưu trữ số thành phố',
      'Tên tiếng Anh': 'City Digital Archive Centre',
      'Khóa (': 'hp-tt-luu-tru',
      Loại: 'ban quản lý',
      'Trực thuộc': 'Ủy ban nhân dân thành phố Hải Phòng',
      'Từ ngày': '2026-01-01',
    },
    says: 'Thêm cơ quan «Trung tâm Lưu trữ số thành phố» từ 01/01/2026',
    shows: 'Trung tâm Lưu trữ số thành phố',
  },
  {
    part: 'sources',
    press: 'Thêm nguồn gửi',
    fields: {
      'Chứng thư của máy gửi': CERTIFICATE,
      'Cơ quan': 'Sở Tài chính thành phố Hải Phòng',
      Loại: 'máy chủ',
      'Từ ngày': '2026-01-01',
    },
    says: `Nguồn chứng thư ${CERTIFICATE.slice(0, 12)}… thuộc Sở Tài chính`,
    shows: `chứng thư ${CERTIFICATE.slice(0, 12)}…`,
  },
  {
    part: 'sources',
    row: '198.51.100.7',
    press: 'Đánh giá',
    fields: { 'Im lặng bao nhiêu phút': '30', 'Lượng log giảm': '80', 'Đồng hồ lệch': '15' },
    says: 'Đổi cách đánh giá nguồn 198.51.100.7',
    shows: 'im lặng 30 phút thì báo · giảm 80 % thì báo · đồng hồ lệch 15 giây thì báo',
  },
  {
    part: 'sources',
    press: 'Đánh giá',
    fields: { 'Im lặng bao nhiêu phút': '240' },
    says: 'Đổi cách đánh giá mọi nguồn không nói riêng',
    shows: 'Cách đánh giá khi không nói gì riêng: im lặng 240 phút thì báo',
  },
  {
    part: 'sources',
    row: 'hcc-portal',
    press: 'Chuyển',
    fields: { 'Cơ quan': 'Sở Tài chính thành phố Hải Phòng', 'Từ ngày': '2027-01-01' },
    says: 'Nguồn luồng hcc-portal chuyển sang Sở Tài chính',
    shows: 'từ 01/01/2027',
  },
  {
    part: 'calendar',
    press: 'Thêm ngày nghỉ',
    fields: {
      'Từ ngày': '2027-12-31',
      'Mấy ngày liền': '1',
      'Tên tiếng Việt': 'Nghỉ cuối năm',
      'Tên tiếng Anh': 'Year end',
    },
    says: 'Nghỉ 1 ngày từ 31/12/2027: Nghỉ cuối năm',
    shows: 'Nghỉ cuối năm',
  },
  {
    part: 'calendar',
    press: 'Thêm ngày làm bù',
    fields: {
      'Từ ngày': '2027-12-25',
      'Tên tiếng Việt': 'Làm bù cuối năm',
      'Tên tiếng Anh': 'Worked in its stead',
    },
    says: 'Làm bù 1 ngày từ 25/12/2027: Làm bù cuối năm',
    shows: 'Làm bù cuối năm',
  },
  {
    part: 'calendar',
    press: 'Lịch ghi đủ đến',
    fields: { 'Ngày đầu tiên không còn': '2028-06-01' },
    says: 'Lịch ghi đủ đến trước 01/06/2028',
    shows: 'đến trước 01/06/2028',
  },
]

test('each kind of change is filled in by keyboard, said in the draft, and shown once all are in force', async () => {
  const { page, complaints, close } = await openSheet(browser, 'truong-ca')
  const draft = page.locator('section', { hasText: 'Bản nháp:' })
  for (const [index, { part, row, press, fields = {}, says }] of CHANGES.entries()) {
    await page.goto(`${inject('url')}/sources/registry?part=${part}`)
    await page.locator('main tbody tr').first().waitFor()
    const beside = row === undefined ? page.locator('main') : page.locator('main tbody tr', { hasText: row })
    await beside
      .getByRole('button', { name: new RegExp(`^${press}`) })
      .first()
      .focus()
    await page.keyboard.press('Enter')
    const dialog = page.getByRole('dialog')
    for (const [label, value] of Object.entries(fields)) {
      const field = dialog.getByLabel(label).first()
      const isChosen = await field.evaluate((element) => element instanceof HTMLSelectElement)
      if (isChosen) await field.selectOption({ label: value })
      else await field.fill(value)
    }
    if (index === 0) {
      await picture(page, 'registry-names-vi-light')
      expect(await violations(page)).toEqual([])
    }
    await dialog.getByRole('button', { name: 'Đưa vào bản nháp' }).focus()
    await page.keyboard.press('Enter')
    await dialog.waitFor({ state: 'detached' })
    await draft.getByText(says).waitFor()
  }
  // A day is taken out as it stands.
  const day = page.locator('main tbody tr', { hasText: 'Làm bù cho 02/01/2026' })
  await day.getByRole('button', { name: /^Bỏ/ }).click()
  await draft.getByText('Bỏ ngày 10/01/2026 khỏi lịch').waitFor()

  await draft.getByText('Sẽ đổi', { exact: true }).waitFor()
  await draft.getByText('Kho lưu trữ số: mục mới').waitFor()
  expect(await draft.locator('[role=alert]').allInnerTexts()).toEqual([])
  await picture(page, 'registry-draft-full-vi-light')
  expect(await violations(page)).toEqual([])
  await draft.getByLabel('Vì sao, theo văn bản nào').fill('Rà soát cuối năm')
  await draft.getByRole('button', { name: 'Lưu và áp dụng' }).click()
  await draft.waitFor({ state: 'detached' })
  expect(await day.count()).toBe(0)
  for (const { part, shows } of CHANGES) {
    await page.goto(`${inject('url')}/sources/registry?part=${part}`)
    await page.locator('main', { hasText: shows }).waitFor()
  }
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
