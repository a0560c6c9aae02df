/** What a value asks of one text, compared folded (`fold.ts`): a chain of literals, joined by `*` or `?`. */
export type Pattern =
  | { kind: 'equals' | 'prefix' | 'suffix' | 'contains'; text: string }
  /** Any value at all: the field exists. */
  | { kind: 'exists' }
  /** Everything else, in order: `'run'` any characters, `'one'` any one, the rest literal text. */
  | { kind: 'wildcard'; parts: readonly Part[] }

export type Part = { any: 'run' | 'one' } | { text: string }

/**
 * Reads a value with wildcards. A backslash escapes only a wildcard: `\*` and `\?` are the characters themselves, `\\*` is a
 * backslash and a wildcard (as in Sigma 2.1, "Escaping"); any other backslash is itself, so that Windows paths are typed as
 * they are.
 */
export function partsOf(value: string): Part[] {
  const parts: Part[] = []
  for (const [piece] of value.matchAll(/\\*[*?]|\\+|[^\\*?]+/g)) {
    const wildcard = piece.at(-1)
    if (wildcard !== '*' && wildcard !== '?') {
      parts.push({ text: piece })
      continue
    }
    const slashes = piece.length - 1
    parts.push({ text: '\\'.repeat(slashes >> 1) })
    if (slashes % 2 === 1) parts.push({ text: wildcard })
    else parts.push({ any: wildcard === '?' ? 'one' : 'run' })
  }
  return parts
}

/** The simplest pattern of these parts. */
export function patternOf(parts: readonly Part[]): Pattern {
  const merged = merge(parts)
  const text = (at: number): string | null => {
    const part = merged[at]
    return part !== undefined && 'text' in part ? part.text : null
  }
  const [first, second] = [text(0), text(1)]
  if (merged.length === 0) return { kind: 'equals', text: '' }
  if (merged.length === 1 && first !== null) return { kind: 'equals', text: first }
  if (merged.length === 1 && isRun(merged[0])) return { kind: 'exists' }
  if (merged.length === 2 && first !== null && isRun(merged[1])) return { kind: 'prefix', text: first }
  if (merged.length === 2 && isRun(merged[0]) && second !== null) return { kind: 'suffix', text: second }
  if (merged.length === 3 && isRun(merged[0]) && second !== null && isRun(merged[2])) {
    return { kind: 'contains', text: second }
  }
  return { kind: 'wildcard', parts: merged }
}

/** A text that holds these parts somewhere. */
export function containing(parts: readonly Part[]): Pattern {
  return patternOf([{ any: 'run' }, ...parts, { any: 'run' }])
}

/** Characters that a text must have at least. */
export function lengthOf(parts: readonly Part[]): number {
  return parts.reduce((sum, part) => sum + ('text' in part ? part.text.length : part.any === 'one' ? 1 : 0), 0)
}

export function wildcardsOf(parts: readonly Part[]): number {
  return parts.filter((part) => 'any' in part).length
}

function merge(parts: readonly Part[]): Part[] {
  const merged: Part[] = []
  for (const part of parts) {
    const last = merged.at(-1)
    if ('any' in part) {
      if (part.any === 'one' || !isRun(last)) merged.push(part)
    } else if (last !== undefined && 'text' in last) merged[merged.length - 1] = { text: last.text + part.text }
    else if (part.text !== '') merged.push(part)
  }
  return merged
}

function isRun(part: Part | undefined): boolean {
  return part !== undefined && 'any' in part && part.any === 'run'
}
