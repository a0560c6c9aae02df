import type { Check } from '../check.ts'

/** Written like a Sigma pattern: no operator of regular expressions but `*` or `?` after an ordinary character. */
const GLOB =
  /^(?:[^.*+?()[\]{}|^$\\]|\\[^\w])*(?:[^.*+?()[\]{}|^$\\]|\\[^\w])[*?](?:[^.*+?()[\]{}|^$\\]|\\[^\w]|\.(?![*+?{])|(?<=[^*+?])[*?])*$/

/** A `re` value in which `*` or `?` stands where a wildcard was meant: there it repeats the character before it. */
export default {
  *check({ rule }) {
    for (const item of [...rule.selections.values()].flat(2)) {
      if (!item.modifiers.includes('re')) continue
      for (const { written, at } of item.values) {
        if (!GLOB.test(written)) continue
        yield { message: `in a regular expression * and ? repeat the character before them; a wildcard is .* or .`, at }
      }
    }
  },
} satisfies Check
