import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { TOKEN_SCOPES } from '../../api/access/policy.ts'
import { type AppOptions, buildApp } from '../../api/app.ts'
import { hashPassword } from '../../api/access/passwords.ts'
import { readLegal, retentionPolicy } from '../../api/incidents/legal.ts'
import { readTargets } from '../../api/incidents/service-clocks.ts'
import { readReportLayout } from '../../api/reports/layout.ts'
import { readNotifyRules } from '../../api/notify/rules.ts'
import { readPlaybooks } from '../../api/incidents/playbooks.ts'
import { raiseIncidents } from '../../api/incidents/raise.ts'
import type { ApiServer } from '../../api/server.ts'
import { loadConfig } from '../../config.ts'
import { Never, readNeverList } from '../../detection/indicators/never.ts'
import type { LoadedRule } from '../../detection/types.ts'
import type { Alert, Level } from '../../model/alert.ts'
import type { EcsEvent } from '../../model/event.ts'
import type { DeadLetter } from '../../model/record.ts'
import { Masking, readPersonal } from '../../model/personal.ts'
import { parseRegistry } from '../../model/registry.ts'
import { ROOT } from '../../model/root.ts'
import { shippingService } from '../../shipping/plan.ts'
import { openEmbedded } from '../../store/embedded/embedded.ts'
import { type LocalDatabase, openLocal } from '../../store/local/database.ts'
import { noteRegistry, registryRevisions, registryText } from '../../store/local/registry-revisions.ts'
import { addSourceCounts } from '../../store/local/sources.ts'
import { addToken } from '../../store/local/tokens.ts'
import { type UserRole, addUser } from '../../store/local/users.ts'
import type { Scope, Store } from '../../store/store.ts'
import { feedsIn } from './feeds.ts'

/** Two agencies and a day: so-y-te is attacked on 22 November 2026, and so is so-gtvt. */
export const NOW = '2026-11-22T08:00:00.000Z'
export const PASSWORD = 'mat-khau-du-dai-2026'
export const AGENCIES = ['so-y-te', 'so-gtvt'] as const
export type AgencyKey = (typeof AGENCIES)[number]

const REGISTRY = `
format: 1
name: { vi: Tỉnh thử nghiệm, en: Test province }
timeZone: Asia/Ho_Chi_Minh
defaults: { level: 2 }
calendar: { workingHours: [{ days: [1, 2, 3, 4, 5], hours: ['07:00-17:30'] }], from: 2026-01-01, to: 2027-01-01, holidays: [] }
agencies:
  so-y-te: { vi: Sở Y tế, en: Department of Health, kind: department }
  so-gtvt: { vi: Sở Giao thông vận tải, en: Department of Transport, kind: department }
systems:
  benh-an: { vi: Bệnh án điện tử, en: Electronic health records, roles: { owner: [{ agency: so-y-te }] }, levels: [{ level: 4, status: approved, basis: QĐ 12/2026 }] }
  giay-phep: { vi: Giấy phép lái xe, en: Driving licences, roles: { owner: [{ agency: so-gtvt }] } }
sources: []
`

export const RULE: LoadedRule = {
  id: '6a1f0c1e-3f0b-4a36-9d5e-0d6a5a7b9c01',
  title: 'Đăng nhập SSH thành công sau dò mật khẩu',
  kind: 'correlation',
  level: 'high',
  status: 'test',
  hash: 'ab'.repeat(32),
  tags: ['attack.t1110', 'attack.credential-access'],
  falsepositives: [],
  path: 'linux/ssh-success-after-brute-force.yml',
  text: `title: Đăng nhập SSH thành công sau dò mật khẩu
level: high
correlation:
  type: temporal_ordered
  rules: [failed, accepted]
  group-by: [source.ip]
  timespan: 5m
`,
}

export function alertOf(
  agency: string,
  seq: number,
  more: Partial<Alert> & { level?: Level; title?: string } = {},
): Alert {
  const { level = 'high', title = RULE.title, ...rest } = more
  const original = `<38>Nov 22 14:0${seq % 10}:11 web01 sshd[2211]: Accepted password for root from 203.0.113.9 port 4${seq} ssh2`
  const at = rest['@timestamp'] ?? `2026-11-22T07:0${seq % 10}:11.000Z`
  const start = original.indexOf('Accepted password')
  return {
    id: `alert-${agency}-${seq}`,
    version: 1,
    rule: {
      id: level === RULE.level ? RULE.id : `${RULE.id}-${level}`,
      title,
      level,
      hash: RULE.hash,
      tags: RULE.tags,
      path: RULE.path,
    },
    '@timestamp': at,
    seq,
    agency,
    entities: [
      { kind: 'host', value: `web01.${agency}` },
      { kind: 'ip', value: '203.0.113.9' },
    ],
    group: {},
    evidence: [
      {
        record: `${agency}-${seq}`,
        seq,
        '@timestamp': at,
        original,
        rule: RULE.id,
        proof: [
          {
            selection: 'accepted',
            field: 'message',
            eventField: 'message',
            modifiers: ['contains'],
            value: 'Accepted password',
            matched: 'Accepted password',
            span: [start, start + 17],
          },
        ],
      },
    ],
    count: 1,
    ...rest,
  }
}

