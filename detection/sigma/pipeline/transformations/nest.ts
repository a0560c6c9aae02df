import { RuleError } from '../../../errors.ts'
import { entryOf, offsetOf } from '../../yaml.ts'
import type { Transformation } from '../transformation.ts'

/** `items`: steps that run where the conditions of this one hold. */
export default {
  parameters: ['items'],
  read(step, readSteps) {
    const items = entryOf(step, 'items')
    if (!items?.value) throw new RuleError('bad_pipeline', "nest needs 'items'", offsetOf(step))
    return { about: 'steps', steps: readSteps(items.value) }
  },
} satisfies Transformation
