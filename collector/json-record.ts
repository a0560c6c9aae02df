import { DEPTH_MAX, findFault } from './json-fault.ts'
import { Refusal } from './refusal.ts'

export type JsonValue = string | number | boolean | null | JsonValue[] | JsonObject
export interface JsonObject {
  [key: string]: JsonValue
}

const FIELDS_MAX = 1_000
const NOT_JSON = new Refusal('bad_json', 'not JSON')

/**
 * The object that `text` holds, or why it is refused. Stricter than `JSON.parse`, which keeps the last of two equal keys
 * in silence and rounds integers beyond 2^53: here the former is refused and the latter stay as text.
 *
 * One pass over the text counts the pairs written, and watches depth, number of fields and long numbers; strings, which
 * are most of a log's bytes, are jumped over. A key written twice shows as fewer keys in the result than pairs in the text;
 * only then, and for a syntax error, a second and slower reading says where. Both are linear and without recursion.
 */
export function parseRecord(text: string): JsonObject | Refusal {
  const scan = scanStructure(text)
  if (scan.fault !== undefined) return scan.fault
  let value: JsonValue
  try {
    value = JSON.parse(scan.wide.length === 0 ? text : quoteNumbers(text, scan.wide)) as JsonValue
  } catch {
    return findFault(text) ?? NOT_JSON
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return new Refusal('bad_json', 'not a JSON object')
  }
  if (countKeys(value) !== scan.pairs) return findFault(text) ?? NOT_JSON
  return value
}

interface Scan {
  pairs: number
  /** `[start, end)` of integers that no double holds exactly. */
  wide: [number, number][]
  fault?: Refusal
}

function scanStructure(text: string): Scan {
  const scan: Scan = { pairs: 0, wide: [] }
  let depth = 0
  for (let i = 0; i < text.length; i++) {
    const char = text.charCodeAt(i)
    if (char === 0x22) {
      i = endOfString(text, i)
    } else if (char === 0x3a) {
      if (++scan.pairs > FIELDS_MAX) {
        scan.fault = new Refusal('too_many_fields', `more than ${FIELDS_MAX} fields, at offset ${i}`)
        return scan
      }
    } else if (char === 0x7b || char === 0x5b) {
      if (++depth > DEPTH_MAX) {
        scan.fault = new Refusal('too_deep', `nested deeper than ${DEPTH_MAX}, at offset ${i}`)
        return scan
      }
    } else if (char === 0x7d || char === 0x5d) {
      depth--
    } else if (char >= 0x30 && char <= 0x39) {
      const start = i
      while (i + 1 < text.length && isNumberChar(text.charCodeAt(i + 1))) i++
      if (i - start >= 15 || !isPlain(text, start, i + 1)) keepWide(text, start, i + 1, scan.wide)
    }
  }
  return scan
}

/** Index of the quote that ends the string opened at `open`, or of the text's last character. */
function endOfString(text: string, open: number): number {
  for (let quote = text.indexOf('"', open + 1); quote >= 0; quote = text.indexOf('"', quote + 1)) {
    let back = quote
    while (text.charCodeAt(back - 1) === 0x5c) back--
    // An even run of backslashes escapes itself, not the quote. Each run is counted once: it stands before one quote.
    if ((quote - back) % 2 === 0) return quote
  }
  return text.length
}

function isNumberChar(char: number): boolean {
  return (
    (char >= 0x30 && char <= 0x39) || char === 0x2e || char === 0x65 || char === 0x45 || char === 0x2b || char === 0x2d
  )
}

function isPlain(text: string, start: number, end: number): boolean {
  for (let i = start; i < end; i++) {
    const char = text.charCodeAt(i)
    if (char === 0x65 || char === 0x45) return false
  }
  return true
}

function keepWide(text: string, start: number, end: number, wide: [number, number][]): void {
  const from = text.charCodeAt(start - 1) === 0x2d ? start - 1 : start
  let next = end
  while (text.charCodeAt(next) <= 0x20) next++
  if (text.charCodeAt(next) === 0x3a) return // a number is no key: left for JSON.parse to refuse
  const token = text.slice(from, end)
  if (!/^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(token)) return
  const value = Number(token)
  if (!Number.isFinite(value) || (Number.isInteger(value) && !Number.isSafeInteger(value))) wide.push([from, end])
}

function quoteNumbers(text: string, wide: readonly [number, number][]): string {
  const parts: string[] = []
  let at = 0
  for (const [start, end] of wide) {
    parts.push(text.slice(at, start), '"', text.slice(start, end), '"')
    at = end
  }
  parts.push(text.slice(at))
  return parts.join('')
}

function countKeys(root: JsonObject): number {
  let count = 0
  const open: (JsonObject | JsonValue[])[] = [root]
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (Array.isArray(node)) {
      for (const item of node) if (typeof item === 'object' && item !== null) open.push(item)
      continue
    }
    for (const key of Object.keys(node)) {
      count++
      const value = node[key]
      if (typeof value === 'object' && value !== null) open.push(value)
    }
  }
  return count
}

/**
 * Calls `visit` for every leaf with its dotted name: scalars, arrays (kept whole) and empty objects' absence. Nulls are
 * skipped: to ECS an absent field and a null one are the same.
 */
export function flatten(record: JsonObject, prefix: string, visit: (name: string, value: JsonLeaf) => void): void {
  for (const key of Object.keys(record)) {
    const value = record[key]!
    const name = prefix === '' ? key : `${prefix}.${key}`
    if (value === null || value === '') continue
    if (typeof value === 'object' && !Array.isArray(value)) flatten(value, name, visit) // at most DEPTH_MAX calls deep
    else if (!Array.isArray(value) || value.length > 0) visit(name, value)
  }
}

export type JsonLeaf = string | number | boolean | JsonValue[]
