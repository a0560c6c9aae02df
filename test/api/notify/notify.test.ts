import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { generate } from 'selfsigned'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { warnOfClocks } from '../../../api/incidents/clock-watch.ts'
import { warnOfDeadlines } from '../../../api/incidents/deadline-watch.ts'
import { readLegal } from '../../../api/incidents/legal.ts'
import { raiseIncidents } from '../../../api/incidents/raise.ts'
import { readTargets } from '../../../api/incidents/service-clocks.ts'
import { chatWay } from '../../../api/notify/chat.ts'
import { compose } from '../../../api/notify/compose.ts'
import { isMailAddress, mailWay, type MailSettings } from '../../../api/notify/mail.ts'
import { notify } from '../../../api/notify/notify.ts'
import { afterQuiet, digestMs } from '../../../api/notify/plan.ts'
import { parseNotifyRules, readNotifyRules } from '../../../api/notify/rules.ts'
import type { Way } from '../../../api/notify/way.ts'
import type { Alert } from '../../../model/alert.ts'
import { Masking, readPersonal } from '../../../model/personal.ts'
import { ROOT } from '../../../model/root.ts'
import { ALWAYS } from '../../../model/working-time.ts'
import { zoneOffset } from '../../../model/time-zone.ts'
import { openLocal } from '../../../store/local/database.ts'
import { getIncident, listIncidents } from '../../../store/local/incidents.ts'
import { NOTICE_SETTINGS, listMessages, type NoticeSettings, setNoticeSettings } from '../../../store/local/notices.ts'
import { NOW, RULE, type World, alertOf, makeWorld } from '../world.ts'
import { type Smtp, startSmtp } from './smtp.ts'

const RULES = readNotifyRules(join(ROOT, 'registry', 'notify.yml'))
const REGISTRY = {
  timeZone: 'Asia/Ho_Chi_Minh',
  agencies: new Map([['so-y-te', { vi: 'Sở Y tế', en: 'Department of Health' }]]),
} as unknown as Parameters<typeof notify>[1]['registry'] extends () => infer R ? R : never

const MASKING = new Masking(readPersonal(join(ROOT, 'registry', 'personal-data.yml')))

let pair: { private: string; cert: string }
let world: World
let smtp: Smtp
let nowMs: number
beforeAll(async () => {
  const names = [
    { type: 2 as const, value: 'localhost' },
    { type: 7 as const, ip: '127.0.0.1' },
  ]
  pair = await generate([{ name: 'commonName', value: 'localhost' }], {
    keySize: 2048,
    extensions: [{ name: 'subjectAltName', altNames: names }],
  })
})
beforeEach(async () => {
  nowMs = Date.parse(NOW)
  smtp = await startSmtp({ key: pair.private, cert: pair.cert, security: 'starttls' })
  world = await makeWorld({ ways: [mail()] })
  await rounds(1) // what made this world is told to nobody: no address yet
})
afterEach(async () => {
  await world.close()
  await smtp.close()
})

const mail = (more: Partial<MailSettings> = {}): Way =>
  mailWay({
    host: 'localhost',
    port: smtp.port,
    security: 'starttls',
    user: 'soc',
    password: 'mat-khau-thu',
    from: 'vong-gac@soc.example.vn',
    ca: pair.cert,
    recipientDomains: [],
    ...more,
  })

const wants = (user: string, more: Partial<NoticeSettings> = {}): void =>
  setNoticeSettings(world.local, user, {
    ...NOTICE_SETTINGS,
    addresses: { mail: `${user}@soc.example.vn`, chat: '4711' },
    ...more,
  })

const round = (ways: readonly Way[] = [mail()], db = world.local) =>
  notify(db, {
    rules: RULES,
    ways,
    registry: () => REGISTRY,
    masking: () => MASKING,
    consoleUrl: 'https://soc.example.vn',
    now: () => nowMs,
  })

