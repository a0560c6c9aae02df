import { valueIn } from '../parameters.ts'
import { hasValue } from '../same-value.ts'
import type { ItemSubject } from '../subject.ts'
import type { StepCondition } from '../transformation.ts'
import { quantity } from '../value-quantity.ts'

export default {
  parameters: ['cond', 'value'],
  read(condition) {
    const [of, holds] = [quantity(condition), hasValue(valueIn(condition, 'value'))]
    return ({ item }) => of(item.values.map((value) => holds({ ...item, values: [value] })))
  },
} satisfies StepCondition<ItemSubject>
