import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { HOSTILE, STRANGER } from './lines.ts'
import { openBrowser, openSheet } from './page.ts'

let browser: Browser
beforeAll(async () => void (browser = await openBrowser()))
afterAll(() => browser.close())

test('the world has what the suites go by: a stranger at two agencies, incidents of three, hostile lines and dead letters', async () => {
  const { page, complaints, close } = await openSheet(browser, 'phan-tich')
  await page.goto(inject('url'))
  const get = <T>(path: string): Promise<T> =>
    page.evaluate(async (path) => (await (await fetch(`/api/v1${path}`)).json()) as never, path)

  const counted = await get<{ groups: { values: string[] }[] }>(
    `/events/aggregate?q=${encodeURIComponent(`${STRANGER} | count by soc.agency`)}`,
  )
  expect(new Set(counted.groups.map(({ values }) => values[0]))).toEqual(new Set(['hp-so-khcn', 'hp-so-yt']))
  const incidents = await get<{ items: { agency: string }[] }>('/incidents?limit=200')
  expect(new Set(incidents.items.map(({ agency }) => agency))).toEqual(
    new Set(['hp-so-khcn', 'hp-so-nnmt', 'hp-so-yt']),
  )
  const hostile = await get<{ items: Record<string, string>[] }>(
    `/events/search?q=${encodeURIComponent('host.name:tnmt-web01 198.51.100.66')}`,
  )
  for (const text of Object.values(HOSTILE)) expect(hostile.items[0]!['event.original']).toContain(text)
  expect((await get<{ items: object[] }>('/dead-letters')).items).toHaveLength(2)
  expect(complaints).toEqual([])
  await close()
})
