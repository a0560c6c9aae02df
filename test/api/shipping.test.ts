import { afterAll, beforeAll, expect, test } from 'vitest'
import { type World, makeWorld } from './world.ts'

let world: World
beforeAll(async () => void (world = await makeWorld()))
afterAll(() => world.close())

interface Plan {
  configuration: string
  tokenPlace?: string
  registryLine?: string
  settings: string[]
  errors?: { pointer: string }[]
  code?: string
}

async function plan(way: string, query: Record<string, string>, user = 'may-chu-yte'): Promise<[number, Plan]> {
  const headers = await world.browser(user)
  const url = `/api/v1/shipping/${way}?${new URLSearchParams(query).toString()}`
  const answer = await world.app.inject({ url, headers })
  return [answer.statusCode, answer.json<Plan>()]
}

test('every way that is listed can be planned, and asks for nothing that is not filled in', async () => {
  const headers = await world.browser('may-chu-yte')
  const listed = await world.app.inject({ url: '/api/v1/shipping', headers })
  const { items } = listed.json<{ items: { shipper: string; transport: string; identity: string }[] }>()
  expect(items.length).toBeGreaterThan(12)
  for (const { shipper, transport, identity } of items) {
    const query = { agency: 'so-y-te', system: 'benh-an', host: 'soc.example.vn', address: '10.20.5.7' }
    const [status, { configuration, tokenPlace = 'nothing', registryLine = '' }] = await plan(
      `${shipper}/${transport}`,
      query,
    )
    expect([shipper, transport, status]).toEqual([shipper, transport, 200])
    expect(configuration).toMatch(/soc\.example\.vn|10\.20\.5\.7|benh-an/)
    expect(configuration).not.toMatch(/[«»]/)
    expect([shipper, configuration.includes(tokenPlace)]).toEqual([shipper, identity === 'token'])
    expect(registryLine).toContain('agency: so-y-te, system: benh-an')
  }
})

test('what the collector itself still lacks is said', async () => {
  const query = { agency: 'so-y-te', host: 'soc.example.vn', address: '10.20.5.7' }
  const [, { settings }] = await plan('rsyslog/relp', query)
  expect(settings).toEqual(['inputs:', '  relp: { host: 0.0.0.0 }'])
})

test.each([
  ['an address that is none', { agency: 'so-y-te', host: 'soc.example', address: '10.20' }, 400, '/address'],
  ['no address where one is needed', { agency: 'so-y-te', host: 'soc.example' }, 400, '/address'],
  [
    'a host that would break out of its quotation marks',
    { agency: 'so-y-te', host: 'a") #', address: '10.0.0.1' },
    400,
    '/host',
  ],
  ['a stream that is a path', { agency: 'so-y-te', host: 'a', address: '10.0.0.1', stream: '../x' }, 400, '/stream'],
  [
    'a system of another agency',
    { agency: 'so-y-te', host: 'a', address: '10.0.0.1', system: 'giay-phep' },
    400,
    '/system',
  ],
  ['a system that is none', { agency: 'so-y-te', host: 'a', address: '10.0.0.1', system: 'x' }, 400, '/system'],
])('refused: %s', async (_name, query, status, pointer) => {
  const [given, { errors }] = await plan('rsyslog/tcp', query)
  expect([given, errors?.[0]?.pointer]).toEqual([status, pointer])
})

test('another agency is as unknown as one that is none, and so is a shipper that is none', async () => {
  const [foreign, none] = await Promise.all(
    ['so-gtvt', 'khong-co'].map((agency) => plan('curl/http', { agency, host: 'soc.example' })),
  )
  expect(foreign).toEqual(none)
  expect([foreign![0], foreign![1].code]).toEqual([422, 'unknown_agency'])
  expect((await plan('telegraf/http', { agency: 'so-y-te', host: 'soc.example' }))[0]).toBe(404)
  expect((await plan('curl/udp', { agency: 'so-y-te', host: 'soc.example' }))[0]).toBe(404)
})
