import { required } from '../parameters.ts'
import type { Transformation } from '../transformation.ts'

export default {
  parameters: ['suffix'],
  read(step) {
    const suffix = required(step, 'suffix')
    return { about: 'name', rename: (name) => [name + suffix] }
  },
} satisfies Transformation
