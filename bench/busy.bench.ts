import { once } from 'node:events'
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ROOT } from '../model/root.ts'
import { copyStopped } from '../store/embedded/snapshot.ts'
import { readCheckpoint } from '../store/local/checkpoint.ts'
import { openLocal } from '../store/local/database.ts'
import { addToken } from '../store/local/tokens.ts'
import { filledStore } from './filled-store.ts'
import { serverRoomLine } from './ingest/server-room.ts'
import { peakRssMiBOf } from './process-tree.ts'
import { startProductProcess, type ProductProcess } from './product-process.ts'
import { record, table } from './record.ts'
import { DATA, hasCorpus } from './sigmahq.ts'
import { DAYS, END_MS } from './store-events.ts'

// The whole product on a bad day: all of SigmaHQ in force beside the shipped rules, a store that was filled before, lines over TCP at a
// rate, and people who ask the API one question after another. `BENCH_EVENTS` and `BENCH_DAYS` say what the store holds, `BENCH_STORE` names
// a folder that is filled once and kept; `BENCH_SECONDS`, `BENCH_LINES_PER_SECOND` (0: as fast as they are taken) and `BENCH_ASKERS` the rest.
const EVENTS = Number(process.env['BENCH_EVENTS'] ?? 5_000_000)
const SECONDS = Number(process.env['BENCH_SECONDS'] ?? 90)
const LINES_PER_SECOND = Number(process.env['BENCH_LINES_PER_SECOND'] ?? 15_000)
const ASKERS = Number(process.env['BENCH_ASKERS'] ?? 3)
const LINES_AT_ONCE = 500
const DAY_MS = 86_400_000

const iso = (ms: number): string => new Date(ms).toISOString()
const DAY = `from=${iso(END_MS - DAY_MS)}&to=${iso(END_MS)}`
const ALL = `from=${iso(END_MS - DAYS * DAY_MS)}&to=${iso(END_MS + DAY_MS)}`
const QUESTIONS = [
  ['search', ALL, 'host.name:may-chu-001'],
  ['search', ALL, ''],
  ['aggregate', DAY, '| histogram 10m'],
  ['aggregate', DAY, '| count by source.ip | top 20'],
  ['aggregate', DAY, 'event.dataset:fortinet* | count by rule.id | top 20'],
  ['aggregate', DAY, 'source.ip:10.0.0.0/8 | count by event.dataset'],
  ['aggregate', ALL, '| count by user.name | top 20'],
  ['search', ALL, 'source.ip:203.0.113.250'],
  ['search', ALL, '"không có ở đâu cả"'],
] as const

if (!hasCorpus) throw new Error('this needs the SigmaHQ corpus')
const folder = mkdtempSync(join(tmpdir(), 'vong-gac-busy-'))
const rules = join(folder, 'rules')
const dataFolder = join(folder, 'data')
cpSync(join(ROOT, 'rules'), rules, { recursive: true })
cpSync(join(DATA, 'sigmahq'), join(rules, 'sigmahq'), { recursive: true })
const store = filledStore(EVENTS)

/** Starts on a copy of the filled store. */
async function started(): Promise<{ product: ProductProcess; token: string }> {
  const settings = { SOC_RULES_FOLDER: rules, SOC_DATA_FOLDER: dataFolder }
  const empty = await startProductProcess(settings)
  await empty.stop()
  rmSync(join(dataFolder, 'events'), { recursive: true, force: true })
  mkdirSync(join(dataFolder, 'events'))
  await copyStopped(store.folder, join(dataFolder, 'events'))
  const local = openLocal(join(dataFolder, 'local.db'))
  const createdAt = new Date().toISOString()
  const { text } = addToken(local, {
    kind: 'api',
    name: 'bench',
    agencies: 'all',
    scopes: ['events:read'],
    createdAt,
    createdBy: 'bench',
  })
  local.close()
  return { product: await startProductProcess({ ...empty.environment, ...settings }), token: text }
}

/** Asks one question after another until told to stop; tells what was answered. */
function askers(product: ProductProcess, token: string) {
  const times = QUESTIONS.map((): number[] => [])
  const statuses: Record<string, number> = {}
  const stopping = new AbortController()
  let next = 0
  const one = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      const at = next++ % QUESTIONS.length
      const [kind, range, query] = QUESTIONS[at]!
      const begin = performance.now()
      const url = `${product.url}/api/v1/events/${kind}?${range}&q=${encodeURIComponent(query)}`
      const answer = await fetch(url, { headers: { authorization: `Bearer ${token}` } })
      await answer.arrayBuffer()
      statuses[answer.status] = (statuses[answer.status] ?? 0) + 1
      if (answer.ok) times[at]!.push(performance.now() - begin)
      else await sleep(200)
    }
  }
  const all = Array.from({ length: ASKERS }, one)
  return {
    times,
    statuses,
    async stop() {
      stopping.abort()
      await Promise.all(all)
    },
  }
}

/** Sends for `SECONDS`, and gives the lines. */
async function send(port: number): Promise<number> {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  const begin = performance.now()
  let sent = 0
  while (performance.now() - begin < SECONDS * 1_000) {
    const nowMs = Date.now()
    const lines = Array.from({ length: LINES_AT_ONCE }, () => `${serverRoomLine(sent++, nowMs)}\n`)
    if (!socket.write(lines.join(''))) await once(socket, 'drain')
    const aheadMs = LINES_PER_SECOND === 0 ? 0 : begin + (sent / LINES_PER_SECOND) * 1_000 - performance.now()
    if (aheadMs > 0) await sleep(aheadMs)
  }
  socket.destroySoon()
  return sent
}

try {
  const { product, token } = await started()
  try {
    const local = openLocal(join(dataFolder, 'local.db'))
    const idlePeakRssMiB = peakRssMiBOf(product.pid)
    const asking = askers(product, token)
    const before = readCheckpoint(local).seq
    const begin = performance.now()
    const sent = await send(product.ports.syslogTcp)
    const stored = readCheckpoint(local).seq - before
    const storedPerSecond = Math.round((stored / (performance.now() - begin)) * 1_000)
    const peakRssMiB = peakRssMiBOf(product.pid)
    await asking.stop()
    local.close()
    const questions = QUESTIONS.map(([, , query], i) => {
      const sorted = asking.times[i]!.toSorted((a, b) => a - b).map(Math.round)
      return { query, times: sorted.length, p50Ms: sorted[sorted.length >> 1], worstMs: sorted.at(-1) }
    })
    const figures = {
      seconds: SECONDS,
      sent,
      stored,
      storedPerSecond,
      answers: asking.statuses,
      idlePeakRssMiB,
      peakRssMiB,
    }
    process.stdout.write(
      `${JSON.stringify(figures)}\n${table(
        ['', 'asked', 'p50 ms', 'worst ms'],
        questions.map(({ query, times, p50Ms, worstMs }) => [
          query.replaceAll('|', '\\|'),
          times,
          p50Ms ?? '',
          worstMs ?? '',
        ]),
      )}\n${record('busy', { events: EVENTS, days: DAYS, askers: ASKERS, linesPerSecond: LINES_PER_SECOND, load: loadavg(), ...figures, questions })}\n`,
    )
  } finally {
    await product.stop()
  }
} finally {
  store.remove()
  rmSync(folder, { recursive: true, force: true })
}
