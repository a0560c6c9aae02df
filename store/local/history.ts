import { createHash } from 'node:crypto'
import type { LocalDatabase } from './database.ts'
import { prepared } from './statement.ts'
import { inTransaction } from './transaction.ts'

/** Parameters of a message: the sentence itself is the reader's, in the reader's language. */
type HistoryParams = Record<string, string | number>

/** What an entry can be about. */
export const SUBJECTS = [
  'incident',
  'user',
  'token',
  'dead_letter',
  'webhook',
  'job',
  'search',
  'exception',
  'indicators',
  'rule',
  'report',
  'backup',
  'update',
  'hold',
  'partition',
  'integrity',
  'handover',
  'registry',
] as const

export interface HistoryEntry {
  at: string
  /** A user's name, `token:<id>`, or `system` for what the program did by itself. */
  actor: string
  subject: { kind: (typeof SUBJECTS)[number]; id: string }
  /** Stable message code: `incident_opened`, `rule_joined`, `incident_changed`, `password_changed` … */
  code: string
  params: HistoryParams
  /** The fields that changed, as they were; absent where nothing was before. */
  before?: Record<string, unknown>
  after?: Record<string, unknown>
}

/** An entry as the chain has it: what its hash is made of, as it is stored. */
export type ChainLink = HistoryRow & { previous: string }

interface HistoryRow {
  id: number
  at: string
  actor: string
  subject_kind: HistoryEntry['subject']['kind']
  subject_id: string
  code: string
  params: string
  before: string | null
  after: string | null
  hash: string
}

/** Where the chain ends: whoever noted it elsewhere can tell later that nothing before it was altered or cut off. */
export interface ChainHead {
  id: number
  /** SHA-256, lower-case hex; empty before the first entry. */
  hash: string
}

/** What one row adds to the chain: its number, its texts as they are stored, and the hash of the row before. */
function linkOf(row: Omit<HistoryRow, 'hash'>, previous: string): string {
  const { id, at, actor, subject_kind, subject_id, code, params, before, after } = row
  const text = JSON.stringify([previous, id, at, actor, subject_kind, subject_id, code, params, before, after])
  return createHash('sha256').update(text).digest('hex')
}

const LAST = `SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'history'), 0) AS id,
  coalesce((SELECT hash FROM history ORDER BY id DESC LIMIT 1), '') AS hash`

export function chainHead(db: LocalDatabase): ChainHead {
  const { id, hash } = prepared(db, LAST).get() as ChainHead
  return { id, hash }
}

