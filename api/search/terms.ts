import type { Term } from '../../store/store.ts'

/** Where a search cannot be read: a code, and the position in its text (UTF-16 units, from 0). */
export interface SearchError {
  code: 'unclosed_quote' | 'missing_value' | 'unsupported_operator' | 'too_many_terms' | 'too_long'
  position: number
  message: string
}

const SEARCH_CHARS_MAX = 2_000
const TERMS_MAX = 32
/** An ECS name: begins with a letter or `@`, so that `10:22:01` stays free text. */
const FIELD = /[A-Za-z@][A-Za-z0-9_.@-]*:/y

/**
 * Reads `field:value field:"two words" word "some words"` into terms that all must hold; `AND` between them may be
 * written. Pure, and linear in the length of `text`.
 */
export function parseTerms(text: string): { terms: Term[] } | { error: SearchError } {
  if (text.length > SEARCH_CHARS_MAX) {
    return fail('too_long', SEARCH_CHARS_MAX, `at most ${SEARCH_CHARS_MAX} characters`)
  }
  const terms: Term[] = []
  let at = 0
  for (;;) {
    while (at < text.length && isSpace(text[at]!)) at++
    if (at >= text.length) return { terms }
    const start = at
    FIELD.lastIndex = at
    const field = FIELD.exec(text)?.[0].slice(0, -1) ?? ''
    if (field !== '') at += field.length + 1

    let value = ''
    const quoted = text[at] === '"'
    if (quoted) {
      const end = closingQuote(text, at)
      if (end === -1) return fail('unclosed_quote', at, 'the quotation mark is never closed')
      value = text.slice(at + 1, end).replace(/\\(["\\])/g, '$1')
      at = end + 1
    } else {
      while (at < text.length && !isSpace(text[at]!)) at++
      value = text.slice(field === '' ? start : start + field.length + 1, at)
    }
    if (!quoted && field === '' && value === 'AND') continue
    if (!quoted && field === '' && (value === 'OR' || value === 'NOT' || /^[()]/.test(value))) {
      return fail('unsupported_operator', start, `'${value}' is not understood here: all terms must hold`)
    }
    if (value === '') return fail('missing_value', start, 'a value must follow the colon')
    if (terms.length === TERMS_MAX) return fail('too_many_terms', start, `at most ${TERMS_MAX} terms`)
    terms.push({ field, value })
  }
}

function isSpace(character: string): boolean {
  return character === ' ' || character === '\t' || character === '\n' || character === '\r' || character === '\u00A0'
}

/** Position of the quotation mark that closes the one at `open`, or -1; a backslash takes the next mark's meaning away. */
function closingQuote(text: string, open: number): number {
  for (let at = open + 1; at < text.length; at++) {
    if (text[at] === '\\') at++
    else if (text[at] === '"') return at
  }
  return -1
}

function fail(code: SearchError['code'], position: number, message: string): { error: SearchError } {
  return { error: { code, position, message } }
}
