import type { Scope } from '../store.ts'
import type { LocalDatabase } from './database.ts'
import { addHistory, type HistoryEntry } from './history.ts'
import { prepared } from './statement.ts'
import { inTransaction } from './transaction.ts'

/** A Sigma filter that somebody answers for. */
export interface Exception {
  id: string
  title: string
  /** Sigma documents as they are put in force: its id in each, its agencies in their condition. */
  filter: string
  /** Ids of the rules it is for. */
  rules: 'any' | readonly string[]
  agencies: Scope
  /** Who answers for it: a person, a team. */
  owner: string
  reason: string
  /** The alert that it was made from. */
  alert?: string
  createdAt: string
  createdBy: string
  /** Absent: never. */
  expiresAt?: string
  expiredAt?: string
  revoked?: { at: string; by: string; reason: string }
  /** Place in the spool from which it is, or was, in force; absent before it was announced there. */
  position?: number
}

interface ExceptionRow {
  id: string
  title: string
  filter: string
  rules: string
  agencies: string
  owner: string
  reason: string
  alert: string | null
  created_at: string
  created_by: string
  expires_at: string | null
  expired_at: string | null
  revoked_at: string | null
  revoked_by: string | null
  revoked_reason: string | null
  position: number | null
}

function toException(row: ExceptionRow): Exception {
  const { id, title, filter, owner, reason } = row
  return {
    id,
    title,
    filter,
    rules: JSON.parse(row.rules) as Exception['rules'],
    agencies: JSON.parse(row.agencies) as Scope,
    owner,
    reason,
    ...(row.alert !== null && { alert: row.alert }),
    createdAt: row.created_at,
    createdBy: row.created_by,
    ...(row.expires_at !== null && { expiresAt: row.expires_at }),
    ...(row.expired_at !== null && { expiredAt: row.expired_at }),
    ...(row.revoked_at !== null && {
      revoked: { at: row.revoked_at, by: row.revoked_by ?? '', reason: row.revoked_reason ?? '' },
    }),
    ...(row.position !== null && { position: row.position }),
  }
}

function entry({ id, title }: Exception, at: string, actor: string, code: string): HistoryEntry {
  return { at, actor, subject: { kind: 'exception', id }, code, params: { title } }
}

