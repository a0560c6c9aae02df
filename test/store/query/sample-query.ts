import { partsOf } from '../../../store/query/pattern.ts'
import { parseQuery } from '../../../store/query/parse.ts'
import { type Condition, match, type Query } from '../../../store/query/query.ts'

/** The condition of a field and a value with wildcards, whatever characters are in them. */
export function term(field: string, value: string): Condition {
  return match(field, partsOf(value))
}

/** The query that `text` is. @throws where it is none */
export function queryOf(text: string): Query {
  const parsed = parseQuery(text)
  if ('query' in parsed) return parsed.query
  throw new Error(`${text}: ${parsed.error.code} at ${parsed.error.position}`)
}
