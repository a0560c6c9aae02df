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
 * Which of `records` repeat an earlier one, by position. The first position of an identity is remembered, so that asking
 * again after a crash gives the same answer: a record is a repeat only of a record before it.
 */
export function findRepeats(database: LocalDatabase, records: readonly Sent[]): Set<number> {
  const repeats = new Set<number>()
  if (records.length === 0) return repeats
  const remember = database.prepare('INSERT OR IGNORE INTO sender_ids (key, seq, received_ms) VALUES (?, ?, ?)')
  const first = database.prepare('SELECT seq FROM sender_ids WHERE key = ?')
  inTransaction(database, () => {
    for (const { seq, sender, senderId, receivedAtMs } of records) {
      const key = createHash('sha256').update(sender).update('\0').update(senderId).digest().subarray(0, 16)
      if (remember.run(key, seq, receivedAtMs).changes === 1) continue
      // In an array: libsql takes a lone Buffer for named parameters, and aborts the process.
      if ((first.get([key]) as { seq: number }).seq < seq) repeats.add(seq)
    }
  })
  return repeats
}

/** Forgets identities first seen before `beforeMs`; gives how many. */
export function forgetSenderIds(database: LocalDatabase, beforeMs: number): number {
  return database.prepare('DELETE FROM sender_ids WHERE received_ms < ?').run(beforeMs).changes
}
