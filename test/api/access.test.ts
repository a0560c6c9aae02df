import * as fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { incidentId } from '../../api/incidents/grouping.ts'
import type { Scope } from '../../store/store.ts'
import { AGENCIES, PASSWORD, RULE, type World, makeWorld } from './world.ts'
import { runs } from '../runs.ts'

let world: World
beforeEach(async () => {
  world = await makeWorld()
})
afterEach(() => world.close())

/** Every route of the published description, with one record of each agency in the place of its parameter. */
function routes(agency: string): { method: 'GET' | 'POST' | 'PATCH' | 'DELETE'; url: string }[] {
  const n = agency === 'so-y-te' ? 3 : 4
  const ids: Record<string, string> = {
    '/api/v1/events/{id}': `${agency}-${n}`,
    '/api/v1/alerts/{id}': `alert-${agency}-${n}`,
    '/api/v1/rules/{id}': RULE.id,
  }
  const { paths = {} } = world.app.swagger() as { paths?: Record<string, Record<string, unknown>> }
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => ({
      method: method.toUpperCase() as 'GET',
      url: path
        .replace('/incidents/{id}', `/incidents/${incidentId(`alert-${agency}-${n}`)}`)
        .replaceAll(/\{\w+\}/g, encodeURIComponent(ids[path] ?? 'x')),
    })),
  )
}

test('without a session or token every route but the log-in answers 401, and nothing of a record', async () => {
  const open = ['/api/v1/login', '/api/v1/login/methods', '/api/v1/login/sign-on']
  const walked = routes('so-y-te').filter(({ url }) => !open.some((path) => url.startsWith(path)))
  expect(walked.length).toBeGreaterThanOrEqual(20)
  for (const bad of [
    {},
    { authorization: 'Bearer soc_abcdefabcdef_x' },
    { authorization: 'Basic eA==' },
    { cookie: 'soc_session=' + 'A'.repeat(43) },
  ]) {
    for (const { method, url } of walked) {
      const answer = await world.app.inject({ method, url, headers: bad, ...(method !== 'GET' && { payload: {} }) })
      expect([method, url, answer.statusCode]).toEqual([method, url, 401])
      expect(answer.headers['content-type']).toBe('application/problem+json')
      expect(Object.keys(answer.json())).toEqual(['type', 'title', 'status', 'code'])
    }
  }
})

describe('one policy: whoever sees one agency sees nothing of the other, anywhere', () => {
  const other = { 'so-y-te': 'so-gtvt', 'so-gtvt': 'so-y-te' } as const

  test.each(AGENCIES)(
    '%s: every GET route, asked for its own and for the other one, by id and by filter',
    async (agency) => {
      const stranger = other[agency]
      const all = [
        'incidents:read',
        'events:read',
        'events:export',
        'rules:read',
        'sources:read',
        'dead_letters:read',
        'agencies:read',
      ]
      const headers = world.token(all, [agency])
      // The stream has no end to wait for; what it tells whom is tested with it.
      const urls = [...routes(stranger), ...routes(agency)]
        .filter(({ method, url }) => method === 'GET' && !/\/(tokens|users|me|stream)$/.test(url))
        .map(({ url }) => url)
        .concat(`/api/v1/events/search?q=soc.agency:${stranger}`)
        .concat(`/api/v1/events/aggregate?q=%7C%20count%20by%20soc.agency,soc.record`)
        .concat(`/api/v1/events/aggregate?q=%7C%20histogram%20by%20soc.agency`)
        .concat(`/api/v1/events/values?field=soc.agency`, `/api/v1/events/values?field=soc.record&prefix=so`)
        .concat(`/api/v1/incidents?agency=${stranger}`, `/api/v1/incidents?q=${stranger}`)
      let found = 0
      for (const url of urls) {
        const answer = await world.app.inject({ url, headers })
        const asked = url.includes(stranger) ? answer.body.replaceAll(url, '') : answer.body
        expect([url, asked.includes(stranger)]).toEqual([url, false])
        if (answer.body.includes(agency)) found++
      }
      expect(found).toBeGreaterThanOrEqual(8) // and it does see its own
    },
  )

  test('any scope: lists hold exactly the records of its agencies', async () => {
    const scope = fc.oneof(fc.constant('all' as const), fc.subarray(['so-y-te', 'so-gtvt', 'khong-co']))
    await fc.assert(
      fc.asyncProperty(scope, async (agencies: Scope) => {
        const headers = world.token(['incidents:read', 'events:read', 'sources:read', 'dead_letters:read'], agencies)
        const visible = AGENCIES.filter((agency) => agencies === 'all' || agencies.includes(agency))
        for (const list of ['incidents', 'events/search', 'sources', 'dead-letters']) {
          const { items } = (await world.app.inject({ url: `/api/v1/${list}`, headers })).json<{
            items: Record<string, string>[]
          }>()
          const seen = [...new Set(items.map((item) => item['agency'] ?? item['soc.agency'] ?? ''))].sort()
          expect([list, seen]).toEqual([list, [...visible].sort()])
        }
      }),
      { numRuns: runs(12) },
    )
  })
})

