import type { Scope } from '../store.ts'
import type { LocalDatabase } from './database.ts'
import { inScope } from './scope.ts'
import { prepared } from './statement.ts'

/** Matches of one rule that one filter kept out, of one agency and one day of receipt. */
interface HiddenCount {
  filter: string
  rule: string
  agency: string
  /** `YYYY-MM-DD`, UTC. */
  day: string
  events: number
  /** When the last of them was received, ISO UTC. */
  lastAt: string
}

/** Opens no transaction: called in the one that moves the checkpoint, the counts are exact however often the process is killed. */
export function addHidden(db: LocalDatabase, counts: readonly HiddenCount[]): void {
  const add = prepared(
    db,
    `INSERT INTO hidden (filter, rule, agency, day, events, last_at) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (filter, rule, agency, day)
     DO UPDATE SET events = events + excluded.events, last_at = max(last_at, excluded.last_at)`,
  )
  for (const { filter, rule, agency, day, events, lastAt } of counts) add.run(filter, rule, agency, day, events, lastAt)
}

/** What a filter has kept out since it is there, as far as a reader may see it. */
export interface Hidden {
  events: number
  lastAt?: string
  /** By rule, the most first. */
  rules: { rule: string; events: number }[]
  /** By day of receipt, oldest first. */
  days: { day: string; events: number }[]
}

export function hiddenBy(db: LocalDatabase, filter: string, scope: Scope): Hidden {
  const { sql, values } = inScope(scope)
  const rows = db
    .prepare(
      `SELECT rule, day, sum(events) AS events, max(last_at) AS lastAt FROM hidden
       WHERE filter = ? AND ${sql} GROUP BY rule, day ORDER BY day, rule`,
    )
    .all(filter, ...values) as { rule: string; day: string; events: number; lastAt: string }[]
  const lastAt = rows.reduce((last, row) => (row.lastAt > last ? row.lastAt : last), '')
  return {
    events: rows.reduce((sum, { events }) => sum + events, 0),
    ...(lastAt !== '' && { lastAt }),
    rules: sums(rows, ({ rule }) => rule)
      .map(([rule, events]) => ({ rule, events }))
      .sort((a, b) => b.events - a.events || (a.rule < b.rule ? -1 : 1)),
    days: sums(rows, ({ day }) => day).map(([day, events]) => ({ day, events })),
  }
}

function sums<T extends { events: number }>(rows: readonly T[], keyOf: (row: T) => string): [string, number][] {
  const found = new Map<string, number>()
  for (const row of rows) found.set(keyOf(row), (found.get(keyOf(row)) ?? 0) + row.events)
  return [...found]
}
