import { strict as assert } from 'node:assert'
import { boundTo, median, runFresh, YOUNG } from './fresh-process.ts'
import type { MatchFigures, MatchTask, PassFigures } from './match-process.ts'
import { record, table } from './record.ts'
import { hasCorpus } from './sigmahq.ts'

// What it costs to match all SigmaHQ rules on 100,669 real Windows events, against JSON.parse of the same lines (J). Every
// figure is CPU time, of fresh processes in turns on one core; every pass meets each event once, in order, by a new engine
// whose caches are empty. BENCH_QUICK=1 measures only that, in half a minute.
const QUICK = process.env['BENCH_QUICK'] === '1'
const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 3)
const PASSES = 3
const SIZES = ['100', '500', '1000', 'all', '2x', '5x'] as const
const SCRIPT = 'match-process.js'

interface FloorFigures {
  bytesMean: number
  passes: PassFigures[]
}

if (!hasCorpus) {
  process.stdout.write('the corpus is absent: set VONGGAC_SHARED\n')
  process.exit(2)
}

const round = (value: number): number => Number(value.toFixed(2))
const measured = (of: Partial<MatchTask>): unknown => runFresh(SCRIPT, task(of), [YOUNG])
const task = (of: Partial<MatchTask>): MatchTask => ({
  measure: 'match',
  stream: 'real',
  rules: 'all',
  passes: PASSES,
  ...of,
})
/** The pass in the middle, of those whose machine code was there: the first one pays for it. */
const warm = (passes: readonly PassFigures[], key: keyof PassFigures): number =>
  median((passes.length > 1 ? passes.slice(1) : passes).map((pass) => pass[key]))

interface Row {
  stream: string
  rules: number
  predicates: number
  matches: number
  conditionsPerEvent: number
  parseUs: number
  matchUs: number
  /** Of the first pass of a process. */
  matchFirstUs: number
  matchToParse: number
  totalToParse: number
  /** Against the parsing that this very process did in turns with it: on a busy machine, the steadier of the two. */
  matchToOwnParse: number
  loadMs: number
  buildMs: number
}

/** Runs of one kind, in the middle of the processes; all must give the same matches. */
function rowOf(stream: string, runs: readonly MatchFigures[], floorUs: number): Row {
  const [first] = runs
  assert.ok(first !== undefined)
  for (const { matches } of runs) assert.equal(matches, first.matches, `${stream}: processes differ in their matches`)
  const of = (value: (run: MatchFigures) => number): number => median(runs.map(value))
  const matchUs = of(({ passes }) => warm(passes, 'matchUs'))
  const parseUs = of(({ passes }) => warm(passes, 'parseUs'))
  return {
    stream,
    rules: first.rules,
    predicates: first.predicates,
    matches: first.matches,
    conditionsPerEvent: round(first.conditionsPerEvent),
    parseUs: round(parseUs),
    matchUs: round(matchUs),
    matchFirstUs: round(of(({ passes }) => passes[0]!.matchUs)),
    matchToParse: round(matchUs / floorUs),
    totalToParse: round((matchUs + parseUs) / floorUs),
    matchToOwnParse: round(matchUs / parseUs),
    loadMs: Math.round(of(({ loadMs }) => loadMs)),
    buildMs: Math.round(of(({ passes }) => warm(passes, 'buildMs'))),
  }
}

const KINDS: Record<string, Partial<MatchTask>> = QUICK
  ? { 'first seen': {} }
  : {
      'first seen': {},
      'first seen, gates chosen on the other half': { calibrated: true },
      'high cardinality': { stream: 'high-cardinality' },
      'ECS, as production sees them': { stream: 'ecs' },
    }
const rounds = QUICK ? 1 : ROUNDS
const floors: Record<MatchTask['stream'], number[]> = { real: [], 'high-cardinality': [], ecs: [] }
const runs: Record<string, MatchFigures[]> = {}
let bytesMean = 0
const measureFloor = (stream: MatchTask['stream']): void => {
  const floor = measured({ measure: 'floor', stream }) as FloorFigures
  floors[stream].push(warm(floor.passes, 'parseUs'))
  bytesMean = floor.bytesMean
}
for (let i = 0; i < rounds; i++) {
  for (const stream of QUICK ? (['real'] as const) : (['real', 'high-cardinality'] as const)) measureFloor(stream)
  for (const [kind, of] of Object.entries(KINDS)) (runs[kind] ??= []).push(measured(of) as MatchFigures)
}
if (QUICK) measureFloor('real')
// Events as production sees them came as the same lines: what they are measured by is J of those.
floors.ecs = floors.real
const rows = Object.entries(KINDS).map(([kind, { stream = 'real' }]) =>
  rowOf(kind, runs[kind]!, median(floors[stream])),
)
const floorUs = median(floors.real)
const figures: Record<string, unknown> = {
  boundTo,
  events: runs['first seen']![0]!.events,
  bytesMean,
  unwitnessed: runs['first seen']![0]!.unwitnessed,
  floorUs: round(floorUs),
  floorHighCardinalityUs: QUICK ? undefined : round(median(floors['high-cardinality'])),
  rows,
}

if (!QUICK) {
  const naive = (['real', 'high-cardinality', 'ecs'] as const).map((stream) => ({
    stream,
    ...(measured({ measure: 'naive', stream }) as { events: number; matches: number; matchUs: number }),
  }))
  figures['naive'] = naive.map(({ stream, events, matches, matchUs }) => ({
    stream,
    events,
    matches,
    matchUs: Math.round(matchUs),
    timesFloor: Math.round(matchUs / floorUs),
  }))
  figures['growth'] = SIZES.map((rules) => {
    const run = rules === 'all' ? runs['first seen']! : [measured({ rules }) as MatchFigures]
    return rowOf(rules, run, floorUs)
  })
  figures['memory'] = (['all', '5x'] as const).map((rules) => ({
    size: rules,
    ...(measured({ measure: 'memory', rules }) as Record<string, number>),
  }))
}
process.stdout.write(`${JSON.stringify(figures, null, 2)}\n${shown(rows)}\n`)
if (!QUICK) process.stdout.write(`${shown(figures['growth'] as Row[])}\n${record('match', figures)}\n`)

function shown(of: readonly Row[]): string {
  return table(
    [
      'events',
      'rules',
      'matches',
      'parse µs',
      'match µs (first pass)',
      'match ÷ J',
      'total ÷ J',
      'load ms',
      'build ms',
    ],
    of.map((row) => [
      row.stream,
      row.rules,
      row.matches,
      row.parseUs,
      `${row.matchUs} (${row.matchFirstUs})`,
      row.matchToParse,
      row.totalToParse,
      row.loadMs,
      row.buildMs,
    ]),
  )
}
