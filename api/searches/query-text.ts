import { parseQuery } from '../../store/query/parse.ts'
import type { Query } from '../../store/query/query.ts'
import type { TimeRange } from '../../store/store.ts'
import { Problem } from '../problem.ts'

/** @throws {Problem} `bad_query`, with the stretch of the text that is to blame */
export function readSearch(q: string): Query {
  const parsed = parseQuery(q)
  if ('query' in parsed) return parsed.query
  const { code, message, position, end } = parsed.error
  throw new Problem('bad_query', message, { errors: [{ pointer: '/q', code, message, params: { position, end } }] })
}

/** The search is sound, and asks for something else than this route gives. */
export function wrongOutput(q: string, message: string): Problem {
  const params = { position: 0, end: q.length }
  return new Problem('bad_query', message, { errors: [{ pointer: '/q', code: 'wrong_output', message, params }] })
}

export function isoRange(fromMs: number, toMs: number): TimeRange {
  return { from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() }
}
