import { createHash } from 'node:crypto'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { incidentId } from '../../api/incidents/grouping.ts'
import { observablesIn } from '../../api/incidents/observables.ts'
import { checklistOf, parsePlaybook, readPlaybooks } from '../../api/incidents/playbooks.ts'
import { raiseIncidents } from '../../api/incidents/raise.ts'
import { ROOT } from '../../model/root.ts'
import { mergeIncidents } from '../../api/incidents/merge.ts'
import { addAttachment } from '../../store/local/attachments.ts'
import { openLocal } from '../../store/local/database.ts'
import { getIncident } from '../../store/local/incidents.ts'
import { acrossAgencies, addObservables } from '../../store/local/observables.ts'
import { NOW, type World, alertOf, makeWorld } from './world.ts'
import { runs } from '../runs.ts'

let world: World
let headers: Record<string, string>
const id = incidentId('alert-so-y-te-3')
beforeAll(async () => {
  world = await makeWorld()
  headers = await world.browser('phan-tich')
})
afterAll(() => world.close())

type Payload = object | string | Buffer
const call = (method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', url: string, payload?: Payload, more = {}) =>
  world.app.inject({
    method,
    url: `/api/v1/incidents/${id}${url}`,
    headers: { ...headers, ...more },
    ...(payload !== undefined && { payload }),
  })
const history = async (): Promise<{ code: string; params: object; actor: string }[]> =>
  (await call('GET', '')).json().history

test('comments: text as written, by whom and when; a mention makes a watcher; no If-Match', async () => {
  const body = '**Đã gọi** <img src=x onerror=alert(1)> @truong-ca, @khong-ai, @xem-yte và thư a@phan-tich.vn'
  const added = await call('POST', '/comments', { body: body.normalize('NFD') })
  expect([added.statusCode, added.json()]).toMatchObject([201, { author: 'phan-tich', body, at: NOW }])
  expect((await call('GET', '/comments')).json().items).toMatchObject([{ body }])
  expect((await call('GET', '/watchers')).json().items).toEqual(['truong-ca', 'xem-yte'])
  expect((await call('POST', '/comments', { body: ' \n\t ' })).json().code).toBe('validation')
  expect((await call('DELETE', '/watchers/xem-yte')).statusCode).toBe(204)
  expect((await call('PUT', '/watchers/khong-ai')).json().code).toBe('unknown_assignee')
  const codes = (await history()).map(({ code }) => code)
  expect(codes.slice(-4)).toEqual(['comment_added', 'watcher_added', 'watcher_added', 'watcher_removed'])
})

test('tasks: the steps of the playbooks for its rules, ticked by whom, and tasks of its own', async () => {
  const items = (await call('GET', '/tasks')).json().items as { key: string; title: string; titleVi: string }[]
  expect(items.map(({ key }) => key)).toContain('password-guessing/block')
  expect(items.every(({ title, titleVi }) => title !== titleVi)).toBe(true)
  const tick = await call('PATCH', '/tasks/password-guessing/block', { done: true })
  expect(tick.json()).toMatchObject({ key: 'password-guessing/block', doneBy: 'phan-tich', doneAt: NOW })
  expect((await call('PATCH', '/tasks/password-guessing/khong-co', { done: true })).statusCode).toBe(404)
  expect((await call('POST', '/tasks', { title: 'Gọi trực ban' })).json()).toMatchObject({ key: 'own/1' })
  expect((await call('PATCH', '/tasks/own/1', { done: true })).statusCode).toBe(200)
  expect((await call('PATCH', '/tasks/own/1', { done: false })).json()).not.toHaveProperty('doneBy')
  const shown = (await call('GET', '/tasks')).json().items as { key: string; doneBy?: string }[]
  expect(shown.filter(({ doneBy }) => doneBy !== undefined).map(({ key }) => key)).toEqual(['password-guessing/block'])
  expect((await history()).slice(-4).map(({ code }) => code)).toEqual([
    'task_done',
    'task_added',
    'task_done',
    'task_reopened',
  ])
})

describe('attachments', () => {
  test('a request without a file keeps none', async () => {
    const { statusCode, body } = await call('POST', '/attachments?name=x')
    expect([statusCode, JSON.parse(body)]).toMatchObject([400, { code: 'bad_request' }])
    expect((await call('GET', '/attachments')).json().items).toEqual([])
  })

  const bytes = Buffer.from('<script>alert(1)</script>\u0000mẫu mã độc')
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  const send = (name: string, payload: Buffer, type = 'application/octet-stream') =>
    call('POST', `/attachments?name=${encodeURIComponent(name)}`, payload, { 'content-type': type })

  test('are kept under their hash, and only ever saved: no type, no name of theirs reaches a browser or the disk', async () => {
    const kept = await send('..\\..\\etc/passwd\u202Egpj.html', bytes, 'text/html')
    expect([kept.statusCode, kept.json()]).toMatchObject([201, { name: 'passwdgpj.html', bytes: bytes.length, sha256 }])
    const again = await send('bản sao.bin', bytes, 'application/json')
    const files = readdirSync(world.attachments, { recursive: true, withFileTypes: true }).filter((each) =>
      each.isFile(),
    )
    expect(files.map(({ name }) => name)).toEqual([sha256])
    expect(readFileSync(join(world.attachments, sha256.slice(0, 2), sha256))).toEqual(bytes)
    const answer = await call('GET', `/attachments/${again.json().id}`)
    expect(answer.rawPayload).toEqual(bytes)
    expect(answer.headers).toMatchObject({
      'content-type': 'application/octet-stream',
      'content-disposition': `attachment; filename="attachment"; filename*=UTF-8''b%E1%BA%A3n%20sao.bin`,
      'content-security-policy': "default-src 'none'; sandbox",
      'x-content-type-options': 'nosniff',
    })
  })

  test('one above 25 MiB is refused, and nothing of it is left', async () => {
    const answer = await send('to.bin', Buffer.alloc(25 * 1024 * 1024 + 1))
    expect(answer.json().code).toBe('payload_too_large')
    expect(readdirSync(world.attachments).filter((name) => name.startsWith('.'))).toEqual([])
  })

  test('beyond 200 MiB of an incident nothing is written that nothing names, however many are sent at once', async () => {
    const [full] = raiseIncidents(
      world.local,
      [alertOf('so-y-te', 61, { entities: [{ kind: 'host', value: 'day' }] })],
      { criticality: () => 3, now: () => NOW },
    )
    const MiB = 1024 * 1024
    const file = { name: 'x', bytes: 195 * MiB, sha256: 'ab'.repeat(32), at: NOW, author: 'phan-tich' }
    addAttachment(world.local, full!.id, file)
    const before = filesIn(world.attachments)
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, n) =>
        world.app.inject({
          method: 'POST',
          url: `/api/v1/incidents/${full!.id}/attachments?name=${n}`,
          headers: { ...headers, 'content-type': 'application/octet-stream' },
          payload: Buffer.alloc(MiB, n),
        }),
      ),
    )
    expect(answers.filter(({ statusCode }) => statusCode === 201)).toHaveLength(5)
    expect(new Set(answers.map(({ statusCode }) => statusCode))).toEqual(new Set([201, 422]))
    expect(filesIn(world.attachments)).toBe(before + 5)
  })

  const filesIn = (folder: string): number =>
    readdirSync(folder, { recursive: true, withFileTypes: true }).filter((each) => each.isFile()).length

  test('that of one incident is not found under another, not even of the same agency', async () => {
    const { id: number } = (await call('GET', '/attachments')).json().items[0]
    const [other] = raiseIncidents(
      world.local,
      [alertOf('so-y-te', 60, { entities: [{ kind: 'host', value: 'khac' }] })],
      { criticality: () => 3, now: () => NOW },
    )
    const url = `/api/v1/incidents/${other!.id}/attachments/${number}`
    expect((await world.app.inject({ url, headers })).statusCode).toBe(404)
  })
})

