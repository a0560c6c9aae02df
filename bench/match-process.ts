import { strict as assert } from 'node:assert'
import { join } from 'node:path'
import { loadNormaliser } from '../collector/normalise.ts'
import { Engine, loadRules, type RuleSet } from '../detection/engine.ts'
import { evaluate } from '../detection/reference.ts'
import { classifier } from '../detection/sigma/logsource.ts'
import { covers } from '../detection/sigma/pipeline.ts'
import type { EcsEvent } from '../model/event.ts'
import { EventLines } from './event-lines.ts'
import { cleared, cpuUs } from './fresh-process.ts'
import { mutated } from './high-cardinality.ts'
import { rulesOfSize, shippedTables } from './rule-files.ts'
import { DATA, flatEvent, loadFlat } from './sigmahq.ts'

// One measurement in a process of its own, for match.bench.ts: the task is its argument, the figures are its output.

export interface MatchTask {
  measure: 'floor' | 'match' | 'naive' | 'memory'
  /** As shipped; with every path, command, user, hash and number its own; or as the product's normaliser makes them of it. */
  stream: 'real' | 'high-cardinality' | 'ecs'
  /** How many rules; `2x` and `5x` are all of them with copies of other literals. */
  rules: '100' | '500' | '1000' | 'all' | '2x' | '5x'
  passes: number
  /** Each half of the events meets gates that were chosen on the other half. */
  calibrated?: boolean
}

export interface PassFigures {
  parseUs: number
  matchUs: number
  /** Of a new engine, until it has met some strange events of every kind: what it builds at their sight. Not in `matchUs`. */
  buildMs: number
}

export interface MatchFigures {
  rules: number
  predicates: number
  unwitnessed: number
  loadMs: number
  events: number
  bytesMean: number
  matches: number
  conditionsPerEvent: number
  /** µs of CPU time per event. The first pass also pays for the machine code of the engine. */
  passes: PassFigures[]
}

/** Events held at a time, so that no pass pays for the memory of a corpus. */
const CHUNK = 100
/** Halves are taken in turns of so many events. */
const TURN = 1000
const NAIVE_EVENTS = 60
/** Events of each kind that an engine has met before a pass. */
const STRANGERS = 128

const task = JSON.parse(process.argv[2]!) as MatchTask
const lines = new EventLines(join(DATA, 'windows-events/events-windows-100k.ndjson.gz'))
const write = (figures: unknown): boolean => process.stdout.write(JSON.stringify(figures))

const toEvent: (line: string, index: number) => EcsEvent = await (async () => {
  if (task.stream !== 'ecs') return flatEvent
  const normalise = await loadNormaliser({ spoolId: 'bench', timeZone: 'Asia/Ho_Chi_Minh', enrich: () => undefined })
  const origin = { input: 'http', address: '192.0.2.7' }
  return (line: string, index: number) => {
    const made = normalise({ seq: index + 1, receivedAtMs: 1_795_100_000_000, origin, bytes: Buffer.from(line) })
    // A dead letter meets no rule; it is counted as an event of no log source, which costs as little.
    return made.kind === 'event' ? made.event : ({} as EcsEvent)
  }
})()

function lineAt(index: number): string {
  const line = lines.text(index)
  return task.stream === 'high-cardinality' ? mutated(line, index) : line
}

/** What a pass has spent so far, µs, and found. */
interface Spent {
  parseUs: number
  matchUs: number
  matches: number
}

/**
 * Parses some events and matches them. A function by itself, with the engine and no call-back, lest V8 compile the loop over all of them anew
 * for every pass, with the engine in it.
 */
function spend(from: number, engine: Engine | undefined, spent: Spent): void {
  const to = Math.min(from + CHUNK, lines.length)
  const texts: string[] = []
  for (let i = from; i < to; i++) texts.push(lineAt(i))
  const events: EcsEvent[] = []
  const begun = cpuUs()
  for (let i = 0; i < texts.length; i++) events.push(toEvent(texts[i]!, from + i))
  const parsed = cpuUs()
  spent.parseUs += parsed - begun
  if (engine === undefined) return
  for (let i = 0; i < events.length; i++) spent.matches += engine.matches(events[i]!).length
  spent.matchUs += cpuUs() - parsed
}

/** One pass over the events whose index `takes`; without an engine, of parsing alone. */
function pass(takes: (index: number) => boolean, engine?: Engine): Spent {
  const spent: Spent = { parseUs: 0, matchUs: 0, matches: 0 }
  for (let from = 0; from < lines.length; from += CHUNK) if (takes(from)) spend(from, engine, spent)
  return spent
}

const all = (): boolean => true
const half =
  (which: number) =>
  (index: number): boolean =>
    Math.floor(index / TURN) % 2 === which

async function load(): Promise<RuleSet> {
  const rules = rulesOfSize(task.rules)
  return task.stream === 'ecs' ? loadRules([...rules, ...shippedTables()]) : loadFlat(rules)
}

function perEvent({ parseUs, matchUs, buildMs }: PassFigures): PassFigures {
  return { parseUs: parseUs / lines.length, matchUs: matchUs / lines.length, buildMs }
}

