import type { Scope } from '../store.ts'
import type { LocalDatabase } from './database.ts'
import { inScope } from './scope.ts'
import { prepared } from './statement.ts'
import { asKept } from './whole-text.ts'

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

/** Notes what was seen in an incident's alerts; once it keeps as many as it may, only when those it has were seen. */
export function addObservables(db: LocalDatabase, incidentId: string, seen: readonly SeenObservable[]): void {
  if (seen.length === 0) return
  const known = new Map(observablesOf(db, incidentId).map((one) => [observableKey(one), one]))
  let room = OBSERVABLES_MAX - known.size
  for (const one of seen) {
    const before = known.get(observableKey(one))
    if (before === undefined && room <= 0) continue
    const now = before === undefined ? one : seenAgain(before, one)
    const { kind, value, firstAt, lastAt } = now
    known.set(observableKey(one), now)
    if (before === undefined) {
      room--
      prepared(db, 'INSERT INTO observables (incident_id, kind, value, first_at, last_at) VALUES (?, ?, ?, ?, ?)').run(
        incidentId,
        kind,
        value,
        firstAt,
        lastAt,
      )
    } else if (firstAt !== before.firstAt || lastAt !== before.lastAt) {
      prepared(
        db,
        'UPDATE observables SET first_at = ?, last_at = ? WHERE incident_id = ? AND kind = ? AND value = ?',
      ).run(firstAt, lastAt, incidentId, kind, value)
    }
  }
}

/** Equal for two observables exactly where they are the same thing. */
export function observableKey({ kind, value }: Observable): string {
  return `${kind} ${asKept(value)}`
}

/** One observable, seen at both times. */
export function seenAgain(one: SeenObservable, other: SeenObservable): SeenObservable {
  return {
    ...one,
    firstAt: other.firstAt < one.firstAt ? other.firstAt : one.firstAt,
    lastAt: other.lastAt > one.lastAt ? other.lastAt : one.lastAt,
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

/** Of one observable so many incidents are looked at, those that showed it last: `root` stands in nearly all there are. */
const SHOWING_MAX = 500

/** Ids of other incidents in the scope that show one of the incident's observables, by how many they share. */
export function sharingObservables(
  db: LocalDatabase,
  query: { incidentId: string; scope: Scope; limit: number },
): { incidentId: string; shared: number }[] {
  const visible = inScope(query.scope, 'i.agency')
  return db
    .prepare(
      `SELECT o.incident_id AS incidentId, count(*) AS shared
         FROM observables mine CROSS JOIN observables o ON o.kind = mine.kind AND o.value = mine.value
           AND o.last_at >= coalesce((SELECT last_at FROM observables WHERE kind = mine.kind AND value = mine.value
             ORDER BY last_at DESC LIMIT 1 OFFSET ?), '')
         JOIN incidents i ON i.id = o.incident_id
         WHERE mine.incident_id = ? AND o.incident_id <> ? AND ${visible.sql}
         GROUP BY o.incident_id ORDER BY shared DESC, o.incident_id LIMIT ?`,
    )
    .all(SHOWING_MAX - 1, query.incidentId, query.incidentId, ...visible.values, query.limit) as {
    incidentId: string
    shared: number
  }[]
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
