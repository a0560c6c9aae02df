import { valueOf } from '../item-values.ts'
import type { ItemSubject } from '../subject.ts'
import type { StepCondition } from '../transformation.ts'
import { quantity } from '../value-quantity.ts'

/** Strings with a wildcard, also one that a modifier such as `contains` put there. */
export default {
  parameters: ['cond'],
  read(condition) {
    const of = quantity(condition)
    return ({ item: { values } }) =>
      of(
        values.flatMap(({ alternatives }) =>
          alternatives.map((test) => {
            const value = valueOf(test)
            return value.kind === 'text' && value.parts.some((part) => typeof part !== 'string')
          }),
        ),
      )
  },
} satisfies StepCondition<ItemSubject>