test('what each role may do', async () => {
  const may: Record<string, string[]> = {}
  for (const name of ['quan-tri', 'truong-ca', 'phan-tich', 'may-chu-yte', 'xem-yte', 'kiem-toan']) {
    const headers = await world.browser(name)
    const answers = await Promise.all(
      ['/events/search', '/dead-letters', '/incidents', '/tokens', '/users'].map(async (url) => {
        const { statusCode } = await world.app.inject({ url: `/api/v1${url}`, headers })
        return statusCode === 200 ? url : statusCode === 403 ? '' : `${url} ${statusCode}`
      }),
    )
    const url = `/api/v1/incidents/${incidentId('alert-so-y-te-3')}`
    const patch = await world.app.inject({
      method: 'PATCH',
      url,
      headers: { ...headers, 'if-match': '*' },
      payload: { assignee: null },
    })
    may[name] = [...answers.filter(Boolean), ...(patch.statusCode === 200 ? ['change'] : [])]
  }
  expect(may).toEqual({
    'quan-tri': ['/events/search', '/dead-letters', '/incidents', '/tokens', '/users', 'change'],
    'truong-ca': ['/events/search', '/dead-letters', '/incidents', 'change'],
    'phan-tich': ['/events/search', '/dead-letters', '/incidents', 'change'],
    'may-chu-yte': ['/events/search', '/dead-letters', '/incidents'],
    'xem-yte': ['/incidents'],
    'kiem-toan': ['/events/search', '/dead-letters', '/incidents'],
  })
})

describe('log-in', () => {
  const headers = { host: 'soc.example.vn' }
  const logIn = (name: string, password: string, remoteAddress = '198.51.100.7') =>
    world.app.inject({ method: 'POST', url: '/api/v1/login', headers, remoteAddress, payload: { name, password } })

  test('an unknown user and a wrong password look alike', async () => {
    const [wrong, unknown] = [await logIn('quan-tri', 'x'), await logIn('khong-ai', 'x')]
    expect(wrong.statusCode).toBe(401)
    expect(unknown.body).toBe(wrong.body)
  })

  test('five wrong passwords lock that account for that address, longer each time; another address may', async () => {
    for (let i = 0; i < 5; i++) expect((await logIn('quan-tri', `sai ${i}`)).statusCode).toBe(401)
    const locked = await logIn('quan-tri', PASSWORD)
    expect([locked.statusCode, locked.json().code, locked.headers['retry-after']]).toEqual([429, 'locked_out', '30'])
    expect((await logIn('quan-tri', PASSWORD, '198.51.100.8')).statusCode).toBe(200)
    world.advance(30_000)
    expect((await logIn('quan-tri', 'sai')).statusCode).toBe(401)
    expect((await logIn('quan-tri', PASSWORD)).headers['retry-after']).toBe('60')
    world.advance(60_000)
    expect((await logIn('quan-tri', PASSWORD)).statusCode).toBe(200)
    expect((await logIn('quan-tri', 'sai')).statusCode).toBe(401) // the count began anew
    expect((await logIn('quan-tri', PASSWORD)).statusCode).toBe(200)
  })

  test('wrong passwords sent at once count each', async () => {
    const answers = await Promise.all(Array.from({ length: 12 }, (_, i) => logIn('quan-tri', `sai ${i}`)))
    expect(answers.filter(({ statusCode }) => statusCode === 401)).toHaveLength(5)
  })

  test('one address gets twenty tries a minute, over all accounts', async () => {
    const codes: number[] = []
    for (let i = 0; i < 22; i++) codes.push((await logIn(`ai-do-${i}`, 'x')).statusCode)
    expect(codes.filter((code) => code === 429)).toHaveLength(2)
  })

  test('the cookie: HttpOnly, Lax, and over TLS Secure with the __Host- prefix', async () => {
    expect((await logIn('quan-tri', PASSWORD)).headers['set-cookie']).toMatch(
      /^soc_session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax$/,
    )
    const tls = await makeWorld({ secureCookies: true })
    const answer = await tls.app.inject({
      method: 'POST',
      url: '/api/v1/login',
      headers,
      payload: { name: 'quan-tri', password: PASSWORD },
    })
    expect(answer.headers['set-cookie']).toMatch(
      /^__Host-soc_session=[\w-]{43}; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
    )
    expect(answer.headers['strict-transport-security']).toBe('max-age=31536000')
    await tls.close()
  })
})

