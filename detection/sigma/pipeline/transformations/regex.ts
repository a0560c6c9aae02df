import { textValue } from '../../value.ts'
import { withValues } from '../item-values.ts'
import { oneOf } from '../parameters.ts'
import type { Transformation } from '../transformation.ts'

/**
 * For backends whose strings know no case: they get regular expressions instead. Here strings are compared without case
 * anyway, so two of the methods change nothing; `plain`, which tells case apart, makes them `cased`.
 */
export default {
  parameters: ['method'],
  read(step) {
    const method = oneOf(step, 'method', ['plain', 'ignore_case_flag', 'ignore_case_brackets'], 'ignore_case_brackets')
    return {
      about: 'item',
      replace(item) {
        const changed = withValues(item, (value) =>
          value.kind === 'text' ? [textValue(value.parts, value.cased || method === 'plain')] : undefined,
        )
        return changed && [changed]
      },
    }
  },
} satisfies Transformation
