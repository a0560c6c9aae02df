import type { Check } from '../check.ts'

/** A lone backslash, a star, a backslash: `C:\Users\*\Desktop`. */
const PATH_PART = /(?:^|[^\\])\\\*\\/

/** `\*` stands for a star itself; as a part of a path it was meant as a wildcard, which is written `\\*`. */
export default {
  *check({ rule }) {
    for (const { modifiers, values } of [...rule.selections.values()].flat(2)) {
      if (modifiers.includes('re')) continue
      for (const { written, at } of values) {
        if (PATH_PART.test(written)) {
          yield { message: String.raw`'\*' is a literal star here; a backslash and a wildcard are written '\\*'`, at }
        }
      }
    }
  },
} satisfies Check
