import { strict as assert } from 'node:assert'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { EcsEvent } from '../model/event.ts'
import { recordId } from '../model/record.ts'
import type { Aggregation } from '../store/query/aggregate.ts'
import { parseQuery } from '../store/query/parse.ts'
import { withoutHidden } from '../api/searches/hidden.ts'
import type { Condition } from '../store/query/query.ts'
import { openElasticsearch } from '../store/elasticsearch/elasticsearch.ts'
import { openEmbedded } from '../store/embedded/embedded.ts'
import type { Store, TimeRange } from '../store/store.ts'
import { cpuUs, median } from './fresh-process.ts'
import { DAYS, END_MS, eventBatches, RARE_ADDRESS, RARE_EVERY, RARE_HASH, RARE_WORDS, SPOOL } from './store-events.ts'

/** What one process of the bench is to do: fill an empty store, ask a full one, or append while it is asked. */
export type Task = ({ folder: string } | { node: string }) & { events: number } & (
    | { do: 'fill' }
    | { do: 'ask'; rounds: number; rareWords: number }
    | { do: 'both'; seconds: number; queries: boolean }
  )

/** What the process that asks gives: the time of every asking. */
export interface Answers {
  openMs: number
  peakRssMiB: number
  times: Record<string, { wallMs: number[]; cpuMs: number[] }>
}

const SEED = 7
/** A spool of its own for each run, for the store knows the positions of those before. */
const SPOOL_OF_RUN = `b${process.pid.toString(16).padStart(7, '0')}`
const BATCH = 1_000
/** Made beforehand and appended again and again: making an event takes longer than storing it. */
const POOL = 20_000
const DAY_MS = 86_400_000
const DAY: TimeRange = { from: new Date(END_MS - DAY_MS).toISOString(), to: new Date(END_MS).toISOString() }
const ALL: TimeRange = {
  from: new Date(END_MS - DAYS * DAY_MS).toISOString(),
  to: new Date(END_MS + DAY_MS).toISOString(),
}

/** A question that takes longer is not asked every round. */
const SLOW_MS = 2_000
const SLOW_ROUNDS = 3

const task = JSON.parse(process.argv[2]!) as Task
const openedAt = performance.now()
const store: Store =
  'node' in task
    ? await openElasticsearch({ node: task.node, replicas: 0, queryTimeoutMs: 600_000 })
    : await openEmbedded(task.folder, { diskReserveBytes: 1024 ** 3, queryTimeoutMs: 600_000 })
const openMs = round(performance.now() - openedAt)
const figures = await (task.do === 'fill'
  ? fill()
  : task.do === 'ask'
    ? ask(task.rounds, task.rareWords)
    : both(task.seconds, task.queries))
await store.close()
process.stdout.write(JSON.stringify(figures))

/** Appends the events, making them outside of what is measured. */
async function fill(): Promise<object> {
  let [wallMs, cpu, jsonBytes, worstMs, rareWords] = [0, 0, 0, 0, 0]
  for (const events of eventBatches(task.events, BATCH, SEED)) {
    if (events[0]!['soc.seq'] % 50_000 === 1) jsonBytes += Buffer.byteLength(JSON.stringify(events)) / BATCH
    rareWords += events.filter(({ message }) => (message as string).includes(RARE_WORDS)).length
    const [at, cpuAt] = [performance.now(), cpuUs()]
    await append(events)
    const took = performance.now() - at
    wallMs += took
    worstMs = Math.max(worstMs, took)
    cpu += cpuUs() - cpuAt
  }
  await settled()
  const { events, bytes = 0 } = await store.counts('all')
  assert.equal(events, task.events)
  return {
    events,
    jsonBytesPerEvent: Math.round(jsonBytes / Math.ceil(task.events / 50_000)),
    eventsPerSecond: Math.round(events / (wallMs / 1_000)),
    cpuUsPerEvent: round(cpu / events),
    worstBatchMs: Math.round(worstMs),
    bytesPerEvent: Math.round(bytes / events),
    peakRssMiB: peakRssMiB(),
    rareWords,
  }
}

/** The most memory that this process ever had, DuckDB's included. */
function peakRssMiB(): number {
  return Math.round(process.resourceUsage().maxRSS / 1024)
}

async function append(events: readonly EcsEvent[]): Promise<void> {
  const { refused } = await store.append({
    from: events[0]!['soc.seq'],
    through: events.at(-1)!['soc.seq'],
    events,
    alerts: [],
    deadLetters: [],
  })
  assert.deepEqual(refused, [])
}

/** Until the files' sizes stand still, with a filter for each: what was appended has been sealed and the log folded in. */
async function settled(): Promise<void> {
  const files = (): string[] =>
    'folder' in task ? readdirSync(join(task.folder, 'segments'), { recursive: true }).map(String) : []
  const filesOf = (end: string): number => files().filter((name) => name.endsWith(end)).length
  for (let [before, now] = [-1, 0]; before !== now || filesOf('.parquet') > filesOf('.filter');) {
    before = now
    await sleep(3_000)
    now = (await store.counts('all')).bytes ?? 0
  }
}

type Ask = () => Promise<number>

function search(q: string, range: TimeRange, limit = 100): Ask {
  const { where } = queryOf(q)
  return async () => (await store.searchEvents({ scope: 'all', range, ...asPut(where), limit })).length
}

