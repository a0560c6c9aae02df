import type { Item } from '../rule.ts'
import { canonicalNumber } from '../scalar.ts'
import { readValue, type Value, type Written } from '../value.ts'
import { plainText, valueOf } from './item-values.ts'

/** A test for items that have this value among theirs: same type, text letter by letter, wildcards written out. */
export function hasValue(written: Written): (item: Item) => boolean {
  const wanted = keyOf(readValue(written))
  return ({ values }) => values.some(({ alternatives }) => alternatives.some((test) => keyOf(valueOf(test)) === wanted))
}

function keyOf(value: Value): string {
  switch (value.kind) {
    case 'text':
      return `text:${plainText(value.parts)}`
    case 'number':
      return `number:${canonicalNumber(value.text)}`
    case 'boolean': // a boolean is the text of it, here as in matching
      return `text:${value.value}`
    default:
      return value.kind
  }
}
