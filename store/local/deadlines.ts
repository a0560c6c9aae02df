import type { LocalDatabase } from './database.ts'
import { prepared } from './statement.ts'

/** That a legal report went out. */
export interface KeptReport {
  deadline: string
  at: string
  author: string
  reference: string
}

export function reportsOf(db: LocalDatabase, incidentId: string): KeptReport[] {
  const sql = 'SELECT deadline, at, author, reference FROM legal_reports WHERE incident_id = ? ORDER BY deadline'
  return prepared(db, sql).all(incidentId) as KeptReport[]
}

/** False where that deadline has a report already: the first one counts. */
export function addReport(db: LocalDatabase, incidentId: string, report: KeptReport): boolean {
  const { deadline, at, author, reference } = report
  return (
    prepared(
      db,
      `INSERT INTO legal_reports (incident_id, deadline, at, author, reference) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT DO NOTHING`,
    ).run(incidentId, deadline, at, author, reference).changes === 1
  )
}

/** Ids of incidents that somebody said something about that the law asks. */
export function incidentsWithLegalFacts(db: LocalDatabase): string[] {
  const sql = "SELECT id FROM incidents WHERE legal <> '{}' AND merged_into IS NULL ORDER BY id"
  return (prepared(db, sql).all() as { id: string }[]).map(({ id }) => id)
}

/** True the first time: what was told is not told again. */
export function noteTold(db: LocalDatabase, told: { incidentId: string; deadline: string; state: string }): boolean {
  const insert = 'INSERT INTO deadlines_told (incident_id, deadline, state) VALUES (?, ?, ?) ON CONFLICT DO NOTHING'
  return prepared(db, insert).run(told.incidentId, told.deadline, told.state).changes === 1
}
