import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { Problem } from './problem.ts'

/** What a cursor is good for: the same asker, the same list, the same filters. */
export interface CursorContext {
  principal: string
  /** The list's name and every filter and order that was asked for. */
  query: Record<string, unknown>
}

type Key = readonly (string | number)[]

const CURSOR_CHARS_MAX = 1_000

/**
 * Signs the place where a page ended, so that a client can neither forge one nor carry it into another list. The text is
 * opaque: base64url of the keyset values, a dot, HMAC-SHA256 over them and the context.
 */
export function signCursor(secret: Buffer, context: CursorContext, key: Key): string {
  const payload = Buffer.from(JSON.stringify(key)).toString('base64url')
  return `${payload}.${signature(secret, context, payload).toString('base64url')}`
}

/** The keyset values that were signed. @throws {Problem} `bad_cursor`, for whatever reason it does not fit. */
export function readCursor(secret: Buffer, context: CursorContext, cursor: string): Key {
  const [payload = '', signed = '', ...rest] = cursor.slice(0, CURSOR_CHARS_MAX).split('.')
  const expected = signature(secret, context, payload)
  const given = Buffer.from(signed, 'base64url')
  if (rest.length > 0 || given.length !== expected.length || !timingSafeEqual(given, expected)) {
    throw new Problem('bad_cursor')
  }
  return JSON.parse(Buffer.from(payload, 'base64url').toString()) as Key
}

/**
 * A page of `rows`, which were asked for one beyond `size`: where that one came there is more, and `next` is signed from the
 * page's last row.
 */
export function pageWithNext<T>(
  rows: readonly T[],
  size: number,
  sign: { secret: Buffer; context: CursorContext; keyOf: (last: T) => Key },
): { items: T[]; next?: string } {
  const items = rows.slice(0, size)
  const last = items.at(-1)
  if (rows.length <= size || last === undefined) return { items }
  return { items, next: signCursor(sign.secret, sign.context, sign.keyOf(last)) }
}

function signature(secret: Buffer, context: CursorContext, payload: string): Buffer {
  const names = Object.keys(context.query).sort()
  const query = names.map((name) => [name, context.query[name]]).filter(([, value]) => value !== undefined)
  const bound = createHash('sha256')
    .update(JSON.stringify([context.principal, query]))
    .digest()
  return createHmac('sha256', secret).update(bound).update(payload).digest()
}
