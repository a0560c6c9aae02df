import { parseText } from '../../text.ts'
import { textValue } from '../../value.ts'
import { plainText, withValues } from '../item-values.ts'
import { mapping } from '../parameters.ts'
import type { Transformation } from '../transformation.ts'

/** `mapping: {string: new}`, or `[new, …]`, of which one must match; by the string as it stands after the rule's modifiers. */
export default {
  parameters: ['mapping'],
  read(step) {
    const strings = mapping(step, 'mapping')
    return {
      about: 'item',
      replace(item) {
        const mapped = withValues(item, (value) =>
          value.kind === 'text'
            ? strings.get(plainText(value.parts))?.map((text) => textValue(parseText(text), value.cased))
            : undefined,
        )
        return mapped && [mapped]
      },
    }
  },
} satisfies Transformation
