import type { RuleDraft } from '../draft.ts'
import { required, valueIn } from '../parameters.ts'
import { hasValue } from '../same-value.ts'
import type { StepCondition } from '../transformation.ts'

/** An item of the rule is about this field and has this value among its own. */
export default {
  parameters: ['field', 'value'],
  read(condition) {
    const field = required(condition, 'field')
    const holds = hasValue(valueIn(condition, 'value'))
    return ({ selections }) =>
      [...selections.values()]
        .flat(2)
        .some(({ item, branches }) => branches.some(({ name }) => name === field) && holds(item))
  },
} satisfies StepCondition<RuleDraft>
