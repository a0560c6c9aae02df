import type { RuleDraft } from '../draft.ts'
import type { StepCondition } from '../transformation.ts'

/** Always so: pipelines see detection rules; names in a correlation follow the rules it refers to. */
export default {
  parameters: [],
  read: () => () => true,
} satisfies StepCondition<RuleDraft>
