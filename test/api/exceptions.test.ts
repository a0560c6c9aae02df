import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { tendExceptions } from '../../api/exceptions/tend.ts'
import { loadRules } from '../../detection/engine.ts'
import { exceptionFiles } from '../../api/exceptions/tend.ts'
import type { LoadedRule, RuleFile } from '../../detection/types.ts'
import { addHidden } from '../../store/local/hidden.ts'
import { exceptionsInForce, noteInForce } from '../../store/local/exceptions.ts'
import { NOW, type World, alertOf, makeWorld } from './world.ts'

const SSHD = '0d1f6c6e-6d1b-4b57-8a55-6c1d2f3a4b01'
const FILES: RuleFile[] = [
  {
    path: 'logsources.yml',
    text: 'logsources:\n  - { when: { event.dataset: system.auth }, product: linux, service: sshd }\n',
  },
  {
    path: 'sshd.yml',
    text: `title: Accepted Password\nid: ${SSHD}\nlogsource: { product: linux, service: sshd }\nlevel: high\ndetection:\n  s: { event.outcome: success, user.name: 'ro*' }\n  condition: s\n`,
  },
  {
    path: 'count.yml',
    text: `title: Count\nid: count\ncorrelation: { type: event_count, rules: [${SSHD}], group-by: [source.ip], timespan: 5m, condition: { gte: 2 } }\nlevel: high\n`,
  },
]

const filterOf = (
  more = 'user.name: root',
  rules = `[${SSHD}]`,
  logsource = '{ product: linux, service: sshd }',
): string =>
  `title: Backup\nlogsource: ${logsource}\nfilter:\n  rules: ${rules}\n  s: { ${more} }\n  condition: not s\n`

let world: World
let rules: LoadedRule[] = []
let announced = 0
/** As the product does it, but for the log. */
const announceExceptions = async (): Promise<void> => {
  announced++
  noteInForce(
    world.local,
    exceptionsInForce(world.local, NOW).map(({ id }) => id),
    40 + announced,
    NOW,
  )
}
beforeAll(async () => {
  rules = (await loadRules(FILES)).rules
  world = await makeWorld({ rules: () => ({ rules, problems: [] }), ruleFiles: () => FILES, announceExceptions })
  const proof = (selection: string, field: string, matched: string) => ({
    selection,
    field,
    eventField: field,
    modifiers: [],
    value: matched,
    matched,
  })
  const evidence = (agency: string, seq: number) => ({
    ...alertOf(agency, seq).evidence[0]!,
    rule: SSHD,
    proof: [proof('s', 'event.outcome', 'success'), proof('s', 'user.name', 'root')],
  })
  const rule = { ...alertOf('so-y-te', 1).rule, id: SSHD, title: 'Accepted Password' }
  await world.store.append({
    from: 9,
    through: 20,
    events: [],
    deadLetters: [],
    alerts: [
      { ...alertOf('so-y-te', 3), id: 'a1', rule, evidence: [evidence('so-y-te', 3)] },
      { ...alertOf('so-gtvt', 4), id: 'g1', rule, evidence: [evidence('so-gtvt', 4)] },
      {
        ...alertOf('so-y-te', 5),
        id: 'c1',
        group: { 'source.ip': '203.0.113.9' },
        rule: { ...rule, id: 'count', title: 'Count' },
        evidence: [evidence('so-y-te', 1), evidence('so-y-te', 3), evidence('so-y-te', 5)],
        count: 3,
      },
    ],
  })
})
afterAll(() => world.close())

const send = async (who: string, method: 'GET' | 'POST' | 'PATCH', url: string, payload?: object) => {
  const headers = await world.browser(who)
  const answer = await world.app.inject({ method, url: `/api/v1${url}`, headers, ...(payload && { payload }) })
  return { status: answer.statusCode, body: answer.json() }
}
const make = (who: string, more: object = {}) =>
  send(who, 'POST', '/exceptions', {
    filter: filterOf(),
    agencies: ['so-y-te'],
    owner: 'Tổ vận hành',
    reason: 'sao lưu hằng đêm',
    expiresAt: '2026-12-22T00:00:00+07:00',
    ...more,
  })

