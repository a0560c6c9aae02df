import type { Scope } from '../store.ts'

/** An SQL condition with its parameters. */
export interface Condition {
  sql: string
  values: (string | number)[]
}

/** Holds for the rows whose `column` is an agency in `scope` (law 6). */
export function inScope(scope: Scope, column = 'agency'): Condition {
  if (scope === 'all') return { sql: '1', values: [] }
  if (scope.length === 0) return { sql: '0', values: [] }
  return { sql: `${column} IN (${scope.map(() => '?').join(', ')})`, values: [...scope] }
}

/** All of `conditions`; with none, every row. */
export function allOf(conditions: readonly Condition[]): Condition {
  return {
    sql: conditions.map(({ sql }) => `(${sql})`).join(' AND ') || '1',
    values: conditions.flatMap(({ values }) => values),
  }
}
