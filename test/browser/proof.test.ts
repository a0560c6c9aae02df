import { rmSync } from 'node:fs'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { logIn } from '../../bench/chromium.ts'
import { type ProductProcess, startProductProcess } from '../../bench/product-process.ts'
import { UNIT_RECORDS_MAX } from '../../store/integrity/units.ts'
import { send, settledSpool } from '../product/wire.ts'
import { STRANGER, guessingLines } from './lines.ts'
import { openBrowser, openSheet, picture, violations } from './page.ts'
import { PASSWORD, addUsers } from './world.ts'

/** A number of a citizen, as an attacker finds it in a list and tries it for an account. */
const CITIZEN = '031203004567'

let browser: Browser
let product: ProductProcess

/** So many lines of one system that their unit of the proof is full, and need not wait for its hour to end. */
beforeAll(async () => {
  product = await startProductProcess()
  await addUsers(product.dataFolder)
  const endMs = Date.now()
  const guesses = guessingLines(endMs).map(({ text }, i) =>
    i % 2 === 0 ? text : text.replace('for root', `for invalid user ${CITIZEN}`),
  )
  const at = new Date(endMs).toISOString()
  const filler = Array.from(
    { length: UNIT_RECORDS_MAX },
    (_, i) => `<38>1 ${at} yte-db01 sshd ${i} - - Connection closed by 10.20.0.9 port ${i}`,
  )
  const framed = [...guesses, ...filler].map((text) => `${Buffer.byteLength(text)} ${text}`)
  await send(product.ports.syslogTcp, framed.join(''))
  await settledSpool(product.dataFolder)
  browser = await openBrowser()
}, 180_000)
afterAll(async () => {
  await browser.close()
  await product.stop()
  rmSync(product.dataFolder, { recursive: true, force: true })
})

async function openIncident(page: Page): Promise<void> {
  await page.context().addCookies([await logIn(product.url, { name: 'truong-ca', password: PASSWORD })])
  await page.goto(`${product.url}/incidents?state=any&q=${STRANGER}`)
  await page.click('[role=grid] [data-id] a')
  await page.waitForSelector('[data-testid=evidence] mark')
}

test('what is hidden is shown after a reason, which goes on record; the proof of a line is computed again by the browser', async () => {
  const { page, complaints, close } = await openSheet(browser, null)
  await openIncident(page)
  const evidence = page.locator('[data-testid=evidence]')
  expect(await evidence.innerText()).not.toContain(CITIZEN)
  const chooseLine = (saying: string) => evidence.locator('li', { hasText: saying }).first().getByRole('button').click()

  await chooseLine('invalid user ****')
  await page.getByRole('button', { name: 'Kiểm chứng toàn vẹn' }).click()
  await page.getByText('dòng có phần bị che nên không tính lại được ở đây').waitFor()

  await page.getByRole('button', { name: 'Hiện phần bị che…' }).click()
  const dialog = page.getByRole('dialog')
  const show = dialog.getByRole('button', { name: 'Hiện', exact: true })
  await page.waitForSelector('[role=dialog] input:focus')
  expect(await show.isDisabled()).toBe(true)
  await page.keyboard.type('Xác minh chủ tài khoản')
  await picture(page, 'reveal-dialog-vi-light')
  expect(await violations(page)).toEqual([])
  await page.keyboard.press('Enter')
  await dialog.waitFor({ state: 'detached' })
  await page.getByText('Lý do đã ghi: Xác minh chủ tài khoản').waitFor()
  expect(await evidence.innerText()).toContain(CITIZEN)

  await page.reload()
  await page.waitForSelector('[data-testid=evidence] mark')
  expect(await evidence.innerText()).not.toContain(CITIZEN) // for as long as it is open, and no longer
  await chooseLine('for root') // nothing is hidden in it
  await page.getByRole('button', { name: 'Kiểm chứng toàn vẹn' }).click()
  await page.getByText(/Nguyên vẹn: dòng này nằm trong chuỗi đã ký, mắt xích \d+, trình duyệt đã tính lại/).waitFor()
  await picture(page, 'proof-holds-vi-light')

  const audit = await page.evaluate(
    async () => (await (await fetch('/api/v1/audit?limit=20')).json()) as { items: { params: { reason?: string } }[] },
  )
  expect(audit.items.map(({ params }) => params.reason)).toContain('Xác minh chủ tài khoản')
  expect(complaints).toEqual([])
  await close()
})
