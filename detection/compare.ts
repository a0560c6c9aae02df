import { RuleError } from './errors.ts'
import type { Modifier } from './modifier.ts'
import { canonicalNumber, compareNumbers } from './sigma/scalar.ts'
import { PRESENT, wholeText } from './test.ts'

/** The numeric comparisons of Sigma: a field that is absent or no decimal number never matches. They are exact, beyond 2^53 too. */
export function comparison(name: string, holds: (order: number) => boolean): Modifier {
  return {
    value(value) {
      const limit = value.kind === 'number' ? canonicalNumber(value.text) : undefined
      if (limit === undefined) throw new RuleError('bad_value', `${name} takes a number`)
      return {
        kind: 'test',
        test: {
          about: 'value',
          key: `${name}:${limit}`,
          holds: (subject) => subject.number !== null && holds(compareNumbers(subject.number, limit)),
          gates: PRESENT,
          find: wholeText,
        },
      }
    },
  }
}
