/** `*`: any run of characters, also none, across lines. */
export const ANY = 0
/** `?`: exactly one character (code point). */
export const ONE = 1

export type TextPart = string | typeof ANY | typeof ONE

/** A Sigma string after its escapes are read: literals and wildcards; two literals never stand side by side. */
export type TextParts = readonly TextPart[]

/** Joins neighbouring literals and drops a wildcard `*` beside another. */
export function joinParts(parts: TextParts): TextPart[] {
  const joined: TextPart[] = []
  for (const part of parts) {
    const last = joined.at(-1)
    if (part === '') continue
    if (typeof part === 'string' && typeof last === 'string') joined[joined.length - 1] = last + part
    else if (part !== ANY || last !== ANY) joined.push(part)
  }
  // An array that was pushed to keeps room for sixteen more, and tens of thousands of these stay.
  return joined.slice()
}

/** A text that stands for itself, as a Sigma string is written: `parseText` reads it back. */
export function writtenText(literal: string): string {
  return literal.replace(/[*?]|\\(?=[\\*?])/g, '\\$&')
}

/**
 * Reads the wildcards and escapes of a Sigma string (Sigma spec, «Escaping»): `\*` and `\?` are literal, `\\` is one
 * backslash, a backslash before anything else (or at the end) is itself.
 */
export function parseText(raw: string): TextPart[] {
  const parts: TextPart[] = []
  let from = 0
  for (const { 0: mark, index } of raw.matchAll(/\\[*?\\]|[*?]/g)) {
    parts.push(raw.slice(from, index))
    if (mark.length === 2) parts.push(mark[1]!)
    else parts.push(mark === '*' ? ANY : ONE)
    from = index + mark.length
  }
  parts.push(raw.slice(from))
  return joinParts(parts)
}
