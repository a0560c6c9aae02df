import type { Check } from '../check.ts'
import { conflictOf } from '../logic/terms.ts'
import { shownLiteral } from '../logic/shown.ts'

/** Two items of one mapping that no event can satisfy together: that alternative of the selection never holds. */
export default {
  *check({ rule, termsOf }) {
    for (const name of rule.selections.keys()) {
      for (const term of termsOf(name) ?? []) {
        const [first, second] = conflictOf(term) ?? []
        if (first === undefined || second === undefined) continue
        const message = `'${name}': ${shownLiteral(second)} can never hold together with ${shownLiteral(first)}`
        yield { message, at: second.at }
      }
    }
  },
} satisfies Check
