import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { candidatesOf } from '../../../api/containment/candidates.ts'
import { expireBlocks } from '../../../api/containment/lists.ts'
import { incidentId } from '../../../api/incidents/grouping.ts'
import { NO_NEVER, Never } from '../../../detection/indicators/never.ts'
import { type Observable, addObservables } from '../../../store/local/observables.ts'
import { NOW, type World, makeWorld } from '../world.ts'

const [YTE, GTVT] = [incidentId('alert-so-y-te-3'), incidentId('alert-so-gtvt-4')]
let never = new Never(NO_NEVER)
let world: World
let asks: Record<string, string>
let agrees: Record<string, string>
beforeAll(async () => {
  world = await makeWorld({ never: () => never })
  asks = await world.browser('phan-tich')
  agrees = await world.browser('truong-ca')
  const seen = ['203.0.113.9', '203.0.113.10', '203.0.113.11', '203.0.113.12', '10.0.0.1']
  for (const id of [YTE, GTVT]) {
    addObservables(
      world.local,
      id,
      (
        [
          ...seen.map((value) => ({ kind: 'ip' as const, value })),
          { kind: 'url', value: 'http://Evil.example.com:8080/a?b' },
          { kind: 'email', value: 'x@mail.example.org' },
          { kind: 'md5', value: 'a'.repeat(32) },
          { kind: 'host', value: 'web01.evil.example.com' },
        ] satisfies Observable[]
      ).map((one) => ({ ...one, firstAt: NOW, lastAt: NOW })),
    )
  }
})
afterAll(() => world.close())

type Headers = Record<string, string>
const post = (headers: Headers, url: string, payload?: object) =>
  world.app.inject({ method: 'POST', url: `/api/v1${url}`, headers, ...(payload !== undefined && { payload }) })
const ask = (value: string, more: object = {}, { incident = YTE, headers = asks } = {}) =>
  post(headers, `/incidents/${incident}/blocks`, { kind: 'ip', value, reason: 'quét cổng', days: 7, ...more })
const pull = (list: string, headers: Headers) => world.app.inject({ url: `/api/v1/blocklists/${list}`, headers })
const basic = ({ authorization = '' }: Headers): Headers => ({
  authorization: `Basic ${Buffer.from(`firewall:${authorization.slice('Bearer '.length)}`).toString('base64')}`,
})

test('a block is asked for by one, approved by another, served, and lifted; all of it in the history', async () => {
  const wall = basic(world.token(['blocklists:read'], ['so-y-te']))
  const asked = await ask('203.0.113.9')
  expect([asked.statusCode, asked.json()]).toMatchObject([
    201,
    {
      agency: 'so-y-te',
      value: '203.0.113.9',
      state: 'requested',
      requestedBy: 'phan-tich',
      expiresAt: '2026-11-29T08:00:00.000Z',
    },
  ])
  const { id } = asked.json<{ id: string }>()
  expect((await ask('203.0.113.9')).json()).toMatchObject({ code: 'bad_block' }) // already
  expect((await pull('ip', wall)).body).toBe('') // nothing before a second person has agreed
  expect((await post(asks, `/blocks/${id}/approve`)).json()).toMatchObject({ code: 'same_person', status: 422 })
  const l1 = await world.browser('phan-tich-1')
  expect((await post(l1, `/blocks/${id}/approve`)).json()).toMatchObject({ code: 'forbidden' })
  expect((await post(agrees, `/blocks/${id}/approve`)).json()).toMatchObject({
    state: 'approved',
    decidedBy: 'truong-ca',
  })
  expect((await post(agrees, `/blocks/${id}/approve`)).json()).toMatchObject({ code: 'bad_block' })

  const served = await pull('ip', wall)
  expect([served.statusCode, served.headers['content-type'], served.body]).toEqual([
    200,
    'text/plain; charset=utf-8',
    '203.0.113.9\n',
  ])
  const again = await pull('ip', { ...wall, 'if-none-match': String(served.headers.etag) })
  expect([again.statusCode, again.body]).toEqual([304, ''])
  expect((await pull('ip', basic(world.token(['blocklists:read'], ['so-gtvt'])))).body).toBe('')

  expect((await post(agrees, `/blocks/${id}/lift`)).json()).toMatchObject({ state: 'lifted' })
  expect((await pull('ip', wall)).body).toBe('')
  const { history } = (await world.app.inject({ url: `/api/v1/incidents/${YTE}`, headers: asks })).json<{
    history: { code: string; actor: string; before?: object; after?: object }[]
  }>()
  expect(history.filter(({ code }) => code.startsWith('block_')).map(({ code, actor }) => `${actor} ${code}`)).toEqual([
    'phan-tich block_requested',
    'truong-ca block_approved',
    'truong-ca block_lifted',
  ])
})

