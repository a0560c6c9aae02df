import { strict as assert } from 'node:assert'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { boundTo, median, runFresh, runOnOneCore, YOUNG } from './fresh-process.ts'
import { causeOf } from './peers/causes.ts'
import { differences, type Difference } from './peers/differences.ts'
import { buildPeers, commandLineUs, CORRELATION_RULES, type Peer, type PeerFigures } from './peers/engines.ts'
import { prepareLanes, REAL, RULES, shortLane, type Lane } from './peers/lanes.ts'
import type { OwnTask } from './peers/vong-gac.ts'
import { record, table } from './record.ts'
import { hasCorpus } from './sigmahq.ts'

// Our engine and its peers on the same lanes of events with the same rules: fresh processes in turns on one core, CPU time,
// caches emptied between passes, matches compared rule by rule. BENCH_LANES=a,b measures only those.
const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 3)
/** Passes of a process: ours is compiled as it runs, and the first passes pay for it. */
const OWN_PASSES = 30
const OWN_WARMING = 15
/** Of the correlation lane: what an alert takes runs seldom and is compiled late. */
const CORRELATION_PASSES = 80
const CORRELATION_WARMING = 40
const PEER_PASSES = 3
const SHORT_EVENTS = 300
const CORRELATION = 'correlation'
const LIGHT_BYTES = 300
/** Total throughput against routed rsigma that each lane must reach; others, 1.5. */
const WANTED: Record<string, number> = {
  structured_windows: 3,
  match_heavy: 3,
  sysmon_file_event: 3,
  no_match: 1,
}

interface Cost {
  parseUs: number
  matchUs: number
  totalUs: number
  matches: number
}

interface LaneResult {
  lane: string
  events: number
  bytesMean: number
  /** J: `JSON.parse` alone. */
  floorUs: number
  costs: Record<string, Cost>
  /** From routed rsigma, and on its first events from sigma-rust, over the rules that both load. */
  differences: Record<'rsigma' | 'sigmaRust', Difference[]>
  /** µs of rsigma's command line, routed, of reading, evaluating and writing. */
  commandLineUs: number | undefined
  ratio: number
  wanted: number
  matchToFloor: number
  verdict: string
}

if (!hasCorpus) {
  process.stdout.write('the corpus is absent: set VONGGAC_SHARED\n')
  process.exit(2)
}

const round = (value: number, digits = 2): number => Number(value.toFixed(digits))
const OWN = 'peers/vong-gac.js'
const own = (task: OwnTask): PeerFigures => runFresh(OWN, task, [YOUNG]) as PeerFigures

function ran(peer: Peer, lane: Lane, mode: string, passes: number, matches?: string): PeerFigures {
  assert.ok('program' in peer)
  const rules = mode === CORRELATION ? CORRELATION_RULES : RULES
  const args = [rules, lane.path, mode, String(passes), ...(matches === undefined ? [] : [matches])]
  return runOnOneCore(peer.program, args) as PeerFigures
}

/** The middle pass of every process, and the middle one of those; all must have found the same. */
function costOf(runs: readonly PeerFigures[], skip = 0): Cost {
  const { matches } = runs[0]!
  for (const run of runs) assert.equal(run.matches, matches, 'processes differ in their matches')
  const of = (value: (pass: PeerFigures['passes'][number]) => number): number =>
    median(runs.map(({ passes }) => median(passes.slice(Math.min(skip, passes.length - 1)).map(value))))
  return {
    parseUs: round(of(({ parseUs }) => parseUs)),
    matchUs: round(of(({ matchUs }) => matchUs)),
    totalUs: round(of(({ parseUs, matchUs }) => parseUs + matchUs)),
    matches,
  }
}

const peers = buildPeers()
const lanes = await prepareLanes()
const chosen = process.env['BENCH_LANES']?.split(',')
const scratch = mkdtempSync(join(tmpdir(), 'vong-gac-peers-'))
const versions = Object.values(peers).map((peer) => ({
  name: peer.name,
  version: peer.version,
  ...('absent' in peer && { absent: peer.absent }),
}))
for (const { name, version, ...rest } of versions) {
  if ('absent' in rest) process.stderr.write(`absent: ${name} ${version}: ${rest.absent}\n`)
}
if ('absent' in peers.rsigma) {
  process.stdout.write('rsigma could not be built: there is nothing to compare with\n')
  process.exit(2)
}

