import { mkdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { inject } from 'vitest'
import { logIn, openBrowser } from '../../bench/chromium.ts'
import { ROOT } from '../../model/root.ts'
import { PASSWORD, type UserName } from './world.ts'

export { openBrowser }

/** Where pictures of the pages go; not kept in the repository. */
export const PICTURES = join(ROOT, '.cache', 'pictures')

export const LANGUAGES = ['vi', 'en'] as const
export const THEMES = ['light', 'dark'] as const
export type Language = (typeof LANGUAGES)[number]
export type Theme = (typeof THEMES)[number]

/** A desk and a telephone. */
export const SIZES = { '1440x900': { width: 1440, height: 900 }, '390x844': { width: 390, height: 844 } } as const

export interface Look {
  language?: Language
  theme?: Theme
  size?: keyof typeof SIZES
}

/** A page, and what it complained of: uncaught errors, and what the content security policy refused. */
export interface Sheet {
  page: Page
  complaints: string[]
  close: () => Promise<void>
}

/** An empty page of somebody's own browser: logged in as `user`, or as nobody. */
export async function openSheet(browser: Browser, user: UserName | null, look: Look = {}): Promise<Sheet> {
  const { language = 'vi', theme = 'light', size = '1440x900' } = look
  const context = await browser.newContext({
    viewport: SIZES[size],
    locale: language === 'vi' ? 'vi-VN' : 'en-GB',
    timezoneId: 'UTC', // the page must show the province's time wherever it is opened
    colorScheme: theme,
    reducedMotion: 'reduce',
    acceptDownloads: true,
  })
  await context.addInitScript(
    ([language, theme]) => {
      localStorage.setItem('vong-gac.language', language)
      localStorage.setItem('vong-gac.theme', theme)
    },
    [language, theme] as const,
  )
  if (user !== null) await context.addCookies([await sessionOf(user)])
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(`uncaught: ${error.message}`))
  page.on('console', (message) => {
    if (message.type() !== 'error' && message.type() !== 'warning') return
    // A refusal of the API is an answer like others; what the page makes of it is for the tests to see.
    if (message.text().startsWith('Failed to load resource') && message.location().url.includes('/api/v1/')) return
    complaints.push(`${message.type()}: ${message.text()}`)
  })
  return { page, complaints, close: () => context.close() }
}

const sessions = new Map<UserName, Awaited<ReturnType<typeof logIn>>>()

/** Logs in once for all sheets: an address may log in only so often a minute. */
async function sessionOf(name: UserName): Promise<Awaited<ReturnType<typeof logIn>>> {
  const kept = sessions.get(name)
  if (kept !== undefined) return kept
  const cookie = await logIn(inject('url'), { name, password: PASSWORD })
  sessions.set(name, cookie)
  return cookie
}

/** Keeps a picture of what is in the window, under a name that says what it shows. */
export async function picture(page: Page, name: string): Promise<void> {
  mkdirSync(PICTURES, { recursive: true })
  await page.screenshot({ path: join(PICTURES, `${name}.png`), animations: 'disabled' })
}

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

interface AxeWindow {
  axe: {
    run: (
      options: object,
    ) => Promise<{ violations: { id: string; help: string; nodes: { html: string; failureSummary?: string }[] }[] }>
  }
}

/** What axe has against the page as it stands, WCAG 2.2 A and AA and its best practices: one line for each node. */
export async function violations(page: Page): Promise<string[]> {
  await page.evaluate(AXE) // by the debugger, so that the content security policy stays in force
  const found = await page.evaluate(async () => {
    const { axe } = globalThis as unknown as AxeWindow
    return (await axe.run({ resultTypes: ['violations'] })).violations
  })
  return found.flatMap(({ id, help, nodes }) =>
    nodes.map(({ html, failureSummary = '' }) => `${id}: ${help}\n  ${html.slice(0, 300)}\n  ${failureSummary}`),
  )
}
