import { includes } from '../parameters.ts'
import type { Transformation } from '../transformation.ts'

/** Placeholders that no `vars` have stand for anything: `%name%` becomes `*`. */
export default {
  parameters: ['include', 'exclude'],
  read: (step) => ({ about: 'placeholders', wildcard: includes(step) }),
} satisfies Transformation
