import { rmSync } from 'node:fs'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ProductProcess, freePort, startProductProcess } from '../../bench/product-process.ts'
import { type Account, CLIENT, type OidcProvider, startProvider } from '../oidc-provider.ts'
import { openBrowser, openSheet, picture, violations } from './page.ts'

let browser: Browser
let provider: OidcProvider
let product: ProductProcess
const account: Account = {
  sub: 'u-1',
  name: 'Nguyễn Thị An',
  preferred_username: 'an.nt@haiphong.gov.vn',
  groups: ['soc-phan-tich'],
}

beforeAll(async () => {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  provider = await startProvider(url, () => account)
  product = await startProductProcess({
    SOC_HTTP_PORT: String(port),
    SOC_HTTP_PUBLIC_URL: url,
    SOC_SIGN_ON_ISSUER: provider.issuer,
    SOC_SIGN_ON_CLIENT_ID: CLIENT.id,
    SOC_SIGN_ON_CLIENT_SECRET: CLIENT.secret,
  })
  browser = await openBrowser()
})
afterAll(async () => {
  await browser.close()
  await product.stop()
  await provider.close()
  rmSync(product.dataFolder, { recursive: true, force: true })
})

test('the button leads through the provider and back, logged in as whom it vouches for', async () => {
  const { page, complaints, close } = await openSheet(browser, null)
  await page.goto(product.url)
  const button = page.getByRole('link', { name: 'Đăng nhập bằng tài khoản công vụ' })
  await button.waitFor()
  await picture(page, 'login-sign-on-vi-light')
  expect(await violations(page)).toEqual([])
  await button.click()
  await page.waitForSelector('nav[aria-label]')
  expect(new URL(page.url()).origin).toBe(product.url)
  await page.getByRole('button', { name: /Nguyễn Thị An/ }).waitFor()
  const me = await page.evaluate(async () => (await (await fetch('/api/v1/me')).json()) as { role: string })
  expect(me.role).toBe('analyst')
  expect(complaints).toEqual([])
  await close()
})

test('who is in no group that may log in is told so, and is nobody', async () => {
  account.groups = ['van-thu']
  account.sub = 'u-2'
  account.preferred_username = 'binh@haiphong.gov.vn'
  const { page, complaints, close } = await openSheet(browser, null, { language: 'en' })
  await page.goto(product.url)
  await page.getByRole('link', { name: 'Log in with your official account' }).click()
  await page.waitForSelector('form [role=alert]:not(:empty)')
  expect(new URL(page.url()).search).toBe('')
  expect(await page.evaluate(async () => (await fetch('/api/v1/me')).status)).toBe(401)
  expect(complaints).toEqual([])
  await close()
})
