import { fold } from './fold.ts'
import { ANY, ONE, type TextPart, type TextParts } from './text.ts'

/** A compiled Sigma string. Offsets are UTF-16 units of the text that was given. */
export interface Pattern {
  readonly parts: TextParts
  /** `parts` as texts are folded. */
  readonly folded: TextParts
  readonly cased: boolean
  /** Whether the whole of `text` matches; `text` is folded already unless the pattern is cased. */
  matches(text: string): boolean
  /** Where the pattern's own characters stand in a text that matches, without what `*` at an end covers. */
  find(text: string): [start: number, end: number] | undefined
}

/** Parts between two `*`. */
type Segment = readonly Exclude<TextPart, typeof ANY>[]

/** End of `segment` when it starts at `start`, or -1. */
function endOf(segment: Segment, text: string, start: number): number {
  let at = start
  for (const part of segment) {
    if (part === ONE) {
      if (at >= text.length) return -1
      at += text.codePointAt(at)! > 0xffff ? 2 : 1
    } else if (text.startsWith(part, at)) at += part.length
    else return -1
  }
  return at
}

/** First place at or after `from` where `segment` stands, as [start, end]. */
function search(segment: Segment, text: string, from: number): [number, number] | undefined {
  const [first] = segment
  if (first === undefined) return [from, from]
  for (let start = from; start <= text.length; start++) {
    if (typeof first === 'string') {
      start = text.indexOf(first, start)
      if (start < 0) return undefined
    }
    const end = endOf(segment, text, start)
    if (end >= 0) return [start, end]
  }
  return undefined
}

/** Last place where `segment` ends with the text. */
function searchEnd(segment: Segment, text: string, from: number): number {
  const only = segment.length === 1 && typeof segment[0] === 'string' ? segment[0] : undefined
  if (only !== undefined) {
    const start = text.length - only.length
    return start >= from && text.endsWith(only) ? start : -1
  }
  for (let start = text.length; start >= from; start--) if (endOf(segment, text, start) === text.length) return start
  return -1
}

function segmentsOf(parts: TextParts): readonly Segment[] {
  const segments: Exclude<TextPart, typeof ANY>[][] = [[]]
  for (const part of parts) {
    if (part === ANY) segments.push([])
    else segments.at(-1)!.push(part)
  }
  return segments
}

/**
 * Takes each inner segment at its first possible place, which is enough for `*`, so the time is bounded by text × pattern
 * and never exponential.
 */
function locate(segments: readonly Segment[], text: string): [number, number] | undefined {
  const first = segments[0]!
  const head = endOf(first, text, 0)
  if (head < 0) return undefined
  if (segments.length === 1) return head === text.length ? [0, head] : undefined
  let start = first.length > 0 ? 0 : -1
  let at = head
  for (let i = 1; i < segments.length - 1; i++) {
    const found = search(segments[i]!, text, at)
    if (!found) return undefined
    if (start < 0) start = found[0]
    at = found[1]
  }
  const last = segments.at(-1)!
  if (last.length === 0) return [Math.max(start, 0), at]
  const tail = searchEnd(last, text, at)
  return tail < 0 ? undefined : [start < 0 ? tail : start, text.length]
}

/** Compiles the parts of a Sigma string. */
export function compilePattern(parts: TextParts, cased: boolean): Pattern {
  const folded = parts.map((part) => (typeof part === 'string' ? fold(part) : part))
  const own = cased ? parts : folded
  // Most of tens of thousands of patterns are a literal with or without a `*` at an end, and are never located.
  let segments: readonly Segment[] | undefined
  return {
    parts,
    folded,
    cased,
    matches: matcherOf(own) ?? ((text) => locate((segments ??= segmentsOf(own)), text) !== undefined),
    find: (text) => locate((segments ??= segmentsOf(own)), cased ? text : fold(text)),
  }
}

/** The quick way to match one literal; undefined where the parts are more than that. */
function matcherOf(parts: TextParts): Pattern['matches'] | undefined {
  if (parts.length === 0) return (text) => text === ''
  const literal = parts.find((part) => typeof part === 'string')
  if (literal === undefined || parts.length > 3) return undefined
  switch (parts.map((part) => (part === ANY ? '*' : part === ONE ? '?' : 'x')).join('')) {
    case 'x':
      return (text) => text === literal
    case 'x*':
      return (text) => text.startsWith(literal)
    case '*x':
      return (text) => text.endsWith(literal)
    case '*x*':
      return (text) => text.includes(literal)
    default:
      return undefined
  }
}
