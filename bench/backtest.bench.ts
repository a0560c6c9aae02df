import { strict as assert } from 'node:assert'
import { readFileSync } from 'node:fs'
import { loadavg } from 'node:os'
import { backtestsIn } from '../backtest/host.ts'
import type { Answer, Question } from '../api/backtests/backtest.ts'
import type { StartBacktest } from '../api/backtests/jobs.ts'
import { readGrouping } from '../api/incidents/grouping-file.ts'
import { loadConfig } from '../config.ts'
import type { RuleFile } from '../detection/types.ts'
import type { Alert } from '../model/alert.ts'
import { parseRegistry } from '../model/registry.ts'
import { readRulesFolder } from '../rule-life/folder.ts'
import { openEmbedded } from '../store/embedded/embedded.ts'
import type { Store } from '../store/store.ts'
import { filledStore } from './filled-store.ts'
import { record, table } from './record.ts'
import { hasCorpus, sigmaHqRules } from './sigmahq.ts'
import { DAYS, END_MS, eventBatches, RARE_ADDRESS, RARE_EVERY, RARE_WORDS } from './store-events.ts'

// Backtests over a seeded month of events with a month of alerts beside, among our rules and SigmaHQ's where they are there, and what
// appending loses while they run. `BENCH_EVENTS` says how many events (1,000,000); `BENCH_STORE` names a folder that is filled once
// and kept.
const EVENTS = Number(process.env['BENCH_EVENTS'] ?? 1_000_000)
const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 3)
/** Events appended alone and beside a backtest, by turns. */
const APPENDED = Number(process.env['BENCH_APPENDED'] ?? 100_000)
const TURNS = 3
const BATCH = 1_000
const ALERTS = 10_000
const config = loadConfig()
const registry = parseRegistry(readFileSync(config.registry, 'utf8'), config.registry)

const rules = [...readRulesFolder(config.rulesFolder), ...(hasCorpus ? sigmaHqRules() : [])]
const SSHD = '{ product: linux, service: sshd }'
const PROCESSES = '{ product: windows, category: process_creation }'
const rule = (detection: string, logsource = SSHD): RuleFile => ({
  path: 'bench.yml',
  text: `title: Bench\nid: bench\nlevel: high\nlogsource: ${logsource}\ndetection:\n${detection.replace(/^/gm, '  ')}\n`,
})
const added = (detection: string, logsource?: string): RuleFile[] => [...rules, rule(detection, logsource)]

/** One in so many of SigmaHQ's rules about processes is changed: a hundred of them. */
function hundredChanged(): RuleFile[] {
  const isMeant = ({ text }: RuleFile): boolean => /^ {4}category: process_creation$/m.test(text)
  const every = Math.floor(rules.filter(isMeant).length / 100)
  let seen = 0
  return rules.map((file) => {
    if (!isMeant(file) || seen++ % every > 0) return file
    return { ...file, text: file.text.replace(/^level: .*$/m, 'level: critical') }
  })
}

/** From a rule of which the store can look up everything, to one of which it can look up nothing; and how many alerts there are. */
const CASES: { name: string; after: RuleFile[]; alerts?: [min: number, max: number] }[] = [
  {
    name: 'an address that is rare',
    after: added(`s: { source.ip: '${RARE_ADDRESS}' }\ncondition: s`),
    alerts: [1, EVENTS / RARE_EVERY],
  },
  { name: 'words that are rare', after: added(`w: ['${RARE_WORDS}']\ncondition: w`), alerts: [0, EVENTS / RARE_EVERY] },
  { name: 'a word that is nowhere', after: added("w: ['khong-o-dau-ca']\ncondition: w"), alerts: [0, 0] },
  {
    name: 'expressions without a literal, on fields with few values',
    after: added("s: { user.name|re: '[0-9]{3}', event.outcome|re: '[a-z]+' }\ncondition: s"),
    alerts: [0, 0],
  },
  {
    name: 'an expression without a literal, on command lines and hashes',
    after: added(
      "s: { process.command_line|re: '[!#%]{2}' }\nh: { process.hash.sha256|re: '^[0-9]{64}$' }\ncondition: s or h",
      PROCESSES,
    ),
    alerts: [0, 0],
  },
  {
    name: 'an expression without a literal, anywhere in the event',
    after: added("w: { '|re': '[0-9]{40}' }\ncondition: w"),
    alerts: [0, 0],
  },
  ...(hasCorpus ? [{ name: "a hundred of SigmaHQ's rules", after: hundredChanged() }] : []),
]
const DEAREST = CASES.find(({ name }) => name.endsWith('anywhere in the event'))!