/** Rounds with what gathers in between. */
async function rounds(n: number, ways?: readonly Way[]): Promise<void> {
  for (let i = 0; i < n; i++) {
    await round(ways)
    nowMs += RULES.gatherMs + 1_000
  }
}

const raise = (alerts: readonly Alert[]) =>
  raiseIncidents(world.local, alerts, { criticality: () => 4, now: () => new Date(nowMs).toISOString() })

/** An alert about a host of its own. */
const about = (agency: string, n: number, more: Parameters<typeof alertOf>[2] = {}): Alert =>
  alertOf(agency, n, { entities: [{ kind: 'host', value: `may-${n}.haiphong.gov.vn` }], ...more })

test('one message for an incident, not for each alert, over TLS to who should know and nobody else', async () => {
  for (const user of ['truong-ca', 'phan-tich-yte', 'viet-luat']) wants(user)
  raise(Array.from({ length: 50 }, (_, i) => ({ ...about('so-gtvt', 40), id: `a${i}`, seq: 100 + i })))
  await rounds(3)
  expect(smtp.mails).toHaveLength(1)
  const [{ to, tls, user, headers, text, html }] = smtp.mails as [(typeof smtp.mails)[0]]
  expect([to, tls, user]).toEqual([['truong-ca@soc.example.vn'], true, 'soc'])
  const incident = listIncidents(world.local, { scope: 'all', order: 'updated', limit: 1 })[0]!
  expect(headers['subject']).toBe(`[Vọng Gác] #${incident.number} · Cao · ${RULE.title}`)
  expect(headers['from']).toContain('vong-gac@soc.example.vn')
  expect(headers['auto-submitted']).toBe('auto-generated')
  for (const body of [text, html]) {
    expect(body).toContain('may-40[.]haiphong[.]gov[.]vn')
    expect(body).toContain(`https://soc.example.vn/incidents/${incident.id}`)
    expect(body).toContain('Cảnh báo'.toLowerCase())
  }
})

test('who sees one agency is told of it alone, and who lost it meanwhile of nothing', async () => {
  wants('phan-tich-yte')
  raise([about('so-gtvt', 40), about('so-y-te', 41)])
  await rounds(2)
  expect(smtp.mails).toHaveLength(1)
  expect(smtp.mails[0]!.raw).not.toContain('so-gtvt')
  expect(smtp.mails[0]!.text).toContain('Sở Y tế')
  raise([about('so-y-te', 42)])
  await round()
  world.local.prepare(`UPDATE users SET agencies = '["so-gtvt"]' WHERE name = 'phan-tich-yte'`).run()
  nowMs += 60_000
  await round()
  expect(smtp.mails).toHaveLength(1)
  expect(listMessages(world.local, { limit: 1 })).toMatchObject([
    { state: 'dropped', error: 'not_allowed', attempts: 0 },
  ])
})

test('nobody is told of what they did themselves; an assignee is told of what others do, in their language', async () => {
  wants('phan-tich', { language: 'en', levelMin: 'critical' })
  const incident = listIncidents(world.local, { scope: 'all', order: 'updated', limit: 1 })[0]!
  const url = `/api/v1/incidents/${incident.id}`
  const [mine, theirs] = [await world.browser('phan-tich'), await world.browser('truong-ca')]
  await world.app.inject({
    method: 'PATCH',
    url,
    headers: { ...mine, 'if-match': '*' },
    payload: { assignee: 'phan-tich' },
  })
  await world.app.inject({ method: 'POST', url: `${url}/comments`, headers: mine, payload: { body: 'của tôi' } })
  await rounds(2)
  expect(smtp.mails).toHaveLength(0)
  await world.app.inject({ method: 'POST', url: `${url}/comments`, headers: theirs, payload: { body: 'bí mật' } })
  await rounds(2)
  expect(smtp.mails).toHaveLength(1)
  expect(smtp.mails[0]!.headers['subject']).toContain('High')
  expect(smtp.mails[0]!.text).toContain('Commented')
  expect(smtp.mails[0]!.raw).not.toContain('bí mật')
})

