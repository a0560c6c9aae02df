import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { raiseIncidents } from '../../api/incidents/raise.ts'
import { withoutHidden } from '../../api/searches/hidden.ts'
import { readSearch } from '../../api/searches/query-text.ts'
import type { EcsEvent } from '../../model/event.ts'
import { Masking, readPersonal } from '../../model/personal.ts'
import { ROOT } from '../../model/root.ts'
import { holds } from '../../store/query/evaluate.ts'
import { ROLES } from '../../store/local/users.ts'
import { type World, alertOf, makeWorld } from './world.ts'

const [CCCD, PHONE, PASSWORD] = ['001203012345', '0912345678', 'Bi-mat-2026']
const ORIGINAL = `POST /nop-ho-so cccd=${CCCD}&sdt=${PHONE}&matkhau=${PASSWORD}`
const masking = new Masking(readPersonal(join(ROOT, 'registry', 'personal-data.yml')))
const RECORD = 'so-y-te-9'
const RANGE = 'from=2026-11-22T00:00:00Z&to=2026-11-23T00:00:00Z'

function submission(): EcsEvent {
  const event: EcsEvent = {
    '@timestamp': '2026-11-22T07:09:00.000Z',
    'event.ingested': '2026-11-22T07:09:00.000Z',
    'event.original': ORIGINAL,
    'event.dataset': 'modsecurity.auditlog',
    'ecs.version': '8.17.0',
    'http.request.body.content': `cccd=${CCCD}&matkhau=${PASSWORD}`,
    'url.path': '/nop-ho-so',
    'user.name': PHONE,
    'citizen.name': 'Trần Thị Hoa',
    'soc.record': RECORD,
    'soc.seq': 9,
    'soc.source': 'syslog-tcp/192.0.2.9',
    'soc.agency': 'so-y-te',
  }
  masking.note(event)
  return event
}

let world: World
beforeAll(async () => {
  world = await makeWorld()
  const alert = alertOf('so-y-te', 9)
  const evidence = { ...alert.evidence[0]!, original: ORIGINAL }
  const entities = [{ kind: 'user' as const, value: PHONE }]
  const alerts = [{ ...alert, entities, evidence: [evidence], group: { 'user.name': PHONE } }]
  const bytes = Buffer.from(`{"hỏng ${CCCD}`).toString('base64')
  const origin = { input: 'http-ndjson', address: '192.0.2.1' }
  const letter = {
    record: 'so-y-te-10',
    seq: 10,
    source: 'x',
    agency: 'so-y-te',
    receivedAt: '2026-11-22T07:09:01.000Z',
  }
  const deadLetters = [{ ...letter, code: 'bad_json', reason: `at ${CCCD}`, bytes, origin }]
  await world.store.append({ from: 9, through: 10, events: [submission()], alerts, deadLetters })
  raiseIncidents(world.local, alerts, { criticality: () => 4 })
})
afterAll(() => world.close())

const told = (body: string): string[] =>
  [CCCD, PHONE, PASSWORD, 'Trần Thị Hoa', Buffer.from(CCCD).toString('base64').slice(0, 12)].filter((word) =>
    body.includes(word),
  )

test('no route tells any role what is hidden, in any list, count or record', async () => {
  const { paths = {} } = world.app.swagger() as unknown as { paths?: Record<string, Record<string, object>> }
  const incident = world.local.prepare('SELECT id FROM incidents WHERE entity LIKE ?').get(`%${PHONE}%`) as {
    id: string
  }
  const queries: Record<string, string[]> = {
    '/api/v1/events/search': [`?${RANGE}`, `?${RANGE}&q=${encodeURIComponent('| fields citizen.name, user.name')}`],
    '/api/v1/events/aggregate': ['user.name', 'citizen.name', 'event.original'].map(
      (field) => `?${RANGE}&q=${encodeURIComponent(`| count by ${field}`)}`,
    ),
    '/api/v1/events/values': ['user.name', 'citizen.name', 'http.request.body.content'].map(
      (field) => `?${RANGE}&field=${field}`,
    ),
  }
  let shown = 0
  for (const [i, role] of ROLES.entries()) {
    const headers = await world.as(role, ['so-y-te'])
    for (const [path, methods] of Object.entries(paths)) {
      // An evidence pack shows everything: only those who may reveal have it, as the next lines hold.
      if (!('get' in methods) || path.endsWith('/stream') || path.endsWith('/evidence')) continue
      const id = path.includes('/events/') ? RECORD : path.includes('/alerts/') ? 'alert-so-y-te-9' : incident.id
      for (const query of queries[path] ?? ['']) {
        const url = path.replace('{id}', id).replace(/\{\w+\}/g, '1') + query
        const answer = await world.app.inject({ url, headers, remoteAddress: `192.0.2.${i + 1}` })
        expect([role, url, told(answer.body)]).toEqual([role, url, []])
        if (answer.body.includes('****')) shown++
      }
    }
  }
  expect(shown).toBeGreaterThan(30) // and it was there to be told
  for (const [i, role] of ROLES.entries()) {
    const headers = await world.as(role, ['so-y-te'])
    const url = `/api/v1/incidents/${incident.id}/evidence`
    const { statusCode } = await world.app.inject({ url, headers, remoteAddress: `192.0.2.${i + 50}` })
    const revealing = ['administrator', 'lead', 'analyst', 'agency_sysadmin'].includes(role)
    expect([role, statusCode]).toEqual([role, revealing ? 200 : 403])
  }
})

