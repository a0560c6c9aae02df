import { addressKey, ipv4Of } from '../query/address.ts'
import type { JsonBytes } from '../json-bytes.ts'
import { foldLiteral, MARKS } from '../query/fold.ts'
import type { Part, Pattern } from '../query/pattern.ts'
import { type Condition, FREE_TEXT, isSentence, isTime, numberOf, type Range, VALUE_CHARS_MAX } from '../query/query.ts'
import { KEYWORD_CHARS_MAX } from './mappings.ts'

/*
 * What is searched is written out by the product, so that both engines mean the same by it: `soc.pairs` holds each field's
 * name with each of its texts, folded, and `soc.order` with each number, address and time among them in a form that sorts as they
 * do. Name and value are one term, divided by a NUL, which no name may hold.
 */

export type Clause = Record<string, unknown>

export const NAME_CHARS_MAX = 500

/** Fields of other names are stored, not searched. */
export function canBeNamed(name: string): boolean {
  return name !== '' && name.length <= NAME_CHARS_MAX && !name.includes('\0')
}

/**
 * What of a folded text stands behind its field's name in `soc.pairs`. Sentences are in pieces that overlap by the longest value there
 * can be; of other fields, what is too long for a term is not there.
 */
export function piecesOf(name: string, folded: string): string[] {
  if (folded.length <= KEYWORD_CHARS_MAX) return [folded]
  if (!isSentence(name)) return []
  const step = KEYWORD_CHARS_MAX - VALUE_CHARS_MAX
  const found: string[] = []
  for (let at = 0; at === 0 || at + VALUE_CHARS_MAX < folded.length; at += step)
    found.push(folded.slice(at, at + KEYWORD_CHARS_MAX))
  return found
}

/** Whether no search looks into a folded text. */
export function isUnseen(name: string, folded: string): boolean {
  return folded.length > KEYWORD_CHARS_MAX && !isSentence(name)
}

/**
 * Writes what stands in `soc.order` for a text, if it is anything to be put in order, as a further element of a list. `before`: a comma and the
 * field's name, as `pair` of a document.
 */
export function writePlace(order: JsonBytes, before: Uint8Array, text: string): void {
  const number = numberOf(text)
  const ipv4 = number === null ? ipv4Of(text) : -1
  if (number !== null) {
    const [high, low] = sortable(number)
    order.copy(before)
    order.copy(NUMBER)
    order.hex(high)
    order.hex(low)
  } else if (ipv4 >= 0) {
    order.copy(before)
    order.copy(ADDRESS)
    order.plain('4')
    order.hex(ipv4)
  } else {
    const isOfTime = isTime(text)
    const key = isOfTime ? text : addressKey(text)
    if (key === null) return
    order.copy(before)
    order.copy(isOfTime ? TIME : ADDRESS)
    order.plain(key)
  }
  order.byte(QUOTE)
}

const QUOTE = 0x22
const [NUMBER, ADDRESS, TIME] = (['number', 'address', 'time'] as const).map((as) => Buffer.from(`${as}\\u0000`)) as [
  Buffer,
  Buffer,
  Buffer,
]
const [MINUS, ZERO, NINE, COLON, LAST_DIGIT] = [0x2d, 0x30, 0x39, 0x3a, 0x66]
/** So many digits an address of IPv6 has before its first colon. */
const GROUP = 4

/**
 * Whether what begins at `at` may be anything to be put in order: numbers and times begin with a digit, or a minus; addresses besides with a group of
 * digits and a colon. Most texts are told by it.
 */
export function mayBeOrdered(json: Uint8Array, at: number): boolean {
  const first = json[at]!
  if (first <= NINE) return first >= ZERO || first === MINUS
  if (first > LAST_DIGIT) return false
  for (let i = 0; i <= GROUP; i++) if (json[at + i] === COLON) return true
  return false
}

function place(name: string, as: Range['as'], value: string | number): string {
  return `${name}\0${placed(as, value)}`
}

function placed(as: Range['as'], value: string | number): string {
  return `${as}\0${typeof value === 'number' ? sortable(value).map(hex).join('') : value}`
}

const bits = new DataView(new ArrayBuffer(8))

/** A double's bits, turned so that they sort as the numbers do: negative ones inverted, others above them. */
function sortable(number: number): [high: number, low: number] {
  bits.setFloat64(0, number === 0 ? 0 : number)
  const [high, low] = [bits.getUint32(0), bits.getUint32(4)]
  const isNegative = high >>> 31 === 1
  return isNegative ? [~high, ~low] : [high | 0x8000_0000, low]
}

function hex(word: number): string {
  return (word >>> 0).toString(16).padStart(8, '0')
}

/** A condition in query DSL. */
export function clauseOf(condition: Condition): Clause {
  switch (condition.kind) {
    case 'and':
      return { bool: { filter: condition.of.map(clauseOf) } }
    case 'or':
      return { bool: { should: condition.of.map(clauseOf), minimum_should_match: 1 } }
    case 'not':
      return { bool: { must_not: clauseOf(condition.of) } }
    case 'match': {
      const { field, pattern } = condition
      if (field !== '') return matches(field, pattern)
      return { bool: { should: FREE_TEXT.map((name) => matches(name, pattern)), minimum_should_match: 1 } }
    }
    default:
      return { range: { 'soc.order': boundsOf(condition) } }
  }
}

/** Both ends, so that no other field, and nothing of another kind, lies between. */
function boundsOf(range: Range): Record<string, string> {
  const { field, as, gt, gte, lt, lte } = range
  const bound = (value: string | number): string => place(field, as, value)
  return {
    ...(gt !== undefined && { gt: bound(gt) }),
    ...(gte !== undefined && { gte: bound(gte) }),
    ...(gt === undefined && gte === undefined && { gt: `${field}\0${as}\0` }),
    ...(lt !== undefined && { lt: bound(lt) }),
    ...(lte !== undefined && { lte: bound(lte) }),
    ...(lt === undefined && lte === undefined && { lt: `${field}\0${as}\u0001` }),
  }
}

function matches(field: string, pattern: Pattern): Clause {
  const pair = (text: string): string => `${field}\0${foldLiteral(text)}`
  switch (pattern.kind) {
    case 'exists':
      return { prefix: { 'soc.pairs': `${field}\0` } }
    case 'equals':
      return { term: { 'soc.pairs': pair(pattern.text) } }
    case 'prefix':
      return { prefix: { 'soc.pairs': pair(pattern.text) } }
    case 'suffix':
      return regexp(field, [RUN, { text: pattern.text }])
    case 'contains':
      return regexp(field, [RUN, { text: pattern.text }, RUN])
    default:
      return regexp(field, pattern.parts)
  }
}

const RUN: Part = { any: 'run' }

/** Enough for the longest value there can be; a `wildcard` query stops at 10,000, which 1,000 times the same letter exceeds. */
const STATES_MAX = 1_000_000

/** `?` stands for a character, which a mark is not. */
function regexp(field: string, parts: readonly Part[]): Clause {
  const plain = (text: string): string => text.replace(/[^\p{L}\p{N}\s\0]/gu, String.raw`\$&`)
  const value = parts.map((part) => {
    if ('text' in part) return plain(foldLiteral(part.text))
    return part.any === 'run' ? '.*' : `[^${MARKS}]`
  })
  return {
    regexp: {
      'soc.pairs': { value: `${plain(field)}\0${value.join('')}`, flags: 'NONE', max_determinized_states: STATES_MAX },
    },
  }
}
