import { notFor, type Modifier } from '../modifier.ts'
import { ANY, joinParts } from '../sigma/text.ts'
import { textValue } from '../sigma/value.ts'

/** Sigma spec, «contains»: the value stands anywhere in the field. A regular expression is searched anyway. */
export default {
  value(value) {
    if (value.kind === 'test' && value.test.about === 'fields') return value // fieldref has read it
    if (value.kind === 'regex') return value
    if (value.kind === 'number') return textValue([ANY, value.text, ANY], false)
    if (value.kind === 'bytes') return textValue([ANY, Buffer.from(value.bytes).toString('latin1'), ANY], false)
    if (value.kind !== 'text') throw notFor('contains', value)
    return textValue(joinParts([ANY, ...value.parts, ANY]), value.cased)
  },
} satisfies Modifier
