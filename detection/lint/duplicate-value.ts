import type { Check } from '../check.ts'

/** A value that stands twice in one list; case does not tell values apart unless `cased` says so. */
export default {
  *check({ rule }) {
    for (const item of [...rule.selections.values()].flat(2)) {
      const seen = new Map<string, string>()
      for (const { written, alternatives, at } of item.values) {
        if (alternatives.length === 0) continue // an empty table of placeholders
        const key = alternatives.map((test) => test.key).join('\n')
        const former = seen.get(key)
        if (former === undefined) seen.set(key, written)
        else
          yield {
            message: former === written ? `'${written}' stands twice` : `'${written}' is the same as '${former}'`,
            at,
          }
      }
    }
  },
} satisfies Check
