import { RuleError } from '../../../errors.ts'
import { offsetOf } from '../../yaml.ts'
import type { Transformation } from '../transformation.ts'

/** Refused by name, with what to do instead. */
export default {
  parameters: [],
  read(step) {
    throw new RuleError(
      'bad_pipeline',
      "http_placeholders would read outside the rules: list the values in 'vars'",
      offsetOf(step),
    )
  },
} satisfies Transformation
