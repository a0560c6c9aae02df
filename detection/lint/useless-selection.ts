import type { Check } from '../check.ts'
import { idleNames, verdictOf } from '../logic/truth.ts'

/** A selection that the condition names, and on which nothing depends: `a or (a and b)`. */
export default {
  *check({ rule, inCondition }) {
    if (verdictOf(rule.condition) !== undefined) return // said elsewhere
    for (const name of idleNames(rule.condition)) {
      yield { message: `whether '${name}' holds makes no difference to the condition`, at: inCondition(name) }
    }
  },
} satisfies Check
