import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { parseGroupMap, standingOf } from '../../api/access/group-map.ts'
import { SignOn } from '../../api/access/sign-on.ts'
import { getUser, updateUser } from '../../store/local/users.ts'
import { type Account, CLIENT, type OidcProvider, startProvider } from '../oidc-provider.ts'
import { PASSWORD, type World, makeWorld } from './world.ts'

const PUBLIC_URL = 'https://soc.example.vn'
const CALLBACK = `${PUBLIC_URL}/api/v1/login/sign-on/callback`
const MAP = parseGroupMap(
  `
format: 1
vi: Đăng nhập bằng tài khoản công vụ
en: Official account
groups:
  - { group: soc-phan-tich, role: analyst, agencies: [so-y-te] }
  - { group: soc-phan-tich-gtvt, role: analyst, agencies: [so-gtvt] }
  - { group: soc-kiem-toan, role: auditor, agencies: all }
`,
  'sign-on.yml',
)

/** What the provider says of its one account. */
let account: Account
let provider: OidcProvider
let issuer = ''
let world: World

beforeAll(async () => {
  provider = await startProvider(PUBLIC_URL, () => account)
  issuer = provider.issuer
})
afterAll(() => provider.close())

const settings = () => ({
  issuer,
  clientId: CLIENT.id,
  clientSecret: CLIENT.secret,
  publicUrl: PUBLIC_URL,
  scopes: 'openid profile',
  nameClaim: 'preferred_username',
  groupsClaim: 'groups',
})

beforeEach(async () => {
  account = {
    sub: 'u-1',
    name: 'Nguyễn Thị An',
    preferred_username: 'An.NT@haiphong.gov.vn',
    groups: ['soc-phan-tich'],
  }
  world = await makeWorld({ signOn: { provider: new SignOn(settings()), map: MAP } })
})
afterEach(() => world.close())

interface Begun {
  location: string
  cookie: string
}

const cookieOf = ({ cookies }: { cookies: { name: string; value: string }[] }, name: string): string => {
  const found = cookies.find((each) => each.name === name)
  return found === undefined ? '' : `${name}=${found.value}`
}

/** A browser's first step: where it is sent, and the cookie it keeps. */
async function begin(on = world): Promise<Begun> {
  const answer = await on.app.inject({ url: '/api/v1/login/sign-on', headers: { host: 'soc.example.vn' } })
  expect(answer.statusCode).toBe(303)
  return { location: String(answer.headers.location), cookie: cookieOf(answer, 'soc_sign_on') }
}

/** Follows the provider's pages until it sends the browser back, and gives the query it comes back with. */
async function throughProvider(location: string): Promise<string> {
  const jar = new Map<string, string>()
  for (let url = location; ;) {
    const answer = await fetch(url, {
      redirect: 'manual',
      headers: { cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; ') },
    })
    for (const set of answer.headers.getSetCookie()) {
      const [name = '', value = ''] = set.split(';')[0]!.split('=')
      jar.set(name, value)
    }
    const next = new URL(answer.headers.get('location') ?? '', url).href
    if (next.startsWith(CALLBACK)) return new URL(next).search
    if (answer.status < 300 || answer.status > 303) throw new Error(`${url}: ${answer.status} ${await answer.text()}`)
    url = next
  }
}

const comeBack = (query: string, cookie: string, on = world) =>
  on.app.inject({ url: `/api/v1/login/sign-on/callback${query}`, headers: { host: 'soc.example.vn', cookie } })

async function logIn() {
  const { location, cookie } = await begin()
  return comeBack(await throughProvider(location), cookie)
}

const me = (session: string) =>
  world.app.inject({ url: '/api/v1/me', headers: { host: 'soc.example.vn', cookie: session } })

test('who is in a group gets its role and agencies, and nothing else than a local user of that kind', async () => {
  const answer = await logIn()
  expect([answer.statusCode, answer.headers.location]).toEqual([303, '/'])
  const session = cookieOf(answer, 'soc_session')
  expect((await me(session)).json()).toMatchObject({
    name: 'an.nt',
    displayName: 'Nguyễn Thị An',
    role: 'analyst',
    agencies: ['so-y-te'],
    mustChangePassword: false,
  })
  const list = await world.app.inject({
    url: '/api/v1/incidents',
    headers: { host: 'soc.example.vn', cookie: session },
  })
  expect(new Set(list.json().items.map(({ agency }: { agency: string }) => agency))).toEqual(new Set(['so-y-te']))
  const audit = await world.app.inject({ url: '/api/v1/audit', headers: await world.browser('kiem-toan') })
  expect(audit.json().items).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ actor: 'an.nt', code: 'logged_in', params: { address: '127.0.0.1', issuer } }),
      expect.objectContaining({ actor: 'system', code: 'user_created' }),
    ]),
  )
})