test('lists are sorted, of a bounded length, and follow time and the never-list', async () => {
  const wall = world.token(['blocklists:read'], 'all')
  const ids: string[] = []
  for (const value of ['203.0.113.11', '203.0.113.10', '203.0.113.9', '203.0.113.12']) {
    const { id } = (await ask(value, { days: value.endsWith('.9') ? 1 : 30 })).json<{ id: string }>()
    ids.push(id)
  }
  for (const id of ids.slice(0, 3)) expect((await post(agrees, `/blocks/${id}/approve`)).statusCode).toBe(200)
  expect((await post(agrees, `/blocks/${ids[3]}/approve`)).json()).toMatchObject({ code: 'too_many' })
  expect((await pull('ip', wall)).body).toBe('203.0.113.10\n203.0.113.11\n203.0.113.9\n')
  never = new Never({ ...NO_NEVER, networks: ['203.0.113.10'] })
  expect((await pull('ip', wall)).body).toBe('203.0.113.11\n203.0.113.9\n')
  expect((await ask('203.0.113.10', {}, { incident: GTVT })).json()).toMatchObject({ code: 'bad_block' })
  never = new Never(NO_NEVER)
  world.advance(25 * 3_600_000)
  const later = world.token(['blocklists:read'], 'all')
  expect((await pull('ip', later)).body).toBe('203.0.113.10\n203.0.113.11\n')
  expect(expireBlocks(world.local, Date.parse(NOW) + 25 * 3_600_000)).toBe(1)
  expect(expireBlocks(world.local, Date.parse(NOW) + 25 * 3_600_000)).toBe(0)
  asks = await world.browser('phan-tich')
  agrees = await world.browser('truong-ca')
  expect((await world.app.inject({ url: '/api/v1/blocks?state=expired', headers: asks })).json()).toMatchObject({
    items: [{ value: '203.0.113.9', decidedBy: 'system' }],
  })
})

describe('who may what', () => {
  test('only what the incident shows can be blocked, in its normal form', async () => {
    expect((await ask('198.51.100.77')).json()).toMatchObject({ code: 'bad_block' })
    expect((await ask('evil.EXAMPLE.com.', { kind: 'domain' })).json()).toMatchObject({ value: 'evil.example.com' })
    expect((await ask('com', { kind: 'domain' })).json()).toMatchObject({ code: 'bad_block' })
    expect((await ask('203.0.113.9', { days: 91 })).json()).toMatchObject({ code: 'bad_block' })
  })

  test('a block for everywhere is for who sees all, also to approve; it reaches every firewall and tells of no incident', async () => {
    const narrow = await world.browser('phan-tich-yte')
    const url = { kind: 'url', everywhere: true }
    expect((await ask('http://evil.example.com:8080/a?b', url, { headers: narrow })).json()).toMatchObject({
      code: 'forbidden',
    })
    const { id } = (await ask('http://evil.example.com:8080/a?b', url)).json<{ id: string }>()
    expect((await post(narrow, `/blocks/${id}/approve`)).json()).toMatchObject({ code: 'forbidden' })
    expect((await post(agrees, `/blocks/${id}/approve`)).statusCode).toBe(200)
    const other = world.token(['blocklists:read', 'incidents:read'], ['so-gtvt'])
    expect((await pull('url', other)).body).toBe('evil.example.com:8080/a?b\n')
    expect((await pull('url-with-scheme', other)).body).toBe(
      'http://evil.example.com:8080/a?b\nhttps://evil.example.com:8080/a?b\n',
    )
    expect((await world.app.inject({ url: '/api/v1/blocks', headers: other })).json()).toEqual({ items: [] })
  })

  test('a token of lists reads nothing else, in no query, and Basic opens no other route', async () => {
    const token = world.token(['blocklists:read'], 'all')
    const secret = token['authorization']!.slice('Bearer '.length)
    expect((await pull('ip', {})).headers['www-authenticate']).toMatch(/^Basic realm=/)
    expect((await pull(`ip?token=${secret}`, {})).statusCode).toBe(401)
    expect((await pull('ip', { authorization: 'Basic !!!' })).statusCode).toBe(401)
    const wide = basic(world.token(world.everyScope, 'all'))
    const answers = ['/blocks', '/incidents', '/me'].map((path) =>
      world.app.inject({ url: `/api/v1${path}`, headers: wide }),
    )
    expect((await Promise.all(answers)).map(({ statusCode }) => statusCode)).toEqual([401, 401, 401])
    const written = await post(world.token(world.everyScope, 'all'), `/incidents/${YTE}/blocks`, {
      kind: 'ip',
      value: '203.0.113.9',
      reason: 'x',
      days: 1,
    })
    expect(written.json()).toMatchObject({ code: 'forbidden' }) // a program cuts nobody off
  })
})

