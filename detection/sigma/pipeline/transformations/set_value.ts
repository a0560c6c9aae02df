import { RuleError } from '../../../errors.ts'
import { readValue } from '../../value.ts'
import { offsetOf } from '../../yaml.ts'
import { withValues } from '../item-values.ts'
import { oneOf, optional, valueIn } from '../parameters.ts'
import type { Transformation } from '../transformation.ts'

/** Every value becomes this one; `force_type` makes it text or a number. */
export default {
  parameters: ['value', 'force_type'],
  read(step) {
    const written = valueIn(step, 'value')
    const text = optional(step, 'value')
    const type = oneOf(step, 'force_type', ['str', 'num', 'own'], 'own')
    if (type !== 'own' && (text === undefined || 'boolean' in written)) {
      throw new RuleError('bad_pipeline', 'force_type takes a string or a number', offsetOf(step))
    }
    if (type === 'num' && !/^[+-]?\d+(?:\.\d+)?$/.test(text!)) {
      throw new RuleError('bad_pipeline', `'${text}' is no number`, offsetOf(step))
    }
    const value = readValue(type === 'str' ? { text: text! } : type === 'num' ? { number: text! } : written)
    return {
      about: 'item',
      replace(item) {
        const set = withValues(item, () => [value], text ?? 'null')
        return set && [set]
      },
    }
  },
} satisfies Transformation
