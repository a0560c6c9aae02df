import { expect, test } from 'vitest'
import { flatEvent, hasCorpus, loadFlat, sigmaHqRules, windowsEvents } from '../../bench/sigmahq.ts'
import { Engine } from '../../detection/engine.ts'
import { matchesOf } from '../../detection/reference.ts'

const reason = hasCorpus ? '' : ' (skipped: the optional SigmaHQ data is absent)'
/** EVENTS=500: the slow evaluator looks at one event of so many. */
const STEP = Number(process.env['EVENTS'] ?? 1)

test.skipIf(!hasCorpus)(
  `every rule on every real event: network and reference agree${reason}`,
  { timeout: 7_200_000 },
  async () => {
    const ruleSet = await loadFlat(sigmaHqRules())
    const engine = new Engine(ruleSet)
    const { rules } = ruleSet.network
    const differing: string[] = []
    let matches = 0
    windowsEvents().forEach((line, i) => {
      // Every event meets the engine, so that its memories are as they would be; the slow evaluator may be spared some.
      const own = flatEvent(line)
      const fast = engine.matches(own)
      if (i % STEP !== 0) return
      const slow = matchesOf(rules, ruleSet.logSources, own)
      matches += slow.length
      const wrong = [...fast.filter((id) => !slow.includes(id)), ...slow.filter((id) => !fast.includes(id))]
      for (const id of wrong)
        differing.push(`event ${i}: only the ${fast.includes(id) ? 'network' : 'reference'} matches ${id}`)
    })
    expect(differing.slice(0, 20)).toEqual([])
    expect(matches).toBeGreaterThan(0)
    process.stdout.write(`${rules.length} rules on one real event in ${STEP}: ${matches} matches, the same by both\n`)
  },
)