test('similar: handled incidents with what they share, and a suggestion where most were the same', async () => {
  const options = { criticality: () => 3, now: () => NOW }
  for (let n = 0; n < 4; n++) {
    const entities = [{ kind: 'host' as const, value: `may-${n}` }]
    const [past] = raiseIncidents(world.local, [alertOf('so-gtvt', 70 + n, { entities })], options)
    await world.app.inject({
      method: 'PATCH',
      url: `/api/v1/incidents/${past!.id}`,
      headers: { ...headers, 'if-match': '*' },
      payload: { state: 'closed', verdict: n === 0 ? 'true_positive' : 'false_positive' },
    })
  }
  const similar = (await call('GET', '/similar')).json()
  expect(similar).toMatchObject({ verdicts: { false_positive: 3, true_positive: 1 }, suggestion: 'false_positive' })
  expect(similar.items[0]).toMatchObject({
    sharedRules: [expect.stringContaining('6a1f0c1e')],
    sharedObservables: [{ kind: 'ip', value: '203.0.113.9' }],
    sameEntity: false,
  })
  const narrow = world.token(['incidents:read'], ['so-y-te'])
  const seen = await world.app.inject({ url: `/api/v1/incidents/${id}/similar`, headers: narrow })
  expect(seen.json()).toEqual({ items: [], verdicts: {} })
})

test('campaigns: one public address in two agencies is a candidate, for who sees both; a private one never', async () => {
  const campaigns = async (as: Record<string, string>) =>
    (await world.app.inject({ url: '/api/v1/campaigns', headers: as })).json().items as {
      value: string
      agencies: string[]
    }[]
  const inside = { entities: [{ kind: 'ip' as const, value: '10.1.2.3' }] }
  raiseIncidents(world.local, [alertOf('so-y-te', 80, inside), alertOf('so-gtvt', 81, inside)], {
    criticality: () => 3,
  })
  // The samples' documentation address is reserved, so it is none either.
  const attacker = { entities: [{ kind: 'ip' as const, value: '45.83.64.1' }] }
  raiseIncidents(world.local, [alertOf('so-y-te', 82, attacker), alertOf('so-gtvt', 83, attacker)], {
    criticality: () => 3,
  })
  expect(await campaigns(headers)).toMatchObject([{ value: '45.83.64.1', agencies: ['so-gtvt', 'so-y-te'] }])
  expect(await campaigns(world.token(['incidents:read'], ['so-y-te']))).toEqual([])
})

