import { mapping } from '../parameters.ts'
import type { Transformation } from '../transformation.ts'

/** `mapping: {name: new}`, or `[new, …]` for a field that is looked up in several. */
export default {
  parameters: ['mapping'],
  read(step) {
    const names = mapping(step, 'mapping')
    return { about: 'name', rename: (name) => names.get(name) }
  },
} satisfies Transformation
