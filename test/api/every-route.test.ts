import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { incidentId } from '../../api/incidents/grouping.ts'
import { readZip } from '../../rule-import/zip.ts'
import { ROLES } from '../../store/local/users.ts'
import { addBlock } from '../../store/local/blocks.ts'
import { type AgencyKey, NOW, RULE, type World, makeWorld } from './world.ts'

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
type Ids = Record<string, string>

/**
 * How to ask each route: parameters come from `idsOf`, a body stands here. A route of the app that is not in this table, or a
 * row whose route is gone, fails the first test: nobody adds a route that these tests do not walk.
 */
/** `lasts`: asked for by one, it is there for all who see as much. */
const ROUTES: Record<string, { body?: (ids: Ids) => object; query?: string; about?: 'one record'; lasts?: true }> = {
  'GET /incidents': { query: '?limit=200' },
  'GET /incidents/counts': {},
  'GET /incidents/{id}': { about: 'one record' },
  'PATCH /incidents/{id}': { about: 'one record', body: () => ({ assignee: null }) },
  'GET /incidents/{id}/alerts': { about: 'one record' },
  'GET /incidents/{id}/comments': { about: 'one record' },
  'POST /incidents/{id}/comments': { about: 'one record', body: () => ({ body: 'xin chào' }) },
  'GET /incidents/{id}/watchers': { about: 'one record' },
  'PUT /incidents/{id}/watchers/{name}': { about: 'one record' },
  'DELETE /incidents/{id}/watchers/{name}': { about: 'one record' },
  'GET /incidents/{id}/tasks': { about: 'one record' },
  'POST /incidents/{id}/tasks': { about: 'one record', body: () => ({ title: 'gọi điện' }) },
  'PATCH /incidents/{id}/tasks/{playbook}/{step}': { about: 'one record', body: () => ({ done: true }) },
  'GET /incidents/{id}/links': { about: 'one record' },
  'POST /incidents/{id}/links': {
    about: 'one record',
    body: ({ other = '' }) => ({ incidentId: other, relation: 'related' }),
  },
  'DELETE /incidents/{id}/links/{other}': { about: 'one record' },
  'GET /incidents/{id}/observables': { about: 'one record' },
  'GET /incidents/{id}/similar': { about: 'one record' },
  'GET /incidents/{id}/attachments': { about: 'one record' },
  'POST /incidents/{id}/attachments': {
    about: 'one record',
    query: '?name=mau.bin',
    body: () => ({ bytes: 'of a file' }),
  },
  'GET /incidents/{id}/attachments/{attachment}': { about: 'one record' },
  'POST /incidents/{id}/merge': { about: 'one record', body: ({ other = '' }) => ({ source: other }) },
  'POST /incidents/{id}/unmerge': { about: 'one record' },
  'POST /incidents/{id}/split': { about: 'one record', body: () => ({ rules: ['none'] }) },
  'GET /incidents/{id}/clocks': { about: 'one record' },
  'PUT /incidents/{id}/legal': { about: 'one record', body: () => ({ serious: true }) },
  'POST /incidents/{id}/reports': { about: 'one record', body: () => ({ deadline: 'x', reference: 'x' }) },
  'GET /deadlines': {},
  'GET /legal': {},
  'GET /overview': {},
  'GET /wall': {},
  'GET /incidents/{id}/report': { about: 'one record', query: '?format=stix' },
  'GET /incidents/{id}/evidence': { about: 'one record' },
  'GET /reports/period': { query: '?format=csv&from=2026-11-16&to=2026-11-30' },
  'GET /reports': {},
  'GET /reports/{id}/file': {},
  'POST /incidents/bulk': { body: ({ id = '' }) => ({ ids: [id], change: { assignee: null } }) },
  'GET /jobs/{id}': {},
  'POST /jobs/{id}/undo': {},
  'GET /stream': {},
  'GET /campaigns': {},
  'GET /audit': {},
  'GET /audit/verification': {},
  'GET /integrity': {},
  'GET /integrity/chain': {},
  'GET /integrity/days/{day}': {},
  'GET /integrity/proofs/{record}': {},
  'GET /handover/notes': {},
  'POST /handover/notes': { body: () => ({ body: 'để ý máy chủ thư' }), lasts: true },
  'GET /holds': {},
  'GET /retention': {},
  'POST /holds': { body: () => ({ fromDay: '2026-11-01', reason: 'công văn' }) },
  'POST /holds/{id}/lift': { body: () => ({ reason: 'xong' }) },
  'GET /alerts/{id}': { about: 'one record' },
  'POST /alerts/{id}/reveal': { about: 'one record', body: () => ({ reason: 'xác minh' }) },
  'POST /events/{id}/reveal': { about: 'one record', body: () => ({ reason: 'xác minh' }) },
  'GET /events/search': {},
  'GET /events/aggregate': { query: '?q=%7C%20count%20by%20soc.agency' },
  'GET /events/fields': {},
  'GET /events/values': { query: '?field=soc.agency' },
  'POST /exports': { body: () => ({ q: '', format: 'csv' }) },
  'GET /exports': {},
  'GET /exports/{id}': {},
  'GET /exports/{id}/file': {},
  'DELETE /exports/{id}': {},
  'GET /events/{id}': { about: 'one record' },
  'GET /indicators': { query: '?value=203.0.113.9' },
  'GET /indicators/feeds': {},
  'PUT /indicators/feeds/{name}': { query: '?format=csv', body: () => ({ bytes: 'of a file' }) },
  'DELETE /indicators/feeds/{name}': {},
  'POST /indicators/hunts': { body: () => ({ feed: 'khong-co' }) },
  'GET /indicators/hunts': {},
  'GET /indicators/hunts/{id}': {},
  'GET /indicators/hunts/{id}/hits': {},
  'GET /incidents/{id}/blocks': { about: 'one record' },
  'POST /incidents/{id}/blocks': {
    about: 'one record',
    body: () => ({ kind: 'ip', value: '203.0.113.9', reason: 'x', days: 1 }),
  },
  'GET /incidents/{id}/blocks/impact': { about: 'one record', query: '?kind=ip&value=203.0.113.9' },
  'GET /blocks': {},
  'GET /blocks/never': {},
  'POST /blocks/{id}/approve': { about: 'one record' },
  'POST /blocks/{id}/refuse': { about: 'one record' },
  'POST /blocks/{id}/lift': { about: 'one record' },
  'GET /blocklists/{list}': {},
  'GET /rules': {},
  'GET /rules/{id}': {},
  'GET /rules/{id}/completeness': {},
  'GET /rules/{id}/revisions': {},
  'GET /rules/{id}/revisions/{number}': {},
  'GET /rules/{id}/diff': { query: '?from=1' },
  'GET /rules/{id}/shadow': {},
  'GET /rules/quality': {},
  'GET /rules/{id}/quality': {},
  'GET /rules/{id}/mutation': {},
  'GET /coverage': {},
  'GET /coverage/navigator': {},
  'GET /gaps': {},
  'GET /rules/overlaps': {},
  'POST /rules': { body: () => ({ text: 'title: x\nid: x', why: 'thử' }) },
  'POST /rules/check': { body: () => ({ text: 'title: x' }) },
  'POST /rules/try': { body: () => ({ text: 'title: x', lines: ['x'] }) },
  'PUT /rules/{id}/text': { body: () => ({ text: 'title: x', why: 'thử', base: RULE.hash }) },
  'GET /rules/{id}/suggestions': {},
  'POST /rules/{id}/restore': { body: () => ({ revision: 1 }) },
  'POST /rules/{id}/state': { body: () => ({ state: 'shadow' }) },
  'POST /rules/{id}/switch': { body: () => ({ off: true }) },
  'PUT /rules/{id}/budget': { body: () => ({ perDay: 20 }) },
  'GET /completeness': {},
  'POST /exceptions/draft': { about: 'one record', body: ({ id = '' }) => ({ alert: id }) },
  'POST /exceptions': {
    body: ({ agency = '' }) => ({ filter: 'x', agencies: [agency], owner: 'x', reason: 'x', expiresAt: 'never' }),
  },
  'POST /exceptions/dry-run': { body: ({ agency = '' }) => ({ filter: 'x', agencies: [agency] }) },
  'POST /backtests': { body: () => ({ q: 'a search is none' }) },
  'GET /backtests': {},
  'GET /backtests/{id}': {},
  'DELETE /backtests/{id}': {},
  'GET /exceptions': {},
  'GET /exceptions/{id}': {},
  'PATCH /exceptions/{id}': { body: () => ({ owner: 'x' }) },
  'POST /exceptions/{id}/revoke': { body: () => ({ reason: 'x' }) },
  'GET /sources': {},
  'GET /shipping': {},
  'GET /shipping/{shipper}/{transport}': { query: '?agency=so-y-te&host=soc.example' },
  'GET /dead-letters': {},
  'POST /dead-letters/replay': { body: ({ letter = '' }) => ({ records: [letter] }) },
  'GET /agencies': {},
  'GET /registry': {},
  'GET /registry/revisions': {},
  'GET /registry/diff': { query: '?from=1' },
  'POST /registry/preview': { body: () => ({ base: 1, changes: [] }) },
  'POST /registry/changes': { body: () => ({ base: 1, changes: [], why: 'thử' }) },
  'GET /tokens': {},
  'POST /tokens': { body: ({ agency = '' }) => ({ kind: 'ingest', name: 'x', agency }) },
  'DELETE /tokens/{id}': {},
  'GET /users': {},
  'POST /users': { body: () => ({ name: 'ai-do', displayName: 'x', role: 'auditor', agencies: [] }) },
  'PATCH /users/{name}': { body: () => ({ displayName: 'x' }) },
  'GET /webhooks': {},
  'POST /webhooks': { body: () => ({ url: 'https://soar.example.vn/', agencies: [] }) },
  'POST /webhooks/{id}/secret': {},
  'DELETE /webhooks/{id}': {},
  'GET /webhooks/{id}/deliveries': {},
  'POST /webhooks/{id}/deliveries/{delivery}/redeliver': {},
  'GET /me/notifications': {},
  'PUT /me/notifications': {
    body: () => ({ language: 'vi', addresses: {}, levelMin: 'informational', urgentInQuiet: true }),
  },
  'POST /me/notifications/trial': { body: () => ({ way: 'mail' }) },
  'GET /users/{name}/notifications': {},
  'PUT /users/{name}/notifications': {
    body: () => ({ language: 'vi', addresses: {}, levelMin: 'informational', urgentInQuiet: true }),
  },
  'GET /notifications': {},
  'GET /notifications/rules': {},
  'POST /notifications/{id}/resend': {},
  'POST /me/second-factor': { body: () => ({ password: 'x' }) },
  'PUT /me/second-factor': { body: () => ({ code: '000000' }) },
  'GET /me': {},
  'PATCH /me/password': { body: () => ({ current: 'x', password: 'x' }) },
  'GET /login/methods': {},
  'GET /login/sign-on': {},
  'GET /login/sign-on/callback': {},
  'GET /login/sign-on/end': {},
  'POST /login': { body: () => ({ name: 'x', password: 'x' }) },
  'POST /logout': {},
}

