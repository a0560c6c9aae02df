import { RuleError } from '../../../errors.ts'
import { canonicalNumber } from '../../scalar.ts'
import { textValue } from '../../value.ts'
import { plainText, withValues } from '../item-values.ts'
import { oneOf } from '../parameters.ts'
import type { Transformation } from '../transformation.ts'

/** `target_type: str` makes text of numbers, `num` numbers of text; a text that is none refuses the rule. */
export default {
  parameters: ['target_type'],
  read(step) {
    const target = oneOf(step, 'target_type', ['str', 'num'])
    return {
      about: 'item',
      replace(item) {
        const converted = withValues(item, (value) => {
          if (target === 'str') return value.kind === 'number' ? [textValue([value.text], false)] : undefined
          if (value.kind !== 'text') return undefined
          const text = plainText(value.parts)
          if (canonicalNumber(text) === undefined)
            throw new RuleError('bad_rule', `'${text}' of '${item.field}' is no number`)
          return [{ kind: 'number', text }]
        })
        return converted && [converted]
      },
    }
  },
} satisfies Transformation
