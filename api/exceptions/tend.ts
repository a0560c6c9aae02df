import type { RuleFile } from '../../detection/types.ts'
import type { LocalDatabase } from '../../store/local/database.ts'
import {
  endExpired,
  exceptionsInForce,
  hasEnded,
  noteWarned,
  listExceptions,
  type Exception,
} from '../../store/local/exceptions.ts'

const DAY_MS = 86_400_000
/** An end is announced so long before it, or for the last quarter of a short life. */
const SOON_MS = 3 * DAY_MS
const SOON_SHARE = 1 / 4

/** Whether its end is near enough to be told. */
export function expiresSoon(exception: Exception, nowMs: number): boolean {
  const { createdAt, expiresAt } = exception
  if (expiresAt === undefined || hasEnded(exception)) return false
  const endMs = Date.parse(expiresAt)
  return endMs - nowMs <= Math.min(SOON_MS, (endMs - Date.parse(createdAt)) * SOON_SHARE)
}

/** Path by which messages about an exception name it. */
export function exceptionPath(id: string): string {
  return `exceptions/${id}.yml`
}

/** The exceptions in force, as what rules are loaded from. */
export function exceptionFiles(db: LocalDatabase, nowMs: number): RuleFile[] {
  return exceptionsInForce(db, new Date(nowMs).toISOString()).map(({ id, filter, agencies }) => ({
    path: exceptionPath(id),
    text: filter,
    exception: { id, agencies },
  }))
}

/**
 * What time does to exceptions: those that are over end, and those that soon are get announced, once.
 * @returns what is to be told, and whether the log has to say that others are in force
 */
export function tendExceptions(
  db: LocalDatabase,
  nowMs: number,
): { expired: Exception[]; warned: Exception[]; isChanged: boolean } {
  const now = new Date(nowMs).toISOString()
  const expired = endExpired(db, now)
  const warned = noteWarned(db, now, (exception) => expiresSoon(exception, nowMs))
  const pending = listExceptions(db).some((each) => !hasEnded(each) && each.position === undefined)
  return { expired, warned, isChanged: expired.length > 0 || pending }
}
