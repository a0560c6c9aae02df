import type { Check } from '../check.ts'
import { canProduce } from '../fields.ts'

/** A field that no event of the rule's log sources has: a typing error, or a pipeline that is missing. */
export default {
  *check({ rule, mapped, rows }) {
    if (rows.length === 0) return // no events at all: said elsewhere
    const written = new Map([...rule.selections.values()].flat(2).map(({ at, field }) => [at, field]))
    const seen = new Set([''])
    for (const name of rule.selections.keys()) {
      for (const item of mapped.selections.get(name)?.flat() ?? []) {
        const field = item.at === undefined ? '' : (written.get(item.at) ?? '')
        if (seen.has(field)) continue // also what a pipeline made, which its author answers for
        seen.add(field)
        const names = mapped.eventFields(item.field)
        if (names.some((one) => rows.some((row) => canProduce(row, one)))) continue
        const shown = names.length === 1 && names[0] === field ? `'${field}'` : `'${field}' (${names.join(', ')})`
        yield { message: `no event of the rule's log source has ${shown}`, at: item.at }
      }
    }
  },
} satisfies Check
