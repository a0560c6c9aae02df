import { RuleError } from '../errors.ts'
import { notFor, type Modifier } from '../modifier.ts'
import type { Subject } from '../sigma/scalar.ts'
import { ANY } from '../sigma/text.ts'
import type { Test } from '../test.ts'

const RELATIONS: Record<string, (field: string, other: string) => boolean> = {
  contains: (field, other) => field.includes(other),
  startswith: (field, other) => field.startsWith(other),
  endswith: (field, other) => field.endsWith(other),
}

/**
 * Sigma spec, «fieldref»: the field equals another field of the same event. Contains, startswith and endswith beside it
 * relate the two instead, cased tells case apart; with either absent nothing matches; of arrays any pair.
 */
export default {
  value(value, { field, modifiers }) {
    if (value.kind !== 'text' || field === '') throw notFor('fieldref', value)
    // A modifier before it may have put wildcards around the name.
    const [name, ...more] = value.parts.filter((part) => part !== ANY)
    if (typeof name !== 'string' || more.length > 0) {
      throw new RuleError('bad_value', 'fieldref takes the name of a field')
    }
    const how = modifiers.find((modifier) => Object.hasOwn(RELATIONS, modifier))
    const cased = modifiers.includes('cased')
    const text = (subject: Subject): string => (cased ? subject.text : subject.folded)
    const relate = how === undefined ? undefined : RELATIONS[how]!
    const test: Test = {
      about: 'fields',
      key: `fieldref:${how ?? ''}:${cased}:${name}`,
      other: name,
      holds(subject, other) {
        if (relate !== undefined) return relate(text(subject), text(other))
        return text(subject) === text(other) || (subject.number !== null && subject.number === other.number)
      },
    }
    return { kind: 'test', test }
  },
} satisfies Modifier
