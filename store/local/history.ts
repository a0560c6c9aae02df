import type { LocalDatabase } from './database.ts'
import { prepared } from './statement.ts'

/** Parameters of a message: the sentence itself is the reader's, in the reader's language. */
type HistoryParams = Record<string, string | number>

export interface HistoryEntry {
  at: string
  /** A user's name, `token:<id>`, or `system` for what the program did by itself. */
  actor: string
  subject: { kind: 'incident' | 'user' | 'token' | 'dead_letter' | 'search'; id: string }
  /** Stable message code: `incident_opened`, `rule_joined`, `incident_changed`, `password_changed` … */
  code: string
  params: HistoryParams
  /** The fields that changed, as they were; absent where nothing was before. */
  before?: Record<string, unknown>
  after?: Record<string, unknown>
}

interface HistoryRow {
  at: string
  actor: string
  subject_kind: HistoryEntry['subject']['kind']
  subject_id: string
  code: string
  params: string
  before: string | null
  after: string | null
}

/** Appends `entries`; the schema refuses to change or delete what is there. */
export function addHistory(db: LocalDatabase, entries: readonly HistoryEntry[]): void {
  const insert = prepared(
    db,
    'INSERT INTO history (at, actor, subject_kind, subject_id, code, params, before, after) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
  )
  for (const { at, actor, subject, code, params, before, after } of entries) {
    insert.run(
      at,
      actor,
      subject.kind,
      subject.id,
      code,
      JSON.stringify(params),
      before === undefined ? null : JSON.stringify(before),
      after === undefined ? null : JSON.stringify(after),
    )
  }
}

/** The newest `limit` entries about one subject, oldest first. Who may see the subject is for the caller to ask. */
export function historyOf(db: LocalDatabase, subject: HistoryEntry['subject'], limit: number): HistoryEntry[] {
  const rows = db
    .prepare('SELECT * FROM history WHERE subject_kind = ? AND subject_id = ? ORDER BY id DESC LIMIT ?')
    .all(subject.kind, subject.id, limit) as HistoryRow[]
  return rows.reverse().map(toEntry)
}

function toEntry(row: HistoryRow): HistoryEntry {
  return {
    at: row.at,
    actor: row.actor,
    subject: { kind: row.subject_kind, id: row.subject_id },
    code: row.code,
    params: JSON.parse(row.params) as HistoryParams,
    ...(row.before !== null && { before: JSON.parse(row.before) as Record<string, unknown> }),
    ...(row.after !== null && { after: JSON.parse(row.after) as Record<string, unknown> }),
  }
}
