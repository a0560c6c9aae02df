import { includes } from '../parameters.ts'
import type { Transformation } from '../transformation.ts'

/** Written in pipelines made for pySigma. The tables in `vars` are used without it, too. */
export default {
  parameters: ['include', 'exclude'],
  read(step) {
    includes(step)
    return { about: 'placeholders', wildcard: () => false }
  },
} satisfies Transformation
