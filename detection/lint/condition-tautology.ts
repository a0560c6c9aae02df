import type { Check } from '../check.ts'
import { verdictOf } from '../logic/truth.ts'

/** The condition holds for every event of the log source, whatever its selections do. */
export default {
  *check({ rule, inCondition }) {
    if (verdictOf(rule.condition) !== true) return
    yield { message: 'the condition holds for every event, whatever its selections do', at: inCondition('') }
  },
} satisfies Check
