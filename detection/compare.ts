import { RuleError } from './errors.ts'
import type { Modifier } from './modifier.ts'
import { PRESENT, wholeText } from './test.ts'

/**
 * The numeric comparisons of Sigma: a field that is absent or no decimal number never matches. Beyond 2^53 both sides are
 * rounded to doubles, unlike equality.
 */
export function comparison(name: string, holds: (field: number, value: number) => boolean): Modifier {
  return {
    value(value) {
      const text = value.kind === 'number' ? value.text : undefined
      const limit = Number(text)
      if (text === undefined || Number.isNaN(limit)) throw new RuleError('bad_value', `${name} takes a number`)
      return {
        kind: 'test',
        test: {
          about: 'value',
          key: `${name}:${limit}`,
          holds: (subject) => subject.number !== null && holds(Number(subject.number), limit),
          gates: PRESENT,
          find: wholeText,
        },
      }
    },
  }
}
