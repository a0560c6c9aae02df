import { strict as assert } from 'node:assert'
import { readFileSync, writeFileSync } from 'node:fs'
import { Engine, loadRules } from '../../detection/engine.ts'
import type { EcsEvent } from '../../model/event.ts'
import { EventLines } from '../event-lines.ts'
import { cleared, cpuUs } from '../fresh-process.ts'
import { mutated } from '../high-cardinality.ts'
import { CORRELATION_RULES, type PeerFigures } from './engines.ts'
import { laneRules, laneTable } from './lanes.ts'

// Our engine in a process of its own, measured as the drivers of the peers measure theirs: the task is its argument, the
// figures are its output.

export interface OwnTask {
  events: string
  mode: 'floor' | 'match' | 'correlation'
  passes: number
  /** Where the rules that each event matched are written. */
  matches?: string
}

/** Events held at a time. */
const CHUNK = 100
/** Events of each kind that an engine has met before a pass. */
const STRANGERS = 128
/** Events of the correlation lane carry no time: they get one each this often. */
const EVENTS_PER_SECOND = 10
const EPOCH_MS = 1_795_100_000_000

const task = JSON.parse(process.argv[2]!) as OwnTask
const lines = new EventLines(task.events)

/** What a pass has spent so far, µs, and found. */
interface Spent {
  parse: number
  match: number
  matches: number
}

/**
 * Parses some events and matches them. A function by itself, with the engine and no call-back: V8 threw away what it had compiled of the loop
 * over all of them at its end, for what stands there it had seldom seen, and compiled the loop, and the engine in it, anew for the next pass.
 */
function measure(from: number, engine: Engine | undefined, spent: Spent): void {
  const texts: string[] = []
  for (let i = from; i < Math.min(from + CHUNK, lines.length); i++) texts.push(lines.text(i))
  const events: EcsEvent[] = []
  const begun = cpuUs()
  for (let i = 0; i < texts.length; i++) events.push(JSON.parse(texts[i]!) as EcsEvent)
  const parsed = cpuUs()
  spent.parse += parsed - begun
  if (engine === undefined) return
  for (let i = 0; i < events.length; i++) spent.matches += engine.matches(events[i]!).length
  spent.match += cpuUs() - parsed
}

/** One pass over all events; without an engine, of parsing alone. */
function pass(engine?: Engine): { parseUs: number; matchUs: number; matches: number } {
  const spent: Spent = { parse: 0, match: 0, matches: 0 }
  for (let from = 0; from < lines.length; from += CHUNK) measure(from, engine, spent)
  return { parseUs: spent.parse / lines.length, matchUs: spent.match / lines.length, matches: spent.matches }
}

async function measureMatch(): Promise<PeerFigures> {
  const files = laneRules()
  // Which log sources rules name is the benchmark's own question: it costs a load that is not counted.
  const table = laneTable(lines, (await loadRules(files)).rules)
  const begun = cpuUs()
  const ruleSet = await loadRules([...files, table])
  const loadMs = (cpuUs() - begun) / 1000
  const passes: PeerFigures['passes'] = []
  const counts = new Set<number>()
  // None of their values come in the lane: an engine that has met them has built what it builds at the sight of their log
  // source, as the peers have when they have loaded, and its caches hold nothing that is of use.
  const met = new Map<string, number>()
  const strange: EcsEvent[] = []
  for (let i = lines.length - 1; i >= 0; i--) {
    const event = JSON.parse(mutated(lines.text(i), lines.length + i)) as EcsEvent
    const kind = JSON.stringify([
      event['product'],
      event['category'],
      event['service'],
      event['Channel'],
      event['EventID'],
    ])
    const before = met.get(kind) ?? 0
    met.set(kind, before + 1)
    if (before < STRANGERS) strange.push(event)
  }
  for (let i = 0; i < task.passes; i++) {
    const before = cpuUs()
    const engine = new Engine(ruleSet)
    for (const event of strange) engine.matches(event)
    const buildMs = (cpuUs() - before) / 1000
    // What building left behind is not for the pass to clear away.
    await cleared()
    const { matches, ...figures } = pass(engine)
    passes.push({ ...figures, buildMs })
    counts.add(matches)
  }
  assert.equal(counts.size, 1, 'passes differ in their matches')
  if (task.matches !== undefined) {
    const engine = new Engine(ruleSet)
    const found: string[] = []
    for (let i = 0; i < lines.length; i++) {
      const ids = engine.matches(JSON.parse(lines.text(i)) as EcsEvent)
      if (ids.length > 0) found.push(JSON.stringify({ event: i, rules: ids }))
    }
    writeFileSync(task.matches, `${found.join('\n')}\n`)
  }
  const refused = ruleSet.problems.filter(({ severity }) => severity === 'error')
  return {
    rules: ruleSet.rules.length,
    ids: ruleSet.rules.map(({ id }) => id),
    refused: refused.map(({ path, message }) => `${path}: ${message}`),
    loadMs,
    events: lines.length,
    matches: [...counts][0]!,
    passes,
  }
}

/** Some of the events through the engine: a function by itself, as `measure` is. Returns how many versions of alerts there were. */
function correlate(from: number, engine: Engine, events: readonly EcsEvent[], alerts: Set<string>): number {
  let versions = 0
  for (let i = from; i < Math.min(from + CHUNK, events.length); i++) {
    for (const { id } of engine.process(events[i]!)) {
      versions++
      alerts.add(id)
    }
  }
  return versions
}

/** Events parsed beforehand, through the whole engine, correlations and alerts included. */
async function measureCorrelation(): Promise<PeerFigures> {
  const rules = { path: 'correlation.yml', text: readFileSync(CORRELATION_RULES, 'utf8') }
  const begun = cpuUs()
  const ruleSet = await loadRules([rules, laneTable(lines, (await loadRules([rules])).rules)])
  const loadMs = (cpuUs() - begun) / 1000
  const events = Array.from({ length: lines.length }, (_, i): EcsEvent => {
    const line = lines.text(i)
    const at = new Date(EPOCH_MS + Math.floor(i / EVENTS_PER_SECOND) * 1000).toISOString()
    // Not by spreading: V8 gives every such object a shape of its own, and what was measured would be that.
    return Object.assign(JSON.parse(line) as EcsEvent, {
      '@timestamp': at,
      'event.ingested': at,
      'event.original': line,
      'soc.record': `bench-${i + 1}`,
      'soc.seq': i + 1,
      'soc.agency': 'bench',
    })
  })
  const passes: PeerFigures['passes'] = []
  let versions = 0
  const alerts = new Set<string>()
  for (let i = 0; i < task.passes; i++) {
    const engine = new Engine(ruleSet)
    versions = 0
    alerts.clear()
    const before = cpuUs()
    for (let from = 0; from < events.length; from += CHUNK) versions += correlate(from, engine, events, alerts)
    passes.push({ parseUs: 0, matchUs: (cpuUs() - before) / events.length })
  }
  return {
    rules: ruleSet.rules.length,
    ids: [],
    refused: ruleSet.problems.map(({ message }) => message),
    loadMs,
    events: events.length,
    matches: versions,
    alerts: alerts.size,
    passes,
  }
}

if (task.mode === 'floor') {
  const passes = Array.from({ length: task.passes }, () => pass())
  process.stdout.write(JSON.stringify({ events: lines.length, passes }))
} else {
  process.stdout.write(JSON.stringify(await (task.mode === 'match' ? measureMatch() : measureCorrelation())))
}
