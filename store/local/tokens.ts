import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Scope } from '../store.ts'
import type { LocalDatabase } from './database.ts'
import { addHistory } from './history.ts'
import { inTransaction } from './transaction.ts'

/** `ingest` ships logs for one agency and reads nothing; `api` reads or changes what its scopes name. */
type TokenKind = 'ingest' | 'api'

export interface Token {
  id: string
  kind: TokenKind
  /** What it is for, in words. */
  name: string
  agencies: Scope
  scopes: readonly string[]
  createdAt: string
  createdBy: string
  expiresAt?: string
  lastUsedAt?: string
  /** Addresses and networks (CIDR) it may be used from; absent: any. */
  addresses?: string[]
}

interface TokenRow {
  id: string
  kind: TokenKind
  name: string
  digest: string
  agencies: string
  scopes: string
  created_at: string
  created_by: string
  expires_at: string | null
  last_used_ms: number | null
  revoked_at: string | null
  addresses: string | null
}

/** `last_used` is exact to this: a collector shows its token a hundred times a second. */
const LAST_USED_STEP_MS = 60_000
const FORM = /^soc_([a-z0-9]{12})_([A-Za-z0-9_-]{43})$/

function digest(secret: string): string {
  return createHash('sha256').update(secret).digest('hex')
}

function toToken(row: TokenRow): Token {
  return {
    id: row.id,
    kind: row.kind,
    name: row.name,
    agencies: JSON.parse(row.agencies) as Scope,
    scopes: JSON.parse(row.scopes) as string[],
    createdAt: row.created_at,
    createdBy: row.created_by,
    ...(row.expires_at !== null && { expiresAt: row.expires_at }),
    ...(row.addresses !== null && { addresses: JSON.parse(row.addresses) as string[] }),
    ...(row.last_used_ms !== null && { lastUsedAt: new Date(row.last_used_ms).toISOString() }),
  }
}

/**
 * Makes a token and gives it with its full text, `soc_<id>_<secret>`, of which only the secret's SHA-256 is kept. The
 * history says who made it, whichever way they came.
 */
export function addToken(db: LocalDatabase, token: Omit<Token, 'id' | 'lastUsedAt'>): { token: Token; text: string } {
  const id = randomBytes(6).toString('hex')
  const secret = randomBytes(32).toString('base64url')
  const { kind, name, agencies, scopes, createdAt, createdBy, expiresAt, addresses } = token
  inTransaction(db, () => {
    db.prepare(
      `INSERT INTO tokens (id, kind, name, digest, agencies, scopes, created_at, created_by, expires_at, addresses)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ).run(
      id,
      kind,
      name,
      digest(secret),
      JSON.stringify(agencies),
      JSON.stringify(scopes),
      createdAt,
      createdBy,
      expiresAt ?? null,
      addresses === undefined ? null : JSON.stringify(addresses),
    )
    const subject = { kind: 'token' as const, id }
    const after = { agencies, scopes }
    addHistory(db, [{ at: createdAt, actor: createdBy, subject, code: 'token_created', params: { kind, name }, after }])
  })
  return { token: { id, ...token }, text: `soc_${id}_${secret}` }
}

/** The live token whose full text this is, or null: unknown, wrong, expired and revoked look alike. */
export function findToken(db: LocalDatabase, text: string, nowMs: number): Token | null {
  const [, id, secret] = FORM.exec(text) ?? []
  if (id === undefined || secret === undefined) return null
  const row = db.prepare('SELECT * FROM tokens WHERE id = ? AND revoked_at IS NULL').get(id) as TokenRow | undefined
  if (row === undefined || !timingSafeEqual(Buffer.from(digest(secret)), Buffer.from(row.digest))) return null
  if (row.expires_at !== null && Date.parse(row.expires_at) <= nowMs) return null
  if (nowMs - (row.last_used_ms ?? 0) >= LAST_USED_STEP_MS) {
    try {
      db.prepare('UPDATE tokens SET last_used_ms = ? WHERE id = ?').run(nowMs, id)
    } catch {
      // Locked, or no room on the disk: only the note of its last use is missing, and its bearer is not turned away for it.
    }
  }
  return toToken(row)
}

/** Whose logs the bearer of this token ships, for the inputs; null where the text is no live ingest token. */
export function authenticateIngest(
  db: LocalDatabase,
  text: string,
  nowMs: number = Date.now(),
): { agency: string; token: string } | null {
  const token = findToken(db, text, nowMs)
  if (token === null || token.kind !== 'ingest' || token.agencies === 'all') return null
  const [agency] = token.agencies
  return agency === undefined ? null : { agency, token: token.id }
}

/** Those that were not revoked, by id. */
export function listTokens(db: LocalDatabase): Token[] {
  const rows = db.prepare('SELECT * FROM tokens WHERE revoked_at IS NULL ORDER BY created_at, id').all() as TokenRow[]
  return rows.map(toToken)
}

/** Ends a token at once, and says so in the history; false where there is no such live one. */
export function revokeToken(db: LocalDatabase, id: string, at: string, by = 'command line'): boolean {
  return inTransaction(db, () => {
    const { changes } = db.prepare('UPDATE tokens SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL').run(at, id)
    if (changes !== 1) return false
    const subject = { kind: 'token' as const, id }
    addHistory(db, [{ at, actor: by, subject, code: 'token_revoked', params: {} }])
    return true
  })
}
