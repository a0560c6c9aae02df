import { expect, onTestFinished, test } from 'vitest'
import { makeWorld } from './world.ts'

test('a source says how often it was over the quota of its agency', async () => {
  const world = await makeWorld({
    throttled: (agency, source) => (agency === 'so-y-te' && source.startsWith('syslog-tcp/') ? 7 : 0),
  })
  onTestFinished(() => world.close())
  const headers = await world.browser('phan-tich')
  const { items } = (await world.app.inject({ url: '/api/v1/sources', headers })).json<{
    items: { agency: string; throttled: number }[]
  }>()
  expect(new Set(items.map(({ agency, throttled }) => `${agency === 'so-y-te'} ${throttled}`))).toEqual(
    new Set(['true 7', 'false 0']),
  )
})
