import type { Check } from '../check.ts'
import { excludedBy } from '../dormant.ts'
import type { Literal } from '../logic/terms.ts'
import { shownLiteral } from '../logic/shown.ts'

/** What the rule asks for is what no event of its log source has: `EventID: 4624` of category process_creation. */
export default {
  *check({ rows, terms }) {
    if (rows.length === 0 || terms === undefined || terms.length === 0) return
    let found: Literal | undefined
    for (const row of rows) {
      for (const term of terms) {
        const own = term.find((literal) => excludedBy(row, literal))
        if (own === undefined) return
        found ??= own
      }
    }
    if (found !== undefined) {
      yield { message: `no event of the rule's log source has ${shownLiteral(found)}`, at: found.at }
    }
  },
} satisfies Check
