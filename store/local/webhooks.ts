import { randomBytes } from 'node:crypto'
import type { Scope } from '../store.ts'
import { type Change, changesAfter, lastPosition } from './changes.ts'
import type { LocalDatabase } from './database.ts'
import { prepared } from './statement.ts'

export interface Webhook {
  id: string
  url: string
  agencies: Scope
  /** Codes of the history it is told of; empty: all. */
  codes: readonly string[]
  enabled: boolean
  createdAt: string
  createdBy: string
}

export interface Delivery {
  id: string
  webhook: string
  at: string
  attempts: number
  state: 'pending' | 'delivered' | 'failed'
  /** When it is tried next, ISO UTC, while it is pending. */
  nextAt?: string
  /** HTTP status of the last try. */
  status?: number
  /** Code of what went wrong in the last try. */
  error?: string
}

export interface DueDelivery extends Delivery {
  url: string
  body: string
  /** The present secret, and the one before it until it is let go. */
  secrets: string[]
}

interface WebhookRow {
  id: string
  url: string
  secret: string
  former_secret: string | null
  agencies: string
  codes: string
  enabled: number
  created_at: string
  created_by: string
  position: number
}

const CHANGES_AT_ONCE = 500
const LOG_DAYS = 30

function toWebhook(row: WebhookRow): Webhook {
  return {
    id: row.id,
    url: row.url,
    agencies: JSON.parse(row.agencies) as Scope,
    codes: JSON.parse(row.codes) as string[],
    enabled: row.enabled === 1,
    createdAt: row.created_at,
    createdBy: row.created_by,
  }
}

/** A signing secret in the form of Standard Webhooks. */
export function newWebhookSecret(): string {
  return `whsec_${randomBytes(32).toString('base64')}`
}

/** Told of what happens from now on. */
export function addWebhook(db: LocalDatabase, webhook: Omit<Webhook, 'id'>, secret: string): Webhook {
  const id = randomBytes(6).toString('hex')
  const { url, agencies, codes, enabled, createdAt, createdBy } = webhook
  db.prepare(
    `INSERT INTO webhooks (id, url, secret, agencies, codes, enabled, created_at, created_by, position)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  ).run(
    id,
    url,
    secret,
    JSON.stringify(agencies),
    JSON.stringify(codes),
    enabled ? 1 : 0,
    createdAt,
    createdBy,
    lastPosition(db),
  )
  return { id, ...webhook }
}

export function listWebhooks(db: LocalDatabase): Webhook[] {
  return (db.prepare('SELECT * FROM webhooks ORDER BY created_at, id').all() as WebhookRow[]).map(toWebhook)
}

/** A new secret signs beside the former one, so that the receiver can change over without a gap. */
export function rotateSecret(db: LocalDatabase, id: string, secret: string): boolean {
  const sql = 'UPDATE webhooks SET former_secret = secret, secret = ? WHERE id = ?'
  return db.prepare(sql).run(secret, id).changes === 1
}

export function removeWebhook(db: LocalDatabase, id: string): boolean {
  db.prepare('DELETE FROM deliveries WHERE webhook = ?').run(id)
  return db.prepare('DELETE FROM webhooks WHERE id = ?').run(id).changes === 1
}

/** Turns what happened since the last time into deliveries, each once, whatever stops the program. In a transaction. */
export function queueDeliveries(
  db: LocalDatabase,
  nowMs: number,
  bodyOf: (webhook: Webhook, change: Change) => string | null,
): void {
  const rows = prepared(db, 'SELECT * FROM webhooks WHERE enabled = 1').all() as WebhookRow[]
  const at = new Date(nowMs).toISOString()
  for (const row of rows) {
    const { changes, through } = changesAfter(db, row.position, CHANGES_AT_ONCE)
    if (through === row.position) continue
    const webhook = toWebhook(row)
    for (const change of changes) {
      const body = bodyOf(webhook, change)
      if (body === null) continue
      prepared(
        db,
        "INSERT INTO deliveries (id, webhook, at, body, attempts, state, next_ms) VALUES (?, ?, ?, ?, 0, 'pending', ?)",
      ).run(`msg_${randomBytes(12).toString('hex')}`, row.id, at, body, nowMs)
    }
    prepared(db, 'UPDATE webhooks SET position = ? WHERE id = ?').run(through, row.id)
  }
  prepared(db, "DELETE FROM deliveries WHERE state <> 'pending' AND at < ?").run(
    new Date(nowMs - LOG_DAYS * 86_400_000).toISOString(),
  )
}

interface DeliveryRow {
  id: string
  webhook: string
  at: string
  attempts: number
  state: Delivery['state']
  next_ms: number
  status: number | null
  error: string | null
}

function toDelivery({ id, webhook, at, attempts, state, next_ms: nextMs, status, error }: DeliveryRow): Delivery {
  return {
    id,
    webhook,
    at,
    attempts,
    state,
    ...(state === 'pending' && { nextAt: new Date(nextMs).toISOString() }),
    ...(status !== null && { status }),
    ...(error !== null && { error }),
  }
}

export function dueDeliveries(db: LocalDatabase, nowMs: number, limit: number): DueDelivery[] {
  const rows = prepared(
    db,
    `SELECT d.*, w.url, w.secret, w.former_secret FROM deliveries d JOIN webhooks w ON w.id = d.webhook
       WHERE d.state = 'pending' AND d.next_ms <= ? AND w.enabled = 1 ORDER BY d.next_ms, d.id LIMIT ?`,
  ).all(nowMs, limit) as (DeliveryRow & { url: string; body: string; secret: string; former_secret: string | null })[]
  return rows.map((row) => ({
    ...toDelivery(row),
    url: row.url,
    body: row.body,
    secrets: row.former_secret === null ? [row.secret] : [row.secret, row.former_secret],
  }))
}

export function noteAttempt(
  db: LocalDatabase,
  id: string,
  attempt: { state: Delivery['state']; nextMs: number; status?: number; error?: string },
): void {
  prepared(
    db,
    'UPDATE deliveries SET attempts = attempts + 1, state = ?, next_ms = ?, status = ?, error = ? WHERE id = ?',
  ).run(attempt.state, attempt.nextMs, attempt.status ?? null, attempt.error ?? null, id)
}

/** The log of a webhook, newest first. */
export function deliveriesOf(db: LocalDatabase, webhook: string, limit: number): Delivery[] {
  const sql = 'SELECT * FROM deliveries WHERE webhook = ? ORDER BY at DESC, id LIMIT ?'
  return (prepared(db, sql).all(webhook, limit) as DeliveryRow[]).map(toDelivery)
}

/** Puts a delivery in line again; false where there is none. */
export function redeliver(db: LocalDatabase, webhook: string, id: string, nowMs: number): boolean {
  const sql = "UPDATE deliveries SET state = 'pending', next_ms = ? WHERE webhook = ? AND id = ?"
  return prepared(db, sql).run(nowMs, webhook, id).changes === 1
}
