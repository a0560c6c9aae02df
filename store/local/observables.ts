import { isPublicAddress } from '../../model/public-address.ts'
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
      prepared(
        db,
        `INSERT INTO observables (incident_id, kind, value, first_at, last_at, everywhere, agency)
           SELECT id, ?, ?, ?, ?, ?, agency FROM incidents WHERE id = ?`,
      ).run(kind, value, firstAt, lastAt, isEverywhere(one) ? 1 : 0, incidentId)
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

/** The same thing wherever it is seen: a private address is another machine in each agency, and so is a host or an account of a name. */
function isEverywhere({ kind, value }: Observable): boolean {
  return kind === 'ip' ? isPublicAddress(value) : kind !== 'host' && kind !== 'user'
}

/** What moves with the alerts, inside an agency: the other incident shows it as well. */
export function copyObservables(db: LocalDatabase, from: string, to: string): void {
  prepared(
    db,
    `INSERT INTO observables (incident_id, kind, value, first_at, last_at, everywhere, agency)
       SELECT ?, kind, value, first_at, last_at, everywhere, agency FROM observables WHERE incident_id = ?
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
/** Of all of them together, which takes about 20 ms. */
const LOOKS_MAX = 20_000

/** Ids of other incidents in the scope that show one of the incident's observables, by how many they share. */
export function sharingObservables(
  db: LocalDatabase,
  query: { incidentId: string; scope: Scope; limit: number },
): { incidentId: string; shared: number }[] {
  const visible = inScope(query.scope, 'i.agency')
  const known = prepared(db, 'SELECT count(*) AS n FROM observables WHERE incident_id = ?').get(query.incidentId)
  const mine = Math.min(OBSERVABLES_MAX, (known as { n: number }).n) // merges bring more
  return db
    .prepare(
      `SELECT i.id AS incidentId, count(*) AS shared
         FROM (SELECT kind, value FROM observables WHERE incident_id = ? ORDER BY last_at DESC, kind, value LIMIT ?) mine
         CROSS JOIN incidents i ON i.id IN (SELECT incident_id FROM observables
           WHERE kind = mine.kind AND value = mine.value ORDER BY last_at DESC LIMIT ?)
         WHERE i.id <> ? AND ${visible.sql}
         GROUP BY i.id ORDER BY shared DESC, i.id LIMIT ?`,
    )
    .all(
      query.incidentId,
      mine,
      Math.min(SHOWING_MAX, Math.floor(LOOKS_MAX / Math.max(1, mine))),
      query.incidentId,
      ...visible.values,
      query.limit,
    ) as { incidentId: string; shared: number }[]
}

export interface SharedObservable extends SeenObservable {
  agencies: string[]
  incidents: string[]
}

/**
 * Observables that are the same thing everywhere and that incidents of two agencies or more show since `from`, the most agencies first;
 * of their incidents those that showed it last, at most `incidentsMax`.
 */
export function acrossAgencies(
  db: LocalDatabase,
  query: { scope: Scope; from: string; limit: number; incidentsMax: number },
): SharedObservable[] {
  const { scope, from, limit, incidentsMax } = query
  const visible = inScope(scope, 'o.agency')
  const seen = `everywhere = 1 AND o.last_at >= ? AND ${visible.sql}`
  const shared = db
    .prepare(
      `SELECT kind, value, min(first_at) AS firstAt, max(last_at) AS lastAt FROM observables o INDEXED BY observables_across
         WHERE ${seen} GROUP BY kind, value HAVING min(agency) <> max(agency)
         ORDER BY count(DISTINCT agency) DESC, max(last_at) DESC, kind, value LIMIT ?`,
    )
    .all(from, ...visible.values, limit) as SeenObservable[]
  const agencies = db.prepare(
    `SELECT DISTINCT agency FROM observables o WHERE kind = ? AND value = ? AND ${seen} ORDER BY agency`,
  )
  const incidents = db.prepare(
    `SELECT i.id FROM observables o JOIN incidents i ON i.id = o.incident_id WHERE kind = ? AND value = ? AND ${seen}
       AND i.merged_into IS NULL ORDER BY o.last_at DESC, i.number DESC LIMIT ?`,
  )
  return shared.map((one) => {
    const asked = [one.kind, one.value, from, ...visible.values]
    return {
      ...one,
      agencies: (agencies.all(...asked) as { agency: string }[]).map(({ agency }) => agency),
      incidents: (incidents.all(...asked, incidentsMax) as { id: string }[]).map(({ id }) => id),
    }
  })
}