function eventOf(agency: string, seq: number): EcsEvent {
  return {
    '@timestamp': `2026-11-22T07:0${seq % 10}:11.000Z`,
    'event.ingested': `2026-11-22T07:0${seq % 10}:12.000Z`,
    'event.original': `<38>Nov 22 14:0${seq % 10}:11 web01 sshd[2211]: Failed password for root from 203.0.113.9`,
    'event.dataset': 'system.auth',
    'ecs.version': '8.17.0',
    'source.ip': '203.0.113.9',
    'user.name': 'root',
    'soc.record': `${agency}-${seq}`,
    'soc.seq': seq,
    'soc.source': `syslog-tcp/192.0.2.${seq}`,
    'soc.agency': agency,
  }
}

function deadLetterOf(agency: string, seq: number): DeadLetter {
  return {
    record: `${agency}-${seq}`,
    seq,
    source: `syslog-tcp/192.0.2.${seq}`,
    agency,
    receivedAt: '2026-11-22T07:00:12.000Z',
    code: 'bad_json',
    reason: `line 1: unexpected end (${agency})`,
    bytes: Buffer.from(`{"hỏng của ${agency}`).toString('base64'),
    origin: { input: 'http-ndjson', address: '192.0.2.1', agency },
  }
}

export interface World {
  /** The data folder. */
  folder: string
  app: ApiServer
  /** That sent records. */
  agencies: readonly AgencyKey[]
  store: Store
  local: LocalDatabase
  /** Names of the records that were sent through again. */
  replayed: string[]
  /** Moves the clock that sessions and tokens go by. */
  advance: (ms: number) => void
  /** Logs in and gives the headers of that user's browser. */
  browser: (name: string) => Promise<Record<string, string>>
  token: (scopes: readonly string[], agencies: Scope) => Record<string, string>
  everyScope: readonly string[]
  /** Folder of the attachments' bytes. */
  attachments: string
  /** Logs in as a new user of that role and gives the headers of their browser. */
  as: (role: UserRole, agencies: Scope) => Promise<Record<string, string>>
  close: () => Promise<void>
}

