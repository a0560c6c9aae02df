import { afterEach, beforeEach, expect, test } from 'vitest'
import { disableIdleAccounts } from '../../api/access/idle-accounts.ts'
import { isWithin } from '../../api/access/addresses.ts'
import { totpCode, totpStep } from '../../api/access/totp.ts'
import { getUser } from '../../store/local/users.ts'
import { NOW, PASSWORD, type World, makeWorld } from './world.ts'

let world: World
beforeEach(async () => {
  world = await makeWorld()
})
afterEach(() => world.close())

// RFC 6238 appendix B, SHA-1, the last six digits; the secret is «12345678901234567890».
const RFC_SECRET = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'
test.each([
  [59, '287082'],
  [1_111_111_109, '081804'],
  [1_111_111_111, '050471'],
  [1_234_567_890, '005924'],
  [2_000_000_000, '279037'],
  [20_000_000_000, '353130'],
])('RFC 6238: %i s gives %s', (seconds, code) => {
  expect(totpCode(RFC_SECRET, Math.floor(seconds / 30))).toBe(code)
  expect(totpStep(RFC_SECRET, code, 0, seconds * 1_000)).toBe(Math.floor(seconds / 30))
  expect(totpStep(RFC_SECRET, code, 0, seconds * 1_000 + 90_000)).toBeNull()
})

let nowMs = Date.parse(NOW)
const step = (): number => Math.floor(nowMs / 30_000)
const logIn = (code?: string, password = PASSWORD) =>
  world.app.inject({
    method: 'POST',
    url: '/api/v1/login',
    remoteAddress: '198.51.100.200',
    payload: { name: 'truong-ca', password, ...(code !== undefined && { code }) },
  })

async function enrolled(): Promise<string> {
  nowMs = Date.parse(NOW)
  const headers = await world.browser('truong-ca')
  const other = await world.browser('truong-ca')
  const ask = (method: 'POST' | 'PUT', payload: object) =>
    world.app.inject({ method, url: '/api/v1/me/second-factor', headers, payload })
  expect((await ask('POST', { password: 'sai' })).json().errors[0].code).toBe('wrong_password')
  const { secret, uri } = (await ask('POST', { password: PASSWORD })).json<{ secret: string; uri: string }>()
  expect([secret, uri]).toEqual([expect.stringMatching(/^[A-Z2-7]{32}$/), expect.stringContaining(`secret=${secret}`)])
  expect((await logIn()).statusCode).toBe(200) // not in force before a code was confirmed
  expect((await ask('PUT', { code: '000000' })).json().errors[0].code).toBe('wrong_code')
  const confirmed = await ask('PUT', { code: totpCode(secret, step()) })
  expect(confirmed.json().secondFactor).toBe(true)
  expect((await world.app.inject({ url: '/api/v1/me', headers: other })).statusCode).toBe(401)
  return secret
}

test('log-in asks for a code, takes one once, and never tells the password right without it', async () => {
  const secret = await enrolled()
  expect((await logIn()).json().code).toBe('second_factor_required')
  expect((await logIn(undefined, 'sai')).json().code).toBe('bad_credentials')
  expect((await logIn(totpCode(secret, step()))).json().code).toBe('bad_credentials') // used to confirm
  world.advance(30_000)
  nowMs += 30_000
  const code = totpCode(secret, step())
  expect((await logIn(code)).statusCode).toBe(200)
  expect((await logIn(code)).json().code).toBe('bad_credentials')
})

test('codes are guessed no more often than passwords', async () => {
  await enrolled()
  const codes: string[] = []
  for (let n = 0; n < 8; n++) codes.push((await logIn(String(n).padStart(6, '0'))).json().code)
  expect(codes.slice(0, 4)).toEqual(Array(4).fill('bad_credentials'))
  expect(codes.at(-1)).toBe('locked_out')
})

test('a stolen session cannot put in a second factor of its own; an administrator takes one away', async () => {
  const secret = await enrolled()
  world.advance(30_000)
  nowMs += 30_000
  const answer = await logIn(totpCode(secret, step()))
  const headers = {
    host: 'soc.example.vn',
    'sec-fetch-site': 'same-origin',
    cookie: `soc_session=${answer.cookies[0]!.value}`,
  }
  const begin = await world.app.inject({
    method: 'POST',
    url: '/api/v1/me/second-factor',
    headers,
    payload: { password: PASSWORD },
  })
  expect(begin.json().code).toBe('already_exists')
  const admin = await world.browser('quan-tri')
  await world.app.inject({
    method: 'PATCH',
    url: '/api/v1/users/truong-ca',
    headers: admin,
    payload: { resetSecondFactor: true },
  })
  expect((await world.app.inject({ url: '/api/v1/me', headers })).statusCode).toBe(401)
  expect((await logIn()).statusCode).toBe(200)
})

test('an account nobody uses is disabled; one that is given back, and one administrator, stay', async () => {
  const days = (n: number): number => n * 86_400_000
  await world.browser('phan-tich')
  world.advance(days(44))
  await world.browser('phan-tich')
  const disabled = disableIdleAccounts(world.local, Date.parse(NOW) + days(46), days(45))
  expect(disabled).toContain('kiem-toan')
  expect(disabled).not.toContain('phan-tich')
  expect(disabled).not.toContain('quan-tri') // the only administrator
  const admin = await world.browser('quan-tri')
  world.advance(days(2))
  const again = await world.browser('quan-tri')
  expect(admin).not.toEqual(again)
  await world.app.inject({
    method: 'PATCH',
    url: '/api/v1/users/kiem-toan',
    headers: again,
    payload: { disabled: false },
  })
  expect(disableIdleAccounts(world.local, Date.parse(NOW) + days(47), days(45))).not.toContain('kiem-toan')
  expect(getUser(world.local, 'kiem-toan')!.disabled).toBe(false)
})

test('a token with an address list works from there alone', async () => {
  const admin = await world.browser('quan-tri')
  const make = (addresses: string[]) =>
    world.app.inject({
      method: 'POST',
      url: '/api/v1/tokens',
      headers: admin,
      payload: { kind: 'api', name: 'SOAR', agencies: 'all', scopes: ['incidents:read'], addresses },
    })
  expect((await make(['10.0.0.0/33'])).json().code).toBe('bad_account')
  const { token } = (await make(['10.0.0.0/8', '2001:db8::1'])).json<{ token: string }>()
  const from = async (remoteAddress: string): Promise<number> =>
    (await world.app.inject({ url: '/api/v1/incidents', remoteAddress, headers: { authorization: `Bearer ${token}` } }))
      .statusCode
  expect([
    await from('10.1.2.3'),
    await from('::ffff:10.1.2.3'),
    await from('2001:db8::1'),
    await from('11.0.0.1'),
  ]).toEqual([200, 200, 200, 401])
  expect([
    isWithin('10.0.0.1', ['10.0.0.1']),
    isWithin('10.0.0.2', ['10.0.0.1']),
    isWithin('x', ['0.0.0.0/0']),
  ]).toEqual([true, false, false])
})