/** Appends `entries`, each chained to the one before; the schema refuses to change or delete what is there. */
export function addHistory(db: LocalDatabase, entries: readonly HistoryEntry[]): void {
  if (entries.length === 0) return
  inTransaction(db, () => {
    const insert = prepared(
      db,
      `INSERT INTO history (id, at, actor, subject_kind, subject_id, code, params, before, after, hash)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    let head = chainHead(db)
    // Rows from before there was a chain are under it as a whole.
    if (head.id > 0 && head.hash === '') head = { id: head.id, hash: chainOf(db) }
    for (const { at, actor, subject, code, params, before, after } of entries) {
      const row = {
        id: head.id + 1,
        at,
        actor,
        subject_kind: subject.kind,
        subject_id: subject.id,
        code,
        params: JSON.stringify(params),
        before: before === undefined ? null : JSON.stringify(before),
        after: after === undefined ? null : JSON.stringify(after),
      }
      head = { id: row.id, hash: linkOf(row, head.hash) }
      insert.run(...Object.values(row), head.hash)
    }
  })
}

const ROWS_AT_ONCE = 5_000

function rowsAfter(db: LocalDatabase, id: number): HistoryRow[] {
  return prepared(db, 'SELECT * FROM history WHERE id > ? ORDER BY id LIMIT ?').all(id, ROWS_AT_ONCE) as HistoryRow[]
}

/** The hash over all rows there are. */
function chainOf(db: LocalDatabase): string {
  let hash = ''
  for (let rows = rowsAfter(db, 0); rows.length > 0; rows = rowsAfter(db, rows.at(-1)!.id)) {
    for (const row of rows) hash = linkOf(row, hash)
  }
  return hash
}

export interface ChainReport {
  ok: boolean
  /** Entries that were read. */
  entries: number
  head: ChainHead
  /** The first entry that is not as it was written, and what is wrong with it. */
  broken?: { id: number; what: 'altered' | 'missing' | 'cut_off' | 'other_head' }
}

/**
 * Reads the whole history again and holds every entry against the chain, a few thousand rows at a time between which others
 * get their turn. `noted`: a head that was written down elsewhere, which must be part of it; without one an end that was cut
 * off, with all traces of it, cannot be told from an end.
 */
export async function verifyChain(db: LocalDatabase, noted?: ChainHead): Promise<ChainReport> {
  const until = chainHead(db)
  let at: ChainHead = { id: 0, hash: '' }
  const broken = (id: number, what: NonNullable<ChainReport['broken']>['what']): ChainReport => ({
    ok: false,
    entries: at.id,
    head: until,
    broken: { id, what },
  })
  while (at.id < until.id) {
    const rows = rowsAfter(db, at.id)
    if (rows.length === 0) return broken(at.id + 1, 'cut_off')
    for (const row of rows) {
      if (row.id !== at.id + 1) return broken(at.id + 1, 'missing')
      const hash = linkOf(row, at.hash)
      if (row.hash !== '' && row.hash !== hash) return broken(row.id, 'altered')
      at = { id: row.id, hash }
      if (noted?.id === at.id && noted.hash !== hash) return broken(at.id, 'other_head')
    }
    await new Promise((resolve) => setImmediate(resolve))
  }
  if (noted !== undefined && noted.id > at.id) return broken(noted.id, 'cut_off')
  return { ok: true, entries: at.id, head: at }
}

export interface AuditQuery {
  limit: number
  /** Entries before this number. */
  before?: number
  actor?: string
  code?: string
  kind?: HistoryEntry['subject']['kind']
  /** Id of the subject, which its kind goes with. */
  subject?: string
}

/** Entries about everything, newest first, with their place in the chain. */
export function listHistory(db: LocalDatabase, query: AuditQuery): (HistoryEntry & ChainHead)[] {
  const { before = Number.MAX_SAFE_INTEGER, actor, code, kind, subject, limit } = query
  const conditions: [string, string | number][] = [['id < ?', before]]
  if (actor !== undefined) conditions.push(['actor = ?', actor])
  if (code !== undefined) conditions.push(['code = ?', code])
  if (kind !== undefined) conditions.push(['subject_kind = ?', kind])
  if (subject !== undefined) conditions.push(['subject_id = ?', subject])
  const rows = db
    .prepare(`SELECT * FROM history WHERE ${conditions.map(([sql]) => sql).join(' AND ')} ORDER BY id DESC LIMIT ?`)
    .all(...conditions.map(([, value]) => value), limit) as HistoryRow[]
  return rows.map((row) => ({ ...toEntry(row), id: row.id, hash: row.hash }))
}

/** The newest `limit` entries about one subject, oldest first. Who may see the subject is for the caller to ask. */
export function historyOf(db: LocalDatabase, subject: HistoryEntry['subject'], limit: number): HistoryEntry[] {
  const rows = db
    .prepare('SELECT * FROM history WHERE subject_kind = ? AND subject_id = ? ORDER BY id DESC LIMIT ?')
    .all(subject.kind, subject.id, limit) as HistoryRow[]
  return rows.reverse().map(toEntry)
}

/** The links of the chain about one subject, oldest first, each with the hash before it, so that anyone can make its hash again. */
export function chainLinksOf(db: LocalDatabase, subject: HistoryEntry['subject']): ChainLink[] {
  return db
    .prepare(
      `SELECT h.*, coalesce((SELECT hash FROM history WHERE id = h.id - 1), '') AS previous FROM history h
         WHERE subject_kind = ? AND subject_id = ? ORDER BY id`,
    )
    .all(subject.kind, subject.id) as ChainLink[]
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
