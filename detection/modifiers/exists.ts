import { RuleError } from '../errors.ts'
import type { Modifier } from '../modifier.ts'

/** Sigma spec, «exists»: whether the event has the field, be it null or empty. */
export default {
  value(value, { field, modifiers }) {
    if (field === '') throw new RuleError('bad_modifier', 'exists needs a field')
    if (modifiers.length > 1) throw new RuleError('bad_modifier', 'exists cannot be combined with other modifiers')
    if (value.kind !== 'boolean') throw new RuleError('bad_value', 'exists takes true or false')
    const is = value.value ? 'exists' : 'missing'
    return { kind: 'test', test: { about: 'presence', key: is, is } }
  },
} satisfies Modifier
