import { mapping } from '../parameters.ts'
import type { Transformation } from '../transformation.ts'

/** `mapping: {start: new start}`; the first that fits counts. */
export default {
  parameters: ['mapping'],
  read(step) {
    const starts = [...mapping(step, 'mapping')]
    return {
      about: 'name',
      rename(name) {
        const found = starts.find(([from]) => name.startsWith(from))
        return found?.[1].map((to) => to + name.slice(found[0].length))
      },
    }
  },
} satisfies Transformation
