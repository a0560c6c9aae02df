// What this engine finds, for pysigma_check.py: first a line with the site values of placeholders, then one line per event,
// {event, sources, matches}: the events of the regression cases, and every so-manieth of the Windows events.
//   npm run build && node test/oracle/our-matches.mjs 50 | <venv>/bin/python test/oracle/pysigma_check.py <rules>
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'

const { DATA, flatEvent, hasCorpus, loadFlat, shipped, sigmaHqRules, windowsEvents } =
  await import('../../dist/bench/sigmahq.js')
const { Engine } = await import('../../dist/detection/engine.js')
const { classifier } = await import('../../dist/detection/sigma/logsource.js')

if (!hasCorpus) {
  process.stderr.write('the corpus is absent: set VONGGAC_SHARED\n')
  process.exit(2)
}
const step = Number(process.argv[2] ?? 50)
const ruleSet = await loadFlat(sigmaHqRules())
const engine = new Engine(ruleSet)
const { classify } = classifier(ruleSet.logSources)
const cases = readdirSync(join(DATA, 'sigma-regression/flat')).flatMap((name) =>
  readFileSync(join(DATA, 'sigma-regression/flat', name), 'utf8')
    .trimEnd()
    .split('\n'),
)
const lines = [...cases, ...windowsEvents().filter((_line, i) => i % step === 0)]
const rows = []
process.stdout.write(`${JSON.stringify(parse(shipped('pipelines/placeholders.yml').text).vars)}\n`)
for (const line of lines) {
  const event = flatEvent(line)
  const sources = rows.slice(0, classify(event, rows)).flatMap((row) => ruleSet.logSources[row].sources)
  process.stdout.write(`${JSON.stringify({ event, sources, matches: engine.matches(event) })}\n`)
}
