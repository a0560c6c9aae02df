import type Database from 'libsql'
import type { LocalDatabase } from './database.ts'

type Statement = Database.Statement

const kept = new WeakMap<LocalDatabase, Map<string, Statement>>()

/** The statement for a fixed `sql`, compiled once for each connection. For texts that are built, use `prepare`. */
export function prepared(db: LocalDatabase, sql: string): Statement {
  const statements = kept.get(db) ?? new Map<string, Statement>()
  kept.set(db, statements)
  const statement = statements.get(sql) ?? db.prepare(sql)
  statements.set(sql, statement)
  return statement
}
