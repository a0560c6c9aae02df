import type { RuleDraft } from '../draft.ts'
import { required } from '../parameters.ts'
import type { StepCondition } from '../transformation.ts'

/** A step of this id, whose rule conditions held, has run on the rule. */
export default {
  parameters: ['processing_item_id'],
  read(condition) {
    const id = required(condition, 'processing_item_id')
    return ({ applied }) => applied.has(id)
  },
} satisfies StepCondition<RuleDraft>
