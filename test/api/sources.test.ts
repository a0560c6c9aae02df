import { expect, onTestFinished, test } from 'vitest'
import { keepWatch } from '../../store/local/source-health.ts'
import { makeWorld } from './world.ts'

test('a source says what is the matter with it; one of no agency is listed and not judged', async () => {
  const world = await makeWorld({})
  onTestFinished(() => world.close())
  const health = {
    state: 'drifting',
    lagMs: -180_000,
    clockDriftMs: 180_500,
    recordsLastHour: 12,
    recordsUsual: 11.5,
  } as const
  const one = { key: 'k', source: 'syslog-tcp/192.0.2.0', agency: 'so-y-te', health, state: '{}' } as const
  keepWatch(world.local, { clock: '{}', sources: [one], gone: [] }, [])
  const headers = await world.browser('phan-tich')
  const { items } = (await world.app.inject({ url: '/api/v1/sources', headers })).json<{
    items: { source: string; agency: string; state: string }[]
  }>()
  expect(items.find(({ source, agency }) => source === one.source && agency === one.agency)).toMatchObject({
    state: 'drifting',
    lagSeconds: -180,
    clockDriftSeconds: 180.5,
    recordsLastHour: 12,
    recordsUsual: 11.5,
    parseFailures: 0,
  })
  expect(items.find(({ agency }) => agency !== one.agency)).toMatchObject({ state: 'learning' })
})

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