function count(q: string, range: TimeRange): Ask {
  const { where, output } = queryOf(q)
  assert(output.kind !== 'events')
  const aggregation: Aggregation =
    output.kind === 'count' ? output : { ...output, intervalMs: output.intervalMs ?? 600_000, offsetMs: 0 }
  return async () => {
    const found = await store.aggregate({ scope: 'all', range, ...asPut(where, aggregation), aggregation })
    return found.kind === 'count' ? found.groups.length : found.buckets.length
  }
}

/** As the API puts it for nearly everybody: who may not see personal data must not find them either. */
function asPut(where: Condition | undefined, aggregation?: Aggregation): { where?: Condition } {
  const own = withoutHidden(where, aggregation)
  return own === undefined ? {} : { where: own }
}

function queryOf(q: string) {
  const parsed = parseQuery(q)
  assert('query' in parsed, q)
  return parsed.query
}

/** Each question with the number of rows that its answer has. */
function questions(rareWords = 0): Record<string, [Ask, number]> {
  const rare = Math.floor(task.events / RARE_EVERY)
  const middle = `${SPOOL}-${Math.floor(task.events / 2)}`
  return {
    'last 100 of a host': [search('host.name:may-chu-001', ALL), 100],
    'newest 100': [search('', ALL), 100],
    '24 h histogram by 10 min': [count('| histogram 10m', DAY), 144],
    '24 h top 20 source.ip': [count('| count by source.ip | top 20', DAY), 20],
    '24 h top 20 of a field without a column': [count('event.dataset:fortinet* | count by rule.id | top 20', DAY), 20],
    '24 h network, counted by kind': [count('source.ip:10.0.0.0/8 | count by event.dataset', DAY), 4],
    'all: top 20 user.name': [count('| count by user.name | top 20', ALL), 10],
    'all: rare address': [search(`source.ip:${RARE_ADDRESS}`, ALL), Math.min(100, rare)],
    'all: address that is nowhere': [search('source.ip:203.0.113.250', ALL), 0],
    'all: hash that is nowhere (no column)': [search(`process.hash.sha256:${RARE_HASH.replaceAll('b', '0')}`, ALL), 0],
    'all: rare words': [search(`"${RARE_WORDS}"`, ALL), Math.min(100, rareWords)],
    'all: words that are nowhere': [search(`"${RARE_WORDS} hơn nữa"`, ALL), 0],
    'by id': [async () => (await store.getEvents([middle], 'all')).length, 1],
  }
}

async function ask(rounds: number, rareWords: number): Promise<Answers> {
  const times: Answers['times'] = {}
  for (let i = 0; i < rounds; i++) {
    for (const [name, [run, expected]] of Object.entries(questions(rareWords))) {
      const entry = (times[name] ??= { wallMs: [], cpuMs: [] })
      if (i >= SLOW_ROUNDS && median(entry.wallMs) > SLOW_MS) continue
      const [at, cpuAt] = [performance.now(), cpuUs()]
      const rows = await run()
      const took = { wall: performance.now() - at, cpu: (cpuUs() - cpuAt) / 1_000 }
      assert.equal(rows, expected, name)
      entry.wallMs.push(round(took.wall))
      entry.cpuMs.push(round(took.cpu))
    }
  }
  return { openMs, peakRssMiB: peakRssMiB(), times }
}

/** Appends for a while to a store that is full already, with or without three askers who never rest. */
async function both(seconds: number, queries: boolean): Promise<object> {
  const pool = [...eventBatches(POOL, BATCH, SEED + 1)]
  const appending = new AbortController()
  let asked = 0
  const asker = async (): Promise<void> => {
    const runs = Object.values(questions()).map(([run]) => run)
    while (!appending.signal.aborted) {
      await runs[asked++ % runs.length]!()
    }
  }
  const askers = queries ? [asker(), asker(), asker()] : []
  const batches: number[] = []
  const [begun, cpuAt] = [performance.now(), cpuUs()]
  let appended = 0
  while (performance.now() - begun < seconds * 1_000) {
    const events = pool[batches.length % pool.length]!
    comeNow(events, appended)
    const begin = performance.now()
    await append(events)
    batches.push(performance.now() - begin)
    appended += events.length
  }
  const wallMs = performance.now() - begun
  const cpu = cpuUs() - cpuAt
  appending.abort()
  await Promise.all(askers)
  batches.sort((a, b) => a - b)
  return {
    seconds,
    events: appended,
    eventsPerSecond: Math.round(appended / (wallMs / 1_000)),
    cpuUsPerEvent: round(cpu / appended),
    batchMsMedian: round(median(batches)),
    batchMsP99: round(batches[Math.floor(batches.length * 0.99)]!),
    batchMsWorst: round(batches.at(-1)!),
    asked,
    peakRssMiB: peakRssMiB(),
  }
}

/** Gives events the next places, and the time of now: of what comes in one day one file is made, not thirty. */
function comeNow(events: EcsEvent[], after: number): void {
  const now = new Date(END_MS + performance.now()).toISOString()
  for (const [i, event] of events.entries()) {
    const seq = after + 1 + i
    event['@timestamp'] = event['event.ingested'] = now
    event['soc.seq'] = seq
    event['soc.record'] = recordId(SPOOL_OF_RUN, seq)
  }
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
