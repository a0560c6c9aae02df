import { fold } from './fold.ts'
import { ANY, ONE, type TextPart, type TextParts } from './text.ts'

/** A compiled Sigma string. Offsets are UTF-16 units of the text that was given. */
export interface Pattern {
  readonly parts: TextParts
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

/**
 * Compiles the parts of a Sigma string. Matching takes each inner segment at its first possible place, which is enough
 * for `*`, so the time is bounded by text × pattern and never exponential.
 */
export function compilePattern(parts: TextParts, cased: boolean): Pattern {
  const own = cased ? parts : parts.map((part) => (typeof part === 'string' ? fold(part) : part))
  const segments: Exclude<TextPart, typeof ANY>[][] = [[]]
  for (const part of own) {
    if (part === ANY) segments.push([])
    else segments.at(-1)!.push(part)
  }
  const first = segments[0]!
  const last = segments.at(-1)!
  const inner = segments.slice(1, -1)

  const locate = (text: string): [number, number] | undefined => {
    const head = endOf(first, text, 0)
    if (head < 0) return undefined
    if (segments.length === 1) return head === text.length ? [0, head] : undefined
    let start = first.length > 0 ? 0 : -1
    let at = head
    for (const segment of inner) {
      const found = search(segment, text, at)
      if (!found) return undefined
      if (start < 0) start = found[0]
      at = found[1]
    }
    if (last.length === 0) return [Math.max(start, 0), at]
    const tail = searchEnd(last, text, at)
    return tail < 0 ? undefined : [start < 0 ? tail : start, text.length]
  }

  const literals = own.filter((part) => typeof part === 'string')
  const simple = literals.length === 1 && own.length - 1 === own.filter((part) => part === ANY).length
  const literal = literals[0] ?? ''
  const shape = own.map((part) => (part === ANY ? '*' : 'x')).join('')
  const matches =
    own.length === 0
      ? (text: string) => text === ''
      : simple && shape === 'x'
        ? (text: string) => text === literal
        : simple && shape === 'x*'
          ? (text: string) => text.startsWith(literal)
          : simple && shape === '*x'
            ? (text: string) => text.endsWith(literal)
            : simple && shape === '*x*'
              ? (text: string) => text.includes(literal)
              : (text: string) => locate(text) !== undefined
  return { parts, cased, matches, find: (text) => locate(cased ? text : fold(text)) }
}
