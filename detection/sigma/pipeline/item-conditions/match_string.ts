import { textsIn } from '../item-values.ts'
import { flag, required } from '../parameters.ts'
import { startMatcher } from '../python-regex.ts'
import type { ItemSubject } from '../subject.ts'
import type { StepCondition } from '../transformation.ts'
import { quantity } from '../value-quantity.ts'

/** Strings match a regular expression from their start; what is no string does not, and `negate` turns each answer round. */
export default {
  parameters: ['cond', 'pattern', 'negate'],
  read(condition) {
    const [of, matches] = [quantity(condition), startMatcher(required(condition, 'pattern'), condition)]
    const isNegated = flag(condition, 'negate')
    return ({ item }) => of(textsIn(item).map((text) => (text !== undefined && matches(text)) !== isNegated))
  },
} satisfies StepCondition<ItemSubject>
