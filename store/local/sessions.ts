import { createHash, randomBytes } from 'node:crypto'
import type { LocalDatabase } from './database.ts'

export interface SessionLimits {
  /** Ends this long after its last request. */
  idleMs: number
  /** Ends this long after its login, however busy. */
  lifeMs: number
}

/** 15 minutes and 8 hours: a break, and a shift. */
export const SESSION_LIMITS: SessionLimits = { idleMs: 15 * 60_000, lifeMs: 8 * 3_600_000 }

function digest(secret: string): string {
  return createHash('sha256').update(secret).digest('hex')
}

/** Opens a session and gives its secret (256 random bits, base64url), which is nowhere kept; clears away those that ended. */
export function openSession(db: LocalDatabase, userName: string, nowMs: number, limits: SessionLimits): string {
  const secret = randomBytes(32).toString('base64url')
  db.prepare('DELETE FROM sessions WHERE seen_ms <= ? OR created_ms <= ?').run(
    nowMs - limits.idleMs,
    nowMs - limits.lifeMs,
  )
  db.prepare('INSERT INTO sessions (digest, user_name, created_ms, seen_ms) VALUES (?, ?, ?, ?)').run(
    digest(secret),
    userName,
    nowMs,
    nowMs,
  )
  return secret
}

/** The user whose live session this is, or null. Where it `counts`, it is a sign of life. */
export function sessionUser(
  db: LocalDatabase,
  secret: string,
  nowMs: number,
  limits: SessionLimits,
  counts = true,
): string | null {
  const key = digest(secret)
  const row = db.prepare('SELECT user_name, created_ms, seen_ms FROM sessions WHERE digest = ?').get(key) as
    | { user_name: string; created_ms: number; seen_ms: number }
    | undefined
  if (row === undefined) return null
  if (nowMs - row.seen_ms >= limits.idleMs || nowMs - row.created_ms >= limits.lifeMs) return null
  // Not at every request: a write waits for the disk. The idle time is exact to a fifteenth.
  if (counts && nowMs - row.seen_ms > limits.idleMs / 15) {
    db.prepare('UPDATE sessions SET seen_ms = ? WHERE digest = ?').run(nowMs, key)
  }
  return row.user_name
}

export function closeSession(db: LocalDatabase, secret: string): void {
  db.prepare('DELETE FROM sessions WHERE digest = ?').run(digest(secret))
}

export function closeSessionsOf(db: LocalDatabase, userName: string): void {
  db.prepare('DELETE FROM sessions WHERE user_name = ?').run(userName)
}
