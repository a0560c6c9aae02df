import type { LocalDatabase } from './database.ts'

/**
 * Runs `work` in a write transaction, or inside the caller's where one is open: several changes then become durable
 * together. IMMEDIATE takes the write lock at once; a read that is upgraded later would fail where another thread wrote
 * in between, and no busy timeout helps against that.
 */
export function inTransaction<T>(db: LocalDatabase, work: () => T): T {
  if (db.inTransaction) return work()
  db.exec('BEGIN IMMEDIATE')
  try {
    const result = work()
    db.exec('COMMIT')
    return result
  } catch (error) {
    // A full disk has rolled it back already; a second ROLLBACK would hide the reason.
    if (db.inTransaction) db.exec('ROLLBACK')
    throw error
  }
}