test('groups are those of each log-in: the role follows, a group that is gone ends open sessions', async () => {
  const first = cookieOf(await logIn(), 'soc_session')
  account.groups = ['khac', 'soc-phan-tich-gtvt', 'soc-phan-tich', 'soc-kiem-toan']
  const second = cookieOf(await logIn(), 'soc_session')
  expect((await me(second)).json()).toMatchObject({ role: 'analyst', agencies: ['so-gtvt', 'so-y-te'] })
  expect((await me(first)).json()).toMatchObject({ agencies: ['so-gtvt', 'so-y-te'] })
  account.groups = ['khac']
  expect((await logIn()).headers.location).toBe('/?signOn=no_group')
  expect([(await me(first)).statusCode, (await me(second)).statusCode]).toEqual([401, 401])
})

test.each([
  ['no group', () => (account.groups = []), 'no_group'],
  ['the name of a local user', () => (account.preferred_username = 'quan-tri'), 'name_taken'],
  ['a name that is none', () => (account.preferred_username = '../x'), 'bad_name'],
])('who comes with %s does not get in', async (_name, change, why) => {
  change()
  const answer = await logIn()
  expect(answer.headers.location).toBe(`/?signOn=${why}`)
  expect(cookieOf(answer, 'soc_session')).toBe('')
  expect(getUser(world.local, 'quan-tri')).toMatchObject({ role: 'administrator' })
})

test('another account of the same name is not the same user', async () => {
  await logIn()
  account.sub = 'u-2'
  expect((await logIn()).headers.location).toBe('/?signOn=name_taken')
})

test('a user who was disabled here stays out', async () => {
  const session = cookieOf(await logIn(), 'soc_session')
  updateUser(world.local, { ...getUser(world.local, 'an.nt')!, disabled: true })
  expect((await me(session)).statusCode).toBe(401)
  expect((await logIn()).headers.location).toBe('/?signOn=disabled')
})

test('there is no password for them, and what their groups say is not changed by hand', async () => {
  await logIn()
  const login = {
    method: 'POST',
    url: '/api/v1/login',
    headers: { host: 'soc.example.vn', 'sec-fetch-site': 'same-origin' },
  } as const
  for (const password of ['x', PASSWORD]) {
    expect((await world.app.inject({ ...login, payload: { name: 'an.nt', password } })).statusCode).toBe(401)
  }
  const headers = await world.browser('quan-tri')
  for (const payload of [{ resetPassword: true }, { role: 'lead' }, { agencies: 'all' }]) {
    const answer = await world.app.inject({ method: 'PATCH', url: '/api/v1/users/an.nt', headers, payload })
    expect([payload, answer.json().code]).toEqual([payload, 'bad_account'])
  }
  const disable = { method: 'PATCH', url: '/api/v1/users/an.nt', headers, payload: { disabled: true } } as const
  expect((await world.app.inject(disable)).statusCode).toBe(200)
})

test('a local administrator gets in when the provider is away, and the last of them cannot be taken away', async () => {
  const away = await makeWorld({
    signOn: { provider: new SignOn({ ...settings(), issuer: 'http://127.0.0.1:1' }), map: MAP },
  })
  const answer = await away.app.inject({ url: '/api/v1/login/sign-on' })
  expect(answer.headers.location).toBe('/?signOn=unavailable')
  const headers = await away.browser('quan-tri')
  away.local
    .prepare(`UPDATE users SET role = 'administrator', issuer = 'x', subject = 'y' WHERE name = 'truong-ca'`)
    .run()
  const last = { method: 'PATCH', url: '/api/v1/users/quan-tri', headers, payload: { disabled: true } } as const
  expect((await away.app.inject(last)).json().code).toBe('bad_account')
  await away.close()
})

