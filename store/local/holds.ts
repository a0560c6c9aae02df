import { randomUUID } from 'node:crypto'
import type { LocalDatabase } from './database.ts'
import { addHistory } from './history.ts'
import { prepared } from './statement.ts'
import { inTransaction } from './transaction.ts'

/** Days of receipt (UTC) that no purge may touch. */
export interface Hold {
  id: string
  /** Absent: of all agencies. */
  agency?: string
  /** Of that agency; absent: all of its systems. */
  system?: string
  /** First and last day, `2026-11-22`; without a last day, whatever is still to come as well. */
  fromDay: string
  toDay?: string
  /** Who asked for it, and on what ground. */
  reason: string
  placedAt: string
  placedBy: string
  liftedAt?: string
  liftedBy?: string
  liftedReason?: string
}

interface HoldRow {
  id: string
  agency: string | null
  system: string | null
  from_day: string
  to_day: string | null
  reason: string
  placed_at: string
  placed_by: string
  lifted_at: string | null
  lifted_by: string | null
  lifted_reason: string | null
}

/** All there ever were, the newest first. */
export function listHolds(db: LocalDatabase): Hold[] {
  const rows = prepared(db, 'SELECT * FROM legal_holds ORDER BY placed_at DESC, id').all() as HoldRow[]
  return rows.map(toHold)
}

/** Those in force. */
export function holdsInForce(db: LocalDatabase): Hold[] {
  return listHolds(db).filter(({ liftedAt }) => liftedAt === undefined)
}

export function placeHold(db: LocalDatabase, hold: Omit<Hold, 'id' | 'liftedAt' | 'liftedBy' | 'liftedReason'>): Hold {
  const placed: Hold = { id: randomUUID(), ...hold }
  const { id, agency, system, fromDay, toDay, reason, placedAt, placedBy } = placed
  inTransaction(db, () => {
    prepared(
      db,
      `INSERT INTO legal_holds (id, agency, system, from_day, to_day, reason, placed_at, placed_by)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    ).run(id, agency ?? null, system ?? null, fromDay, toDay ?? null, reason, placedAt, placedBy)
    addHistory(db, [
      {
        at: placedAt,
        actor: placedBy,
        subject: { kind: 'hold', id },
        code: 'hold_placed',
        params: { fromDay, toDay: toDay ?? '', agency: agency ?? '', system: system ?? '', reason },
      },
    ])
  })
  return placed
}

/** @returns the hold as it is now; `null` where there is none in force under that id */
export function liftHold(
  db: LocalDatabase,
  id: string,
  lifted: { at: string; by: string; reason: string },
): Hold | null {
  return inTransaction(db, () => {
    const { changes } = prepared(
      db,
      'UPDATE legal_holds SET lifted_at = ?, lifted_by = ?, lifted_reason = ? WHERE id = ? AND lifted_at IS NULL',
    ).run(lifted.at, lifted.by, lifted.reason, id)
    if (changes === 0) return null
    addHistory(db, [
      {
        at: lifted.at,
        actor: lifted.by,
        subject: { kind: 'hold', id },
        code: 'hold_lifted',
        params: { reason: lifted.reason },
      },
    ])
    return toHold(prepared(db, 'SELECT * FROM legal_holds WHERE id = ?').get(id) as HoldRow)
  })
}

function toHold(row: HoldRow): Hold {
  return {
    id: row.id,
    ...(row.agency !== null && { agency: row.agency }),
    ...(row.system !== null && { system: row.system }),
    fromDay: row.from_day,
    ...(row.to_day !== null && { toDay: row.to_day }),
    reason: row.reason,
    placedAt: row.placed_at,
    placedBy: row.placed_by,
    ...(row.lifted_at !== null && { liftedAt: row.lifted_at }),
    ...(row.lifted_by !== null && { liftedBy: row.lifted_by }),
    ...(row.lifted_reason !== null && { liftedReason: row.lifted_reason }),
  }
}