/** Words that only stand in records of that agency. */
const MARKS: Record<AgencyKey, RegExp> = { 'so-y-te': /so-y-te/, 'so-gtvt': /so-gtvt/ }
const OTHER = { 'so-y-te': 'so-gtvt', 'so-gtvt': 'so-y-te' } as const

function idsOf(agency: AgencyKey): Record<string, Ids> {
  const n = agency === 'so-y-te' ? 3 : 4
  const incident = {
    id: incidentId(`alert-${agency}-${n}`),
    other: incidentId(`alert-${agency}-9`),
    name: 'phan-tich',
    playbook: 'password-guessing',
    step: 'block',
    attachment: '1',
  }
  return {
    incidents: incident,
    alerts: { id: `alert-${agency}-${n}` },
    events: { id: `${agency}-${n}` },
    'dead-letters': { letter: `${agency}-${agency === 'so-y-te' ? 6 : 7}` },
    exceptions: { id: `alert-${agency}-${n}`, agency },
    rules: { id: 'khong-co', number: '1' },
    blocks: { id: `block-${agency}` },
    blocklists: { list: 'domain' },
    tokens: { id: 'khong-co', agency },
    users: { name: 'khong-co' },
  }
}

function ask(route: string, agency: AgencyKey): { method: Method; url: string; payload?: object } {
  const [method = '', path = ''] = route.split(' ')
  const ids = idsOf(agency)[path.split('/')[1]!] ?? {}
  const { body, query = '' } = ROUTES[route]!
  const url = path.replaceAll(/\{(\w+)\}/g, (_whole, name: string) => encodeURIComponent(ids[name] ?? 'x'))
  return { method: method as Method, url: `/api/v1${url}${query}`, ...(body !== undefined && { payload: body(ids) }) }
}

