import { strict as assert } from 'node:assert'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Engine, loadRules, type EngineOptions, type RuleSet } from '../detection/engine.ts'
import type { EcsEvent } from '../model/event.ts'
import { ROOT } from '../model/root.ts'
import { EventLines } from './event-lines.ts'
import { record } from './record.ts'

// Events parsed beforehand, through the whole engine: matched, correlated on event time, alerts made. CPU time of a fresh
// engine per round, median of rounds; what is raised is asserted first. `logons` is rsigma's correlation lane where it is.
const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 5)
const EVENTS_MIN = 300_000
const SHARED = process.env['VONGGAC_SHARED'] ?? join(ROOT, '..', 'shared')
const LANE = join(SHARED, 'data', 'rsigma-lanes', 'correlation.ndjson.gz')
const START_MS = Date.parse('2026-03-02T08:00:00.000Z')

const LOG_SOURCES = `logsources:
  - when: { event.dataset: bench.logons }
    product: windows
    category: authentication
`
const detection = (name: string): string => `title: ${name}
id: ${name}
level: low
logsource: { product: windows, category: authentication }
detection:
  selection: { EventType: authentication_${name} }
  condition: selection
`
const correlation = (id: string, body: string): string =>
  `title: ${id}\nid: ${id}\nlevel: high\ncorrelation:\n  timespan: 5m\n  ${body.replaceAll('; ', '\n  ')}\n`

function rulesOf(...bodies: string[]): Promise<RuleSet> {
  const texts = [detection('failure'), detection('success'), ...bodies.map((body, i) => correlation(`c${i}`, body))]
  const files = texts.map((text, i) => ({ path: `${i}.yml`, text }))
  return loadRules([...files, { path: 'logsources.yml', text: LOG_SOURCES }])
}

interface Logon {
  EventType: string
  User: string
  SourceIP: string
  BytesOut: number
}

/** Two hundred accounts in turn, four refusals to a success, where rsigma's lane is absent. */
function madeUp(count: number): Logon[] {
  return Array.from({ length: count }, (_, i) => ({
    EventType: `authentication_${i % 5 === 4 ? 'success' : 'failure'}`,
    User: `user-${Math.floor(i / 100) % 200}`,
    SourceIP: `198.51.100.${(i * 7919) % 50}`,
    BytesOut: (i * 104_729) % 5000,
  }))
}

function laneLogons(): Logon[] {
  if (!existsSync(LANE)) return madeUp(10_000)
  const lines = new EventLines(LANE)
  return Array.from({ length: lines.length }, (_, i) => JSON.parse(lines.text(i)) as Logon)
}

/**
 * The logons become events.
 * @param at milliseconds after the start at which the `i`th happened
 */
function eventsOf(logons: readonly Logon[], at: (i: number) => number): EcsEvent[] {
  // Not by spreading: V8 gives every such object a shape of its own, and what was measured would be that.
  return logons.map((logon, i) =>
    Object.assign(logon as Logon & EcsEvent, {
      '@timestamp': new Date(START_MS + at(i)).toISOString(),
      'event.ingested': '2026-04-01T00:00:00.000Z',
      'event.original': JSON.stringify(logon),
      'event.dataset': 'bench.logons',
      'ecs.version': '8.17.0',
      'soc.record': `bench-${i + 1}`,
      'soc.seq': i + 1,
      'soc.source': 'bench/127.0.0.1',
      'soc.agency': 'bench',
    }),
  )
}

