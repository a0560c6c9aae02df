import { notFor, type Modifier } from '../modifier.ts'
import { ANY, joinParts } from '../sigma/text.ts'
import { textValue } from '../sigma/value.ts'

/** Sigma spec, «startswith»: the field begins with the value. */
export default {
  value(value) {
    if (value.kind === 'test' && value.test.about === 'fields') return value // fieldref has read it
    if (value.kind === 'number') return textValue([value.text, ANY], false)
    if (value.kind !== 'text') throw notFor('startswith', value)
    return textValue(joinParts([...value.parts, ANY]), value.cased)
  },
} satisfies Modifier
