import type { Scope } from '../store.ts'
import type { LocalDatabase } from './database.ts'
import { inScope } from './scope.ts'
import { prepared } from './statement.ts'

export const OBSERVABLE_KINDS = ['host', 'user', 'ip', 'url', 'email', 'sha256', 'sha1', 'md5'] as const
export type ObservableKind = (typeof OBSERVABLE_KINDS)[number]

/** A thing that stands in the evidence and can be looked for elsewhere. Hostile text. */
export interface Observable {
  kind: ObservableKind
  value: string
}

export interface SeenObservable extends Observable {
  firstAt: string
  lastAt: string
}

/** What one incident keeps: a scan shows thousands of addresses, and its alerts name them all. */
const OBSERVABLES_MAX = 200

export function addObservables(
  db: LocalDatabase,
  incidentId: string,
  observables: readonly Observable[],
  span: { from: string; to: string },
): void {
  if (observables.length === 0) return
  const { n } = prepared(db, 'SELECT count(*) AS n FROM observables WHERE incident_id = ?').get(incidentId) as {
    n: number
  }
  let room = OBSERVABLES_MAX - n
  for (const { kind, value } of observables) {
    const { changes } = prepared(
      db,
      `UPDATE observables SET first_at = min(first_at, ?), last_at = max(last_at, ?)
         WHERE incident_id = ? AND kind = ? AND value = ?`,
    ).run(span.from, span.to, incidentId, kind, value)
    if (changes > 0 || room <= 0) continue
    room--
    prepared(db, 'INSERT INTO observables (incident_id, kind, value, first_at, last_at) VALUES (?, ?, ?, ?, ?)').run(
      incidentId,
      kind,
      value,
      span.from,
      span.to,
    )
  }
}

/** What moves with the alerts: the other incident shows it as well. */
export function copyObservables(db: LocalDatabase, from: string, to: string): void {
  prepared(
    db,
    `INSERT INTO observables (incident_id, kind, value, first_at, last_at)
       SELECT ?, kind, value, first_at, last_at FROM observables WHERE incident_id = ?
     ON CONFLICT (incident_id, kind, value) DO UPDATE SET
       first_at = min(first_at, excluded.first_at), last_at = max(last_at, excluded.last_at)`,
  ).run(to, from)
}

export function observablesOf(db: LocalDatabase, incidentId: string): SeenObservable[] {
  return prepared(
    db,
    `SELECT kind, value, first_at AS firstAt, last_at AS lastAt FROM observables WHERE incident_id = ?
       ORDER BY kind, value`,
  ).all(incidentId) as SeenObservable[]
}

/** Ids of other incidents in the scope that show one of the incident's observables, by how many they share. */
export function sharingObservables(
  db: LocalDatabase,
  query: { incidentId: string; scope: Scope; limit: number },
): { incidentId: string; shared: number }[] {
  const visible = inScope(query.scope, 'i.agency')
  return db
    .prepare(
      `SELECT o.incident_id AS incidentId, count(*) AS shared
         FROM observables mine JOIN observables o ON o.kind = mine.kind AND o.value = mine.value
         JOIN incidents i ON i.id = o.incident_id
         WHERE mine.incident_id = ? AND o.incident_id <> ? AND ${visible.sql}
         GROUP BY o.incident_id ORDER BY shared DESC, o.incident_id LIMIT ?`,
    )
    .all(query.incidentId, query.incidentId, ...visible.values, query.limit) as { incidentId: string; shared: number }[]
}

export interface SharedObservable extends SeenObservable {
  agencies: string[]
  incidents: string[]
}

/** Observables of `kinds` that incidents of two agencies or more show since `from`, the most agencies first. */
export function acrossAgencies(
  db: LocalDatabase,
  query: { scope: Scope; kinds: readonly ObservableKind[]; from: string; limit: number },
): SharedObservable[] {
  const visible = inScope(query.scope, 'i.agency')
  const rows = db
    .prepare(
      `SELECT o.kind, o.value, min(o.first_at) AS firstAt, max(o.last_at) AS lastAt,
           json_group_array(DISTINCT i.agency) AS agencies, json_group_array(DISTINCT i.id) AS incidents
         FROM observables o JOIN incidents i ON i.id = o.incident_id
         WHERE o.kind IN (${query.kinds.map(() => '?').join(', ')}) AND o.last_at >= ? AND ${visible.sql}
           AND i.merged_into IS NULL
         GROUP BY o.kind, o.value HAVING count(DISTINCT i.agency) > 1
         ORDER BY count(DISTINCT i.agency) DESC, max(o.last_at) DESC, o.kind, o.value LIMIT ?`,
    )
    .all(...query.kinds, query.from, ...visible.values, query.limit) as (SeenObservable & {
    agencies: string
    incidents: string
  })[]
  return rows.map((row) => ({
    ...row,
    agencies: (JSON.parse(row.agencies) as string[]).sort(),
    incidents: (JSON.parse(row.incidents) as string[]).sort(),
  }))
}
