import { existsSync } from 'node:fs'
import { type Browser, type BrowserContext, chromium } from 'playwright-core'

export const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium'
export const hasChromium = existsSync(CHROMIUM)

export function openBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-gpu'] })
}

type Cookie = Parameters<BrowserContext['addCookies']>[0][number]

/** The cookie of a new session. */
export async function logIn(url: string, credentials: { name: string; password: string }): Promise<Cookie> {
  const answer = await fetch(`${url}/api/v1/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: url },
    body: JSON.stringify(credentials),
  })
  const [pair = ''] = (answer.headers.get('set-cookie') ?? '').split(';')
  if (!answer.ok || pair === '') throw new Error(`log-in: ${answer.status} ${await answer.text()}`)
  const [name = '', value = ''] = pair.split('=')
  return { name, value, url, httpOnly: true, sameSite: 'Lax' }
}
