import { required } from '../parameters.ts'
import type { Transformation } from '../transformation.ts'

export default {
  parameters: ['prefix'],
  read(step) {
    const prefix = required(step, 'prefix')
    return { about: 'name', rename: (name) => [prefix + name] }
  },
} satisfies Transformation
