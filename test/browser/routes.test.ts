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

const HASHES_READ = '/rules/744b5a2e-8fed-4c14-b2b7-e854ca7f7aa4'

/** An editor whose text is checked: a button that is enabled while axe looks at it has the colours of one that is not. */
const CHECKED_RULE = 'main:has([data-editor=rule] .cm-content) [data-run=backtest]:enabled'

/** Every address of the console. */
const ROUTES: readonly Route[] = [
  { name: 'login', path: '/', ready: 'form input[type=password]' },
  { name: 'overview', path: '/overview', user: 'truong-ca', ready: 'main table tbody tr' },
  { name: 'wall', path: '/wall', user: 'truong-ca', ready: 'main svg[role=img]' },
  { name: 'kiosk-ask', path: '/kiosk', ready: 'form input' },
  { name: 'rules', path: '/rules', user: 'viet-luat', ready: 'main [role=cell] a' },
  { name: 'rule', path: HASHES_READ, user: 'viet-luat', ready: 'main pre' },
  { name: 'rule-quality', path: `${HASHES_READ}?tab=quality`, user: 'viet-luat', ready: 'main dl dd' },
  { name: 'rule-versions', path: `${HASHES_READ}?tab=versions`, user: 'viet-luat', ready: 'main ol li' },
  { name: 'rule-shadow', path: `${HASHES_READ}?tab=shadow`, user: 'viet-luat', ready: '[role=tabpanel] strong' },
  {
    name: 'rule-suggestions',
    path: `${HASHES_READ}?tab=suggestions`,
    user: 'viet-luat',
    ready: '[role=tabpanel] p button',
  },
  { name: 'rule-new', path: '/rules/new', user: 'viet-luat', ready: CHECKED_RULE },
  { name: 'rule-edit', path: `${HASHES_READ}/edit`, user: 'viet-luat', ready: CHECKED_RULE },
  { name: 'exceptions', path: '/rules/exceptions', user: 'truong-ca', ready: 'main strong, main li h2' },
  { name: 'attack', path: '/rules/coverage', user: 'viet-luat', ready: '[data-testid=matrix] button' },
  {
    name: 'attack-technique',
    path: '/rules/coverage?technique=T1110&colour=fired',
    user: 'viet-luat',
    ready: 'main aside li a',
  },
  { name: 'gaps', path: '/rules/gaps', user: 'viet-luat', ready: 'main tbody tr' },
  { name: 'audit', path: '/administration/audit', user: 'kiem-toan', ready: 'main table tbody tr' },
  { name: 'users', path: '/administration/users', user: 'quan-tri', ready: 'main table tbody tr' },
  { name: 'tokens', path: '/administration/tokens', user: 'quan-tri', ready: 'main table tbody tr' },
  { name: 'containment', path: '/containment?show=all', user: 'phan-tich', ready: 'main strong, main table tbody tr' },
  { name: 'containment-lists', path: '/containment/lists', user: 'truong-ca', ready: 'main table tbody tr' },
  { name: 'containment-never', path: '/containment/never', user: 'phan-tich', ready: 'main section li' },
  { name: 'handover', path: '/handover', user: 'truong-ca', ready: 'main table tbody tr' },
  { name: 'reports', path: '/overview/reports', user: 'truong-ca', ready: 'main a[download]' },
  { name: 'holds', path: '/administration/holds', user: 'truong-ca', ready: 'main strong, main table tbody tr' },
  { name: 'retention', path: '/administration/retention', user: 'kiem-toan', ready: 'main [role=meter]' },
  { name: 'notifications', path: '/administration/notifications', user: 'quan-tri', ready: 'main table tbody tr' },
  { name: 'webhooks', path: '/administration/webhooks', user: 'quan-tri', ready: 'main strong, main table tbody tr' },
  { name: 'login-refused', path: '/?signOn=no_group', ready: 'form [role=alert]:not(:empty)' },
  { name: 'search', path: '/search', user: 'phan-tich', ready: '[role=grid] [data-index="3"]' },
  {
    name: 'search-count',
    path: '/search?q=%7C+count+by+soc.agency,+host.name',
    user: 'phan-tich',
    ready: 'table [data-value]',
  },
  { name: 'search-mistake', path: '/search?q=%22a', user: 'phan-tich', ready: '[role=status]:has-text("1–2")' },
  { name: 'sources', path: '/sources', user: 'truong-ca', ready: 'tbody tr' },
  { name: 'agencies', path: '/sources/agencies', user: 'truong-ca', ready: 'main li h2' },
  { name: 'registry', path: '/sources/registry', user: 'truong-ca', ready: 'tbody tr' },
  { name: 'coverage', path: '/sources/coverage', user: 'truong-ca', ready: 'tbody td a' },
  { name: 'dead-letters', path: '/sources/dead-letters', user: 'truong-ca', ready: 'main pre' },
  { name: 'add-source', path: '/sources/add', user: 'quan-tri', ready: 'main select' },
]

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