test('exports hide it as well', async () => {
  const headers = await world.browser('phan-tich')
  const [from, to] = ['2026-11-22T00:00:00Z', '2026-11-23T00:00:00Z']
  for (const format of ['ndjson', 'csv']) {
    const payload = { q: 'url.path:"/nop-ho-so"', from, to, format }
    const { id } = (await world.app.inject({ method: 'POST', url: '/api/v1/exports', headers, payload })).json<{
      id: string
    }>()
    const state = async () =>
      (await world.app.inject({ url: `/api/v1/exports/${id}`, headers })).json<{ state: string }>().state
    await expect.poll(state).toBe('done')
    const { body } = await world.app.inject({ url: `/api/v1/exports/${id}/file`, headers })
    expect([told(body), body.includes('****')]).toEqual([[], true])
  }
  const folder = join(world.folder, 'exports')
  for (const name of readdirSync(folder)) expect(told(readFileSync(join(folder, name), 'utf8'))).toEqual([])
})

describe('revealed', () => {
  const reveal = (headers: Record<string, string>, url: string, payload: object = { reason: 'xác minh nạn nhân' }) =>
    world.app.inject({ method: 'POST', url: `/api/v1${url}`, headers, payload })

  test('to who has to see it, record by record, with who and why in the history', async () => {
    const headers = await world.browser('phan-tich')
    expect(told((await reveal(headers, `/events/${RECORD}/reveal`)).body)).toEqual([
      CCCD,
      PHONE,
      PASSWORD,
      'Trần Thị Hoa',
    ])
    expect(told((await reveal(headers, '/alerts/alert-so-y-te-9/reveal')).body)).toContain(CCCD)
    const audit = await world.app.inject({
      url: '/api/v1/audit?code=personal_data_revealed',
      headers: await world.browser('kiem-toan'),
    })
    expect(audit.json()).toMatchObject({
      items: [
        { actor: 'phan-tich', params: { alert: 'alert-so-y-te-9', reason: 'xác minh nạn nhân' } },
        { actor: 'phan-tich', params: { record: RECORD, reason: 'xác minh nạn nhân' } },
      ],
    })
  })

  test('to nobody else, to no token, and not without a reason', async () => {
    const url = `/events/${RECORD}/reveal`
    for (const name of ['phan-tich-1', 'viet-luat', 'kiem-toan', 'xem-yte']) {
      expect((await reveal(await world.browser(name), url)).statusCode).toBe(403)
    }
    expect((await reveal(world.token(world.everyScope, 'all'), url)).statusCode).toBe(403)
    const headers = await world.browser('phan-tich')
    expect((await reveal(headers, url, {})).statusCode).toBe(400)
    for (const reason of ['', ' \t ']) expect((await reveal(headers, url, { reason })).statusCode).toBe(400)
  })
})

// Each asks something of which the answer is in what is hidden; asked both ways, neither tells.
const ORACLES = [
  `event.original:*${CCCD.slice(0, 6)}*`,
  `"${CCCD}"`,
  `cccd=${CCCD.slice(0, 4)}`,
  `user.name:${PHONE.slice(0, 5)}*`,
  `user.name >= 900000000`,
  `citizen.name:Trần*1*`,
  `http.request.body.content:*Bi-mat*`,
  `message:"4" or event.original:*2345*`,
]

test('a search of who may not see it cannot feel its way along', async () => {
  const count = async (name: string, q: string): Promise<number> => {
    const url = `/api/v1/events/search?${RANGE}&q=${encodeURIComponent(q)}`
    const answer = await world.app.inject({ url, headers: await world.browser(name), remoteAddress: '192.0.2.77' })
    expect([q, answer.statusCode]).toEqual([q, 200])
    return answer.json<{ items: EcsEvent[] }>().items.filter((event) => event['soc.record'] === RECORD).length
  }
  for (const oracle of ORACLES) {
    const asked = [`url.path:"/nop-ho-so" and (${oracle})`, `url.path:"/nop-ho-so" and not (${oracle})`]
    expect([oracle, ...(await Promise.all(asked.map((q) => count('kiem-toan', q))))]).toEqual([oracle, 0, 0])
  }
  expect(await count('kiem-toan', 'url.path:"/nop-ho-so"')).toBe(1) // it is found by everything else
  expect(await count('kiem-toan', 'url.path:*ho-so* and not url.path:x')).toBe(1)
  expect(await count('phan-tich', `"${CCCD}"`)).toBe(1) // and by who may see it
  const list = await world.app.inject({
    url: `/api/v1/incidents?q=${PHONE.slice(2, 7)}`,
    headers: await world.browser('kiem-toan'),
  })
  expect(list.json()).toMatchObject({ items: [], total: 0 })
})

test('the narrowed search means the same of every event in which nothing is hidden', () => {
  const plain: EcsEvent = {
    ...submission(),
    'event.original': 'POST /nop-ho-so x=1',
    'http.request.body.content': 'x=1',
    'user.name': 'lan1',
  }
  delete plain['citizen.name']
  delete plain['soc.personal']
  delete plain['soc.secret']
  for (const q of [
    ...ORACLES,
    'user.name:lan1',
    'not user.name:lan1',
    'x=1',
    'not (x=1 or user.name:b2)',
    'soc.seq >= 9 and not soc.seq < 9',
  ]) {
    const { where } = readSearch(q)
    expect([q, holds(plain, withoutHidden(where)!)]).toEqual([q, holds(plain, where!)])
  }
})
