import type { RuleDraft } from '../draft.ts'
import { required } from '../parameters.ts'
import type { StepCondition } from '../transformation.ts'

export default {
  parameters: ['tag'],
  read(condition) {
    const tag = required(condition, 'tag').toLowerCase()
    return ({ rule }) => rule.tags.some((own) => own.toLowerCase() === tag)
  },
} satisfies StepCondition<RuleDraft>