test('a session begun before is not the session after: fixation gains nothing', async () => {
  const before = (await world.browser('truong-ca'))['cookie']!
  const { location, cookie } = await begin()
  const answer = await comeBack(await throughProvider(location), `${cookie}; ${before}`)
  const after = cookieOf(answer, 'soc_session')
  expect(after).not.toBe(before)
  expect((await me(before)).statusCode).toBe(401)
  expect((await me(after)).json().name).toBe('an.nt')
})

describe('what is sent to a victim, or comes twice', () => {
  test('an answer without the cookie of its browser logs nobody in (login CSRF)', async () => {
    const attacker = await begin()
    const query = await throughProvider(attacker.location)
    const victim = await begin()
    for (const cookie of ['', victim.cookie, 'soc_sign_on=x']) {
      const answer = await comeBack(query, cookie)
      expect([cookieOf(answer, 'soc_session'), answer.headers.location]).toEqual([
        '',
        expect.stringMatching(/expired|refused/),
      ])
    }
  })

  test('the same answer again logs nobody in', async () => {
    const { location, cookie } = await begin()
    const query = await throughProvider(location)
    expect(cookieOf(await comeBack(query, cookie), 'soc_session')).not.toBe('')
    expect((await comeBack(query, cookie)).headers.location).toBe('/?signOn=expired')
  })

  test('a code of another log-in does not fit (PKCE)', async () => {
    const [one, two] = [await begin(), await begin()]
    const code = new URLSearchParams(await throughProvider(one.location)).get('code')!
    const query = new URLSearchParams(await throughProvider(two.location))
    query.set('code', code)
    expect((await comeBack(`?${query.toString()}`, two.cookie)).headers.location).toBe('/?signOn=refused')
  })

  test('an error of the provider is told as one, and none of its words', async () => {
    const { location, cookie } = await begin()
    const state = new URL(location).searchParams.get('state')!
    const query = `?error=access_denied&error_description=%3Cscript%3E&state=${state}&iss=${encodeURIComponent(issuer)}`
    expect((await comeBack(query, cookie)).headers.location).toBe('/?signOn=denied')
  })
})

test('the page learns how one may log in, and where the provider’s own session ends', async () => {
  expect((await world.app.inject({ url: '/api/v1/login/methods' })).json()).toEqual({
    password: true,
    signOn: { vi: MAP.vi, en: MAP.en, start: '/api/v1/login/sign-on', end: '/api/v1/login/sign-on/end' },
  })
  const end = await world.app.inject({ url: '/api/v1/login/sign-on/end' })
  expect(new URL(String(end.headers.location)).origin).toBe(issuer)
  const plain = await makeWorld()
  expect((await plain.app.inject({ url: '/api/v1/login/methods' })).json()).toEqual({ password: true })
  expect((await plain.app.inject({ url: '/api/v1/login/sign-on' })).statusCode).toBe(404)
  await plain.close()
})

