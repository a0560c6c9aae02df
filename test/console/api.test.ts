import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { RequestError, addressOf, request } from '../../console/api/request.ts'
import { ROOT } from '../../model/root.ts'
import { makeWorld } from '../api/world.ts'
import { type Description, routeTypes } from './route-types.ts'

test('the types of the routes are what the API describes', async () => {
  const world = await makeWorld()
  const types = routeTypes(world.app.swagger() as unknown as Description, '/api/v1')
  await world.close()
  await expect(types).toMatchFileSnapshot(join(ROOT, 'console/api/routes.ts'))
})

test.each([
  ['unions in lists are bracketed', { type: 'array', items: { enum: ['a', "it's"] } }, `('a' | 'it\\'s')[]`],
  ['lists of objects are not', { type: 'array', items: { type: 'object', properties: {} } }, '{\n    }[]'],
  ['records', { type: 'object', additionalProperties: { type: 'integer' } }, 'Record<string, number>'],
  ['anything', {}, 'unknown'],
])('%s', (_name, schema, expected) => {
  const paths = { '/x': { get: { responses: { 200: { content: { 'application/json': { schema } } } } } } }
  expect(routeTypes({ paths }, '')).toContain(`answer: ${expected}\n`)
})

test('a schema that it cannot say is refused, not guessed', () => {
  const paths = {
    '/x': { get: { responses: { 200: { content: { 'application/json': { schema: { type: 'date' } } } } } } },
  }
  expect(() => routeTypes({ paths }, '')).toThrow("type 'date'")
})

describe('a request', () => {
  const asked = vi.fn<typeof fetch>()
  beforeEach(() => void vi.stubGlobal('fetch', asked.mockReset()))
  afterEach(() => void vi.unstubAllGlobals())
  const answer = (status: number, body: unknown, headers: Record<string, string> = {}): void => {
    const type = status < 400 ? 'application/json; charset=utf-8' : 'application/problem+json'
    asked.mockResolvedValue(
      new Response(JSON.stringify(body), { status, headers: { 'content-type': type, ...headers } }),
    )
  }

  test('has its parameters in the address, each in its place and written so that nothing escapes from it', async () => {
    answer(200, { items: [] })
    const query = { state: ['new', 'closed'], q: 'a&b', agency: undefined } as const
    await request('GET /incidents', { query: { ...query, state: [...query.state] } })
    expect(asked.mock.lastCall?.[0]).toBe('/api/v1/incidents?state=new&state=closed&q=a%26b')
    expect(addressOf('GET /incidents/{id}/attachments/{attachment}', { params: { id: '../x?', attachment: 2 } })).toBe(
      '/api/v1/incidents/..%2Fx%3F/attachments/2',
    )
  })

  test('sends the version that was read and the key that makes it once', async () => {
    answer(200, {})
    await request('PATCH /incidents/{id}', {
      params: { id: 'i' },
      body: { assignee: null },
      ifMatch: 7,
      idempotencyKey: 'k'.repeat(8),
    })
    const [, options] = asked.mock.lastCall!
    expect(options).toMatchObject({
      method: 'PATCH',
      body: '{"assignee":null}',
      headers: { 'content-type': 'application/json', 'if-match': '"7"', 'idempotency-key': 'kkkkkkkk' },
    })
  })

  test('that is refused gives the code, what is wrong where, and when to come again', async () => {
    const errors = [{ pointer: '/q', code: 'unclosed_quote', message: 'm', params: { position: 3, end: 5 } }]
    answer(429, { code: 'rate_limited', detail: 'd', errors }, { 'retry-after': '12' })
    const error = await request('GET /events/search').catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(RequestError)
    expect(error).toMatchObject({ code: 'rate_limited', status: 429, detail: 'd', errors, retryAfterSeconds: 12 })
  })

  test.each([
    [
      'an answer of something that is not ours',
      () => asked.mockResolvedValue(new Response('<html>', { status: 502 })),
      'http_502',
    ],
    ['no answer', () => asked.mockRejectedValue(new TypeError('Failed to fetch')), 'unreachable'],
  ])('%s has a code as well', async (_name, prepare, code) => {
    prepare()
    await expect(request('GET /me')).rejects.toMatchObject({ code, errors: [] })
  })

  test('that was given up says so, which is no error', async () => {
    const gone = new AbortController()
    asked.mockImplementation((_url, options) => Promise.reject(options!.signal!.reason as Error))
    gone.abort()
    await expect(request('GET /me', { signal: gone.signal })).rejects.toMatchObject({ name: 'AbortError' })
  })

  test('without content gives nothing, and with bytes gives them', async () => {
    asked.mockResolvedValueOnce(new Response(null, { status: 204 }))
    expect(await request('POST /logout')).toBeNull()
    asked.mockResolvedValueOnce(new Response('a,b', { headers: { 'content-type': 'text/csv; charset=utf-8' } }))
    const file = await request('GET /exports/{id}/file', { params: { id: 'e' } })
    expect(await file.text()).toBe('a,b')
  })
})
