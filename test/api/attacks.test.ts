import { mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { incidentId } from '../../api/incidents/grouping.ts'
import { sweepOrphans } from '../../store/local/attachments.ts'
import { getUser } from '../../store/local/users.ts'
import { PASSWORD, type World, makeWorld } from './world.ts'

let world: World
beforeAll(async () => {
  world = await makeWorld()
})
afterAll(() => world.close())

const ID = incidentId('alert-so-y-te-3')
const SITE = { host: 'soc.example.vn', 'sec-fetch-site': 'same-origin' }

test('session fixation: a log-in gives a session of its own, whatever cookie came with it, and ends none of another', async () => {
  const planted = `soc_session=${'A'.repeat(43)}`
  const login = (cookie: string) =>
    world.app.inject({
      method: 'POST',
      url: '/api/v1/login',
      headers: { ...SITE, cookie },
      payload: { name: 'phan-tich', password: PASSWORD },
    })
  const me = (cookie: string) => world.app.inject({ url: '/api/v1/me', headers: { ...SITE, cookie } })
  const first = (await login(planted)).cookies[0]!
  const second = (await login(`${first.name}=${first.value}`)).cookies[0]!
  expect(new Set(['A'.repeat(43), first.value, second.value]).size).toBe(3)
  expect((await me(planted)).statusCode).toBe(401)
  expect((await me(`${second.name}=${second.value}`)).statusCode).toBe(200)
})

describe('mass assignment: what a body may not say is refused, and nothing of it is done', () => {
  test.each([
    ['PATCH', `/incidents/${ID}`, { assignee: null, agency: 'so-gtvt', version: 99, priority: 100 }],
    ['POST', `/incidents/${ID}/comments`, { body: 'x', author: 'quan-tri', at: '2020-01-01T00:00:00Z' }],
    [
      'POST',
      `/incidents/${ID}/blocks`,
      { kind: 'ip', value: '203.0.113.9', reason: 'x', days: 1, state: 'approved', requestedBy: 'lan' },
    ],
    ['PATCH', '/me/password', { current: PASSWORD, password: 'mot-mat-khau-khac-2026', role: 'administrator' }],
    ['PATCH', '/users/phan-tich', { displayName: 'x', mustChange: false, createdAt: 'x' }],
    ['POST', '/tokens', { kind: 'api', name: 'x', agencies: 'all', scopes: ['incidents:read'], createdBy: 'ai-do' }],
  ] as const)('%s %s', async (method, url, payload) => {
    const headers = await world.browser('quan-tri')
    const snapshot = (): string =>
      JSON.stringify(
        ['incidents', 'comments', 'blocks', 'users', 'tokens'].map((table) =>
          world.local.prepare(`SELECT * FROM ${table}`).all(),
        ),
      )
    const before = snapshot()
    const answer = await world.app.inject({
      method,
      url: `/api/v1${url}`,
      headers: { ...headers, 'if-match': '*' },
      payload,
    })
    const named = answer.json<{ code: string; errors: { code: string }[] }>()
    expect([answer.statusCode, named.code, named.errors[0]?.code]).toEqual([400, 'validation', 'additionalProperties'])
    // Who logged in was seen; nothing else may differ.
    expect(snapshot().replaceAll(/"seen_at":"[^"]*"/g, '')).toBe(before.replaceAll(/"seen_at":"[^"]*"/g, ''))
    expect(getUser(world.local, 'phan-tich')!.role).toBe('analyst')
  })
})

test('bombs: what is packed is not unpacked, what is nested or long is refused, and the next request is answered', async () => {
  const headers = await world.browser('phan-tich')
  const url = `/api/v1/incidents/${ID}/comments`
  const send = (payload: Buffer, more = {}) =>
    world.app.inject({
      method: 'POST',
      url,
      headers: { ...headers, 'content-type': 'application/json', ...more },
      payload,
    })
  const packed = gzipSync(Buffer.from(JSON.stringify({ body: 'x'.repeat(10_000_000) })))
  const nested = Buffer.from('['.repeat(30_000))
  const deep = Buffer.from(`{"body":${'['.repeat(30_000)}${']'.repeat(30_000)}}`)
  const long = Buffer.from(JSON.stringify({ body: 'x'.repeat(70_000) }))
  const answers = await Promise.all([
    send(packed, { 'content-encoding': 'gzip' }),
    send(nested),
    send(deep),
    send(long),
  ])
  expect(answers.map(({ statusCode }) => statusCode)).toEqual([400, 400, 400, 413])
  expect((await send(Buffer.from('{"body":"ổn"}'))).statusCode).toBe(201)
})

test('stored XSS: hostile text is only ever JSON that no browser guesses to be a page, or a file to be saved', async () => {
  const headers = await world.browser('phan-tich')
  const hostile = '<img src=x onerror=alert(1)>"\'</script><svg onload=alert(1)>.html'
  const incident = `/api/v1/incidents/${ID}`
  await world.app.inject({ method: 'POST', url: `${incident}/comments`, headers, payload: { body: hostile } })
  await world.app.inject({
    method: 'POST',
    url: `${incident}/attachments?name=${encodeURIComponent(hostile)}`,
    headers: { ...headers, 'content-type': 'text/html' },
    payload: hostile,
  })
  for (const path of ['', '/comments', '/attachments']) {
    const { headers: answered, body } = await world.app.inject({
      url: incident + path,
      headers: { ...headers, accept: 'text/html' },
    })
    expect([path, answered['content-type'], answered['x-content-type-options']]).toEqual([
      path,
      'application/json; charset=utf-8',
      'nosniff',
    ])
    if (path !== '') expect(body).toMatch(/on(error|load)=alert/)
    expect(answered['content-security-policy']).toContain("default-src 'none'")
  }
  const file = await world.app.inject({ url: `${incident}/attachments/1`, headers })
  expect(file.headers['content-disposition']).toMatch(/^attachment; filename="attachment"; filename\*=UTF-8''[\w.%-]+$/)
  expect(file.headers['content-type']).toBe('application/octet-stream')
})

test('header injection: no name of a file or list ends a header', async () => {
  const headers = await world.browser('phan-tich')
  const name = encodeURIComponent('a\r\nSet-Cookie: x=1\u2028.bin')
  const url = `/api/v1/incidents/${ID}/attachments`
  const { id } = (
    await world.app.inject({ method: 'POST', url: `${url}?name=${name}`, headers, payload: Buffer.from('x') })
  ).json<{ id: number }>()
  const file = await world.app.inject({ url: `${url}/${id}`, headers })
  expect([file.headers['set-cookie'], /[\r\n]/.test(String(file.headers['content-disposition']))]).toEqual([
    undefined,
    false,
  ])
  const format = await world.app.inject({
    method: 'POST',
    url: '/api/v1/exports',
    headers,
    payload: { q: '', from: '2026-11-22T00:00:00Z', to: '2026-11-23T00:00:00Z', format: 'csv"\r\nx: y' },
  })
  expect(format.statusCode).toBe(400)
})

test('path traversal: a file is asked for by its number alone', async () => {
  const headers = await world.browser('phan-tich')
  writeFileSync(join(world.attachments, 'beside'), 'not for anybody')
  for (const path of [
    '../beside',
    '..%2fbeside',
    '%2e%2e%2fbeside',
    '..%5cbeside',
    '1/../../../beside',
    '1%00',
    '+1',
    '1.0',
  ]) {
    const answer = await world.app.inject({ url: `/api/v1/incidents/${ID}/attachments/${path}`, headers })
    expect([path, [400, 404].includes(answer.statusCode)]).toEqual([path, true])
    expect(answer.body).not.toContain('not for anybody')
  }
})

test('ReDoS: a search that a backtracking matcher would not finish is answered', async () => {
  const headers = await world.browser('phan-tich')
  const [event] = await world.store.getEvents(['so-y-te-1'], 'all')
  const hostile = { ...event!, 'soc.record': 'so-y-te-70', 'soc.seq': 70, 'event.original': 'a'.repeat(30_000) }
  await world.store.append({ from: 70, through: 70, events: [hostile], alerts: [], deadLetters: [] })
  const range = 'from=2026-11-22T00:00:00Z&to=2026-11-23T00:00:00Z'
  const found = async (q: string): Promise<number> => {
    const url = `/api/v1/events/search?${range}&q=${encodeURIComponent(q)}`
    const answer = await world.app.inject({ url, headers })
    expect([q, answer.statusCode]).toEqual([q, 200])
    return answer.json<{ items: object[] }>().items.length
  }
  expect(await found(`event.original:${'a*'.repeat(40)}b`)).toBe(0)
  expect(await found(`event.original:*${'a?*'.repeat(20)}b`)).toBe(0)
  expect(await found(`event.original:${'a*'.repeat(40)}a`)).toBe(1)
})

test('an id longer than any is not there', async () => {
  const headers = await world.browser('phan-tich')
  for (const path of ['events', 'jobs', 'incidents', 'alerts']) {
    const answer = await world.app.inject({ url: `/api/v1/${path}/${'0'.repeat(201)}`, headers })
    expect([path, answer.statusCode, answer.json().code]).toEqual([path, 404, 'not_found'])
  }
})

test('files that no incident names go after a day, and no others', async () => {
  const old = new Date(Date.now() - 2 * 86_400_000)
  const place = (folder: string, name: string, age: Date): void => {
    mkdirSync(join(world.attachments, folder), { recursive: true })
    writeFileSync(join(world.attachments, folder, name), 'x')
    utimesSync(join(world.attachments, folder, name), age, age)
  }
  const { sha256 } = world.local.prepare('SELECT sha256 FROM attachments LIMIT 1').get() as { sha256: string }
  utimesSync(join(world.attachments, sha256.slice(0, 2), sha256), old, old)
  place('aa', `aa${'0'.repeat(62)}`, old)
  place('', `.${'b'.repeat(24)}`, old)
  place('cc', `cc${'0'.repeat(62)}`, new Date())
  place('', 'somebody-elses.txt', old)
  expect(await sweepOrphans(world.local, world.attachments, Date.now() - 86_400_000)).toBe(2)
  const left = readdirSync(world.attachments, { recursive: true }).map(String)
  expect(left).toEqual(
    expect.arrayContaining([`${sha256.slice(0, 2)}/${sha256}`, `cc/cc${'0'.repeat(62)}`, 'somebody-elses.txt']),
  )
  expect(await sweepOrphans(world.local, join(world.folder, 'no-such'), Date.now())).toBe(0)
})
