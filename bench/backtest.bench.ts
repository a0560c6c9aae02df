import { strict as assert } from 'node:assert'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { backtestsIn } from '../backtest/host.ts'
import type { Answer, Question } from '../api/backtests/backtest.ts'
import { loadConfig } from '../config.ts'
import type { RuleFile } from '../detection/types.ts'
import { readRulesFolder } from '../rule-life/folder.ts'
import { openEmbedded } from '../store/embedded/embedded.ts'
import type { Store } from '../store/store.ts'
import { record, table } from './record.ts'
import { DAYS, END_MS, eventBatches, RARE_ADDRESS, RARE_EVERY } from './store-events.ts'

// A backtest of one changed rule over a seeded month of events, and what appending loses while backtests run. `BENCH_EVENTS` says
// how many events (1,000,000); `BENCH_STORE` names a folder that is filled once and kept.
const EVENTS = Number(process.env['BENCH_EVENTS'] ?? 1_000_000)
const APPENDED = Number(process.env['BENCH_APPENDED'] ?? 100_000)
const ROUNDS = 3
const BATCH = 1_000
const config = loadConfig()
const kept = process.env['BENCH_STORE']
const folder = kept ?? mkdtempSync(join(tmpdir(), 'vong-gac-bench-backtest-'))

const shipped = readRulesFolder(config.rulesFolder)
const rule = (detection: string, logsource = '{ product: linux, service: sshd }'): RuleFile => ({
  path: 'bench.yml',
  text: `title: Bench\nid: bench\nlevel: high\nlogsource: ${logsource}\ndetection:\n${detection.replace(/^/gm, '  ')}\n`,
})

/** From a rule of which the store can look up everything, to one of which it can look up nothing; and how many alerts there are. */
const CASES: { name: string; file: RuleFile; alerts?: number }[] = [
  {
    name: 'an address that is rare',
    file: rule(`s: { source.ip: '${RARE_ADDRESS}' }\ncondition: s`),
  },
  {
    name: 'fields by regular expressions without a literal',
    file: rule("s: { user.name|re: '[0-9]{3}', event.outcome|re: '[a-z]+' }\ncondition: s"),
    alerts: 0,
  },
  { name: 'a word anywhere in the event', file: rule("w: ['khong-o-dau-ca']\ncondition: w"), alerts: 0 },
]

const question = (after: RuleFile): Question => ({
  before: shipped,
  after: [...shipped, after],
  full: false,
  scope: 'all',
  range: {
    from: new Date(END_MS - (DAYS + 1) * 86_400_000).toISOString(),
    to: new Date(END_MS + 86_400_000).toISOString(),
  },
  budget: { cpuMs: 3_600_000, matches: 1_000_000 },
})

async function fill(store: Store): Promise<void> {
  let from = 1
  for (const events of eventBatches(EVENTS, BATCH, 1)) {
    await store.append({ from, through: from + events.length - 1, events, alerts: [], deadLetters: [] })
    from += events.length
  }
}

/** Events appended a second: the next ones of the month, in batches as the pipeline's. */
async function append(store: Store, from: number): Promise<number> {
  const batches = [...eventBatches(APPENDED, BATCH, 2)]
  let seq = from
  const begun = performance.now()
  for (const batch of batches) {
    const first = seq
    const events = batch.map((event) => ({
      ...event,
      'soc.seq': seq,
      'soc.record': `${event['soc.record'].split('-')[0]!}-${seq++}`,
    }))
    await store.append({ from: first, through: seq - 1, events, alerts: [], deadLetters: [] })
  }
  return APPENDED / ((performance.now() - begun) / 1_000)
}

const middle = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!

try {
  mkdirSync(folder, { recursive: true })
  const store = await openEmbedded(join(folder, 'events'), {})
  const filled = join(folder, `filled-${EVENTS}`)
  if (!existsSync(filled)) {
    await fill(store)
    writeFileSync(filled, '')
  }
  const start = backtestsIn(config, store)
  const rows: { name: string; ms: number; cpuMs: number; read: number; alerts: number }[] = []
  for (const { name, file, alerts } of CASES) {
    const times: number[] = []
    const answers: Answer[] = []
    for (let round = 0; round < ROUNDS; round++) {
      const begun = performance.now()
      answers.push(await start(question(file), () => undefined).answer)
      times.push(performance.now() - begun)
    }
    const [answer] = answers
    if (alerts === undefined) assert.ok(answer!.alerts.after > 0 && answer!.alerts.after <= EVENTS / RARE_EVERY)
    else assert.equal(answer!.alerts.after, alerts)
    rows.push({
      name,
      ms: Math.round(middle(times)),
      cpuMs: middle(answers.map(({ cpuMs }) => cpuMs)),
      read: answer!.read,
      alerts: answer!.alerts.after,
    })
  }
  const rates: { alone: number[]; beside: number[] } = { alone: [], beside: [] }
  let seq = EVENTS + 1
  for (const round of Array.from({ length: kept === undefined ? ROUNDS : 0 }, (_, i) => i)) {
    process.stderr.write(`${round}\n`)
    rates.alone.push(Math.round(await append(store, seq)))
    seq += APPENDED
    const ended = new AbortController()
    const busy = (async () => {
      while (!ended.signal.aborted) await start(question(CASES[2]!.file), () => undefined).answer
    })()
    rates.beside.push(Math.round(await append(store, seq)))
    seq += APPENDED
    ended.abort()
    await busy
  }
  const ingest =
    rates.alone.length === 0
      ? null
      : { ...rates, share: Number((middle(rates.beside) / middle(rates.alone)).toFixed(3)) }
  await store.close()
  const figures = { events: EVENTS, rounds: ROUNDS, rows, ingest }
  process.stdout.write(
    `${table(
      ['', 'ms', 'CPU ms', 'events read', 'alerts'],
      rows.map(({ name, ms, cpuMs, read, alerts }) => [name, ms, cpuMs, read, alerts]),
    )}\n${JSON.stringify(ingest)}\n${record(`backtest-${EVENTS}`, figures)}\n`,
  )
} finally {
  if (kept === undefined) rmSync(folder, { recursive: true, force: true })
}
