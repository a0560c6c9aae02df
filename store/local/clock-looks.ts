import type { LocalDatabase } from './database.ts'
import { prepared } from './statement.ts'

/** Ids of incidents whose clocks are to be looked at by `at` (ISO UTC), the longest due first. Triggers put in what changed. */
export function dueLooks(db: LocalDatabase, at: string, limit: number): string[] {
  const sql = 'SELECT incident_id AS id FROM clock_looks WHERE at <= ? ORDER BY at, incident_id LIMIT ?'
  return (prepared(db, sql).all(at, limit) as { id: string }[]).map(({ id }) => id)
}

/** When to look again; `null`: not before its state or level changes. */
export function lookAgain(db: LocalDatabase, id: string, at: string | null): void {
  if (at === null) prepared(db, 'DELETE FROM clock_looks WHERE incident_id = ?').run(id)
  else prepared(db, 'UPDATE clock_looks SET at = ? WHERE incident_id = ?').run(at, id)
}

/** Looks at all that still run: what is promised may have changed. */
export function lookAtAll(db: LocalDatabase): void {
  prepared(db, "UPDATE clock_looks SET at = ''").run()
}
