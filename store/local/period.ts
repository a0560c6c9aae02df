import type { Level } from '../../model/alert.ts'
import type { Incident } from '../../model/incident.ts'
import type { Scope } from '../store.ts'
import type { LocalDatabase } from './database.ts'
import { getIncidents } from './incidents.ts'
import { inScope } from './scope.ts'

const AT_ONCE = 500

/** Incidents of the scope opened in `[from, to)`, ISO UTC, by number, some at a time; those merged into another are left out. */
export function* incidentsOpened(
  db: LocalDatabase,
  { scope, from, to }: { scope: Scope; from: string; to: string },
): Generator<Incident[]> {
  const visible = inScope(scope)
  for (let after = 0; ;) {
    const rows = db
      .prepare(
        `SELECT id, number FROM incidents WHERE number > ? AND created_at >= ? AND created_at < ? AND merged_into IS NULL
           AND ${visible.sql} ORDER BY number LIMIT ?`,
      )
      .all(after, from, to, ...visible.values, AT_ONCE) as { id: string; number: number }[]
    const last = rows.at(-1)
    if (last === undefined) return
    after = last.number
    const page = getIncidents(
      db,
      rows.map(({ id }) => id),
      scope,
    )
    yield page.sort((a, b) => a.number - b.number)
  }
}

/** How many are open now, by agency and level, whenever they were opened. */
export function openNow(db: LocalDatabase, scope: Scope): { agency: string; level: Level; n: number }[] {
  const visible = inScope(scope)
  return db
    .prepare(
      `SELECT agency, level, count(*) AS n FROM incidents
         WHERE state IN ('new', 'in_progress', 'on_hold') AND ${visible.sql} GROUP BY agency, level ORDER BY agency, level`,
    )
    .all(...visible.values) as { agency: string; level: Level; n: number }[]
}

/** How many sources each agency has. */
export function sourcesByAgency(db: LocalDatabase, scope: Scope): { agency: string; n: number }[] {
  const visible = inScope(scope)
  return db
    .prepare(`SELECT agency, count(*) AS n FROM sources WHERE ${visible.sql} GROUP BY agency ORDER BY agency`)
    .all(...visible.values) as { agency: string; n: number }[]
}
