import { strict as assert } from 'node:assert'
import { Engine, loadRules } from '../detection/engine.ts'
import { evaluate } from '../detection/reference.ts'
import { classifier } from '../detection/sigma/logsource.ts'
import { covers } from '../detection/sigma/pipeline.ts'
import { record } from './record.ts'
import { flatEvent, flatTables, hasCorpus, sigmaHqRules, windowsEvents } from './sigmahq.ts'

// Matching all SigmaHQ rules ÷ JSON.parse of the same lines, every event seen once per round, in alternating chunks so
// that a drift of the machine's speed meets both. The answers are asserted first, against the slow evaluator on a sample.
const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 3)
const SAMPLE = 2003
/** Events held at a time: what a pipeline's batch holds, not the whole corpus. */
const CHUNK = 1000

if (!hasCorpus) {
  process.stdout.write('the corpus is absent: set VONGGAC_SHARED\n')
  process.exit(2)
}

const loading = performance.now()
const ruleSet = await loadRules([...sigmaHqRules(), ...flatTables()])
const loadMs = performance.now() - loading
const lines = windowsEvents()
const engine = new Engine(ruleSet)
const { classify } = classifier(ruleSet.logSources)
const rows: number[] = []
for (let i = 0; i < lines.length; i += SAMPLE) {
  const event = flatEvent(lines[i]!)
  const sources = rows.slice(0, classify(event, rows)).flatMap((row) => ruleSet.logSources[row]!.sources)
  const expected = ruleSet.network.rules.filter(
    ({ mapped }) => sources.some((source) => covers(mapped.logsource, source)) && evaluate(mapped, event),
  )
  assert.deepEqual(
    engine.matches(event),
    expected.map(({ rule }) => rule.id),
  )
}

const median = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1]!
const parseUs: number[] = []
const matchUs: number[] = []
let matches = 0
for (let round = 0; round < ROUNDS; round++) {
  let [parseMs, matchMs] = [0, 0]
  matches = 0
  for (let from = 0; from < lines.length; from += CHUNK) {
    const begun = performance.now()
    const events = lines.slice(from, from + CHUNK).map(flatEvent)
    const parsed = performance.now()
    for (const event of events) matches += engine.matches(event).length
    matchMs += performance.now() - parsed
    parseMs += parsed - begun
  }
  matchUs.push((matchMs * 1000) / lines.length)
  parseUs.push((parseMs * 1000) / lines.length)
}
const evaluated = Object.values(engine.stats().rules).reduce((sum, counters) => sum + counters.evaluated, 0)
const figures = {
  rules: ruleSet.rules.length,
  predicates: ruleSet.network.predicates.length,
  unwitnessed: ruleSet.unwitnessed.length,
  loadMs: Math.round(loadMs),
  events: lines.length,
  matches,
  conditionsPerEvent: Number((evaluated / lines.length / ROUNDS).toFixed(2)),
  parseUs: Number(median(parseUs).toFixed(2)),
  matchUs: Number(median(matchUs).toFixed(2)),
  matchToParse: Number((median(matchUs) / median(parseUs)).toFixed(2)),
  heapMb: Math.round(process.memoryUsage().heapUsed / 1e6),
}
process.stdout.write(`${JSON.stringify(figures, null, 2)}\n${record('match', figures)}\n`)
