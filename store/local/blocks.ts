import { randomBytes } from 'node:crypto'
import type { Scope } from '../store.ts'
import type { LocalDatabase } from './database.ts'
import { allOf, inScope } from './scope.ts'
import { prepared } from './statement.ts'

export const BLOCK_KINDS = ['ip', 'domain', 'url', 'hash'] as const
export type BlockKind = (typeof BLOCK_KINDS)[number]
export const BLOCK_STATES = ['requested', 'approved', 'refused', 'lifted', 'expired'] as const
export type BlockState = (typeof BLOCK_STATES)[number]

/** Something that firewalls are asked to stop: by one person, and only once another agreed. */
export interface Block {
  id: string
  incidentId: string
  /** Of the incident. */
  agency: string
  kind: BlockKind
  /** In its normal form. */
  value: string
  /** For every agency's firewalls, not only for those of the incident's. */
  everywhere: boolean
  reason: string
  state: BlockState
  requestedBy: string
  requestedAt: string
  /** Who approved, refused or lifted it last; `system` where it ran out. */
  decidedBy?: string
  decidedAt?: string
  expiresAt: string
}

interface BlockRow {
  id: string
  incident_id: string
  agency: string
  kind: BlockKind
  value: string
  everywhere: number
  reason: string
  state: BlockState
  requested_by: string
  requested_at: string
  decided_by: string | null
  decided_at: string | null
  expires_at: string
}

function toBlock(row: BlockRow): Block {
  return {
    id: row.id,
    incidentId: row.incident_id,
    agency: row.agency,
    kind: row.kind,
    value: row.value,
    everywhere: row.everywhere === 1,
    reason: row.reason,
    state: row.state,
    requestedBy: row.requested_by,
    requestedAt: row.requested_at,
    ...(row.decided_by !== null && { decidedBy: row.decided_by }),
    ...(row.decided_at !== null && { decidedAt: row.decided_at }),
    expiresAt: row.expires_at,
  }
}

export function addBlock(db: LocalDatabase, block: Omit<Block, 'id' | 'state' | 'decidedBy' | 'decidedAt'>): Block {
  const id = randomBytes(9).toString('base64url')
  prepared(
    db,
    `INSERT INTO blocks (id, incident_id, agency, kind, value, everywhere, reason, state, requested_by, requested_at, expires_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, 'requested', ?, ?, ?)`,
  ).run(
    id,
    block.incidentId,
    block.agency,
    block.kind,
    block.value,
    block.everywhere ? 1 : 0,
    block.reason,
    block.requestedBy,
    block.requestedAt,
    block.expiresAt,
  )
  return { id, state: 'requested', ...block }
}

/** Null where there is none in the scope. */
export function getBlock(db: LocalDatabase, id: string, scope: Scope): Block | null {
  const visible = inScope(scope)
  const row = db.prepare(`SELECT * FROM blocks WHERE id = ? AND ${visible.sql}`).get(id, ...visible.values)
  return row === undefined ? null : toBlock(row as BlockRow)
}

/** The newest first. */
export function listBlocks(
  db: LocalDatabase,
  query: { scope: Scope; incidentId?: string; state?: BlockState; limit: number; before?: { at: string; id: string } },
): Block[] {
  const { scope, incidentId, state, limit, before } = query
  const where = allOf([
    inScope(scope),
    ...(incidentId === undefined ? [] : [{ sql: 'incident_id = ?', values: [incidentId] }]),
    ...(state === undefined ? [] : [{ sql: 'state = ?', values: [state] }]),
    ...(before === undefined ? [] : [{ sql: '(requested_at, id) < (?, ?)', values: [before.at, before.id] }]),
  ])
  const sql = `SELECT * FROM blocks WHERE ${where.sql} ORDER BY requested_at DESC, id DESC LIMIT ?`
  return (db.prepare(sql).all(...where.values, limit) as BlockRow[]).map(toBlock)
}

export function setBlockState(
  db: LocalDatabase,
  id: string,
  { state, by, at }: { state: BlockState; by: string; at: string },
): void {
  prepared(db, 'UPDATE blocks SET state = ?, decided_by = ?, decided_at = ? WHERE id = ?').run(state, by, at, id)
}

/** Asked for, or approved, of the same value and reach, and not over. */
export function openBlock(
  db: LocalDatabase,
  { agency, kind, value, everywhere }: Pick<Block, 'agency' | 'kind' | 'value' | 'everywhere'>,
  at: string,
): Block | null {
  const row = prepared(
    db,
    `SELECT * FROM blocks WHERE kind = ? AND value = ? AND everywhere = ? AND agency = ?
       AND state IN ('requested', 'approved') AND expires_at > ?`,
  ).get(kind, value, everywhere ? 1 : 0, agency, at)
  return row === undefined ? null : toBlock(row as BlockRow)
}

/** Values that are blocked at that time for at least one agency of the scope, each once, sorted. */
export function blockedValues(db: LocalDatabase, query: { kind: BlockKind; scope: Scope; at: string }): string[] {
  const visible = inScope(query.scope)
  const rows = db
    .prepare(
      `SELECT DISTINCT value FROM blocks
         WHERE kind = ? AND state = 'approved' AND expires_at > ? AND (everywhere = 1 OR ${visible.sql}) ORDER BY value`,
    )
    .all(query.kind, query.at, ...visible.values) as { value: string }[]
  return rows.map(({ value }) => value)
}

/** Requested or approved, and past their end. */
export function overdueBlocks(db: LocalDatabase, at: string): Block[] {
  const sql = `SELECT * FROM blocks WHERE state IN ('requested', 'approved') AND expires_at <= ? ORDER BY id`
  return (prepared(db, sql).all(at) as BlockRow[]).map(toBlock)
}
