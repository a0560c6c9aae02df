import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startProductProcess, type ProductProcess } from '../../bench/product-process.ts'
import { ROOT } from '../../model/root.ts'
import { Browser, CHROMIUM, hasChromium } from '../console/browser.ts'

const PASSWORD = 'một mật khẩu của lần thử này'

let product: ProductProcess
beforeAll(async () => {
  product = await startProductProcess()
})
afterAll(() => product.stop())

test('the recorded attack becomes the incidents that it should', async () => {
  const env = { PATH: process.env['PATH'], ...product.environment }
  const { stdout } = await promisify(execFile)(process.execPath, [join(ROOT, 'dist', 'soc.js'), 'demo'], { env })
  expect(stdout).toMatch(/Đúng như mong đợi: \d+ sự cố, \d+ cảnh báo · as expected/)
  expect(stdout).toContain('Đăng nhập SSH thành công sau khi dò mật khẩu')
  expect(stdout).toContain('SSH Login Succeeded After Password Guessing')
})

describe.skipIf(!hasChromium)(`the analyst's page, in ${CHROMIUM}`, () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await Browser.open()
    await browser.size(1440, 900)
  })
  afterAll(() => browser.close())

  test('the first administrator logs in with the printed password, changes it, and reads an incident', async () => {
    const [, printed] = /admin \/ (\S+)/.exec(product.output())!
    const headers = { 'content-type': 'application/json', origin: product.url }
    const login = await fetch(`${product.url}/api/v1/login`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ name: 'admin', password: printed }),
    })
    const cookie = login.headers.get('set-cookie')!.split(';')[0]!
    const changed = await fetch(`${product.url}/api/v1/me/password`, {
      method: 'PATCH',
      headers: { ...headers, cookie },
      body: JSON.stringify({ current: printed, password: PASSWORD }),
    })
    expect(changed.ok, await changed.text()).toBe(true)

    await browser.go(product.url)
    for (const [field, text] of [
      ['name', 'admin'],
      ['password', PASSWORD],
    ] as const) {
      await browser.until(`document.querySelector('#${field}')`)
      await browser.ask(`document.querySelector('#${field}').focus()`)
      await browser.type(text)
    }
    await browser.press('Enter')
    await browser.until(`document.querySelectorAll('main a[href^="/incidents/"]').length >= 4`)
    await browser.picture('demo-list')
    await browser.ask(`document.querySelector('main a[href^="/incidents/"]').click()`)
    await browser.until(`document.querySelector('main mark')`)
    await browser.picture('demo-incident')
    expect(await browser.ask(`document.querySelector('main h1').textContent`)).toContain(
      'Đăng nhập SSH thành công sau khi dò mật khẩu',
    )
    expect(browser.complaints).toEqual([])
  })
})
