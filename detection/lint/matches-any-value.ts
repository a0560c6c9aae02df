import type { Check } from '../check.ts'
import { matchesAny } from '../logic/tests.ts'

/** A pattern that every value of the field satisfies, so that the item only asks for the field. */
export default {
  *check({ rule }) {
    for (const item of [...rule.selections.values()].flat(2)) {
      for (const { written, alternatives, at } of item.values) {
        if (!alternatives.some(matchesAny)) continue
        const message =
          item.field === ''
            ? `the keyword '${written}' is in every event`
            : `'${written}' matches every value of '${item.field}'; '${item.field}|exists: true' says that`
        yield { message, at }
      }
    }
  },
} satisfies Check
