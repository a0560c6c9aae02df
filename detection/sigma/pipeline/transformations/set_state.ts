import { required } from '../parameters.ts'
import type { Transformation } from '../transformation.ts'

/** Remembers a value until the rule has passed all pipelines, for `processing_state`. */
export default {
  parameters: ['key', 'val'],
  read(step) {
    const [key, value] = [required(step, 'key'), required(step, 'val')]
    return {
      about: 'rule',
      apply(draft) {
        draft.state = new Map([...draft.state, [key, value]])
      },
    }
  },
} satisfies Transformation
