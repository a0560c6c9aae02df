import type { Modifier } from '../modifier.ts'

/** Sigma spec, «all»: the values of a list are joined by AND. Alternatives that another modifier made stay alternatives. */
export default {
  item(traits) {
    traits.all = true
  },
} satisfies Modifier