function described(world: World): string[] {
  const { paths = {} } = world.app.swagger() as { paths?: Record<string, object> }
  return Object.entries(paths)
    .filter(([path]) => path.startsWith('/api/v1/'))
    .flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path.slice('/api/v1'.length)}`),
    )
}

/** The world as it is, or as if the other agency had never sent a record. */
function worldOf(only?: AgencyKey): Promise<World> {
  return makeWorld({}, only === undefined ? undefined : [only])
}

test('the table has every route of the app, and no other', async () => {
  const world = await worldOf()
  expect(Object.keys(ROUTES).sort()).toEqual(described(world).sort())
  await world.close()
})

describe.each(['so-y-te', 'so-gtvt'] as const)('who sees only %s', (mine) => {
  const stranger = OTHER[mine]
  let both: World
  let alone: World
  beforeAll(async () => {
    both = await worldOf()
    alone = await worldOf(mine)
    for (const world of [both, alone]) {
      for (const agency of world.agencies) {
        const id = incidentId(`alert-${agency}-${agency === 'so-y-te' ? 3 : 4}`)
        const headers = await world.browser('quan-tri')
        const url = `/api/v1/incidents/${id}`
        const said = { body: `bí mật của ${agency}` }
        await world.app.inject({ method: 'POST', url: `${url}/comments`, headers, payload: said })
        const facts = { method: 'PUT', url: `${url}/legal`, payload: { serious: true } } as const
        await world.app.inject({ ...facts, headers: { ...headers, 'if-match': '*' } })
        addBlockedName(world, agency, id)
        const payload = Buffer.from(`mẫu của ${agency}`)
        await world.app.inject({ method: 'POST', url: `${url}/attachments?name=${agency}.bin`, headers, payload })
      }
    }
  })
  afterAll(async () => {
    await both.close()
    await alone.close()
  })

  const walk = Object.keys(ROUTES).filter((route) => !/login|logout|me\/password|me\/second|stream/.test(route))

  test.each([...ROLES.filter((role) => role !== 'administrator'), 'service'] as const)(
    '%s: no route tells of the other agency, and every answer is what it would be without it',
    async (role) => {
      const headersIn = (world: World) =>
        role === 'service' ? world.token(world.everyScope, [mine]) : world.as(role, [mine])
      const [headers, headersAlone] = [await headersIn(both), await headersIn(alone)]
      // Limits of an address count over routes and roles; they are tested elsewhere.
      const remoteAddress = `192.0.2.${[...ROLES, 'service'].indexOf(role) + 1}`
      let told = 0
      for (const route of walk) {
        const foreign = ask(route, stranger)
        const answer = await both.app.inject({ ...foreign, remoteAddress, headers: { ...headers, 'if-match': '*' } })
        if (ROUTES[route]!.lasts) await alone.app.inject({ ...foreign, remoteAddress, headers: headersAlone })
        // What was asked for may be said again; nothing else of it.
        const asked = [foreign.url, ...Object.values(idsOf(stranger)).flatMap((ids) => Object.values(ids))]
        const text = asked.reduce((body, word) => body.replaceAll(word, ''), answer.body)
        expect([route, MARKS[stranger].test(text)], text.slice(0, 300)).toEqual([route, false])
        if (ROUTES[route]!.about === 'one record') {
          expect([route, answer.statusCode]).toEqual([route, answer.statusCode === 403 ? 403 : 404])
        }
      }
      for (const route of walk) {
        if (!route.startsWith('GET ')) continue
        const own = ask(route, mine)
        const [seen, expected] = [
          await both.app.inject({ ...own, remoteAddress, headers }),
          await alone.app.inject({ ...own, remoteAddress, headers: headersAlone }),
        ]
        expect([route, seen.statusCode]).toEqual([route, expected.statusCode])
        expect([route, comparable(seen)]).toEqual([route, comparable(expected)])
        if (MARKS[mine].test(seen.body)) told++
      }
      expect(told).toBeGreaterThanOrEqual(4) // and it does see its own
    },
  )

  test('a change asked for on a foreign record changes nothing', async () => {
    const snapshot = (): string =>
      JSON.stringify(
        ['incidents', 'comments', 'tasks', 'watchers', 'incident_links', 'attachments', 'blocks'].map((table) =>
          both.local.prepare(`SELECT * FROM ${table}`).all(),
        ),
      )
    const before = snapshot()
    for (const role of ROLES) {
      if (role === 'administrator') continue
      const headers = await both.as(role, [mine])
      for (const route of walk.filter((each) => !each.startsWith('GET '))) {
        const { method, url, payload } = ask(route, stranger)
        await both.app.inject({ method, url, headers: { ...headers, 'if-match': '*' }, ...(payload && { payload }) })
      }
    }
    expect(snapshot()).toBe(before)
  })
})

test('an incident of each agency can be linked only by who sees both, and neither learns of the other', async () => {
  const world = await worldOf()
  const [here, there] = (['so-y-te', 'so-gtvt'] as const).map((agency) => ask('GET /incidents/{id}', agency).url)
  const payload = { incidentId: there!.split('/').at(-1), relation: 'campaign' }
  const narrow = world.token(['incidents:read', 'incidents:write'], ['so-y-te'])
  const wide = world.token(['incidents:read', 'incidents:write'], 'all')
  const post = async (headers: Record<string, string>): Promise<number> =>
    (await world.app.inject({ method: 'POST', url: `${here}/links`, headers, payload })).statusCode
  expect([await post(narrow), await post(wide)]).toEqual([404, 204])
  const [mine, history] = [`${here}/links`, here!].map((url) => world.app.inject({ url, headers: narrow }))
  expect((await mine!).json()).toEqual({ items: [] })
  expect((await history!).body).not.toContain('so-gtvt')
  await world.close()
})

/** A name blocked for that agency alone. */
function addBlockedName({ local }: World, agency: AgencyKey, incidentId: string): void {
  const block = addBlock(local, {
    incidentId,
    agency,
    kind: 'domain',
    value: `xau.${agency}.example.com`,
    everywhere: false,
    reason: 'x',
    requestedBy: 'phan-tich',
    requestedAt: NOW,
    expiresAt: '2027-01-01T00:00:00.000Z',
  })
  local.prepare('UPDATE blocks SET id = ?, state = ? WHERE id = ?').run(`block-${agency}`, 'approved', block.id)
}

/** Numbers of incidents run through all agencies, and entries of a history through all incidents: known, docs/security.md. */
function comparable({ body, rawPayload, headers }: { body: string; rawPayload: Buffer; headers: object }): unknown {
  if ((headers as Record<string, unknown>)['content-type'] === 'application/zip') {
    // By file; hashes are of texts that have the number in them.
    return readZip(rawPayload).map((file) => [
      file.name,
      file
        .read()
        .toString()
        .replaceAll(/"number": \d+|[0-9a-f]{64}/g, ''),
    ])
  }
  const drop = new Set(['number', 'instance', 'createdAt', 'at'])
  try {
    return JSON.parse(body.replaceAll(/token:[0-9a-f]{12}/g, 'token'), (key, value: unknown) =>
      drop.has(key) ? undefined : value,
    )
  } catch {
    return body
  }
}
