import { valueOf } from '../item-values.ts'
import type { ItemSubject } from '../subject.ts'
import type { StepCondition } from '../transformation.ts'
import { quantity } from '../value-quantity.ts'

export default {
  parameters: ['cond'],
  read(condition) {
    const of = quantity(condition)
    return ({ item: { values } }) =>
      of(values.flatMap(({ alternatives }) => alternatives.map((test) => valueOf(test).kind === 'null')))
  },
} satisfies StepCondition<ItemSubject>