test('a legal deadline warns the lead before it runs out and when it has, in quiet hours too', async () => {
  wants('truong-ca', { quiet: { from: '00:00', to: '23:59' } })
  const headers = await world.browser('phan-tich')
  const { id } = listIncidents(world.local, { scope: 'all', order: 'updated', limit: 1 })[0]!
  const answers = { method: 'PUT', url: `/api/v1/incidents/${id}/legal`, payload: { serious: true } } as const
  await world.app.inject({ ...answers, headers: { ...headers, 'if-match': '*' } })
  await rounds(2)
  expect(smtp.mails).toHaveLength(0)
  for (const hours of [19, 6]) {
    nowMs += hours * 3_600_000
    warnOfDeadlines(world.local, readLegal(join(ROOT, 'legal')), nowMs)
    await rounds(2)
  }
  expect(smtp.mails.map(({ headers: { subject = '' } }) => subject.slice(0, 45))).toEqual([
    expect.stringMatching(/^\[Vọng Gác\] SẮP HẾT HẠN 23\/11\/2026 15:00 · #/),
    expect.stringMatching(/^\[Vọng Gác\] QUÁ HẠN 23\/11\/2026 15:00 · #/),
  ])
})

test('a promised time is told before it passes and when it has, once each, to the lead and whoever has it', async () => {
  for (const user of ['truong-ca', 'phan-tich']) wants(user)
  const [incident] = raise([about('so-y-te', 55)])
  await rounds(2)
  smtp.mails.length = 0
  const opened = Date.parse(incident!.createdAt)
  const targets = readTargets(join(ROOT, 'registry', 'service-targets.yml'))
  for (const minutes of [44, 46, 47, 61, 62]) {
    nowMs = opened + minutes * 60_000
    await warnOfClocks(world.local, { targets, working: ALWAYS, nowMs })
    await round()
    nowMs += RULES.gatherMs + 1_000
    await round()
  }
  expect(smtp.mails.map(({ to, headers: { subject = '' } }) => [to[0], subject.slice(0, 52)])).toEqual([
    ['truong-ca@soc.example.vn', expect.stringMatching(/^\[Vọng Gác\] SẮP QUÁ GIỜ CAM KẾT .* · #/)],
    ['truong-ca@soc.example.vn', expect.stringMatching(/^\[Vọng Gác\] QUÁ GIỜ CAM KẾT .* · #/)],
  ])
  expect(smtp.mails[1]!.text).toContain('QUÁ GIỜ cam kết tiếp nhận')
})

test('the owner of a rule is told that it went over its budget, of agencies that they see, and nobody else', async () => {
  for (const user of ['viet-luat', 'truong-ca', 'phan-tich-yte']) wants(user, { levelMin: 'critical' })
  const over = (agency: string, n: number): Alert => ({
    ...about(agency, n, { level: 'low' }),
    count: 17,
    beyondBudget: { day: '2026-11-22', perDay: 20 },
  })
  const owned = (owner: string, alert: Alert) =>
    raiseIncidents(world.local, [alert], { criticality: () => 1, ownerOf: () => owner })
  owned('viet-luat', over('so-y-te', 56))
  owned('phan-tich-yte', over('so-gtvt', 57))
  await rounds(2)
  expect(smtp.mails.map(({ to, headers }) => [to, headers['subject']])).toEqual([
    [['viet-luat@soc.example.vn'], '[Vọng Gác] 1 luật vượt hạn mức cảnh báo'],
  ])
  const { text } = smtp.mails[0]!
  expect(text).toContain('vượt hạn mức 20 cảnh báo trong ngày 2026-11-22 ở Sở Y tế: thêm 17 cảnh báo')
})

test('a silent source is told to the agency’s own sysadmin', async () => {
  wants('may-chu-yte')
  const silent = {
    id: '9dfe137f-ffcc-4fb7-92cc-dc24dbdaca22',
    title: 'Log Source Silent',
    titleVi: 'Nguồn nhật ký im lặng',
  }
  raise([about('so-y-te', 60, { rule: { ...alertOf('so-y-te', 1).rule, ...silent } })])
  await rounds(2)
  expect(smtp.mails[0]!.headers['subject']).toContain('Nguồn nhật ký im lặng')
})

test('what is mild comes in a digest; quiet hours hold back what is not urgent until they end', async () => {
  wants('phan-tich', { quiet: { from: '15:30', to: '07:00' } })
  for (let n = 70; n < 75; n++) {
    raise([about('so-y-te', n, { level: 'medium' })])
    await rounds(2)
  }
  expect(smtp.mails).toHaveLength(0)
  nowMs = Date.parse('2026-11-22T09:30:00Z') // 16:30: the digest of 16:00 fell into quiet hours
  await rounds(2)
  expect(smtp.mails).toHaveLength(0)
  nowMs = Date.parse('2026-11-23T00:00:01Z')
  await rounds(2)
  expect(smtp.mails).toHaveLength(1)
  expect(smtp.mails[0]!.headers['subject']).toBe('[Vọng Gác] 5 sự cố, nặng nhất: Trung bình')
})

test('beyond so many messages in an hour what is not urgent waits, and then comes in one', async () => {
  wants('phan-tich')
  const watched = listIncidents(world.local, { scope: 'all', order: 'updated', limit: 1 })[0]!
  const url = `/api/v1/incidents/${watched.id}`
  const other = await world.browser('truong-ca')
  await world.app.inject({ method: 'PUT', url: `${url}/watchers/phan-tich`, headers: other })
  for (let n = 0; n < RULES.perHour + 15; n++) {
    await world.app.inject({ method: 'POST', url: `${url}/comments`, headers: other, payload: { body: `lần ${n}` } })
    await rounds(2)
  }
  expect(smtp.mails).toHaveLength(RULES.perHour)
  nowMs += 3_600_000
  await rounds(2)
  expect(smtp.mails).toHaveLength(RULES.perHour + 1)
  expect(smtp.mails.at(-1)!.text).toContain('×15')
  raise([about('so-y-te', 80)])
  await rounds(2)
  expect(smtp.mails).toHaveLength(RULES.perHour + 2) // urgent
})

test('a server that is away is tried again, ever later; the message outlives the program and goes out once', async () => {
  wants('truong-ca')
  smtp.refuse = 451
  raise([about('so-y-te', 50)])
  await rounds(2)
  const [waiting] = listMessages(world.local, { limit: 1 })
  expect(waiting).toMatchObject({ state: 'pending', attempts: 1, error: 'eenvelope_451' })
  const again = openLocal(join(world.folder, 'local.db')) // as a program that was killed and started again has it
  smtp.refuse = 0
  nowMs += RULES.retryMs[0]!
  await round([mail()], again)
  await round([mail()], again)
  again.close()
  await rounds(3)
  expect(smtp.mails).toHaveLength(1)
  expect(smtp.mails[0]!.headers['message-id']).toBe(`<${waiting!.id}@soc.example.vn>`)
  expect(listMessages(world.local, { limit: 1 })).toMatchObject([{ state: 'sent', attempts: 2 }])
})

test('a mailbox that is refused for good has failed at once; an administrator may send it again', async () => {
  wants('truong-ca')
  smtp.refuse = 550
  raise([about('so-y-te', 50)])
  await rounds(3)
  const [failed] = listMessages(world.local, { limit: 1 })
  expect(failed).toMatchObject({ state: 'failed', attempts: 1, error: 'eenvelope_550' })
  smtp.refuse = 0
  const headers = await world.browser('quan-tri')
  const resend = { method: 'POST', url: `/api/v1/notifications/${failed!.id}/resend` } as const
  expect((await world.app.inject({ ...resend, headers: await world.browser('truong-ca') })).statusCode).toBe(403)
  expect((await world.app.inject({ ...resend, headers })).statusCode).toBe(204)
  nowMs = Math.max(nowMs, Date.parse(NOW) + 3_600_000)
  await rounds(1)
  const log = (await world.app.inject({ url: '/api/v1/notifications', headers })).json().items
  expect(log).toMatchObject([{ id: failed!.id, user: 'truong-ca', way: 'mail', state: 'sent' }])
})

test.each([
  ['TLS from the first byte', 'tls', {}, 1],
  ['no TLS where STARTTLS is asked for', 'none', { security: 'starttls' }, 0],
  ['a certificate that nobody vouches for', 'tls', { ca: undefined }, 0],
  ['a wrong password', 'starttls', { password: 'sai' }, 0],
] as const)('%s', async (_name, security, settings, arrived) => {
  const server = await startSmtp({ key: pair.private, cert: pair.cert, security })
  const way = mail({
    security: security === 'tls' ? 'tls' : 'starttls',
    ...settings,
    port: server.port,
  } as MailSettings)
  const outcome = await way.send('a@soc.example.vn', { id: 'x', subject: 's', text: 't', html: 'h' })
  await server.close()
  expect(server.mails).toHaveLength(arrived)
  expect(outcome).toMatchObject(arrived === 1 ? { sent: true } : { final: false })
  expect(JSON.stringify(outcome)).not.toMatch(/sai|mat-khau|secret/)
})

test('personal data and secrets stay in the house, whoever is told', async () => {
  wants('truong-ca')
  const { rule } = about('so-y-te', 50)
  const title = 'Công dân 001203012345 với matkhau=Bi-mat-2026'
  const entities = [{ kind: 'user' as const, value: '0912345678' }]
  raise([about('so-y-te', 50, { rule: { ...rule, title }, entities })])
  await rounds(2)
  const [{ raw, headers, text, html }] = smtp.mails as [(typeof smtp.mails)[0]]
  for (const part of [raw, headers['subject'], text, html]) expect(part).not.toMatch(/001203012345|Bi-mat|0912345678/)
  expect(text).toContain('**********')
})

test('hostile text makes no header, no markup and nothing to follow', async () => {
  wants('truong-ca', { language: 'en' })
  const evil =
    'x\r\nBcc: ke-xau@evil.example\r\n\r\n<script>alert(1)</script> http://evil.example/?a=1&b="2" \u202Etxt.exe'
  const { rule } = about('so-y-te', 50)
  raise([about('so-y-te', 50, { rule: { ...rule, title: evil }, entities: [{ kind: 'host', value: evil }] })])
  await rounds(2)
  const [{ to, raw, headers, text, html }] = smtp.mails as [(typeof smtp.mails)[0]]
  expect(to).toEqual(['truong-ca@soc.example.vn'])
  expect(headers).not.toHaveProperty('bcc')
  expect(raw).not.toMatch(/^bcc:/im)
  expect(headers['subject']).not.toMatch(/[\r\n\u202E]/)
  expect(html).not.toContain('<script')
  expect(html).toContain('&lt;script&gt;')
  for (const body of [text, html]) expect(body).not.toMatch(/evil\.example|:\/\/evil|\u202E/)
})

test('whatever a log says, a message is lines of text without control characters', () => {
  const offset = zoneOffset('Asia/Ho_Chi_Minh')
  const incident = getIncident(
    world.local,
    listIncidents(world.local, { scope: 'all', order: 'updated', limit: 1 })[0]!.id,
    'all',
  )!
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (title, value) => {
      const hostile = { ...incident.incident, title, titleVi: title, entity: { kind: 'host' as const, value } }
      const notices = [{ at: NOW, code: 'incident_opened', params: { title, titleVi: title }, incidentId: hostile.id }]
      const { subject, text, html } = compose([{ incident: hostile, notices }], [], {
        language: 'vi',
        offset,
        agency: (key) => ({ vi: key, en: key }),
      })
      expect(subject).not.toMatch(/[\p{Cc}\p{Cf}]/u)
      expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u)
      expect(html.replaceAll(/<\/?(html|head|meta|body|h2|p|br|a)( [^<>]*)?>|<!doctype html>/g, '')).not.toMatch(/[<>]/)
    }),
  )
})

test.each([
  ['truong.ca+soc@soc.haiphong.gov.vn', true],
  ['a@b', false],
  ['a@b.vn, c@d.vn', false],
  ['a@b.vn\r\nBcc: c@d.vn', false],
  ['"a b"@c.vn', false],
  ['A <a@b.vn>', false],
  ['a@b.vn;c@d.vn', false],
  ['-oQ/tmp@b.v', false],
])('%j is an address: %s', (text, expected) => expect(isMailAddress(text)).toBe(expected))

describe('chat', () => {
  let asked: { url: string; body: string }[]
  let status: number
  const bot = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('end', () => {
      asked.push({ url: request.url ?? '', body })
      const answer = { ok: status === 200, parameters: { retry_after: 77 } }
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
    })
  })
  const way = (allow = ['127.0.0.1']): Way =>
    chatWay({ baseUrl: `http://127.0.0.1:${(bot.address() as AddressInfo).port}/`, token: '12:bi-mat' }, { allow })
  beforeAll(() => new Promise<void>((resolve) => bot.listen(0, '127.0.0.1', resolve)))
  afterAll(() => new Promise((resolve) => bot.close(resolve)))
  beforeEach(() => {
    asked = []
    status = 200
  })

  test('a message is plain text of at most 4,096 characters, without previews', async () => {
    wants('truong-ca', { addresses: { chat: '-100123' } })
    raise(Array.from({ length: 40 }, (_, i) => about('so-y-te', 100 + i)))
    await rounds(2, [way()])
    expect(asked).toHaveLength(1)
    expect(asked[0]!.url).toBe('/bot12:bi-mat/sendMessage')
    const { text, ...rest } = JSON.parse(asked[0]!.body) as { text: string }
    expect(rest).toEqual({ chat_id: '-100123', link_preview_options: { is_disabled: true } })
    expect(text.length).toBeLessThanOrEqual(4_096)
    expect(text).toMatch(/^\[Vọng Gác\] 40 sự cố, nặng nhất: Cao\n/)
  })

  test.each([
    [429, { error: 'refused_429', final: false, waitMs: 77_000 }],
    [403, { error: 'refused_403', final: true }],
    [502, { error: 'refused_502', final: false }],
  ])('an answer of %i', async (answer, expected) => {
    status = answer
    expect(await way().send('1', { id: 'x', subject: 's', text: 't', html: '' })).toEqual(expected)
  })

  test('it reaches nothing inside that the settings do not name, and its errors hold no token', async () => {
    const outcome = await way([]).send('1', { id: 'x', subject: 's', text: 't', html: '' })
    expect(outcome).toEqual({ error: 'bad_url', final: false })
    expect(asked).toEqual([])
    expect([way().takes('../getMe'), way().takes('@kenh_soc'), way().takes('-42')]).toEqual([false, true, true])
  })
})

describe('own settings', () => {
  const url = '/api/v1/me/notifications'
  const settings = {
    ...NOTICE_SETTINGS,
    addresses: { mail: 'a@soc.example.vn' },
    quiet: { from: '22:00', to: '06:00' },
  }

  test('are kept, with who changed them in the history; a trial arrives', async () => {
    const headers = await world.browser('phan-tich')
    expect((await world.app.inject({ url, headers })).json()).toMatchObject({
      settings: { addresses: {} },
      ways: ['mail'],
    })
    const put = await world.app.inject({ method: 'PUT', url, headers, payload: settings })
    expect(put.json()).toMatchObject({ settings })
    expect(
      (await world.app.inject({ method: 'POST', url: `${url}/trial`, headers, payload: { way: 'mail' } })).statusCode,
    ).toBe(202)
    await rounds(1)
    expect(smtp.mails).toMatchObject([{ to: ['a@soc.example.vn'], headers: { subject: '[Vọng Gác] Thư thử' } }])
    const audit = await world.app.inject({
      url: '/api/v1/audit?code=notifications_changed',
      headers: await world.browser('kiem-toan'),
    })
    expect(audit.json().items).toMatchObject([
      { actor: 'phan-tich', after: { addresses: { mail: 'a@soc.example.vn' } } },
    ])
  })

  test.each([
    [{ addresses: { mail: 'a@b.vn\nBcc: c@d.vn' } }, 422],
    [{ addresses: { chat: '1' } }, 422], // no chat is set up
    [{ quiet: { from: '25:00', to: '06:00' } }, 400],
    [{ levelMin: 'grave' }, 400],
    [{ role: 'administrator' }, 400],
  ])('%j is refused', async (part, status) => {
    const headers = await world.browser('phan-tich')
    const answer = await world.app.inject({ method: 'PUT', url, headers, payload: { ...settings, ...part } })
    expect(answer.statusCode).toBe(status)
  })

  test('mail goes to no other domain than the settings allow', () => {
    const way = mail({ recipientDomains: ['haiphong.gov.vn'] })
    expect(['a@HaiPhong.gov.vn', 'a@evil.vn', 'a@haiphong.gov.vn.evil.vn'].map((to) => way.takes(to))).toEqual([
      true,
      false,
      false,
    ])
  })
})

describe('hours', () => {
  const offset = zoneOffset('Asia/Ho_Chi_Minh')
  const at = (text: string): number => Date.parse(`${text}+07:00`)
  test.each([
    ['22:00', '06:00', '2026-11-22T23:10', '2026-11-23T06:00'],
    ['22:00', '06:00', '2026-11-23T05:59', '2026-11-23T06:00'],
    ['22:00', '06:00', '2026-11-23T06:00', '2026-11-23T06:00'],
    ['12:00', '13:30', '2026-11-23T12:00', '2026-11-23T13:30'],
    ['12:00', '13:30', '2026-11-23T11:59', '2026-11-23T11:59'],
  ])('quiet from %s to %s, at %s: %s', (from, to, when, expected) =>
    expect(afterQuiet({ quiet: { from, to } }, offset, at(when))).toBe(at(expected)),
  )
  test('a digest of a span ends with the span, one of an hour at that hour', () => {
    expect(digestMs({ everyMs: 3_600_000 }, offset, at('2026-11-22T15:10'))).toBe(at('2026-11-22T16:00'))
    expect(digestMs({ minuteOfDay: 450 }, offset, at('2026-11-22T15:10'))).toBe(at('2026-11-23T07:30'))
  })
})

describe('rules', () => {
  const file = (rule: string): string => `format: 1\ngather: 30s\nperHour: 20\nretry: [30s]\nrules:\n${rule}`
  test.each([
    ['for nobody', file('  - { key: a, about: [x], to: {}, by: [mail] }'), 'for nobody'],
    ['twice', file('  - { key: a, about: [x], to: { users: [u] }, by: [mail] }\n'.repeat(2)), 'twice'],
    ['an unknown way', file('  - { key: a, about: [x], to: { users: [u] }, by: [pigeon] }'), '/rules/0/by/0'],
    [
      'a digest that is no time',
      file("  - { key: a, about: [x], to: { users: [u] }, by: [mail], digest: '24:00' }"),
      '/rules/0/digest',
    ],
  ])('%s', (_name, text, message) => expect(() => parseNotifyRules(text, 'notify.yml')).toThrow(message))
})