describe('sessions', () => {
  const me = (headers: Record<string, string>) => world.app.inject({ url: '/api/v1/me', headers })

  test('end when idle, after a working day however busy, at log-out, and when the user is disabled', async () => {
    const idle = await world.browser('phan-tich')
    world.advance(14 * 60_000)
    expect((await me(idle)).statusCode).toBe(200)
    world.advance(15 * 60_000)
    expect((await me(idle)).statusCode).toBe(401)

    const busy = await world.browser('phan-tich')
    for (let minutes = 0; minutes < 470; minutes += 10) {
      expect((await me(busy)).statusCode).toBe(200)
      world.advance(10 * 60_000)
    }
    expect((await me(busy)).statusCode).toBe(200)
    world.advance(10 * 60_000)
    expect((await me(busy)).statusCode).toBe(401)

    const left = await world.browser('phan-tich')
    expect((await world.app.inject({ method: 'POST', url: '/api/v1/logout', headers: left })).statusCode).toBe(204)
    expect((await me(left)).statusCode).toBe(401)

    const gone = await world.browser('phan-tich')
    const admin = await world.browser('quan-tri')
    const disabled = {
      method: 'PATCH',
      url: '/api/v1/users/phan-tich',
      headers: admin,
      payload: { disabled: true },
    } as const
    expect((await world.app.inject(disabled)).statusCode).toBe(200)
    expect((await me(gone)).statusCode).toBe(401)
  })

  test('a change asked for by another site is refused, with a token it is not', async () => {
    const { 'sec-fetch-site': _own, ...cookie } = await world.browser('phan-tich')
    const url = `/api/v1/incidents/${incidentId('alert-so-y-te-3')}`
    const patch = async (headers: Record<string, string>): Promise<number> =>
      (
        await world.app.inject({
          method: 'PATCH',
          url,
          headers: { ...headers, 'if-match': '*' },
          payload: { assignee: null },
        })
      ).statusCode
    expect(await patch(cookie)).toBe(403)
    expect(await patch({ ...cookie, 'sec-fetch-site': 'cross-site' })).toBe(403)
    expect(await patch({ ...cookie, 'sec-fetch-site': 'same-site' })).toBe(403)
    expect(await patch({ ...cookie, origin: 'https://evil.example' })).toBe(403)
    expect(await patch({ ...cookie, origin: 'null' })).toBe(403)
    expect(await patch({ ...cookie, origin: 'http://soc.example.vn' })).toBe(200)
    expect(await patch({ ...cookie, 'sec-fetch-site': 'same-origin' })).toBe(200)
    expect(await patch(world.token(['incidents:write'], 'all'))).toBe(200)
    const foreign = { host: 'soc.example.vn', 'sec-fetch-site': 'cross-site' }
    const login = await world.app.inject({
      method: 'POST',
      url: '/api/v1/login',
      headers: foreign,
      payload: { name: 'phan-tich', password: PASSWORD },
    })
    expect(login.json().code).toBe('cross_site')
  })

  test('a new password ends every other session; a short one, the old one or the name in it is refused', async () => {
    const [here, there] = [await world.browser('phan-tich'), await world.browser('phan-tich')]
    const change = (current: string, password: string) =>
      world.app.inject({ method: 'PATCH', url: '/api/v1/me/password', headers: here, payload: { current, password } })
    expect((await change(PASSWORD, 'ngắn')).json().errors[0].code).toBe('too_short')
    expect((await change(PASSWORD, PASSWORD)).json().errors[0].code).toBe('same_as_before')
    expect((await change(PASSWORD, 'phan-tich-2026-abc')).json().errors[0].code).toBe('is_user_name')
    expect((await change('không phải', 'một mật khẩu mới')).json().errors[0].code).toBe('wrong_password')
    const changed = await change(PASSWORD, 'một mật khẩu mới')
    expect(changed.statusCode).toBe(200)
    expect((await me(there)).statusCode).toBe(401)
    expect((await me({ ...here, cookie: `soc_session=${changed.cookies[0]!.value}` })).statusCode).toBe(200)
    // The same word from a keyboard that sends its accents apart.
    const payload = { name: 'PHAN-TICH', password: 'một mật khẩu mới'.normalize('NFD') }
    expect((await world.app.inject({ method: 'POST', url: '/api/v1/login', payload })).statusCode).toBe(200)
  })
})

