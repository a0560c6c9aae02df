import { strict as assert } from 'node:assert'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildApp } from '../api/app.ts'
import { readLegal } from '../api/incidents/legal.ts'
import { readPlaybooks } from '../api/incidents/playbooks.ts'
import { raiseIncidents } from '../api/incidents/raise.ts'
import { readTargets } from '../api/incidents/service-clocks.ts'
import { readReportLayout } from '../api/reports/layout.ts'
import { readNotifyRules } from '../api/notify/rules.ts'
import { loadConfig } from '../config.ts'
import type { Alert } from '../model/alert.ts'
import { NO_NEVER, Never } from '../detection/indicators/never.ts'
import { indicatorService } from '../indicators/indicators.ts'
import { Masking, readPersonal } from '../model/personal.ts'
import { parseRegistry } from '../model/registry.ts'
import { ROOT } from '../model/root.ts'
import { shippingService } from '../shipping/plan.ts'
import { openEmbedded } from '../store/embedded/embedded.ts'
import { openLocal } from '../store/local/database.ts'
import { addToken } from '../store/local/tokens.ts'
import { cpuUs } from './fresh-process.ts'
import { alertOfAnother } from './many-incidents.ts'
import { record, table } from './record.ts'
import { streamed } from './stream.ts'

// The incident API over a local.db with 100,000 incidents, in one process without a socket: CPU time of a request, all threads,
// and its wall time as a reader on this machine saw it. Answers are asserted first. Incidents come the way they always do, by alerts;
// `BENCH_ALERTS` says how many alerts they have in all, the further ones being put beside the first, in both stores.
const INCIDENTS = Number(process.env['BENCH_INCIDENTS'] ?? 100_000)
const BULK = Math.min(12_345, INCIDENTS)
const ALERTS = Number(process.env['BENCH_ALERTS'] ?? 2_000_000)
const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 300)
const STREAM_SECONDS = Number(process.env['BENCH_STREAM_SECONDS'] ?? 120)
const INCIDENTS_AT_ONCE = 500
const AGENCIES = 25
/** So that the last event is of now. */
const START_MS = Date.now() - INCIDENTS * 6_000

const folder = mkdtempSync(join(tmpdir(), 'vong-gac-bench-'))
const local = openLocal(join(folder, 'local.db'))
const store = await openEmbedded(join(folder, 'events'), { memoryLimit: '256MB', threads: 1 })
const registryPath = join(ROOT, 'registry', 'hai-duong.yml')
const registry = parseRegistry(readFileSync(registryPath, 'utf8'), registryPath)

/** The first `BULK` are by a rule of their own, which is what the bulk change asks for. */
function alertOf(i: number): Alert {
  const rule = i < BULK ? 'bulk' : `rule-${i % 97}`
  return alertOfAnother(i, { rule, agency: `co-quan-${i % AGENCIES}`, startMs: START_MS })
}

/** Further alerts of every incident: as many of each as make `ALERTS` in all. */
async function fillAlerts(): Promise<void> {
  const each = Math.max(1, Math.round(ALERTS / INCIDENTS))
  local.exec(`
    INSERT INTO incident_alerts (alert_id, incident_id, version, rule_id, level, seq, event_at, first_at, facts, withdrawn)
      SELECT alert_id || '-' || n.value, incident_id, version, rule_id, level, seq, event_at, first_at, facts, 0
      FROM incident_alerts CROSS JOIN json_each('${JSON.stringify(Array.from({ length: each - 1 }, (_, n) => n + 1))}') n;
    UPDATE incidents SET alert_count = ${each};`)
  for (let from = 0; from < INCIDENTS; from += INCIDENTS_AT_ONCE) {
    const alerts = Array.from({ length: Math.min(INCIDENTS_AT_ONCE, INCIDENTS - from) }, (_, i) =>
      alertOf(from + i),
    ).flatMap((alert) =>
      Array.from({ length: each }, (_, n) => (n === 0 ? alert : { ...alert, id: `${alert.id}-${n}` })),
    )
    await store.append({ from: from + 1, through: from + INCIDENTS_AT_ONCE, events: [], alerts, deadLetters: [] })
  }
}

const filling = cpuUs()
for (let from = 0; from < INCIDENTS; from += 1_000) {
  const alerts = Array.from({ length: Math.min(1_000, INCIDENTS - from) }, (_, i) => alertOf(from + i))
  raiseIncidents(local, alerts, { criticality: (_agency, system) => (system === undefined ? 2 : 4) })
}
const raisedUs = (cpuUs() - filling) / INCIDENTS
await fillAlerts()

