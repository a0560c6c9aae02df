import type { Check } from '../check.ts'
import { conflict, type Literal } from '../logic/terms.ts'
import { shownLiteral } from '../logic/shown.ts'
import { negatedOnly } from '../logic/truth.ts'

/** A selection that the condition only negates and that can never hold where the rest of the condition does. */
export default {
  *check({ rule, terms, termsOf }) {
    if (terms === undefined) return
    for (const name of negatedOnly(rule.condition)) {
      const alternatives = termsOf(name)
      if (alternatives === undefined || alternatives.length === 0) continue
      const reached = terms.filter((term) => term.some(({ selection }) => selection === name))
      if (reached.length === 0) continue
      let pair: [Literal, Literal] | undefined
      const never = alternatives.every((alternative) =>
        reached.every((term) => {
          const wanted = term.filter(({ positive, selection }) => positive && selection !== name)
          const found = wanted.flatMap((a) => {
            const b = alternative.find((own) => conflict(a, own))
            return b === undefined ? [] : [[a, b] as [Literal, Literal]]
          })[0]
          pair ??= found
          return found !== undefined
        }),
      )
      if (!never || pair === undefined) continue
      const [wanted, own] = pair
      const message = `'${name}' filters nothing out: ${shownLiteral(own)} can never hold where ${shownLiteral(wanted)} of '${wanted.selection}' does`
      yield { message, at: own.at }
    }
  },
} satisfies Check