const median = (values: number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!
const cpuMs = (before?: NodeJS.CpuUsage): number => {
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}

interface Lane {
  rules: RuleSet
  events: EcsEvent[]
  /** Alerts that must rise. */
  alerts: number
  options?: EngineOptions
}

function measure({ rules, events, alerts, options }: Lane) {
  const raised = new Set<string>()
  let versions = 0
  const rounds: number[] = []
  // A short lane is run more often: what is measured is the engine at work, not how it is compiled.
  const least = Math.max(ROUNDS, Math.ceil(EVENTS_MIN / events.length))
  for (let round = 0; round <= least; round++) {
    const engine = new Engine(rules, options)
    versions = 0
    const before = process.cpuUsage()
    for (const event of events) {
      for (const { id } of engine.process(event)) {
        raised.add(id)
        versions++
      }
    }
    // The first round is for the compiler.
    if (round > 0) rounds.push(cpuMs(before))
  }
  assert.equal(raised.size, alerts)
  const us = (median(rounds) * 1000) / events.length
  return {
    events: events.length,
    alerts: raised.size,
    versions,
    usPerEvent: Number(us.toFixed(2)),
    eventsPerSecond: Math.round(1e6 / us),
  }
}

const one = (User: string, i: number): Logon => ({
  EventType: 'authentication_failure',
  User,
  SourceIP: `10.${(i >> 16) & 255}.${(i >> 8) & 255}.${i & 255}`,
  BytesOut: (i * 104_729) % 5000,
})
const many = (count: number, user: (i: number) => string, address = (i: number): number => i): Logon[] =>
  Array.from({ length: count }, (_, i) => one(user(i), address(i)))

const lanes: Record<string, () => Promise<Lane>> = {
  async logons() {
    const rules = await rulesOf(
      'type: event_count; rules: [failure]; group-by: [User]; condition: { gte: 5 }',
      'type: value_count; rules: [failure]; group-by: [User]; condition: { field: SourceIP, gte: 4 }',
      'type: temporal; rules: [failure, success]; group-by: [User]',
      'type: value_sum; rules: [success]; group-by: [User]; condition: { field: BytesOut, gte: 10000 }',
    )
    const logons = laneLogons()
    return { rules, events: eventsOf(logons, (i) => i * 10), alerts: new Set(logons.map(({ User }) => User)).size * 4 }
  },
  /** Distinct values by the thousand in one window. */
  async wideValueCount() {
    const rules = await rulesOf(
      'type: value_count; rules: [failure]; group-by: [User]; condition: { field: SourceIP, gte: 1801 }',
    )
    const events = eventsOf(
      many(
        100_000,
        () => 'an',
        (i) => i % 1800,
      ),
      (i) => i * 30,
    )
    return { rules, events, alerts: 0 }
  },
  /** Every event comes up to two seconds late. */
  async lateArrivals() {
    const rules = await rulesOf('type: event_count; rules: [failure]; group-by: [User]; condition: { gte: 100000 }')
    const events = eventsOf(
      many(100_000, (i) => `user-${i % 10}`),
      (i) => i * 5 - ((i * 7919) % 2000),
    )
    return { rules, events, alerts: 0 }
  },
  /** Ten thousand numbers in the window. */
  async percentile() {
    const rules = await rulesOf(
      'type: value_percentile; rules: [failure]; group-by: [User]; condition: { field: BytesOut, percentile: 99, gt: 5000 }',
    )
    const events = eventsOf(
      many(60_000, () => 'an'),
      (i) => i * 30,
    )
    return { rules, events, alerts: 0, options: { latenessMs: 1000 } }
  },
  /** A stranger per event, against a limit that holds a tenth of them. */
  async strangers() {
    const rules = await rulesOf('type: event_count; rules: [failure]; group-by: [SourceIP]; condition: { gte: 3 }')
    return {
      rules,
      events: eventsOf(
        many(100_000, () => 'an'),
        (i) => i,
      ),
      alerts: 0,
      options: { bytesMax: 10_000 * 1000 },
    }
  },
}

async function checkpoints() {
  const rules = await rulesOf(
    'type: event_count; rules: [failure]; group-by: [User]; condition: { gte: 100 }',
    'type: value_count; rules: [failure]; group-by: [User]; condition: { field: SourceIP, gte: 50 }',
  )
  const engine = new Engine(rules)
  for (const event of eventsOf(
    many(100_000, (i) => `user-${i % 20}`),
    (i) => i * 2,
  ))
    engine.process(event)
  const timed = (): [number, string] => {
    const before = process.cpuUsage()
    const state = engine.checkpoint()
    return [cpuMs(before), state]
  }
  const saves = Array.from({ length: ROUNDS }, timed)
  const state = saves[0]![1]
  const before = process.cpuUsage()
  new Engine(rules).restore(state)
  return {
    contributions: 200_000,
    megabytes: Number((state.length / 1e6).toFixed(1)),
    saveMs: Math.round(median(saves.map(([ms]) => ms))),
    restoreMs: Math.round(cpuMs(before)),
  }
}

const only = process.argv[2]
const figures: Record<string, unknown> = {}
for (const [name, lane] of Object.entries(lanes))
  if (only === undefined || only === name) figures[name] = measure(await lane())
if (only === undefined) figures['checkpoint'] = await checkpoints()
process.stdout.write(`${JSON.stringify(figures, null, 2)}\n`)
if (only === undefined) process.stdout.write(`${record('correlate', figures)}\n`)