const masking = new Masking(readPersonal(join(ROOT, 'registry', 'personal-data.yml')))
const app = await buildApp({
  store,
  local,
  rules: () => ({ rules: [], problems: [] }),
  ruleFiles: () => [],
  announceExceptions: () => Promise.resolve(),
  startBacktest: () => ({ answer: Promise.reject(new Error('not here')), cancel: () => undefined }),
  registry: () => registry,
  changeRegistry: () => Promise.reject(new Error('not here')),
  changeRules: () => Promise.reject(new Error('no rules to change')),
  ruleTests: () => new Map(),
  mutate: () => Promise.resolve({ mutants: 0, survivors: [] }),
  overlaps: () => Promise.resolve([]),
  checkDraft: () => Promise.reject(new Error('no rules to check')),
  tryDraft: () => Promise.reject(new Error('no rules to try')),
  filesOf: () => [],
  health: () => Promise.resolve({ ready: true, checks: [] }),
  replay: () => Promise.resolve(),
  sayHunted: () => Promise.resolve(),
  shipping: shippingService(loadConfig(folder, {}), () => registry),
  metrics: () => Promise.resolve(''),
  playbooks: () => readPlaybooks(join(ROOT, 'playbooks')),
  legal: () => readLegal(join(ROOT, 'legal')),
  targets: () => readTargets(join(ROOT, 'registry', 'service-targets.yml')),
  attachmentsFolder: join(folder, 'attachments'),
  integrityFolder: join(folder, 'integrity'),
  logEnd: () => 0,
  indicators: indicatorService({
    folder: join(folder, 'indicators'),
    announce: () => Promise.resolve(0),
    never: () => NO_NEVER,
    now: Date.now,
    durableSeq: 0,
  }),
  never: () => new Never(NO_NEVER),
  masking: () => masking,
  containment: { daysMax: 90, entriesMax: 10_000 },
  webhookTargets: [],
  ways: [],
  notifyRules: () => readNotifyRules(join(ROOT, 'registry', 'notify.yml')),
  reportLayout: () => readReportLayout(join(ROOT, 'registry', 'report-layout.yml')),
  reportsFolder: join(folder, 'reports'),
  retention: { days: { 1: 90, 2: 90, 3: 90, 4: 180, 5: 365 }, monthsMin: () => 0 },
  disk: () => ({ freeBytes: 0, totalBytes: 0, bytesPerDay: null, fullInDays: null }),
  exportFolder: join(folder, 'exports'),
  cursorSecret: randomBytes(32),
  secureCookies: false,
})
await app.ready()

/** A token of an asker of its own. */
function bearer(agencies: 'all' | string[]): Record<string, string> {
  const made = { kind: 'api' as const, name: 'bench', createdBy: 'bench', createdAt: new Date().toISOString() }
  const scopes = ['incidents:read', 'incidents:write', 'incidents:merge', 'wall:read']
  return { authorization: `Bearer ${addToken(local, { ...made, agencies, scopes }).text}` }
}
const [all, one] = [bearer('all'), bearer(['co-quan-7'])]

let asked = 0
/** A request from an address of its own now and then: the limit of an address is not what is measured. */
const ask = (url: string, headers: Record<string, string>) =>
  app.inject({ url: `/api/v1${url}`, headers, remoteAddress: `10.0.${(asked >> 8) & 255}.${asked++ & 255}` })

interface Case {
  name: string
  url: (round: number) => string
  headers: Record<string, string>
  /** What the first answer must be. */
  total?: number
}

const anyId = (round: number): string =>
  (local.prepare('SELECT id FROM incidents WHERE number = ?').get(((round * 7_919) % INCIDENTS) + 1) as { id: string })
    .id
const CASES: Case[] = [
  { name: 'list by priority', url: () => '/incidents', headers: all, total: Math.min(INCIDENTS, 10_000) },
  {
    name: 'list: open, by priority',
    url: () => '/incidents?state=new&state=in_progress&state=on_hold',
    headers: all,
    total: Math.min(INCIDENTS, 10_000),
  },
  { name: 'list: open, critical and high', url: () => '/incidents?state=new&level=critical&level=high', headers: all },
  {
    name: 'list: one agency’s asker',
    url: () => '/incidents?sort=updated',
    headers: one,
    total: Math.ceil((INCIDENTS - 7) / AGENCIES),
  },
  { name: 'list: in progress', url: () => '/incidents?state=in_progress', headers: all },
  { name: 'list: closed, by change', url: () => '/incidents?state=closed&state=resolved&sort=updated', headers: all },
  { name: 'list: mild', url: () => '/incidents?level=low&level=informational', headers: all },
  { name: 'list: of one agency', url: (round) => `/incidents?agency=co-quan-${round % AGENCIES}`, headers: all },
  { name: 'list: nobody has it', url: () => '/incidents?assignee=&state=new', headers: all },
  { name: 'list: somebody has it', url: () => '/incidents?assignee=phan-tich', headers: all },
  {
    name: 'list: words and facets',
    url: () => '/incidents?q=lu%E1%BA%ADt&state=new&level=high&sort=updated',
    headers: all,
  },
  { name: 'list: a word that none has', url: (round) => `/incidents?q=khong-co-${round}`, headers: all },
  { name: 'list: a word of one character', url: (round) => `/incidents?q=${round % 10}`, headers: all },
  { name: 'list: words', url: (round) => `/incidents?q=may-${round * 31}.co-quan`, headers: all },
  { name: 'list: a word that all have', url: () => '/incidents?q=credential-access', headers: all },
  { name: 'list: a word of two characters', url: (round) => `/incidents?q=${10 + (round % 90)}`, headers: all },
  { name: 'open one', url: (round) => `/incidents/${anyId(round)}`, headers: all },
  { name: 'overview', url: () => '/overview', headers: all },
  { name: 'wall', url: () => '/wall', headers: all },
  { name: 'campaigns', url: () => '/campaigns', headers: all },
  { name: 'similar', url: (round) => `/incidents/${anyId(round)}/similar`, headers: all },
]

