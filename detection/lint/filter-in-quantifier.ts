import type { Check } from '../check.ts'
import { positiveNames } from '../logic/truth.ts'

/** `1 of them` takes selections named `filter…` for more of what is looked for. */
export default {
  *check({ rule, quantifiers, inCondition }) {
    const wanted = positiveNames(rule.condition)
    for (const word of quantifiers) {
      if (word !== 'them') continue
      for (const name of wanted) {
        if (!/^_?filter/i.test(name)) continue
        yield {
          message: `'of them' also asks for '${name}'; name the selections that are meant`,
          at: inCondition('them'),
        }
      }
    }
  },
} satisfies Check
