import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type World, makeWorld } from './world.ts'

let world: World
beforeAll(async () => void (world = await makeWorld()))
afterAll(() => world.close())

const WALL = '/api/v1/wall'

test('a wallboard reads numbers by agency, and nothing that is anybody’s', async () => {
  const answer = await world.app.inject({ url: WALL, headers: world.token(['wall:read'], 'all') })
  expect(answer.statusCode).toBe(200)
  const { from, to, names, agencies, open, days, overdue, ...rest } = answer.json<Record<string, unknown>>()
  expect(rest).toEqual({})
  expect([typeof from, typeof to, typeof overdue]).toEqual(['string', 'string', 'number'])
  expect(names).toEqual({ vi: expect.any(String), en: expect.any(String) })
  expect((agencies as object[]).length).toBeGreaterThan(0)
  for (const agency of agencies as object[]) expect(Object.keys(agency)).toEqual(['key', 'names'])
  expect((open as { count: number }[]).reduce((sum, { count }) => sum + count, 0)).toBeGreaterThan(0)
  for (const row of open as object[]) expect(Object.keys(row)).toEqual(['agency', 'level', 'count'])
  for (const row of days as object[]) expect(Object.keys(row)).toEqual(['day', 'level', 'count'])
})

test('nothing is counted over all incidents on the thread that serves everybody', async () => {
  const prepared = vi.spyOn(world.local, 'prepare')
  for (const url of [WALL, '/api/v1/overview']) {
    prepared.mockClear()
    const headers = world.token(['wall:read', 'incidents:read'], 'all')
    expect((await world.app.inject({ url, headers })).statusCode).toBe(200)
    expect(prepared.mock.calls.filter(([sql]) => sql.includes('GROUP BY'))).toEqual([])
  }
  prepared.mockRestore()
})

test('a wallboard of one agency reads that agency’s numbers', async () => {
  const headers = world.token(['wall:read'], ['so-y-te'])
  const { agencies, open } = (await world.app.inject({ url: WALL, headers })).json<{
    agencies: { key: string }[]
    open: { agency: string }[]
  }>()
  expect(agencies.map(({ key }) => key)).toEqual(['so-y-te'])
  expect(new Set(open.map(({ agency }) => agency))).toEqual(new Set(['so-y-te']))
})

test('with its token every other route that is not public is refused, those about the asker as well', async () => {
  const { paths = {} } = world.app.swagger() as { paths?: Record<string, object> }
  const routes = Object.entries(paths)
    .filter(([path]) => path.startsWith('/api/v1/') && path !== WALL)
    .flatMap(([path, methods]) => Object.keys(methods).map((method) => ({ method, path })))
  const headers = world.token(['wall:read'], 'all')
  let refused = 0
  for (const { method, path } of routes) {
    const request = { method: method.toUpperCase() as 'GET', url: path.replaceAll(/\{\w+\}/g, 'x') }
    const nobody = await world.app.inject({ ...request, remoteAddress: '192.0.2.1' })
    if (nobody.statusCode !== 401 || nobody.json<{ code: string }>().code !== 'unauthenticated') continue
    const answer = await world.app.inject({ ...request, headers, remoteAddress: '192.0.2.2' })
    expect([method, path, answer.statusCode, answer.json<{ code: string }>().code]).toEqual([
      method,
      path,
      403,
      'forbidden',
    ])
    refused++
  }
  expect(refused).toBeGreaterThan(routes.length - 10)
})

test('a revoked one reads nothing', async () => {
  const headers = world.token(['wall:read'], 'all')
  const admin = await world.browser('quan-tri')
  const { items } = (await world.app.inject({ url: '/api/v1/tokens', headers: admin })).json<{
    items: { id: string }[]
  }>()
  const id = headers['authorization']!.split('_')[1]!
  expect(items.map((token) => token.id)).toContain(id)
  await world.app.inject({ method: 'DELETE', url: `/api/v1/tokens/${id}`, headers: admin })
  expect((await world.app.inject({ url: WALL, headers })).statusCode).toBe(401)
})
