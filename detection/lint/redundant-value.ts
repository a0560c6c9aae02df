import type { Check } from '../check.ts'
import { implies, matchesAny } from '../logic/tests.ts'
import type { ItemValue } from '../sigma/rule.ts'

/** Values of a list that change nothing beside others: of alternatives the narrower, of `all` the wider ones. Told once a list. */
export default {
  *check({ rule }) {
    for (const { values, all } of [...rule.selections.values()].flat(2)) {
      if (values.length === 1 || values.length > VALUES_MAX) continue
      if (values.some(({ alternatives }) => alternatives.some(matchesAny))) continue // said elsewhere
      const idle = values.flatMap((value) => {
        const by = values.find(
          (one) => one !== value && (all ? within(one, value) : within(value, one)) && !same(value, one),
        )
        return by === undefined ? [] : [{ value, by }]
      })
      const [first] = idle
      if (first === undefined) continue
      const { value, by } = first
      const more = idle.length > 1 ? `; ${idle.length - 1} more like it` : ''
      const message = all
        ? `'${value.written}' always holds where '${by.written}' does`
        : `'${value.written}' is covered by '${by.written}'`
      yield { message: message + more, at: value.at }
    }
  },
} satisfies Check

/** Every value is held against every other. */
const VALUES_MAX = 300

const same = (a: ItemValue, b: ItemValue): boolean => within(a, b) && within(b, a)

function within(inner: ItemValue, outer: ItemValue): boolean {
  return inner.alternatives.length > 0 && inner.alternatives.every((a) => outer.alternatives.some((b) => implies(a, b)))
}
