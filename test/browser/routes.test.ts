import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { LANGUAGES, SIZES, THEMES, openBrowser, openSheet, picture, violations } from './page.ts'
import type { UserName } from './world.ts'

interface Route {
  name: string
  path: string
  /** Who looks at it; nobody is logged in by default. */
  user?: UserName
  /** What is on the page when all of it is there. */
  ready: string
}

/** Every address of the console. */
const ROUTES: readonly Route[] = [{ name: 'login', path: '/', ready: 'form input[type=password]' }]

let browser: Browser
beforeAll(async () => void (browser = await openBrowser()))
afterAll(() => browser.close())

describe.each(ROUTES)('$name', ({ name, path, user = null, ready }) => {
  const looks = LANGUAGES.flatMap((language) => THEMES.map((theme) => [language, theme] as const))

  test.each(looks)('%s, %s: axe finds nothing, and nothing is refused or goes uncaught', async (language, theme) => {
    const { page, complaints, close } = await openSheet(browser, user, { language, theme })
    for (const [size, viewport] of Object.entries(SIZES)) {
      await page.setViewportSize(viewport)
      await page.goto(inject('url') + path)
      await page.waitForSelector(ready)
      await picture(page, `${name}-${language}-${theme}-${size}`)
      expect(await violations(page), size).toEqual([])
    }
    expect(complaints).toEqual([])
    await close()
  })
})
