import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { parse, parseAllDocuments } from 'yaml'
import { loadConfig, type Config } from '../config.ts'
import { productUrl, withLocalTokens } from '../product/local-access.ts'
import type { Alert, Entity, Level } from '../model/alert.ts'
import type { Incident } from '../model/incident.ts'
import { parseRegistry, resolveSource } from '../model/registry.ts'
import { ROOT } from '../model/root.ts'
import { readRecording, shiftRecording, type RecordedLine } from '../demo/recording.ts'
import { findYaml } from '../rule-life/folder.ts'
import type { Command } from '../soc.ts'

const FOLDER = join(ROOT, 'demo')
/** The recorded machine: its name in the lines tells the registry whose it is. */
const HOST = 'motcua-web01'
const WAIT_MS_MAX = 20_000
const POLL_MS = 500
/** UDP has no way to say «not so fast»; neither does a real web server send everything at once. */
const DATAGRAMS_AT_ONCE = 20

const usage = `soc demo [--host 127.0.0.1] [--port 5514] [--url http://127.0.0.1:8080]

Gửi một cuộc tấn công đã ghi lại tới hệ thống đang chạy và cho xem các sự cố sinh ra. Trên máy giữ thư mục dữ liệu, token được tự tạo; ở máy khác
dùng SOC_TOKEN (API) và SOC_INGEST_TOKEN (dòng qua HTTP; không có thì bỏ qua).
Sends a recorded attack to a running product and shows the incidents it becomes. Tokens are made by itself on the machine that
holds the data folder; elsewhere SOC_TOKEN (API) and SOC_INGEST_TOKEN (HTTP lines; left out without it) are used.
`

interface Target {
  host: string
  tcpPort: number
  udpPort: number
  url: string
}

interface Tokens {
  api: string
  /** Without it the lines that travel by HTTP stay at home. */
  ingest?: string
}

interface Expected {
  rule: string
  entity: Entity
  transport?: RecordedLine['transport']
}

interface Found {
  incident: Incident
  /** Only what this run's lines became. */
  alerts: Alert[]
}

async function run(argv: string[]): Promise<number> {
  const { values } = parseArgs({
    args: argv,
    options: { host: { type: 'string' }, port: { type: 'string' }, url: { type: 'string' } },
  })
  const config = loadConfig()
  const { SOC_TOKEN: api, SOC_INGEST_TOKEN: ingest, SOC_URL } = process.env
  const port = values.port === undefined ? undefined : Number(values.port)
  const target: Target = {
    host: values.host ?? '127.0.0.1',
    tcpPort: port ?? portOf(config, 'syslog-tcp'),
    udpPort: port ?? portOf(config, 'syslog-udp'),
    url: values.url ?? SOC_URL ?? productUrl(config),
  }
  try {
    if (api !== undefined) return await show(target, { api, ...(ingest !== undefined && { ingest }) }, config)
    const registry = parseRegistry(readFileSync(config.registry, 'utf8'), config.registry)
    const { agency } = resolveSource(registry, { address: '127.0.0.1', hostname: HOST }, new Date().toISOString())
    return await withLocalTokens(config, agency, (tokens) => show(target, tokens, config))
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : ''
    process.stderr.write(
      `Không chạy được · cannot run: ${error instanceof Error ? error.message : String(error)}${cause}\n`,
    )
    return 1
  }
}

function portOf(config: Config, input: string): number {
  const options = config.inputs[input]
  const port = typeof options === 'object' && options !== null ? (options as { port?: unknown }).port : undefined
  return typeof port === 'number' && port > 0 ? port : 5514
}

