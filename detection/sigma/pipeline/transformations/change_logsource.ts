import { logSourceIn } from '../../logsource.ts'
import type { Transformation } from '../transformation.ts'

/** The rule's log source becomes this one, whole: what is not given here is gone. */
export default {
  parameters: ['product', 'category', 'service'],
  read(step) {
    const logsource = logSourceIn(step)
    return {
      about: 'rule',
      apply(draft) {
        draft.logsource = logsource
      },
    }
  },
} satisfies Transformation
