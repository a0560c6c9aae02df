import { chmodSync } from 'node:fs'
import Database from 'libsql'
import { MIGRATIONS } from './migrations.ts'
import { inTransaction } from './transaction.ts'
import { keepTextsWhole } from './whole-text.ts'

export type LocalDatabase = Database.Database

/**
 * The local SQLite of everything that needs transactions: checkpoints, incidents, users, sessions, tokens, audit. Several
 * threads open it at once (WAL); a writer waits for another, at most `busyTimeoutMs`. A commit is durable when it returns.
 * @throws if the file was written by a newer version of the product.
 */
export function openLocal(path: string, busyTimeoutMs = 10_000): LocalDatabase {
  const database = new Database(path)
  keepTextsWhole(database)
  if (path !== ':memory:') chmodSync(path, 0o600) // password hashes and session digests live here
  database.pragma(`busy_timeout = ${busyTimeoutMs}`)
  database.pragma('journal_mode = WAL')
  database.pragma('synchronous = FULL')
  database.pragma('foreign_keys = ON')
  inTransaction(database, () => {
    const { user_version: found } = database.prepare('PRAGMA user_version').get() as { user_version: number }
    if (found > MIGRATIONS.length) {
      throw new Error(`${path} has schema version ${found}; this program knows versions up to ${MIGRATIONS.length}`)
    }
    if (found === MIGRATIONS.length) return // nothing to write, so that a full disk does not keep it shut
    for (const sql of MIGRATIONS.slice(found)) database.exec(sql)
    database.exec(`PRAGMA user_version = ${MIGRATIONS.length}`)
  })
  return database
}
