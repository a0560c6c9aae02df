import type { Transformation } from '../transformation.ts'

/** The item is as if it had never been written; a selection left empty goes too, and with it its part of the condition. */
export default {
  parameters: [],
  read: () => ({ about: 'item', replace: () => [] }),
} satisfies Transformation