/** @param agencies that sent records; both by default */
export async function makeWorld(
  options: Partial<AppOptions> = {},
  agencies: readonly AgencyKey[] = AGENCIES,
): Promise<World> {
  const sent = <T>(records: (T & object)[], agencyOf: (record: T) => unknown): T[] =>
    records.filter((record) => agencies.includes(agencyOf(record) as AgencyKey))
  const folder = mkdtempSync(join(tmpdir(), 'vong-gac-api-'))
  const local = openLocal(join(folder, 'local.db'))
  const store = await openEmbedded(join(folder, 'events'), { memoryLimit: '256MB', threads: 1 })
  let nowMs = Date.parse(NOW)
  const registry = parseRegistry(REGISTRY, 'test.yml')
  noteRegistry(local, { text: REGISTRY, at: NOW, seq: 1, by: '', why: '' })
  const masking = new Masking(readPersonal(join(ROOT, 'registry', 'personal-data.yml')))
  const never = new Never(readNeverList(join(ROOT, 'registry', 'never.yml')))

  const alerts = sent([alertOf('so-y-te', 3), alertOf('so-gtvt', 4), alertOf('so-y-te', 5)], ({ agency }) => agency)
  await store.append({
    from: 1,
    through: 8,
    events: sent(
      [
        eventOf('so-y-te', 1),
        eventOf('so-gtvt', 2),
        eventOf('so-y-te', 3),
        eventOf('so-gtvt', 4),
        eventOf('so-y-te', 5),
      ],
      (event) => event['soc.agency'],
    ),
    alerts,
    deadLetters: sent([deadLetterOf('so-y-te', 6), deadLetterOf('so-gtvt', 7)], ({ agency }) => agency),
  })
  raiseIncidents(local, alerts, { criticality: () => 4, now: () => NOW })
  for (const [i, agency] of AGENCIES.entries()) {
    if (!agencies.includes(agency)) continue
    const counts = { events: 3, deadLetters: 1, parseFailures: 0, repeats: 0, dropped: 0, bytes: 300 }
    addSourceCounts(local, [{ source: `syslog-tcp/192.0.2.${i}`, agency, seenAt: NOW, ...counts }])
  }
  const phc = await hashPassword(PASSWORD)
  const user = (name: string, role: UserRole, agencies: Scope): void =>
    addUser(local, { name, displayName: name, role, agencies, mustChange: false, disabled: false, createdAt: NOW }, phc)
  user('quan-tri', 'administrator', 'all')
  user('truong-ca', 'lead', 'all')
  user('phan-tich', 'analyst', 'all')
  user('phan-tich-1', 'analyst_l1', 'all')
  user('viet-luat', 'detection_engineer', 'all')
  user('phan-tich-yte', 'analyst', ['so-y-te'])
  user('xem-yte', 'agency_viewer', ['so-y-te'])
  user('may-chu-yte', 'agency_sysadmin', ['so-y-te'])
  user('kiem-toan', 'auditor', 'all')

  const replayed: string[] = []
  const app = await buildApp({
    store,
    local,
    rules: () => ({
      rules: [RULE, { ...RULE, id: `${RULE.id}-tat`, license: 'DRL-1.1', disabled: 'ồn' }],
      problems: [],
      stats: { [RULE.id]: { evaluated: 4, nanos: 900, matches: 3, hidden: 1, alerts: 2, withheld: 0 } },
      events: 5,
    }),
    ruleFiles: () => [],
    announceExceptions: () => Promise.resolve(),
    startBacktest: () => ({ answer: Promise.reject(new Error('not here')), cancel: () => undefined }),
    changeRules: () => Promise.resolve({ seq: 9 }),
    ruleTests: () => new Map(),
    mutate: () => Promise.resolve({ mutants: 0, survivors: [] }),
    overlaps: () => Promise.resolve([]),
    checkDraft: () => Promise.resolve({ problems: [], rules: [] }),
    tryDraft: () => Promise.resolve({ problems: [], rules: [], lines: [], alerts: [] }),
    filesOf: () => [],
    registry: () => registry,
    changeRegistry: (edit, note) => {
      const text = edit(registryText(local, registryRevisions(local, 1)[0]!.number)!)
      noteRegistry(local, { text, at: new Date(nowMs).toISOString(), seq: 12, ...note })
      return Promise.resolve({ seq: 12 })
    },
    health: () => Promise.resolve({ ready: true, checks: [{ name: 'store', ok: true }] }),
    replay: async (letters) => void replayed.push(...letters.map(({ record }) => record)),
    sayHunted: () => Promise.resolve(),
    shipping: shippingService(loadConfig(folder, {}), () => registry),
    metrics: () => Promise.resolve('soc_events_total 5\n'),
    playbooks: () => readPlaybooks(join(ROOT, 'playbooks')),
    legal: () => readLegal(join(ROOT, 'legal')),
    targets: () => readTargets(join(ROOT, 'registry', 'service-targets.yml')),
    indicators: feedsIn(join(folder, 'indicators')),
    never: () => never,
    masking: () => masking,
    containment: { daysMax: 90, entriesMax: 3 },
    webhookTargets: ['127.0.0.1'],
    ways: [],
    notifyRules: () => readNotifyRules(join(ROOT, 'registry', 'notify.yml')),
    reportLayout: () => readReportLayout(join(ROOT, 'registry', 'report-layout.yml')),
    reportsFolder: join(folder, 'reports'),
    retention: retentionPolicy({ 1: 30, 2: 60, 3: 100, 4: 200, 5: 400 }, readLegal(join(ROOT, 'legal'))),
    disk: () => ({ freeBytes: 60e9, totalBytes: 100e9, bytesPerDay: 1e9, fullInDays: 59 }),
    attachmentsFolder: join(folder, 'attachments'),
    integrityFolder: join(folder, 'integrity'),
    logEnd: () => 0,
    exportFolder: join(folder, 'exports'),
    cursorSecret: randomBytes(32),
    secureCookies: false,
    clock: () => nowMs,
    ...options,
  })
  await app.ready()
  const host = 'soc.example.vn'
  let users = 0
  let logins = 0
  /** Each from an address of its own, so that the limit of log-ins an address has is not what is tested. */
  const browser = async (name: string): Promise<Record<string, string>> => {
    const answer = await app.inject({
      method: 'POST',
      url: '/api/v1/login',
      remoteAddress: `198.51.100.${(logins++ % 250) + 1}`,
      headers: { host, 'sec-fetch-site': 'same-origin' },
      payload: { name, password: PASSWORD },
    })
    const [cookie] = answer.cookies
    if (cookie === undefined) throw new Error(`no session for ${name}: ${answer.body}`)
    return { host, cookie: `${cookie.name}=${cookie.value}`, 'sec-fetch-site': 'same-origin' }
  }
  return {
    folder,
    app,
    store,
    local,
    replayed,
    advance: (ms) => {
      nowMs += ms
    },
    browser,
    agencies,
    everyScope: TOKEN_SCOPES,
    attachments: join(folder, 'attachments'),
    as: (role, agencies) => {
      user(`moi-${++users}`, role, agencies)
      return browser(`moi-${users}`)
    },
    token: (scopes, agencies) => {
      const made = addToken(local, {
        kind: 'api',
        name: 'test',
        agencies,
        scopes,
        createdAt: NOW,
        createdBy: 'quan-tri',
      })
      return { authorization: `Bearer ${made.text}` }
    },
    close: async () => {
      await app.close()
      await store.close()
      local.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
