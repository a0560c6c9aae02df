import { required } from '../parameters.ts'
import type { Transformation } from '../transformation.ts'

/** An attribute that `rule_attribute` finds afterwards. */
export default {
  parameters: ['attribute', 'value'],
  read(step) {
    const [attribute, value] = [required(step, 'attribute'), required(step, 'value')]
    return {
      about: 'rule',
      apply(draft) {
        draft.attributes.set(attribute, value)
      },
    }
  },
} satisfies Transformation