async function show(target: Target, tokens: Tokens, config: Config): Promise<number> {
  const recorded = readRecording(join(FOLDER, 'attack')).filter(
    ({ transport }) => transport !== 'http' || tokens.ingest !== undefined,
  )
  const startedMs = Date.now()
  const lines = shiftRecording(recorded, startedMs)
  const expected = (parse(readFileSync(join(FOLDER, 'expected.yml'), 'utf8')) as Expected[]).filter(
    ({ transport }) => transport !== 'http' || tokens.ingest !== undefined,
  )
  const of = (transport: string): number => lines.filter((line) => line.transport === transport).length
  await get(target, tokens, '/api/v1/incidents?limit=1') // says at once when nothing runs there, or the token is wrong
  say(
    `Gửi ${lines.length} dòng nhật ký của một cuộc tấn công thật đã ghi lại (TCP ${of('tcp')}, UDP ${of('udp')}, HTTP ${of('http')})`,
  )
  say(`Sending ${lines.length} log lines of a real attack, recorded earlier\n`)
  await send(lines, target, tokens)

  let found: Found[] = []
  let missing = expected
  const deadline = Date.now() + WAIT_MS_MAX
  while (missing.length > 0 && Date.now() < deadline) {
    await sleep(POLL_MS)
    found = await findIncidents(target, tokens, { startedMs, firstEventMs: lines[0]!.atMs })
    missing = expected.filter((one) => !found.some(({ alerts }) => alerts.some((alert) => isOf(alert, one))))
  }
  report(found, readTitles(config.rulesFolder))
  if (missing.length === 0) {
    const total = found.reduce((sum, { alerts }) => sum + alerts.length, 0)
    say(
      `Đúng như mong đợi: ${found.length} sự cố, ${total} cảnh báo · as expected: ${found.length} incidents, ${total} alerts`,
    )
    say(`Xem trên trang · look at them: ${target.url}/`)
    return 0
  }
  say(`Sau ${WAIT_MS_MAX / 1_000} giây còn thiếu · missing after ${WAIT_MS_MAX / 1_000} s:`)
  for (const { rule, entity } of missing) say(`  ${rule} (${entity.kind} ${entity.value})`)
  return 1
}

function isOf(alert: Alert, { rule, entity }: Expected): boolean {
  return (
    alert.rule.title === rule &&
    alert.entities.some(({ kind, value }) => kind === entity.kind && value === entity.value)
  )
}

/** Through the same sockets as any sender: octet-counted TCP, one datagram a line, one NDJSON request. */
async function send(lines: readonly RecordedLine[], target: Target, tokens: Tokens): Promise<void> {
  const of = (transport: RecordedLine['transport']): string[] =>
    lines.filter((line) => line.transport === transport).map(({ text }) => text)

  const stream = connect({ host: target.host, port: target.tcpPort })
  await once(stream, 'connect')
  stream.end(
    of('tcp')
      .map((text) => `${Buffer.byteLength(text)} ${text}`)
      .join(''),
  )
  stream.resume()
  await once(stream, 'close')

  const socket = createSocket(target.host.includes(':') ? 'udp6' : 'udp4')
  for (const [index, text] of of('udp').entries()) {
    await new Promise<void>((resolve, reject) => {
      socket.send(text, target.udpPort, target.host, (error) => (error ? reject(error) : resolve()))
    })
    if (index % DATAGRAMS_AT_ONCE === 0) await sleep(5)
  }
  socket.close()

  if (tokens.ingest === undefined) return
  const response = await fetch(`${target.url}/ingest/motcua`, {
    method: 'POST',
    headers: { authorization: `Bearer ${tokens.ingest}`, 'content-type': 'application/x-ndjson' },
    body: `${of('http').join('\n')}\n`,
  })
  if (!response.ok) throw new Error(`POST /ingest/motcua: ${response.status} ${(await response.text()).slice(0, 300)}`)
}

async function get<T>(target: Target, tokens: Tokens, path: string): Promise<T> {
  const response = await fetch(`${target.url}${path}`, { headers: { authorization: `Bearer ${tokens.api}` } })
  if (!response.ok) throw new Error(`GET ${path}: ${response.status} ${(await response.text()).slice(0, 300)}`)
  return (await response.json()) as T
}