export function addException(db: LocalDatabase, exception: Exception): void {
  const { id, title, filter, rules, agencies, owner, reason, alert, createdAt, createdBy, expiresAt } = exception
  inTransaction(db, () => {
    prepared(
      db,
      `INSERT INTO exceptions (id, title, filter, rules, agencies, owner, reason, alert, created_at, created_by, expires_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ).run(
      id,
      title,
      filter,
      JSON.stringify(rules),
      JSON.stringify(agencies),
      owner,
      reason,
      alert ?? null,
      createdAt,
      createdBy,
      expiresAt ?? null,
    )
    const after = { filter, rules, agencies, owner, reason, expiresAt: expiresAt ?? 'never' }
    addHistory(db, [{ ...entry(exception, createdAt, createdBy, 'exception_made'), after }])
  })
}

/** All there ever were, the newest first. */
export function listExceptions(db: LocalDatabase): Exception[] {
  const rows = prepared(db, 'SELECT * FROM exceptions ORDER BY created_at DESC, id').all() as ExceptionRow[]
  return rows.map(toException)
}

export function getException(db: LocalDatabase, id: string): Exception | null {
  const row = prepared(db, 'SELECT * FROM exceptions WHERE id = ?').get(id) as ExceptionRow | undefined
  return row === undefined ? null : toException(row)
}

export function hasEnded({ expiredAt, revoked }: Exception): boolean {
  return expiredAt !== undefined || revoked !== undefined
}

/** Those that neither ended nor are to end by now, in an order of their own. */
export function exceptionsInForce(db: LocalDatabase, now: string): Exception[] {
  return listExceptions(db)
    .filter((each) => !hasEnded(each) && (each.expiresAt === undefined || each.expiresAt > now))
    .sort((a, b) => (a.id < b.id ? -1 : 1))
}

/** What of an exception may change without its being another one; undefined: as it was. `expiresAt` null: never. */
export interface ExceptionChange {
  owner?: string
  reason?: string
  expiresAt?: string | null
}

/** Null where it has ended. */
export function changeException(
  db: LocalDatabase,
  id: string,
  change: ExceptionChange,
  by: { at: string; actor: string },
): Exception | null {
  return inTransaction(db, () => {
    const found = getException(db, id)
    if (found === null || hasEnded(found)) return null
    const { owner = found.owner, reason = found.reason } = change
    const expiresAt = change.expiresAt === undefined ? (found.expiresAt ?? null) : change.expiresAt
    // One that lives on is announced again before its new end.
    prepared(
      db,
      `UPDATE exceptions SET owner = ?, reason = ?, expires_at = ?,
         warned_at = CASE WHEN expires_at IS ? THEN warned_at END WHERE id = ?`,
    ).run(owner, reason, expiresAt, expiresAt, id)
    const before = { owner: found.owner, reason: found.reason, expiresAt: found.expiresAt ?? 'never' }
    const after = { owner, reason, expiresAt: expiresAt ?? 'never' }
    addHistory(db, [{ ...entry(found, by.at, by.actor, 'exception_changed'), before, after }])
    return getException(db, id)
  })
}

/** Null where it has ended already. */
export function revokeException(
  db: LocalDatabase,
  id: string,
  revoked: NonNullable<Exception['revoked']>,
): Exception | null {
  return inTransaction(db, () => {
    const found = getException(db, id)
    if (found === null || hasEnded(found)) return null
    const { at, by, reason } = revoked
    const sql = 'UPDATE exceptions SET revoked_at = ?, revoked_by = ?, revoked_reason = ? WHERE id = ?'
    prepared(db, sql).run(at, by, reason, id)
    addHistory(db, [{ ...entry(found, at, by, 'exception_revoked'), after: { reason } }])
    return getException(db, id)
  })
}

/** Notes that these are in force from `position` of the log on; what is new in that, the history tells. */
export function noteInForce(db: LocalDatabase, ids: readonly string[], position: number, at: string): void {
  inTransaction(db, () => {
    for (const id of ids) {
      const found = getException(db, id)
      if (found === null || found.position !== undefined) continue
      prepared(db, 'UPDATE exceptions SET position = ? WHERE id = ?').run(position, id)
      const told = entry(found, at, 'system', 'exception_in_force')
      addHistory(db, [{ ...told, params: { ...told.params, position } }])
    }
  })
}

/** Writes down those whose time is over, and gives them. */
export function endExpired(db: LocalDatabase, now: string): Exception[] {
  const due = listExceptions(db).filter(
    (each) => !hasEnded(each) && each.expiresAt !== undefined && each.expiresAt <= now,
  )
  if (due.length === 0) return []
  inTransaction(db, () => {
    for (const each of due) prepared(db, 'UPDATE exceptions SET expired_at = ? WHERE id = ?').run(now, each.id)
    addHistory(
      db,
      due.map((each) => entry(each, now, 'system', 'exception_expired')),
    )
  })
  return due
}

/** Announces those that are to be, each once for its end, and gives them. */
export function noteWarned(db: LocalDatabase, now: string, isDue: (exception: Exception) => boolean): Exception[] {
  const rows = prepared(db, 'SELECT * FROM exceptions WHERE warned_at IS NULL ORDER BY expires_at, id').all()
  const due = (rows as ExceptionRow[]).map(toException).filter(isDue)
  if (due.length === 0) return []
  inTransaction(db, () => {
    for (const { id } of due) prepared(db, 'UPDATE exceptions SET warned_at = ? WHERE id = ?').run(now, id)
    addHistory(
      db,
      due.map((each) => {
        const told = entry(each, now, 'system', 'exception_expires_soon')
        return { ...told, params: { ...told.params, owner: each.owner, expiresAt: each.expiresAt ?? '' } }
      }),
    )
  })
  return due
}
