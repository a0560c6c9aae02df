import type { Transformation } from '../transformation.ts'

/** About the `fields` that a rule suggests to show, which nothing here reads: it changes nothing. */
export default {
  parameters: ['field'],
  read: () => ({ about: 'steps', steps: [] }),
} satisfies Transformation
