import type { Modifier } from '../modifier.ts'

/** Sigma spec 2.1, «neq»: the whole item is negated, so it also holds for an event without the field. */
export default {
  item(traits) {
    traits.negated = true
  },
} satisfies Modifier
