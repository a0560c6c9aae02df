import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { historyOf } from '../../store/local/history.ts'
import { StoreError } from '../../store/store.ts'
import { type World, makeWorld } from './world.ts'

let world: World
let all: Record<string, string>
let health: Record<string, string>
beforeAll(async () => {
  world = await makeWorld()
  all = await world.browser('phan-tich')
  health = await world.browser('phan-tich-yte')
})
afterAll(() => world.close())

const ask = async (path: string, query: Record<string, string>, headers = all) =>
  (await world.app.inject({ url: `/api/v1/events/${path}?${new URLSearchParams(query)}`, headers })).json()

test('the language reaches the store: alternatives, negation, order, chosen fields, paging', async () => {
  const records = async (q: string) =>
    (await ask('search', { q })).items.map((e: Record<string, string>) => e['soc.record'])
  expect(await records('soc.agency:so-gtvt or soc.seq:(1 or 3)')).toEqual([
    'so-gtvt-4',
    'so-y-te-3',
    'so-gtvt-2',
    'so-y-te-1',
  ])
  expect(await records('FAILED not source.ip:203.0.113.0/29')).toEqual(await records('soc.seq > 0'))
  expect(await records('source.ip:203.0.112.0/23 | sort @timestamp asc')).toEqual([
    'so-y-te-1',
    'so-gtvt-2',
    'so-y-te-3',
    'so-gtvt-4',
    'so-y-te-5',
  ])
  const q = 'user.name:root | sort @timestamp asc | fields user.name'
  const first = await ask('search', { q, limit: '2' })
  expect(first.items).toEqual([
    { 'soc.record': 'so-y-te-1', 'user.name': 'root' },
    { 'soc.record': 'so-gtvt-2', 'user.name': 'root' },
  ])
  const second = await ask('search', { q, limit: '2', cursor: first.next })
  expect(second.items.map((e: Record<string, string>) => e['soc.record'])).toEqual(['so-y-te-3', 'so-gtvt-4'])
  expect((await ask('search', { q: 'user.name:toor', cursor: first.next })).code).toBe('bad_cursor')
})

test.each([
  ['search', 'a or', { code: 'unexpected', params: { position: 4, end: 4 } }],
  ['search', '| count', { code: 'wrong_output', params: { position: 0, end: 7 } }],
  ['aggregate', 'a', { code: 'wrong_output', params: { position: 0, end: 1 } }],
  ['aggregate', 'a | count by', { code: 'bad_stage', params: { position: 10, end: 12 } }],
])('/events/%s?q=%s is refused where it is wrong', async (path, q, error) => {
  expect(await ask(path, { q })).toMatchObject({ code: 'bad_query', errors: [{ pointer: '/q', ...error }] })
})

describe('aggregates', () => {
  test('groups and intervals, within the asker agencies alone', async () => {
    expect(await ask('aggregate', { q: '| count by soc.agency' })).toMatchObject({
      kind: 'count',
      by: ['soc.agency'],
      groups: [
        { values: ['so-y-te'], count: 3 },
        { values: ['so-gtvt'], count: 2 },
      ],
      more: false,
    })
    expect((await ask('aggregate', { q: '| count by soc.agency' }, health)).groups).toEqual([
      { values: ['so-y-te'], count: 3 },
    ])
    expect((await ask('aggregate', { q: '| count' }, health)).groups).toEqual([{ values: [], count: 3 }])
    const range = { from: '2026-11-22T07:00:00Z', to: '2026-11-22T08:00:00Z' }
    expect(await ask('aggregate', { q: '| histogram 2m by soc.agency', ...range })).toMatchObject({
      intervalMs: 120_000,
      buckets: [
        { from: '2026-11-22T07:00:00.000Z', count: 1, groups: [{ values: ['so-y-te'], count: 1 }] },
        { from: '2026-11-22T07:02:00.000Z', count: 2 },
        { from: '2026-11-22T07:04:00.000Z', count: 2 },
      ],
    })
  })

  test('a histogram without an interval gets one that fits, and a day begins at midnight of the province', async () => {
    const range = { from: '2026-11-01T00:00:00Z', to: '2026-12-01T00:00:00Z' }
    expect(await ask('aggregate', { q: '| histogram', ...range })).toMatchObject({ intervalMs: 6 * 3_600_000 })
    expect((await ask('aggregate', { q: '| histogram 1d', ...range })).buckets).toEqual([
      { from: '2026-11-21T17:00:00.000Z', count: 5 },
    ])
    expect(await ask('aggregate', { q: '| histogram 1s', ...range })).toMatchObject({ code: 'query_too_large' })
  })
})

