import type { RuleDraft } from '../draft.ts'
import { required } from '../parameters.ts'
import type { StepCondition } from '../transformation.ts'

/** An item of the rule is about this field, by the name it has by now. */
export default {
  parameters: ['field'],
  read(condition) {
    const field = required(condition, 'field')
    return ({ selections }) =>
      [...selections.values()].flat(2).some(({ branches }) => branches.some(({ name }) => name === field))
  },
} satisfies StepCondition<RuleDraft>
