import { notFor, type Modifier } from './modifier.ts'
import { ANY, joinParts, type TextPart } from './sigma/text.ts'
import { textValue } from './sigma/value.ts'

/** A modifier that lets anything stand before the value, or after it. */
export function wildcards(name: string, before: boolean, after: boolean): Modifier {
  const edge = (is: boolean): TextPart[] => (is ? [ANY] : [])
  return {
    value(value) {
      if (value.kind === 'test' && value.test.about === 'fields') return value // fieldref has read it
      if (value.kind === 'regex' && before && after) return value // it is searched anyway
      const own =
        value.kind === 'number'
          ? [value.text]
          : value.kind === 'bytes'
            ? [Buffer.from(value.bytes).toString('latin1')]
            : value.kind === 'text'
              ? value.parts
              : undefined
      if (own === undefined) throw notFor(name, value)
      return textValue(joinParts([...edge(before), ...own, ...edge(after)]), value.kind === 'text' && value.cased)
    },
  }
}
