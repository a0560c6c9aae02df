import { type Part, partsOf } from './pattern.ts'

/** Every reason why a query cannot be read. `docs/search.md` lists the same. */
export const QUERY_ERRORS = [
  'too_long',
  'too_many_terms',
  'too_deep',
  'value_too_long',
  'too_many_wildcards',
  'unclosed_quote',
  'unclosed_bracket',
  'unexpected',
  'missing_value',
  'bad_bound',
  'unknown_stage',
  'bad_stage',
] as const

/** Where a query cannot be read: a stable code, and the stretch of its text (UTF-16 units, from 0) that is to blame. */
export interface QueryError {
  code: (typeof QUERY_ERRORS)[number]
  position: number
  end: number
  message: string
}

/** Thrown inside the parser, and given as a value to its callers. */
export class Unreadable extends Error {
  readonly error: QueryError
  constructor(code: QueryError['code'], position: number, end: number, message: string) {
    super(message)
    this.error = { code, position, end, message }
  }
}

export const OPERATORS = ['>=', '<=', '>', '<', ':'] as const
export type Operator = (typeof OPERATORS)[number]

export type Token = { start: number; end: number } & (
  | { kind: 'open' | 'close' | 'pipe' | 'end' }
  /** `user.name:`, `source.port >=` */
  | { kind: 'field'; name: string; operator: Operator }
  /** `[a TO b]`, only after a field's colon. */
  | { kind: 'interval'; from: string; to: string }
  /** `word` is what stands there when nothing of it is quoted: it may be an operator. */
  | { kind: 'value'; parts: Part[]; word: string | null }
)

/** An ECS name: begins with a letter, `@` or `_`, so that `10:22:01` is text. */
const FIELD = /([A-Za-z@_][\w.@-]*|"(?:[^"\\]|\\.)*")\s*(:|>=|<=|>|<)/y
/** `http://…`, `fe80::1`, `C:\…` are text, not fields. */
const NO_FIELD = /[A-Za-z][\w.+-]*:(\/\/|:)|[A-Za-z]:\\/y
const INTERVAL = /\[\s*(\S+)\s+to\s+([^\s\]]+)\s*\]/iy
const SPACE = /[\s\u00a0]/

/** Reads one token of `text` at `at`. @throws {Unreadable} */
export function tokenAt(text: string, at: number, afterColon: boolean): Token {
  let start = at
  while (start < text.length && SPACE.test(text[start]!)) start++
  const single = { '(': 'open', ')': 'close', '|': 'pipe', '': 'end' } as const
  const kind = single[(text[start] ?? '') as keyof typeof single]
  if (kind !== undefined) return { kind, start, end: Math.min(start + 1, text.length) }
  if (!afterColon) {
    NO_FIELD.lastIndex = FIELD.lastIndex = start
    const found = NO_FIELD.test(text) ? null : FIELD.exec(text)
    if (found !== null) {
      const [whole, name = '', operator] = found
      const plain = name.startsWith('"') ? name.slice(1, -1).replace(/\\(.)/g, '$1') : name
      return { kind: 'field', name: plain, operator: operator as Operator, start, end: start + whole.length }
    }
  } else if (text[start] === '[') {
    INTERVAL.lastIndex = start
    const [whole = '', from = '', to = ''] = INTERVAL.exec(text) ?? []
    if (whole === '') throw new Unreadable('unclosed_bracket', start, text.length, 'a range is written [a TO b]')
    return { kind: 'interval', from, to, start, end: start + whole.length }
  }
  return valueAt(text, start)
}

/** Pieces, quoted and not, that follow each other without a space between them: `C:\"Program Files"\*`. */
function valueAt(text: string, start: number): Token {
  const parts: Part[] = []
  let at = start
  let quoted = false
  while (at < text.length && !SPACE.test(text[at]!) && !'()|'.includes(text[at]!)) {
    if (text[at] === '"') {
      const close = closingQuote(text, at)
      if (close === -1) throw new Unreadable('unclosed_quote', at, text.length, 'the quotation mark is never closed')
      parts.push({ text: unescape(text.slice(at + 1, close)) })
      quoted = true
      at = close + 1
    } else {
      const from = at
      while (at < text.length && !SPACE.test(text[at]!) && !'()|"'.includes(text[at]!)) at++
      parts.push(...partsOf(text.slice(from, at)))
    }
  }
  return { kind: 'value', parts, word: quoted ? null : text.slice(start, at), start, end: at }
}

/**
 * Position of the quotation mark that closes the one at `open`, or -1. As with wildcards, a backslash is itself except before
 * what it escapes: before a quotation mark `\\` is a backslash, and one that is left over takes the mark's meaning away.
 */
function closingQuote(text: string, open: number): number {
  let slashes = 0
  for (let at = open + 1; at < text.length; at++) {
    if (text[at] === '"' && slashes % 2 === 0) return at
    slashes = text[at] === '\\' ? slashes + 1 : 0
  }
  return -1
}

function unescape(inside: string): string {
  return inside.replace(/(\\+)("|$)/g, (_, slashes: string, mark: string) => '\\'.repeat(slashes.length >> 1) + mark)
}