describe('a token that is forged', () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
  let forger: Server
  let forged = ''
  let claims: (nonce: string) => object
  let key = privateKey
  let nonce = ''
  const text = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')

  beforeAll(async () => {
    forger = createServer((request, response) => {
      const answer = (body: object): void => {
        response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body))
      }
      if (request.url!.includes('openid-configuration')) {
        answer({
          issuer: forged,
          authorization_endpoint: `${forged}/auth`,
          token_endpoint: `${forged}/token`,
          jwks_uri: `${forged}/jwks`,
          response_types_supported: ['code'],
          id_token_signing_alg_values_supported: ['RS256'],
        })
      } else if (request.url === '/jwks') {
        answer({
          keys: [
            {
              ...createPublicKey(createPrivateKey(privateKey.export({ format: 'pem', type: 'pkcs8' }))).export({
                format: 'jwk',
              }),
              kid: 'k',
              alg: 'RS256',
              use: 'sig',
            },
          ],
        })
      } else {
        const body = `${text({ alg: 'RS256', kid: 'k' })}.${text(claims(nonce))}`
        const signature = sign('sha256', Buffer.from(body), key).toString('base64url')
        answer({ access_token: 'x', token_type: 'Bearer', id_token: `${body}.${signature}` })
      }
    })
    await new Promise<void>((resolve) => forger.listen(0, '127.0.0.1', resolve))
    forged = `http://127.0.0.1:${(forger.address() as AddressInfo).port}`
  })
  afterAll(() => new Promise((resolve) => forger.close(resolve)))

  const good = (own: string): Record<string, unknown> => {
    const now = Math.floor(Date.now() / 1_000)
    return {
      iss: forged,
      sub: 'u-9',
      aud: 'vong-gac',
      exp: now + 60,
      iat: now,
      nonce: own,
      preferred_username: 'gia',
      groups: ['soc-kiem-toan'],
    }
  }

  test.each([
    ['as it should be', (own: string) => good(own), '/'],
    ['of another log-in (nonce)', () => good('khac'), '/?signOn=refused'],
    ['without a nonce', (own: string) => ({ ...good(own), nonce: undefined }), '/?signOn=refused'],
    ['of another issuer', (own: string) => ({ ...good(own), iss: 'https://evil.example' }), '/?signOn=refused'],
    ['for another client', (own: string) => ({ ...good(own), aud: 'khac' }), '/?signOn=refused'],
    [
      'that has expired',
      (own: string) => ({ ...good(own), exp: Math.floor(Date.now() / 1_000) - 3_600 }),
      '/?signOn=refused',
    ],
    [
      'of tomorrow',
      (own: string) => ({ ...good(own), nbf: Math.floor(Date.now() / 1_000) + 86_400 }),
      '/?signOn=refused',
    ],
    [
      'with groups that are no list of names',
      (own: string) => ({ ...good(own), groups: { 0: 'soc-kiem-toan' } }),
      '/?signOn=no_group',
    ],
    ['signed by somebody else', 'other key', '/?signOn=refused'],
  ])('%s', async (_name, made, expected) => {
    key = made === 'other key' ? other : privateKey
    claims = typeof made === 'string' ? good : made
    const tricked = await makeWorld({ signOn: { provider: new SignOn({ ...settings(), issuer: forged }), map: MAP } })
    const { location, cookie } = await begin(tricked)
    const asked = new URL(location).searchParams
    nonce = asked.get('nonce')!
    const answer = await comeBack(`?code=c&state=${asked.get('state')!}`, cookie, tricked)
    expect(answer.headers.location).toBe(expected)
    expect(cookieOf(answer, 'soc_session') !== '').toBe(expected === '/')
    await tricked.close()
  })

  test('what leaves for the provider is bound to the browser: state, nonce, and a challenge (S256) of a secret it never sees', async () => {
    const [one, two] = [await begin(), await begin()]
    const asked = [one, two].map(({ location }) => new URL(location).searchParams)
    for (const name of ['state', 'nonce', 'code_challenge']) {
      expect(new Set(asked.map((each) => each.get(name))).size).toBe(2)
      expect(asked[0]!.get(name)!.length).toBeGreaterThanOrEqual(43)
    }
    expect(asked[0]!.get('code_challenge_method')).toBe('S256')
    expect(asked[0]!.get('redirect_uri')).toBe(CALLBACK)
    const held = one.cookie.split('=')[1]!
    expect(one.location).not.toContain(held)
    expect(createHash('sha256').update(held).digest('base64url')).not.toBe(asked[0]!.get('code_challenge'))
  })
})

test.each([
  [['soc-phan-tich'], { role: 'analyst', agencies: ['so-y-te'] }],
  [['soc-kiem-toan', 'soc-phan-tich'], { role: 'analyst', agencies: ['so-y-te'] }],
  [['SOC-PHAN-TICH'], null],
  [[], null],
])('%j gives %j', (groups, expected) => expect(standingOf(MAP, groups)).toEqual(expected))

test.each([
  ['an agency role for all', '- { group: g, role: agency_viewer, agencies: all }', 'needs a list'],
  ['a role there is none of', '- { group: g, role: boss, agencies: all }', '/groups/0/role'],
])('%s is refused', (_name, row, message) =>
  expect(() => parseGroupMap(`format: 1\nvi: a\nen: b\ngroups:\n  ${row}`, 'sign-on.yml')).toThrow(message),
)
