import type { LocalDatabase } from './database.ts'
import { prepared } from './statement.ts'

/** A report about a period that was made by itself, and lies as a file under its hash. */
export interface KeptReport {
  /** 1, 2, 3 … */
  id: number
  period: 'week' | 'month'
  /** Days, `[from, to)`. */
  from: string
  to: string
  language: 'vi' | 'en'
  format: 'pdf' | 'docx' | 'csv'
  bytes: number
  sha256: string
  at: string
}

const COLUMNS = 'id, period, from_day AS "from", to_day AS "to", language, format, bytes, sha256, at'

export function addKeptReport(db: LocalDatabase, report: Omit<KeptReport, 'id'>): KeptReport {
  const { period, from, to, language, format, bytes, sha256, at } = report
  const { id } = prepared(
    db,
    `INSERT INTO kept_reports (period, from_day, to_day, language, format, bytes, sha256, at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
  ).get(period, from, to, language, format, bytes, sha256, at) as { id: number }
  return { id, ...report }
}

/** The newest first. */
export function listKeptReports(db: LocalDatabase, limit: number): KeptReport[] {
  return prepared(db, `SELECT ${COLUMNS} FROM kept_reports ORDER BY id DESC LIMIT ?`).all(limit) as KeptReport[]
}

export function findKeptReport(db: LocalDatabase, id: number): KeptReport | null {
  const row = prepared(db, `SELECT ${COLUMNS} FROM kept_reports WHERE id = ?`).get(id) as KeptReport | undefined
  return row ?? null
}

/** Whether that period was reported already, so that a start in the same minute makes nothing twice. */
export function hasKeptReport(db: LocalDatabase, period: string, from: string): boolean {
  return prepared(db, 'SELECT 1 FROM kept_reports WHERE period = ? AND from_day = ?').get(period, from) !== undefined
}

/** Lets go of those made before, and gives the hashes that no other one has. */
export function forgetKeptReports(db: LocalDatabase, before: string): string[] {
  const gone = prepared(db, 'DELETE FROM kept_reports WHERE at < ? RETURNING sha256').all(before) as {
    sha256: string
  }[]
  const held = prepared(db, 'SELECT 1 FROM kept_reports WHERE sha256 = ?')
  return gone.map(({ sha256 }) => sha256).filter((sha256) => held.get(sha256) === undefined)
}