describe('a draft', () => {
  test('has the values of the fields that matched, and what it can be widened by', async () => {
    const { body } = await send('truong-ca', 'POST', '/exceptions/draft', { alert: 'a1' })
    expect(body).toMatchObject({ alert: 'a1', agency: 'so-y-te', rules: [SSHD] })
    expect(body.filter).toBe(
      `title: "Ngoại lệ: Accepted Password"\nlogsource:\n  product: linux\n  service: sshd\nfilter:\n  rules:\n    - ${SSHD}\n  selection:\n    event.outcome: success\n    user.name: root\n  condition: not selection\n`,
    )
    expect(body.fields).toContainEqual({ field: 'source.ip', value: '203.0.113.9', matched: false, chosen: false })
  })

  test('of other fields, and for all rules of the log source', async () => {
    const { body } = await send('viet-luat', 'POST', '/exceptions/draft', {
      alert: 'a1',
      fields: ['source.ip'],
      rules: 'any',
    })
    expect(body.filter).toContain('rules: any\n  selection:\n    source.ip: 203.0.113.9\n')
    const unknown = await send('viet-luat', 'POST', '/exceptions/draft', { alert: 'a1', fields: ['x.y'] })
    expect(unknown).toMatchObject({ status: 422, body: { code: 'bad_exception' } })
  })

  test('of a correlation names the rules it counts, and what it is grouped by', async () => {
    const { body } = await send('truong-ca', 'POST', '/exceptions/draft', { rule: 'count' })
    expect(body.rules).toEqual([SSHD])
    expect(body.filter).toContain('    source.ip: 203.0.113.9\n')
  })

  test('loads as it is', async () => {
    const { body } = await send('truong-ca', 'POST', '/exceptions/draft', { alert: 'c1' })
    expect(await make('truong-ca', { filter: body.filter, alert: 'c1' })).toMatchObject({
      status: 201,
      body: { alert: 'c1' },
    })
  })

  test('of an alert of another agency: there is none', async () => {
    const headers = await world.as('lead', ['so-gtvt'])
    const answer = await world.app.inject({
      method: 'POST',
      url: '/api/v1/exceptions/draft',
      headers,
      payload: { alert: 'a1' },
    })
    expect(answer.statusCode).toBe(404)
  })
})

describe('who may', () => {
  test.each([
    ['quan-tri', 201],
    ['truong-ca', 201],
    ['viet-luat', 201],
    ['phan-tich', 403],
    ['kiem-toan', 403],
  ])('%s: %i', async (who, status) => expect((await make(who)).status).toBe(status))

  test('a lead of some agencies: for these alone; what concerns them is seen, of others nothing', async () => {
    const headers = await world.as('lead', ['so-gtvt'])
    const ask = (method: 'GET' | 'POST' | 'PATCH', url: string, payload?: object) =>
      world.app.inject({ method, url: `/api/v1/exceptions${url}`, headers, ...(payload && { payload }) })
    const body = { filter: filterOf(), owner: 'x', reason: 'x', expiresAt: 'never' }
    for (const agencies of ['all', ['so-y-te'], ['so-gtvt', 'so-y-te']]) {
      expect((await ask('POST', '', { ...body, agencies })).statusCode).toBe(403)
    }
    const own = (await ask('POST', '', { ...body, agencies: ['so-gtvt'] })).json()
    expect(own).toMatchObject({ state: 'in_force', agencies: ['so-gtvt'] })
    const wide = (await make('truong-ca', { agencies: ['so-gtvt', 'so-y-te'] })).body
    const day = { day: '2026-11-22', events: 2, lastAt: NOW }
    for (const agency of ['so-gtvt', 'so-y-te'])
      addHidden(world.local, [{ filter: wide.id, rule: SSHD, agency, ...day }])
    const listed = (await ask('GET', '')).json().items as {
      id: string
      agencies: unknown
      hidden: { events: number }
    }[]
    expect(listed.map(({ id, agencies, hidden: { events } }) => [id, agencies, events])).toEqual(
      expect.arrayContaining([
        [wide.id, ['so-gtvt'], 2],
        [own.id, ['so-gtvt'], 0],
      ]),
    )
    expect((await ask('GET', `/${wide.id}`)).body).not.toContain('so-y-te')
    expect((await ask('POST', `/${wide.id}/revoke`, { reason: 'x' })).statusCode).toBe(403)
    expect((await ask('PATCH', `/${wide.id}`, { owner: 'x' })).statusCode).toBe(403)
    const foreign = (await make('truong-ca')).body
    expect((await ask('GET', `/${foreign.id}`)).statusCode).toBe(404)
    expect((await ask('POST', `/${foreign.id}/revoke`, { reason: 'x' })).statusCode).toBe(404)
  })
})