test('completion tells fields, and values of the asker agencies alone', async () => {
  expect((await ask('fields', {}, health)).items).toContain('user.name')
  expect(await ask('values', { field: 'soc.agency' }, health)).toEqual({ items: [{ value: 'so-y-te', count: 3 }] })
  expect(await ask('values', { field: 'soc.agency', prefix: 'so-g' }, health)).toEqual({ items: [] })
  expect(await ask('values', { field: 'soc.agency', prefix: 'so-g' })).toEqual({
    items: [{ value: 'so-gtvt', count: 2 }],
  })
})

test('who searched what, when, and how much was found, is on record', async () => {
  const range = { from: '2026-11-22T07:00:00.000Z', to: '2026-11-22T08:00:00.000Z' }
  await ask('search', { q: 'user.name:root', ...range }, health)
  await ask('aggregate', { q: '| count by user.name', ...range }, health)
  await ask('values', { field: 'user.name', ...range }, health)
  await world.app.inject({ url: '/api/v1/events/so-y-te-1', headers: health })
  const entries = historyOf(world.local, { kind: 'search', id: 'user:phan-tich-yte' }, 4)
  expect(entries.map(({ code, actor, params }) => ({ code, actor, params }))).toEqual([
    { actor: 'phan-tich-yte', code: 'events_searched', params: { q: 'user.name:root', ...range, events: 3 } },
    { actor: 'phan-tich-yte', code: 'events_counted', params: { q: '| count by user.name', ...range, rows: 1 } },
    { actor: 'phan-tich-yte', code: 'values_listed', params: { field: 'user.name', prefix: '', ...range, rows: 1 } },
    { actor: 'phan-tich-yte', code: 'event_read', params: { record: 'so-y-te-1' } },
  ])
})

test('a budget that ends a search is told in words; a client that goes away ends its search', async () => {
  let signal: AbortSignal | undefined
  const slow = await makeWorld({
    store: {
      ...world.store,
      engine: 'embedded',
      searchEvents: (query) => {
        ;({ signal } = query)
        return query.limit === 3
          ? Promise.reject(new StoreError('too_large', 'the search took longer than 30 s; narrow the range'))
          : new Promise((_, reject) => {
              query.signal?.addEventListener('abort', () => reject(new StoreError('cancelled', 'gone')))
            })
      },
    },
  })
  try {
    const headers = await slow.browser('phan-tich')
    const answer = await slow.app.inject({ url: '/api/v1/events/search?limit=2', headers })
    expect([answer.statusCode, answer.json()]).toMatchObject([
      422,
      { code: 'query_too_large', detail: 'the search took longer than 30 s; narrow the range' },
    ])
    signal = undefined
    const address = await slow.app.listen({ port: 0, host: '127.0.0.1' })
    const leave = new AbortController()
    const asked = fetch(`${address}/api/v1/events/search?limit=5`, {
      headers: { cookie: headers['cookie']! },
      signal: leave.signal,
    }).catch(() => 'left')
    await expect.poll(() => signal?.aborted).toBe(false)
    leave.abort()
    expect(await asked).toBe('left')
    await expect.poll(() => signal?.aborted).toBe(true)
  } finally {
    await slow.close()
  }
})

test('one asker has four searches at once; another is not kept waiting', async () => {
  const waiting: (() => void)[] = []
  const busy = await makeWorld({
    store: {
      ...world.store,
      engine: 'embedded',
      searchEvents: () => new Promise((resolve) => waiting.push(() => resolve([]))),
    },
  })
  try {
    const [one, other] = [await busy.browser('phan-tich'), await busy.browser('truong-ca')]
    const search = (headers: Record<string, string>) => busy.app.inject({ url: '/api/v1/events/search', headers })
    const first = Array.from({ length: 4 }, () => search(one))
    await expect.poll(() => waiting.length).toBe(4)
    expect((await search(one)).json()).toMatchObject({ code: 'rate_limited' })
    const theirs = search(other)
    await expect.poll(() => waiting.length).toBe(5)
    for (const end of waiting.splice(0)) end()
    expect((await Promise.all([...first, theirs])).map(({ statusCode }) => statusCode)).toEqual([
      200, 200, 200, 200, 200,
    ])
    const again = search(one)
    await expect.poll(() => waiting.length).toBe(1)
    waiting[0]!()
    expect((await again).statusCode).toBe(200)
  } finally {
    await busy.close()
  }
})
