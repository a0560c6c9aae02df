import { notFor, type Modifier } from '../modifier.ts'
import { textValue } from '../sigma/value.ts'

/** Sigma spec, «cased»: upper and lower case differ. Stands before or after contains, startswith and endswith. */
export default {
  value(value) {
    if (value.kind === 'test' && value.test.about === 'fields') return value // fieldref has read it
    if (value.kind === 'number') return value // has no case
    if (value.kind !== 'text') throw notFor('cased', value)
    return textValue(value.parts, true)
  },
} satisfies Modifier
