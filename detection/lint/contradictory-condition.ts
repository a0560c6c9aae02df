import type { Check } from '../check.ts'
import { conflict, type Literal, type Term } from '../logic/terms.ts'
import { shownLiteral } from '../logic/shown.ts'
import { verdictOf } from '../logic/truth.ts'

/** The condition asks for selections that exclude each other, in every way in which it could hold. */
export default {
  *check({ rule, terms, inCondition }) {
    if (verdictOf(rule.condition) === false) {
      yield { message: 'the condition can never hold, whatever its selections do', at: inCondition('') }
      return
    }
    if (terms === undefined || terms.length === 0) return
    const pairs = terms.map(conflictAcross)
    const [pair] = pairs
    if (pair === undefined || pairs.includes(undefined)) return
    const [first, second] = pair
    const message = `'${second.selection}' and '${first.selection}' can never hold together: ${shownLiteral(second)} against ${shownLiteral(first)}`
    yield { message, at: inCondition(second.selection) }
  },
} satisfies Check

/** Two literals of different selections, both asked for, that exclude each other. */
function conflictAcross(term: Term): [Literal, Literal] | undefined {
  const wanted = term.filter(({ positive }) => positive)
  for (const [i, b] of wanted.entries()) {
    for (const a of wanted.slice(0, i)) if (a.selection !== b.selection && conflict(a, b)) return [a, b]
  }
  return undefined
}
