import type { Scope } from '../store.ts'
import type { LocalDatabase } from './database.ts'
import { prepared } from './statement.ts'

/** What one shift tells the next. */
export interface HandoverNote {
  id: number
  at: string
  author: string
  /** Agencies that the author saw then. */
  agencies: Scope
  body: string
}

interface NoteRow {
  n: number
  at: string
  author: string
  agencies: string
  body: string
}

/** Notes since `from` (ISO UTC) that `mayRead` lets through, the newest first. */
export function listHandoverNotes(
  db: LocalDatabase,
  { from, limit, mayRead }: { from: string; limit: number; mayRead: (agencies: Scope) => boolean },
): HandoverNote[] {
  const found: HandoverNote[] = []
  const rows = prepared(db, 'SELECT * FROM handover_notes WHERE at >= ? ORDER BY at DESC, n DESC').iterate(from)
  for (const row of rows as Iterable<NoteRow>) {
    const note = toNote(row)
    if (mayRead(note.agencies)) found.push(note)
    if (found.length === limit) break
  }
  return found
}

export function addHandoverNote(db: LocalDatabase, note: Omit<HandoverNote, 'id'>): HandoverNote {
  const { at, author, agencies, body } = note
  const { lastInsertRowid } = prepared(
    db,
    'INSERT INTO handover_notes (at, author, agencies, body) VALUES (?, ?, ?, ?)',
  ).run(at, author, JSON.stringify(agencies), body)
  return { id: Number(lastInsertRowid), ...note }
}

function toNote({ n, at, author, agencies, body }: NoteRow): HandoverNote {
  return { id: n, at, author, agencies: JSON.parse(agencies) as Scope, body }
}