/** Incidents that changed since the run began, each with the alerts whose newest event is one of this run's. */
async function findIncidents(
  target: Target,
  tokens: Tokens,
  since: { startedMs: number; firstEventMs: number },
): Promise<Found[]> {
  const { items } = await get<{ items: Incident[] }>(target, tokens, '/api/v1/incidents?sort=updated&limit=100')
  const found: Found[] = []
  for (const incident of items.filter(({ lastEventAt }) => Date.parse(lastEventAt) >= since.firstEventMs)) {
    const alerts: Alert[] = []
    let cursor: string | undefined
    do {
      const page: { items: Alert[]; next?: string } = await get(
        target,
        tokens,
        `/api/v1/incidents/${encodeURIComponent(incident.id)}/alerts?limit=100${cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`}`,
      )
      alerts.push(...page.items.filter((alert) => Date.parse(alert['@timestamp']) >= since.firstEventMs))
      cursor =
        page.items.length === 0 || Date.parse(page.items.at(-1)!['@timestamp']) < since.firstEventMs
          ? undefined
          : page.next
    } while (cursor !== undefined)
    if (alerts.length > 0) found.push({ incident, alerts })
  }
  return found
}

type Titles = ReadonlyMap<string, { vi: string; triage?: string }>

/** Vietnamese titles and first steps, by rule id. */
function readTitles(rulesFolder: string): Titles {
  const titles = new Map<string, { vi: string; triage?: string }>()
  for (const path of findYaml(rulesFolder).filter((name) => !name.endsWith('.test.yml'))) {
    for (const document of parseAllDocuments(readFileSync(join(rulesFolder, path), 'utf8'))) {
      const { id, title_vi: vi, triage_vi: triage } = (document.toJS() ?? {}) as Record<string, unknown>
      if (typeof id !== 'string' || typeof vi !== 'string') continue
      titles.set(id, { vi, ...(typeof triage === 'string' && { triage }) })
    }
  }
  return titles
}

const LEVEL_VI: Record<Level, string> = {
  critical: 'nghiêm trọng',
  high: 'cao',
  medium: 'trung bình',
  low: 'thấp',
  informational: 'thông tin',
}
const PROOF_CHARS_MAX = 160

function report(found: readonly Found[], titles: Titles): void {
  for (const { incident, alerts } of [...found].sort((a, b) => b.incident.priority - a.incident.priority)) {
    const { number, level, entity, agency, system, priority } = incident
    const gravest = incident.rules.find(({ title }) => title === incident.title)
    const vi = titles.get(gravest?.id ?? '')
    say(`Sự cố #${number} · ${LEVEL_VI[level]} · ${vi?.vi ?? incident.title}`)
    say(`Incident #${number} · ${level} · ${incident.title}`)
    say(
      `  ${entity.kind} ${printable(entity.value)} · ${agency}${system === undefined ? '' : ` / ${system}`} · ưu tiên · priority ${priority}`,
    )
    for (const id of new Set(alerts.map(({ rule }) => rule.id))) {
      const group = alerts.filter(({ rule }) => rule.id === id)
      const count = group.reduce((sum, alert) => sum + alert.count, 0)
      say(`  · ${titles.get(id)?.vi ?? group[0]!.rule.title} [${group[0]!.rule.title}]`)
      say(`    ${group.length} cảnh báo, ${count} dòng · ${group.length} alerts, ${count} lines`)
      const proof = group[0]!.evidence.at(-1)?.original
      if (proof !== undefined) say(`    > ${printable(proof).slice(0, PROOF_CHARS_MAX)}`)
    }
    if (vi?.triage !== undefined) say(`  → ${vi.triage}`)
    say('')
  }
}

/** Log text is the attacker's: nothing of it may steer the terminal. */
function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}]/gu, '·')
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

export default {
  summary: 'gửi một cuộc tấn công đã ghi lại tới hệ thống đang chạy · sends a recorded attack to the running product',
  usage,
  run,
} satisfies Command