const question = (after: RuleFile[]): Question => ({
  before: rules,
  after,
  full: false,
  scope: 'all',
  range: {
    from: new Date(END_MS - (DAYS + 1) * 86_400_000).toISOString(),
    to: new Date(END_MS + 86_400_000).toISOString(),
  },
  budget: { cpuMs: 3_600_000, matches: 1_000_000 },
})

/** Alerts of a rule that stays as it is, of 400 hosts over the month. */
function alertOf(i: number): Alert {
  const at = new Date(END_MS - ((ALERTS - i) / ALERTS) * DAYS * 86_400_000).toISOString()
  const host = `may-chu-${String((i * 7) % 400).padStart(3, '0')}`
  const id = 'stored'
  const of = { record: `alerts-${i + 1}`, seq: i + 1, '@timestamp': at }
  return {
    id: `stored-${i}`,
    version: 1,
    rule: { id, title: 'Luật không đổi', level: 'medium', hash: 'ab'.repeat(32), tags: [], path: 'x.yml' },
    '@timestamp': at,
    seq: i + 1,
    agency: `co-quan-${String((i * 7) % 25).padStart(2, '0')}`,
    entities: [{ kind: 'host', value: host }],
    group: {},
    evidence: [{ ...of, original: `<38>1 ${at} ${host} sshd 7`, rule: id, proof: [] }],
    count: 1,
  }
}

/** Events appended a second: the next ones of the month, in batches as the pipeline's. */
async function append(store: Store, from: number): Promise<number> {
  const batches = [...eventBatches(APPENDED, BATCH, from)]
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

/** The dearest backtest, again and again. */
function keepBusy(start: StartBacktest): { end: () => Promise<void> } {
  let ended = false
  let running = start(question(DEAREST.after), () => undefined)
  const done = (async () => {
    for (;;) {
      await running.answer.catch((error: unknown) => assert.ok(ended, String(error)))
      if (ended) return
      running = start(question(DEAREST.after), () => undefined)
    }
  })()
  return {
    end: () => {
      ended = true
      running.cancel()
      return done
    },
  }
}

const middle = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!

const { toAppend, remove } = filledStore(EVENTS)
try {
  const store = await openEmbedded(await toAppend(), {})
  const alerts = Array.from({ length: ALERTS }, (_, i) => alertOf(i))
  await store.append({ from: EVENTS + 1, through: EVENTS + 1, events: [], alerts, deadLetters: [] })
  const start = backtestsIn({
    config,
    store,
    levels: () => registry,
    grouping: readGrouping(config.incidents.grouping, config.incidents.lookBackMs),
  })
  const rows: { name: string; ms: number; cpuMs: number; read: number; matched: number; alerts: number }[] = []
  for (const { name, after, alerts: expected } of CASES) {
    const times: number[] = []
    const answers: Answer[] = []
    for (let round = 0; round < ROUNDS; round++) {
      const begun = performance.now()
      answers.push(await start(question(after), () => undefined).answer)
      times.push(performance.now() - begun)
    }
    const { alerts: told, read, matched, incomplete } = answers[0]!
    assert.equal(incomplete, undefined, name)
    const fresh = told.after - ALERTS
    if (expected !== undefined) assert.ok(fresh >= expected[0] && fresh <= expected[1], `${name}: ${fresh}`)
    const cpuMs = middle(answers.map((answer) => answer.cpuMs))
    rows.push({ name, ms: Math.round(middle(times)), cpuMs, read, matched, alerts: told.after - ALERTS })
    process.stderr.write(`${JSON.stringify(rows.at(-1))}\n`)
  }
  const rates: { alone: number[]; beside: number[] } = { alone: [], beside: [] }
  let seq = EVENTS + 2
  for (let round = 0; round < TURNS; round++) {
    rates.alone.push(Math.round(await append(store, seq)))
    seq += APPENDED
    const busy = keepBusy(start)
    rates.beside.push(Math.round(await append(store, seq)))
    seq += APPENDED
    await busy.end()
  }
  await store.close()
  const ingest = { ...rates, share: Number((middle(rates.beside) / middle(rates.alone)).toFixed(3)) }
  const load = loadavg()
  const figures = { events: EVENTS, rules: rules.length, alerts: ALERTS, load, rounds: ROUNDS, rows, ingest }
  process.stdout.write(
    `${table(
      ['', 'ms', 'CPU ms', 'events read', 'matched', 'alerts'],
      rows.map(({ name, ms, cpuMs, read, matched, alerts: raised }) => [name, ms, cpuMs, read, matched, raised]),
    )}\n${JSON.stringify(ingest)}\n${record(`backtest-${EVENTS}`, figures)}\n`,
  )
} finally {
  remove()
}