const at = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!
const round = (value: number): number => Math.round(value * 100) / 100

const results: Record<string, { cpuMs: number; cpuP99Ms: number; p50Ms: number; p99Ms: number }> = {}
for (const { name, url, headers, total } of CASES) {
  const first = await ask(url(0), headers)
  assert.equal(first.statusCode, 200, `${name}: ${first.body.slice(0, 200)}`)
  if (total !== undefined) assert.equal(first.json<{ total: number }>().total, total, name)
  const wall: number[] = []
  const spent: number[] = []
  const cpu = cpuUs()
  for (let i = 1; i <= ROUNDS; i++) {
    const [started, before] = [performance.now(), cpuUs()]
    const answer = await ask(url(i), headers)
    wall.push(performance.now() - started)
    spent.push((cpuUs() - before) / 1_000)
    assert.equal(answer.statusCode, 200)
  }
  for (const list of [wall, spent]) list.sort((a, b) => a - b)
  results[name] = {
    cpuMs: round((cpuUs() - cpu) / ROUNDS / 1_000),
    cpuP99Ms: round(at(spent, 0.99)),
    p50Ms: round(at(wall, 0.5)),
    p99Ms: round(at(wall, 0.99)),
  }
}

let lastJob = ''
/** From the request to the last incident, CPU and wall; all of them must have come to `result`. */
async function bulk(
  url: string,
  payload: object,
  result: string,
): Promise<{ cpuMs: number; wallMs: number; answeredMs: number }> {
  const [cpu, started] = [cpuUs(), performance.now()]
  const answer = await app.inject({ method: 'POST', url: `/api/v1${url}`, headers: all, payload })
  assert.equal(answer.statusCode, 202, answer.body)
  const answeredMs = performance.now() - started
  const { id } = answer.json<{ id: string }>()
  for (;;) {
    const job = (await ask(`/jobs/${id}`, all)).json<{ state: string; results: Record<string, number> }>()
    if (job.state === 'done' || job.state === 'undone') {
      assert.equal(job.results[result], BULK)
      lastJob = id
      return {
        cpuMs: Math.round((cpuUs() - cpu) / 1_000),
        wallMs: Math.round(performance.now() - started),
        answeredMs: Math.round(answeredMs),
      }
    }
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
const closing = await bulk(
  '/incidents/bulk',
  { filter: { q: 'Luật bulk' }, expected: BULK, change: { state: 'closed', verdict: 'false_positive' } },
  'changed',
)
const undoing = await bulk(`/jobs/${lastJob}/undo`, {}, 'undone')
const stream = await streamed(app, local, () => bearer('all')['authorization']!, STREAM_SECONDS)

await app.close()
await store.close()
local.close()
rmSync(folder, { recursive: true, force: true })

const rows = Object.entries(results).map(([name, each]) => [name, each.cpuMs, each.cpuP99Ms, each.p50Ms, each.p99Ms])
process.stdout.write(`${table(['request', 'CPU ms', 'CPU p99', 'p50 ms', 'p99 ms'], rows)}\n`)
process.stdout.write(`raise: ${Math.round(raisedUs)} µs CPU an incident\n`)
process.stdout.write(`stream: ${JSON.stringify(stream)}\n`)
process.stdout.write(`bulk close ${BULK}: ${JSON.stringify(closing)}; undo: ${JSON.stringify(undoing)}\n`)
const figures = {
  incidents: INCIDENTS,
  alerts: ALERTS,
  bulk: BULK,
  rounds: ROUNDS,
  raisedUs: Math.round(raisedUs),
  requests: results,
  closing,
  undoing,
  stream,
}
process.stdout.write(`${record('api', figures)}\n`)
