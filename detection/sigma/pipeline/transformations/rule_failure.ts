import { RuleError } from '../../../errors.ts'
import { required } from '../parameters.ts'
import type { Transformation } from '../transformation.ts'

/** Refuses the rule, with this message. */
export default {
  parameters: ['message'],
  read(step) {
    const message = required(step, 'message')
    return {
      about: 'rule',
      apply() {
        throw new RuleError('bad_rule', message)
      },
    }
  },
} satisfies Transformation
