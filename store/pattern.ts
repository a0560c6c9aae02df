import type { EcsEvent, EcsValue } from '../model/event.ts'
import type { Term } from './store.ts'

/** What a term's value asks of one text, compared without case: a chain of literals, joined by `*` or `?`. */
export type Pattern =
  | { kind: 'equals' | 'prefix' | 'suffix' | 'contains'; text: string }
  /** Any value at all: the field exists. */
  | { kind: 'exists' }
  /** Everything else, in order: `'*'` any run, `'?'` any one character, the rest literal text. */
  | { kind: 'wildcard'; parts: readonly Part[] }

export type Part = { any: 'run' | 'one' } | { text: string }

/** The longest value of a term, in UTF-16 units. */
export const TERM_VALUE_MAX = 1_000

/**
 * Reads a term's value. A backslash escapes only a wildcard: `\*` and `\?` are the characters themselves, `\\*` is a
 * backslash and a wildcard (as in Sigma 2.1, "Escaping"); any other backslash is itself, so that Windows paths are typed as
 * they are.
 */
export function parsePattern(value: string): Pattern {
  const parts: Part[] = []
  const literal = (text: string): void => {
    const last = parts.at(-1)
    if (last !== undefined && 'text' in last) parts[parts.length - 1] = { text: last.text + text }
    else if (text !== '') parts.push({ text })
  }
  for (const [piece] of value.matchAll(/\\*[*?]|\\+|[^\\*?]+/g)) {
    const wildcard = piece.at(-1)
    if (wildcard !== '*' && wildcard !== '?') {
      literal(piece)
      continue
    }
    const slashes = piece.length - 1
    literal('\\'.repeat(slashes >> 1))
    if (slashes % 2 === 1) literal(wildcard)
    else if (wildcard === '?') parts.push({ any: 'one' })
    else if (!isRun(parts.at(-1))) parts.push({ any: 'run' })
  }
  return simplest(parts)
}

function isRun(part: Part | undefined): boolean {
  return part !== undefined && 'any' in part && part.any === 'run'
}

function simplest(parts: readonly Part[]): Pattern {
  const text = (at: number): string | null => {
    const part = parts[at]
    return part !== undefined && 'text' in part ? part.text : null
  }
  const [first, second, third] = [text(0), text(1), text(2)]
  if (parts.length === 0) return { kind: 'equals', text: '' }
  if (parts.length === 1 && first !== null) return { kind: 'equals', text: first }
  if (parts.length === 1 && isRun(parts[0])) return { kind: 'exists' }
  if (parts.length === 2 && first !== null && isRun(parts[1])) return { kind: 'prefix', text: first }
  if (parts.length === 2 && isRun(parts[0]) && second !== null) return { kind: 'suffix', text: second }
  if (parts.length === 3 && isRun(parts[0]) && second !== null && third === null && isRun(parts[2])) {
    return { kind: 'contains', text: second }
  }
  return { kind: 'wildcard', parts }
}

/** Free text is a substring: the pattern of `value` with a run on either side. */
export function parseFreeText(value: string): Pattern {
  const pattern = parsePattern(value)
  if (pattern.kind === 'exists') return pattern
  if (pattern.kind === 'wildcard') return { kind: 'wildcard', parts: around(pattern.parts) }
  if (pattern.kind === 'equals')
    return pattern.text === '' ? { kind: 'exists' } : { kind: 'contains', text: pattern.text }
  return { kind: 'contains', text: pattern.text }
}

function around(parts: readonly Part[]): Part[] {
  return [
    ...(isRun(parts[0]) ? [] : [{ any: 'run' } as const]),
    ...parts,
    ...(isRun(parts.at(-1)) ? [] : [{ any: 'run' } as const]),
  ]
}

/** Whether an event holds a term: the meaning that both engines give it, spelled out. Linear in the text for each wildcard. */
export function holds(event: EcsEvent, { field, value }: Term): boolean {
  if (field !== '') return anyOf(event[field], parsePattern(value))
  const pattern = parseFreeText(value)
  return anyOf(event['event.original'], pattern) || anyOf(event['message'], pattern)
}

function anyOf(value: EcsValue | undefined, pattern: Pattern): boolean {
  return Array.isArray(value) ? value.some((element) => matchesScalar(element, pattern)) : matchesScalar(value, pattern)
}

function matchesScalar(value: EcsValue | undefined, pattern: Pattern): boolean {
  if (value === undefined || value === null || typeof value === 'object') return false
  const text = String(value).toLowerCase()
  switch (pattern.kind) {
    case 'exists':
      return true
    case 'equals':
      return text === pattern.text.toLowerCase()
    case 'prefix':
      return text.startsWith(pattern.text.toLowerCase())
    case 'suffix':
      return text.endsWith(pattern.text.toLowerCase())
    case 'contains':
      return text.includes(pattern.text.toLowerCase())
    default:
      return matchesParts(Array.from(text), pattern.parts.flatMap(steps))
  }
}

type Step = 'run' | 'one' | { c: string }

function steps(part: Part): Step[] {
  return 'any' in part ? [part.any] : Array.from(part.text.toLowerCase(), (c) => ({ c }))
}

/** The usual two-pointer walk: on a mismatch, the last run takes one character more. */
function matchesParts(text: readonly string[], pattern: readonly Step[]): boolean {
  let [at, part, run, resumed] = [0, 0, -1, 0]
  while (at < text.length) {
    const p = pattern[part]
    if (p === 'run') {
      run = part++
      resumed = at
    } else if (p === 'one' || (p !== undefined && p.c === text[at])) {
      at++
      part++
    } else if (run >= 0) {
      part = run + 1
      at = ++resumed
    } else return false
  }
  return pattern.slice(part).every((p) => p === 'run')
}