describe('tokens and users, by an administrator', () => {
  test('a token shows its text once, works within its scopes and agencies, and stops when revoked or expired', async () => {
    const headers = await world.browser('quan-tri')
    const made = await world.app.inject({
      method: 'POST',
      url: '/api/v1/tokens',
      headers,
      payload: {
        kind: 'api',
        name: 'SOAR',
        agencies: ['so-y-te'],
        scopes: ['incidents:read'],
        expiresAt: '2026-11-23T08:00:00Z',
      },
    })
    expect(made.statusCode).toBe(201)
    const { id, token } = made.json<{ id: string; token: string }>()
    expect(token).toMatch(new RegExp(`^soc_${id}_[\\w-]{43}$`))
    const listed = await world.app.inject({ url: '/api/v1/tokens', headers })
    expect(listed.body).not.toContain(token.slice(-43))
    const ask = async (url: string): Promise<number> =>
      (await world.app.inject({ url: `/api/v1${url}`, headers: { authorization: `Bearer ${token}` } })).statusCode
    expect([await ask('/incidents'), await ask('/events/search'), await ask('/tokens')]).toEqual([200, 403, 403])
    world.advance(24 * 3_600_000)
    expect(await ask('/incidents')).toBe(401)
    const again = await world.browser('quan-tri')
    expect((await world.app.inject({ method: 'DELETE', url: `/api/v1/tokens/${id}`, headers: again })).statusCode).toBe(
      204,
    )
    expect((await world.app.inject({ method: 'DELETE', url: `/api/v1/tokens/${id}`, headers: again })).statusCode).toBe(
      404,
    )
  })

  test.each([
    ['an agency the registry does not know', { kind: 'ingest', name: 'x', agency: 'so-y-tee' }, 'unknown_agency'],
    ['an ingest token for all', { kind: 'ingest', name: 'x', agencies: 'all' }, 'bad_account'],
    ['an api token without scopes', { kind: 'api', name: 'x', agencies: 'all' }, 'bad_account'],
    [
      'a token that could make tokens',
      { kind: 'api', name: 'x', agencies: 'all', scopes: ['tokens:manage'] },
      'validation',
    ],
    [
      'an end in the past',
      { kind: 'ingest', name: 'x', agency: 'so-y-te', expiresAt: '2020-01-01T00:00:00Z' },
      'bad_account',
    ],
  ])('refused: %s', async (_name, payload, code) => {
    const headers = await world.browser('quan-tri')
    const answer = await world.app.inject({ method: 'POST', url: '/api/v1/tokens', headers, payload })
    expect(answer.json().code).toBe(code)
  })

  test('an ingest token reads nothing', async () => {
    const headers = await world.browser('quan-tri')
    const payload = { kind: 'ingest', name: 'rsyslog', agency: 'so-y-te' }
    const { token } = (await world.app.inject({ method: 'POST', url: '/api/v1/tokens', headers, payload })).json<{
      token: string
    }>()
    const read = await world.app.inject({ url: '/api/v1/incidents', headers: { authorization: `Bearer ${token}` } })
    expect(read.statusCode).toBe(401)
  })

  test('a new user gets a one-time password and can do nothing but change it; the last administrator stays', async () => {
    const headers = await world.browser('quan-tri')
    const payload = { name: 'nhan-vien', displayName: 'Nhân viên', role: 'agency_viewer', agencies: ['so-y-te'] }
    const post = (body: object) => world.app.inject({ method: 'POST', url: '/api/v1/users', headers, payload: body })
    const { password } = (await post(payload)).json<{ password: string }>()
    expect((await post(payload)).statusCode).toBe(409)
    expect((await post({ ...payload, name: 'nhan-vien-2', agencies: 'all' })).json().code).toBe('bad_account')
    const login = await world.app.inject({
      method: 'POST',
      url: '/api/v1/login',
      payload: { name: 'nhan-vien', password },
    })
    expect(login.json().mustChangePassword).toBe(true)
    const cookie = { cookie: `soc_session=${login.cookies[0]!.value}` }
    const refused = await world.app.inject({ url: '/api/v1/incidents', headers: cookie })
    expect(refused.json().code).toBe('password_change_required')
    const demote = await world.app.inject({
      method: 'PATCH',
      url: '/api/v1/users/quan-tri',
      headers,
      payload: { role: 'lead' },
    })
    expect(demote.json().code).toBe('bad_account')
  })
})

test('/metrics: to this machine, or to a token that may; not to a proxy, a rebound name or a stranger', async () => {
  const ask = async (headers: Record<string, string>, remoteAddress = '127.0.0.1'): Promise<number> =>
    (await world.app.inject({ url: '/metrics', headers, remoteAddress })).statusCode
  expect(await ask({ host: 'localhost:8080' })).toBe(200)
  expect(await ask({ host: 'localhost:8080', 'x-forwarded-for': '203.0.113.5' })).toBe(401)
  expect(await ask({ host: 'rebound.example:8080' })).toBe(401)
  expect(await ask({ host: 'localhost:8080' }, '192.0.2.9')).toBe(401)
  expect(await ask(world.token(['metrics:read'], 'all'), '192.0.2.9')).toBe(200)
  expect(await ask(world.token(['incidents:read'], 'all'), '192.0.2.9')).toBe(403)
})
