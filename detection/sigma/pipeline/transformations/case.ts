import { textValue } from '../../value.ts'
import { withValues } from '../item-values.ts'
import { inLetterCase, LETTER_CASES } from '../letter-case.ts'
import { oneOf } from '../parameters.ts'
import type { Transformation } from '../transformation.ts'

/** Strings in another way of writing; lower and upper case only matter to values that are `cased`. */
export default {
  parameters: ['method'],
  read(step) {
    const way = oneOf(step, 'method', LETTER_CASES, 'lower')
    return {
      about: 'item',
      replace(item) {
        const changed = withValues(item, (value) =>
          value.kind === 'text'
            ? [
                textValue(
                  value.parts.map((part) => (typeof part === 'string' ? inLetterCase(part, way) : part)),
                  value.cased,
                ),
              ]
            : undefined,
        )
        return changed && [changed]
      },
    }
  },
} satisfies Transformation
