import { covers, logSourceIn } from '../../logsource.ts'
import type { RuleDraft } from '../draft.ts'
import type { StepCondition } from '../transformation.ts'

/** The rule's log source has all that is given here. */
export default {
  parameters: ['product', 'category', 'service'],
  read(condition) {
    const wanted = logSourceIn(condition)
    return ({ logsource }) => covers(wanted, logsource)
  },
} satisfies StepCondition<RuleDraft>
