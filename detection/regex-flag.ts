import { RuleError } from './errors.ts'
import type { Modifier } from './modifier.ts'

/** A modifier that sets a flag of the regular expression before it. */
export function regexFlag(flag: 'i' | 'm' | 's'): Modifier {
  return {
    value(value) {
      if (value.kind !== 'regex') throw new RuleError('bad_modifier', `${flag} belongs after re`)
      return { ...value, flags: new Set([...value.flags, flag]) }
    },
  }
}
