import type { LocalDatabase } from './database.ts'
import { prepared } from './statement.ts'

/** The registry as it came into force at one position of the log. */
export interface RegistryRevision {
  /** 1, 2, 3 … */
  number: number
  at: string
  seq: number
  /** Who changed it, and why; empty: the file was changed by hand. */
  by: string
  why: string
}

/** Notes the registry that was announced; what is there already as the newest is not written twice. */
export function noteRegistry(
  db: LocalDatabase,
  { text, ...said }: Omit<RegistryRevision, 'number'> & { text: string },
): void {
  const last = prepared(db, 'SELECT number, text FROM registry_revisions ORDER BY number DESC LIMIT 1').get() as
    | { number: number; text: string }
    | undefined
  if (last?.text === text) return
  const { at, seq, by, why } = said
  prepared(db, 'INSERT INTO registry_revisions (number, at, seq, by, why, text) VALUES (?, ?, ?, ?, ?, ?)').run(
    (last?.number ?? 0) + 1,
    at,
    seq,
    by,
    why,
    text,
  )
}

/** Newest first. */
export function registryRevisions(db: LocalDatabase, limit: number): RegistryRevision[] {
  const sql = 'SELECT number, at, seq, by, why FROM registry_revisions ORDER BY number DESC LIMIT ?'
  return prepared(db, sql).all(limit) as RegistryRevision[]
}

/** Null where there is no such revision. */
export function registryText(db: LocalDatabase, number: number): string | null {
  const row = prepared(db, 'SELECT text FROM registry_revisions WHERE number = ?').get(number) as
    | { text: string }
    | undefined
  return row?.text ?? null
}