test('campaigns: what every network has of its own does not crowd out what they share; a merge counts once', () => {
  const db = openLocal(':memory:')
  const seen = [...Array.from({ length: 150 }, (_, n) => `192.168.1.${n}`), '45.83.64.1']
  const raised = (['so-y-te', 'so-y-te', 'so-gtvt'] as const).map((agency, n) => {
    const entities = [{ kind: 'host' as const, value: `h${n}` }]
    return raiseIncidents(db, [alertOf(agency, n, { entities, evidence: [] })], { criticality: () => 3 })[0]!
  })
  for (const { id } of raised) {
    const at = { firstAt: NOW, lastAt: NOW }
    addObservables(
      db,
      id,
      seen.map((value) => ({ kind: 'ip', value, ...at })),
    )
  }
  const [one, two, other] = raised.map(({ id }) => getIncident(db, id, 'all')!)
  mergeIncidents(db, two!, one!, { actor: 'an', at: NOW })
  const query = { scope: 'all' as const, from: '2026-11-01', limit: 100, incidentsMax: 50 }
  const shared = { kind: 'ip', value: '45.83.64.1', firstAt: NOW, lastAt: NOW, agencies: ['so-gtvt', 'so-y-te'] }
  expect(acrossAgencies(db, query)).toEqual([{ ...shared, incidents: [other!.incident.id, one!.incident.id] }])
  expect(acrossAgencies(db, { ...query, from: '2026-11-23' })).toEqual([])
  expect(acrossAgencies(db, { ...query, scope: ['so-y-te'] })).toEqual([])
  db.close()
})

describe('playbooks', () => {
  test('those that are shipped read, in two languages', () => {
    const books = readPlaybooks(join(ROOT, 'playbooks'))
    expect(books.length).toBeGreaterThanOrEqual(3)
    for (const { steps } of books) for (const { vi, en } of steps) expect(vi).not.toBe(en)
  })

  test.each([
    ['no step', 'format: 1\nvi: a\nen: b\nsteps: []', '/steps'],
    [
      'a step twice',
      'format: 1\nvi: a\nen: b\nsteps: [{key: a, phase: triage, vi: a, en: b}, {key: a, phase: triage, vi: a, en: b}]',
      'twice',
    ],
    ['an unknown key', 'format: 1\nvi: a\nen: b\ntag: x\nsteps: [{key: a, phase: triage, vi: a, en: b}]', 'tag'],
    ['no Vietnamese', 'format: 1\nen: b\nsteps: [{key: a, phase: triage, vi: a, en: b}]', 'vi'],
  ])('refused: %s', (_name, text, message) => {
    expect(() => parsePlaybook(text, 'x.yml')).toThrow(message)
  })

  test('what was done stays in the list where its step is gone', () => {
    const { incident } = getIncident(world.local, id, 'all')!
    const done = { key: 'cu/buoc', title: 'old', titleVi: 'cũ', addedAt: NOW, addedBy: 'a', doneAt: NOW, doneBy: 'b' }
    expect(checklistOf([], incident, [done])).toMatchObject([{ key: 'cu/buoc', doneBy: 'b' }])
  })
})

describe('observables', () => {
  test('addresses, URLs, mail addresses and hashes of the raw lines, each in one spelling', () => {
    const line = `GET http://evil.example/x.php?a=1, from 203.0.113.9:443 [2001:DB8::1] 999.1.1.1 1.2.3.4.5 to An.Nguyen@So-Y-Te.vn sha256=${'AB'.repeat(32)} md5=${'cd'.repeat(16)}`
    const evidence = alertOf('so-y-te', 1).evidence.map((each) => ({ ...each, original: line }))
    const found = observablesIn(alertOf('so-y-te', 1, { entities: [{ kind: 'user', value: 'ROOT' }], evidence }))
    expect(found.map(({ kind, value }) => `${kind} ${value}`)).toEqual([
      'user root',
      'url http://evil.example/x.php?a=1',
      'email an.nguyen@so-y-te.vn',
      'ip 203.0.113.9',
      'ip 2001:db8::1',
      `sha256 ${'ab'.repeat(32)}`,
      `md5 ${'cd'.repeat(16)}`,
    ])
  })

  test('any text: bounded, never a throw', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 300 }), { maxLength: 20 }), (lines) => {
        const [evidence] = alertOf('so-y-te', 1).evidence
        const found = observablesIn(
          alertOf('so-y-te', 1, { evidence: lines.map((original) => ({ ...evidence!, original })) }),
        )
        expect(found.length).toBeLessThanOrEqual(50)
      }),
      { numRuns: runs(200) },
    )
  })
})
