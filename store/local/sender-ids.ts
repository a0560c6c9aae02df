import { createHash } from 'node:crypto'
import type { LocalDatabase } from './database.ts'
import { inTransaction } from './transaction.ts'

export interface Sent {
  seq: number
  /** Who may repeat this identity: another sender's equal identity is another record. */
  sender: string
  senderId: string
  receivedAtMs: number
}

/**
 * Which of `records` repeat one before them that was received at most `rememberMs` earlier. The first position of an identity
 * is remembered, and how long counts by the records' own times, so that asking again after a crash gives the same answer.
 */
export function findRepeats(database: LocalDatabase, records: readonly Sent[], rememberMs: number): Set<number> {
  const repeats = new Set<number>()
  if (records.length === 0) return repeats
  const remember = database.prepare('INSERT OR IGNORE INTO sender_ids (key, seq, received_ms) VALUES (?, ?, ?)')
  const first = database.prepare('SELECT seq, received_ms AS receivedMs FROM sender_ids WHERE key = ?')
  const renew = database.prepare('UPDATE sender_ids SET seq = ?, received_ms = ? WHERE key = ?')
  inTransaction(database, () => {
    for (const { seq, sender, senderId, receivedAtMs } of records) {
      const key = createHash('sha256').update(sender).update('\0').update(senderId).digest().subarray(0, 16)
      if (remember.run(key, seq, receivedAtMs).changes === 1) continue
      // In an array: libsql takes a lone Buffer for named parameters, and aborts the process.
      const known = first.get([key]) as { seq: number; receivedMs: number }
      if (known.seq >= seq) continue
      if (known.receivedMs < receivedAtMs - rememberMs) renew.run(seq, receivedAtMs, key)
      else repeats.add(seq)
    }
  })
  return repeats
}

/** Deletes identities first seen before `beforeMs`, which must be longer ago than any record still to be asked about remembers. */
export function forgetSenderIds(database: LocalDatabase, beforeMs: number): number {
  return database.prepare('DELETE FROM sender_ids WHERE received_ms < ?').run(beforeMs).changes
}
