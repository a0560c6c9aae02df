import type { Check } from '../check.ts'
import { conflict, type Literal, type Term } from '../logic/terms.ts'
import { shownLiteral } from '../logic/shown.ts'

/** A negated selection takes away all that the others let through: the rule never matches. */
export default {
  *check({ terms, inCondition }) {
    if (terms === undefined || terms.length === 0) return
    const pairs = terms.map(coveredBy)
    const [pair] = pairs
    if (pair === undefined || pairs.includes(undefined)) return
    const [wanted, filter] = pair
    const message = `'${filter.selection}' takes away all that '${wanted.selection}' lets through: ${shownLiteral(wanted)} always means ${shownLiteral(filter)}`
    yield { message, at: inCondition(filter.selection) }
  },
} satisfies Check

function coveredBy(term: Term): [Literal, Literal] | undefined {
  const [wanted, unwanted] = [term.filter(({ positive }) => positive), term.filter(({ positive }) => !positive)]
  for (const b of unwanted) for (const a of wanted) if (conflict(a, b)) return [a, b]
  return undefined
}
