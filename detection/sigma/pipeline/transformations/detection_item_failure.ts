import { RuleError } from '../../../errors.ts'
import { required } from '../parameters.ts'
import type { Transformation } from '../transformation.ts'

/** Refuses the rule for the sake of an item, with this message. */
export default {
  parameters: ['message'],
  read(step) {
    const message = required(step, 'message')
    return {
      about: 'item',
      replace(item) {
        throw new RuleError('bad_rule', `${item.field === '' ? 'keywords' : `'${item.field}'`}: ${message}`)
      },
    }
  },
} satisfies Transformation
