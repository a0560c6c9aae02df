import type { LocalDatabase } from './database.ts'
import { prepared } from './statement.ts'

export interface KeptAnswer {
  status: number
  etag: string | null
  body: string
  /** Of the request: digest of a body too large to be held at once; `null` where the whole request was known when it came. */
  content: string | null
}

/** What became of a request with that key: nothing yet (it may go on), one of another content, one under way, or an answer. */
export type Claim = 'new' | 'other_request' | 'under_way' | KeptAnswer

const LIFE_MS = 24 * 3_600_000

/** Claims the key for one request of one principal, for 24 hours. */
export function claimKey(
  db: LocalDatabase,
  claim: { principal: string; key: string; digest: string; nowMs: number },
): Claim {
  const { principal, key, digest, nowMs } = claim
  prepared(db, 'DELETE FROM idempotency WHERE at_ms <= ?').run(nowMs - LIFE_MS)
  const insert = 'INSERT INTO idempotency (principal, key, digest, at_ms) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING'
  if (prepared(db, insert).run(principal, key, digest, nowMs).changes === 1) return 'new'
  const found = prepared(
    db,
    'SELECT digest, status, etag, body, content FROM idempotency WHERE principal = ? AND key = ?',
  ).get(principal, key) as {
    digest: string
    status: number | null
    etag: string | null
    body: string | null
    content: string | null
  }
  if (found.digest !== digest) return 'other_request'
  if (found.status === null) return 'under_way'
  return { status: found.status, etag: found.etag, body: found.body ?? '', content: found.content }
}

export function keepAnswer(db: LocalDatabase, principal: string, key: string, answer: KeptAnswer): void {
  const sql = 'UPDATE idempotency SET status = ?, etag = ?, body = ?, content = ? WHERE principal = ? AND key = ?'
  prepared(db, sql).run(answer.status, answer.etag, answer.body, answer.content, principal, key)
}

/** The request failed without an effect: it may be sent again. */
export function releaseKey(db: LocalDatabase, principal: string, key: string): void {
  prepared(db, 'DELETE FROM idempotency WHERE principal = ? AND key = ?').run(principal, key)
}
