import { entryOf } from '../../yaml.ts'
import { inLetterCase, LETTER_CASES } from '../letter-case.ts'
import { mapping, oneOf } from '../parameters.ts'
import type { Transformation } from '../transformation.ts'

/** pySigma takes a Python function here; in YAML it is one of three by name. What stands in `mapping` goes before it. */
export default {
  parameters: ['transform_func', 'mapping'],
  read(step) {
    const way = oneOf(step, 'transform_func', LETTER_CASES)
    const names = entryOf(step, 'mapping') === undefined ? undefined : mapping(step, 'mapping')
    return { about: 'name', rename: (name) => names?.get(name) ?? [inLetterCase(name, way)] }
  },
} satisfies Transformation
