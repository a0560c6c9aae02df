import type { Pattern } from '../pattern.ts'
import { parseFreeText, parsePattern, TERM_VALUE_MAX } from '../pattern.ts'
import type { Term } from '../store.ts'
import { StoreError } from '../store.ts'
import { textField } from './mappings.ts'

export type Clause = Record<string, unknown>

/** A term in query DSL. */
export interface Compiled {
  /** Documents that hold the term, perhaps with some that do not. */
  clauses: Clause[]
  /** Whether there are none of the latter. */
  exact: boolean
}

/**
 * Compiles a term. A wildcard on a field of `soc.fields` is not exact: a `flattened` field takes wildcards only over the
 * values of all its keys together, so the key must exist and some key must match; the caller looks at the hits.
 * @throws {StoreError} too_large: the value is longer than `TERM_VALUE_MAX`.
 */
export function compileTerm({ field, value }: Term): Compiled {
  if (value.length > TERM_VALUE_MAX)
    throw new StoreError('too_large', `a term is longer than ${TERM_VALUE_MAX} characters`)
  if (field === '') {
    const pattern = parseFreeText(value)
    return { clauses: [{ bool: { should: [matches('soc.text', pattern), matches('message', pattern)] } }], exact: true }
  }
  const pattern = parsePattern(value)
  const text = textField(field)
  // `soc.text` holds pieces of long lines: a piece may begin or end where the line does not.
  if (text !== null) return { clauses: [matches(text, pattern)], exact: text !== 'soc.text' }
  const key = `soc.fields.${field}`
  if (pattern.kind === 'equals' || pattern.kind === 'exists' || pattern.kind === 'prefix') {
    return { clauses: [matches(key, pattern)], exact: true }
  }
  return { clauses: [{ exists: { field: key } }, matches('soc.fields', pattern)], exact: false }
}

function matches(field: string, pattern: Pattern): Clause {
  switch (pattern.kind) {
    case 'exists':
      return { exists: { field } }
    case 'equals':
      return { term: { [field]: pattern.text.toLowerCase() } }
    case 'prefix':
      return { prefix: { [field]: pattern.text.toLowerCase() } }
    default:
      return { wildcard: { [field]: { value: wildcardOf(pattern) } } }
  }
}

function wildcardOf(pattern: Exclude<Pattern, { kind: 'equals' | 'prefix' | 'exists' }>): string {
  if (pattern.kind === 'suffix') return `*${escape(pattern.text)}`
  if (pattern.kind === 'contains') return `*${escape(pattern.text)}*`
  if (pattern.kind !== 'wildcard') return escape(pattern.text)
  return pattern.parts.map((part) => ('any' in part ? (part.any === 'run' ? '*' : '?') : escape(part.text))).join('')
}

const escape = (text: string): string => text.toLowerCase().replace(/[\\*?]/g, String.raw`\$&`)
