import type { Literal } from './terms.ts'

const VALUE_UNITS_MAX = 60

/** A literal as its author wrote it, on one line: `Image|endswith: '\cmd.exe'`. */
export function shownLiteral({ item, at }: Literal): string {
  const key = [item.field === '' ? 'keywords' : item.field, ...item.modifiers].join('|')
  const own = item.values.filter((value) => value.at === at)
  const values = own.length > 0 ? own : item.values
  const [first] = values
  const text = first === undefined ? '' : cut(first.written)
  const more = values.length > 1 ? ` and ${values.length - 1} more` : ''
  return `${key}: '${text}'${more}`
}

function cut(text: string): string {
  const line = text.replace(/\s+/g, ' ')
  return line.length > VALUE_UNITS_MAX ? `${line.slice(0, VALUE_UNITS_MAX)}…` : line
}