test.each([
  ['no YAML', 'a: [', '1:5'],
  ['a rule', FILES[1]!.text, '1:1'],
  ['a broken condition', filterOf().replace('not s', 'not x'), '6:'],
  ['a modifier that is none', filterOf('user.name|like: root'), '5:'],
  ['a rule that is not there', filterOf(undefined, '[khong-co]'), '4:'],
  ['a correlation', filterOf(undefined, '[count]'), '4:'],
  ['another log source', filterOf(undefined, undefined, '{ product: windows }'), '4:'],
  ['nothing at all', '# nothing\n', ''],
])('refused: %s', async (_name, filter, place) => {
  const { status, body } = await make('truong-ca', { filter })
  expect({ status, code: body.code }).toEqual({ status: 422, code: 'bad_exception' })
  expect(body.detail).toContain(place)
})

test.each([
  ['an end that has passed', { expiresAt: '2026-11-22T07:59:59Z' }, 'bad_exception'],
  ['no end said', { expiresAt: undefined }, 'validation'],
  ['no reason', { reason: '' }, 'validation'],
  ['no agency', { agencies: [] }, 'bad_exception'],
  ['an agency that is none', { agencies: ['khong-co'] }, 'unknown_agency'],
  ['an alert that is none', { alert: 'khong-co' }, 'bad_exception'],
])('refused: %s', async (_name, more, code) => {
  expect((await make('truong-ca', more)).body.code).toBe(code)
})

test('its life: made, announced before its end, prolonged, ended; each step in the history', async () => {
  const { id } = (await make('truong-ca', { expiresAt: '2026-12-02T08:00:00Z' })).body
  const at = (day: string): number => Date.parse(`2026-${day}T08:00:00Z`)
  const mine = (list: readonly { id: string }[]): number => list.filter((each) => each.id === id).length
  expect(mine(tendExceptions(world.local, at('11-29')).warned)).toBe(0)
  expect(mine(tendExceptions(world.local, at('11-30')).warned)).toBe(1)
  expect(mine(tendExceptions(world.local, at('12-01')).warned), 'once').toBe(0)
  const later = await send('viet-luat', 'PATCH', `/exceptions/${id}`, {
    expiresAt: '2026-12-12T08:00:00Z',
    owner: 'An',
  })
  expect(later.body).toMatchObject({ owner: 'An', expiresAt: '2026-12-12T08:00:00.000Z', state: 'in_force' })
  expect(mine(tendExceptions(world.local, at('12-11')).warned), 'announced for the new end').toBe(1)
  expect(mine(exceptionsInForce(world.local, '2026-12-12T07:59:59.999Z'))).toBe(1)
  expect(mine(exceptionsInForce(world.local, '2026-12-12T08:00:00.000Z'))).toBe(0)
  const ended = tendExceptions(world.local, at('12-12'))
  expect([mine(ended.expired), ended.isChanged]).toEqual([1, true])
  const { body } = await send('kiem-toan', 'GET', `/exceptions/${id}`)
  expect(body.state).toBe('expired')
  expect(body.history.map(({ code, actor }: { code: string; actor: string }) => [code, actor])).toEqual([
    ['exception_made', 'truong-ca'],
    ['exception_in_force', 'system'],
    ['exception_expires_soon', 'system'],
    ['exception_changed', 'viet-luat'],
    ['exception_expires_soon', 'system'],
    ['exception_expired', 'system'],
  ])
  expect((await send('viet-luat', 'PATCH', `/exceptions/${id}`, { owner: 'x' })).body.code).toBe('bad_exception')
})

test('revoked: out of the files at once, and in the list with why', async () => {
  const { id } = (await make('truong-ca')).body
  const files = (): string[] => exceptionFiles(world.local, Date.parse(NOW)).map(({ path }) => path)
  expect(files()).toContain(`exceptions/${id}.yml`)
  const before = announced
  const { body } = await send('viet-luat', 'POST', `/exceptions/${id}/revoke`, { reason: 'máy chủ đã thay' })
  expect(body).toMatchObject({ state: 'revoked', revoked: { by: 'viet-luat', reason: 'máy chủ đã thay' } })
  expect(announced).toBe(before + 1)
  expect(files()).not.toContain(`exceptions/${id}.yml`)
  expect((await send('viet-luat', 'POST', `/exceptions/${id}/revoke`, { reason: 'x' })).body.code).toBe('bad_exception')
})
