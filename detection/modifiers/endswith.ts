import { notFor, type Modifier } from '../modifier.ts'
import { ANY, joinParts } from '../sigma/text.ts'
import { textValue } from '../sigma/value.ts'

/** Sigma spec, «endswith»: the field ends with the value. */
export default {
  value(value) {
    if (value.kind === 'test' && value.test.about === 'fields') return value // fieldref has read it
    if (value.kind === 'number') return textValue([ANY, value.text], false)
    if (value.kind !== 'text') throw notFor('endswith', value)
    return textValue(joinParts([ANY, ...value.parts]), value.cased)
  },
} satisfies Modifier