function measureLane(lane: Lane): LaneResult {
  const long = lane.name === REAL
  const rounds = long ? Math.min(ROUNDS, 3) : ROUNDS
  const runs: Record<string, PeerFigures[]> = { floor: [], ours: [], 'rsigma default': [], 'rsigma routed': [] }
  const [ownMatches, peerMatches, shortMatches] = ['ours', 'rsigma', 'sigma-rust'].map((name) =>
    join(scratch, name),
  ) as [string, string, string]
  const task = { events: lane.path, passes: long ? 4 : OWN_PASSES }
  const warming = long ? 1 : OWN_WARMING
  for (let i = 0; i < rounds; i++) {
    const last = i === rounds - 1
    runs['floor']!.push({ ...own({ ...task, mode: 'floor' }), matches: 0 })
    runs['ours']!.push(own({ ...task, mode: 'match', ...(last && { matches: ownMatches }) }))
    runs['rsigma default']!.push(ran(peers.rsigma, lane, 'default', long ? 1 : PEER_PASSES))
    runs['rsigma routed']!.push(ran(peers.rsigma, lane, 'routed', PEER_PASSES, last ? peerMatches : undefined))
  }
  const costs: Record<string, Cost> = {
    ours: costOf(runs['ours']!, warming),
    'rsigma default': costOf(runs['rsigma default']!),
    'rsigma routed': costOf(runs['rsigma routed']!),
  }
  if ('program' in peers.sigmaRust) {
    const short = shortLane(lane, SHORT_EVENTS)
    runs['sigma-rust'] = [ran(peers.sigmaRust, short, 'routed', 1, shortMatches)]
    costs[`sigma-rust, first ${SHORT_EVENTS}`] = costOf([ran(peers.sigmaRust, short, 'default', 1)])
    costs[`sigma-rust routed, first ${SHORT_EVENTS}`] = costOf(runs['sigma-rust'])
  }
  const floorUs = costOf(runs['floor']!, warming).parseUs
  const throughCommandLine = long ? undefined : commandLineUs(peers.rsigmaCli, lane.path, lane.events, scratch)
  const ownIds = new Set(runs['ours']![0]!.ids)
  const compare = (theirs: PeerFigures | undefined, matches: string, events: number): Difference[] => {
    if (theirs === undefined) return []
    const ids = new Set(theirs.ids)
    return differences(ownMatches, matches, (id) => ownIds.has(id) && ids.has(id), events)
  }
  const wanted = WANTED[lane.name] ?? 1.5
  const ratio = costs['rsigma routed']!.totalUs / costs['ours']!.totalUs
  const light = lane.bytesMean < LIGHT_BYTES
  const cheap = !light || costs['ours']!.matchUs <= 1.5
  return {
    lane: lane.name,
    events: lane.events,
    bytesMean: lane.bytesMean,
    floorUs,
    costs,
    differences: {
      rsigma: compare(runs['rsigma routed']![0], peerMatches, lane.events),
      sigmaRust: compare(runs['sigma-rust']?.[0], shortMatches, SHORT_EVENTS),
    },
    commandLineUs: throughCommandLine === undefined ? undefined : round(throughCommandLine),
    ratio: round(ratio),
    wanted,
    matchToFloor: round(costs['ours']!.matchUs / floorUs),
    verdict: [
      ratio >= wanted ? `${wanted}x reached` : `${wanted}x missed`,
      ...(light ? [cheap ? 'match within 1.5 µs' : 'match over 1.5 µs'] : []),
    ].join(', '),
  }
}

function measureCorrelation(lane: Lane): Record<string, unknown> {
  const ours: PeerFigures[] = []
  const theirs: PeerFigures[] = []
  for (let i = 0; i < ROUNDS; i++) {
    ours.push(own({ events: lane.path, mode: CORRELATION, passes: CORRELATION_PASSES }))
    theirs.push(ran(peers.rsigma, lane, CORRELATION, PEER_PASSES))
  }
  const [a, b] = [costOf(ours, CORRELATION_WARMING), costOf(theirs)]
  return {
    lane: lane.name,
    events: lane.events,
    ours: { us: a.matchUs, eventsPerSecond: Math.round(1e6 / a.matchUs), versions: a.matches, alerts: ours[0]!.alerts },
    rsigma: { us: b.matchUs, eventsPerSecond: Math.round(1e6 / b.matchUs), results: b.matches },
    ratio: round(b.matchUs / a.matchUs),
    verdict: a.matchUs <= 1e6 / 300_000 ? '300,000 a second reached' : '300,000 a second missed',
  }
}

const results: LaneResult[] = []
let correlation: Record<string, unknown> | undefined
for (const lane of lanes) {
  if (chosen !== undefined && !chosen.includes(lane.name)) continue
  process.stderr.write(`${lane.name}\n`)
  if (lane.name === CORRELATION) correlation = measureCorrelation(lane)
  else results.push(measureLane(lane))
}
rmSync(scratch, { recursive: true })

const show = (cost: Cost | undefined): string =>
  cost === undefined ? 'absent' : `${cost.parseUs} + ${cost.matchUs} (${cost.matches})`
const text = [
  'µs of CPU per event: parse + match (pairs of event and rule)',
  table(
    [
      'lane',
      'bytes',
      'J',
      'ours',
      'rsigma routed',
      'rsigma default',
      'command line of rsigma, routed',
      `sigma-rust routed, first ${SHORT_EVENTS}`,
      'times routed rsigma',
      'match ÷ J',
      'verdict',
    ],
    results.map((result) => [
      result.lane,
      result.bytesMean,
      result.floorUs,
      show(result.costs['ours']),
      show(result.costs['rsigma routed']),
      show(result.costs['rsigma default']),
      result.commandLineUs ?? 'not run',
      show(result.costs[`sigma-rust routed, first ${SHORT_EVENTS}`]),
      result.ratio,
      result.matchToFloor,
      result.verdict,
    ]),
  ),
  ...results.flatMap(({ lane, differences: found }) =>
    Object.entries(found).flatMap(([peer, rules]) =>
      rules.map(
        ({ rule, onlyOurs, onlyTheirs, firstEvent }) =>
          `${lane}, ${peer}: ${rule} only ours ${onlyOurs}, only theirs ${onlyTheirs}, first at event ${firstEvent}: ${causeOf(peer, rule)}`,
      ),
    ),
  ),
  ...(correlation === undefined ? [] : [`correlation: ${JSON.stringify(correlation)}`]),
].join('\n')
process.stdout.write(`${text}\n`)
if (chosen === undefined) {
  process.stdout.write(`${record('peers', { boundTo, versions, results, correlation })}\n`)
}