test('the dry run tells who would have been cut off, in the agencies of who asks, and is on record', async () => {
  const impact = (headers: Headers, query = '') =>
    world.app.inject({
      url: `/api/v1/incidents/${YTE}/blocks/impact?kind=ip&value=203.0.113.9&from=2026-11-22T00:00:00Z&to=2026-11-23T00:00:00Z${query}`,
      headers,
    })
  expect((await impact(asks)).json()).toMatchObject({
    events: 5,
    agencies: {
      items: [
        { value: 'so-y-te', count: 3 },
        { value: 'so-gtvt', count: 2 },
      ],
      more: false,
    },
    users: { items: [{ value: 'root', count: 5 }] },
  })
  const narrow = await world.browser('phan-tich-yte')
  const seen = (await impact(narrow)).json()
  expect(seen).toMatchObject({ events: 3, agencies: { items: [{ value: 'so-y-te', count: 3 }] } })
  expect((await world.app.inject({ url: `/api/v1/incidents/${YTE}`, headers: asks })).body).toContain(
    'block_impact_counted',
  )
})

test('links give their host as well, mail its domain; hosts and accounts are nothing to block', () => {
  expect(
    candidatesOf([
      { kind: 'url', value: 'https://u:p@Evil.example.com:8443/a' },
      { kind: 'url', value: 'http://203.0.113.7/x' },
      { kind: 'email', value: 'a@b@mail.example.org' },
      { kind: 'sha1', value: 'B'.repeat(40) },
      { kind: 'host', value: 'web01' },
      { kind: 'user', value: 'root' },
    ]),
  ).toEqual([
    { kind: 'url', value: 'evil.example.com:8443/a' },
    { kind: 'domain', value: 'evil.example.com' },
    { kind: 'url', value: '203.0.113.7/x' },
    { kind: 'ip', value: '203.0.113.7' },
    { kind: 'domain', value: 'mail.example.org' },
    { kind: 'hash', value: 'b'.repeat(40) },
  ])
})

test('what is never blocked can be seen by who asks for blocks of all agencies, and by nobody else', async () => {
  never = new Never({ networks: ['203.0.113.0/24'], domains: ['example.com'], domainsBelow: [], hashes: [] })
  const get = (headers: Headers) => world.app.inject({ url: '/api/v1/blocks/never', headers })
  expect((await get(asks)).json()).toEqual({
    networks: ['203.0.113.0/24'],
    domains: ['example.com'],
    domainsBelow: [],
    hashes: [],
  })
  for (const name of ['kiem-toan', 'phan-tich-yte']) {
    expect((await get(await world.browser(name))).json()).toMatchObject({ code: 'forbidden' })
  }
  never = new Never(NO_NEVER)
})
