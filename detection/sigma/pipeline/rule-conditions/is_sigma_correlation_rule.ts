import type { RuleDraft } from '../draft.ts'
import type { StepCondition } from '../transformation.ts'

/** Never so: pipelines see detection rules only. */
export default {
  parameters: [],
  read: () => () => false,
} satisfies StepCondition<RuleDraft>