/**
 * Some events of every kind, by channel and event id, none of whose values come in the stream: an engine that has met them has
 * built what it builds at the sight of a kind, and its caches hold nothing that is of use.
 */
function strangers(): EcsEvent[] {
  const met = new Map<string, number>()
  const events: EcsEvent[] = []
  for (let i = lines.length - 1; i >= 0; i--) {
    const line = lines.text(i)
    const { Channel, EventID } = JSON.parse(line) as EcsEvent
    const kind = JSON.stringify([Channel, EventID]).toLowerCase()
    const before = met.get(kind) ?? 0
    met.set(kind, before + 1)
    if (before < STRANGERS) events.push(toEvent(mutated(line, lines.length + i), i))
  }
  return events
}

async function measureMatch(): Promise<MatchFigures> {
  const begun = performance.now()
  const ruleSet = await load()
  const loadMs = performance.now() - begun
  const passes: PassFigures[] = []
  const counts = new Set<number>()
  let evaluated = 0
  const strange = strangers()
  const run = async (
    takes: (index: number) => boolean,
    calibratedOn?: (index: number) => boolean,
  ): Promise<PassFigures & { matches: number }> => {
    const before = cpuUs()
    const engine = new Engine(ruleSet)
    for (const event of strange) engine.matches(event)
    if (calibratedOn !== undefined) {
      pass(calibratedOn, engine)
      engine.forget()
    }
    const buildMs = (cpuUs() - before) / 1000
    // What building left behind is not for the pass to clear away.
    await cleared()
    const figures = pass(takes, engine)
    evaluated = Object.values(engine.stats().rules).reduce((sum, counters) => sum + counters.evaluated, 0)
    return { ...figures, buildMs }
  }
  for (let i = 0; i < task.passes; i++) {
    let figures = await (task.calibrated === true ? run(half(1), half(0)) : run(all))
    if (task.calibrated === true) {
      const { parseUs, matchUs, matches } = await run(half(0), half(1))
      figures = {
        parseUs: figures.parseUs + parseUs,
        matchUs: figures.matchUs + matchUs,
        matches: figures.matches + matches,
        buildMs: figures.buildMs,
      }
    }
    passes.push(perEvent(figures))
    counts.add(figures.matches)
  }
  assert.equal(counts.size, 1, `passes differ: ${[...counts].join(', ')} matches`)
  return {
    rules: ruleSet.rules.length,
    predicates: ruleSet.network.predicates.length,
    unwitnessed: ruleSet.unwitnessed.length,
    loadMs: Math.round(loadMs),
    events: lines.length,
    bytesMean: lines.bytesMean,
    matches: [...counts][0]!,
    conditionsPerEvent: evaluated / lines.length,
    passes,
  }
}

/** The rules one after another, by the evaluator that is slow and obvious; what it says is what the engine must say. */
async function measureNaive(): Promise<{ events: number; matches: number; matchUs: number }> {
  const ruleSet = await load()
  const engine = new Engine(ruleSet)
  const { classify } = classifier(ruleSet.logSources)
  const rows: number[] = []
  let [count, matches, spent] = [0, 0, 0]
  for (let i = 0; i < lines.length; i += Math.floor(lines.length / NAIVE_EVENTS)) {
    const event = toEvent(lineAt(i), i)
    const begun = cpuUs()
    const sources = rows.slice(0, classify(event, rows)).flatMap((row) => ruleSet.logSources[row]!.sources)
    const expected = ruleSet.network.rules.filter(
      ({ mapped }) => sources.some((source) => covers(mapped.logsource, source)) && evaluate(mapped, event),
    )
    spent += cpuUs() - begun
    count++
    matches += expected.length
    assert.deepEqual(
      engine.matches(event),
      expected.map(({ rule }) => rule.id),
    )
  }
  return { events: count, matches, matchUs: spent / count }
}

/** Memory with all rules in force, and after all events: no event is kept, as in a pipeline that has passed them on. */
async function measureMemory(): Promise<Record<string, number>> {
  // The corpus is held as bytes outside the heap: it is the benchmark's own.
  const corpusBytes = lines.bytesMean * lines.length
  const megabytes = (): { rssMb: number; heapMb: number } => {
    globalThis.gc?.()
    const { rss, heapUsed } = process.memoryUsage()
    return { rssMb: Math.round((rss - corpusBytes) / 1e6), heapMb: Math.round(heapUsed / 1e6) }
  }
  const before = megabytes()
  const ruleSet = await load()
  const loaded = megabytes()
  const engine = new Engine(ruleSet)
  const { matches } = pass(all, engine)
  const after = megabytes()
  return {
    heapOfRulesMb: loaded.heapMb - before.heapMb,
    heapOfEngineMb: after.heapMb - before.heapMb,
    heapMb: after.heapMb,
    rssMb: after.rssMb,
    matches,
    rules: ruleSet.rules.length,
  }
}

if (task.measure === 'floor') {
  const passes = Array.from({ length: task.passes }, () => perEvent({ ...pass(all), buildMs: 0 }))
  write({ events: lines.length, bytesMean: lines.bytesMean, passes })
} else if (task.measure === 'match') write(await measureMatch())
else if (task.measure === 'naive') write(await measureNaive())
else write(await measureMemory())
