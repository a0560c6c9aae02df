import type { Node } from 'yaml'
import { list, oneOf } from './parameters.ts'
import { startMatcher } from './python-regex.ts'

export const FIELD_LIST_PARAMETERS = ['fields', 'mode']

/** `fields` as they stand, or with `mode: re` regular expressions that match from the start of a name; keywords are never listed. */
export function fieldList(condition: Node): (name: string) => boolean {
  const fields = list(condition, 'fields')
  const byRegex = oneOf(condition, 'mode', ['plain', 're'], 'plain') === 're'
  const matchers = byRegex ? fields.map((field) => startMatcher(field, condition)) : []
  return (name) => name !== '' && (byRegex ? matchers.some((matches) => matches(name)) : fields.includes(name))
}
