import { addressKey, familyOf, networkOf } from './address.ts'
import { containing, type Part, type Pattern, patternOf } from './pattern.ts'

/** Which events are meant. A value of a field is compared as text, each element of a list by itself; objects are not looked into. */
export type Condition =
  | { kind: 'and' | 'or'; of: readonly Condition[] }
  | { kind: 'not'; of: Condition }
  /** `field` may be `''`: the raw line or the message. */
  | { kind: 'match'; field: string; pattern: Pattern }
  | Range

/**
 * Values between bounds. As numbers: what is written as one, so that a status of `"404"` counts. As addresses: by
 * `addressKey`. As times: what is written `YYYY-MM-DDTHH:mm:ss.sssZ`. A value that is none is not in the range.
 */
export type Range = { kind: 'range'; field: string } & (
  | ({ as: 'number' } & Bounds<number>)
  | ({ as: 'address' | 'time' } & Bounds<string>)
)

export interface Bounds<T> {
  gt?: T
  gte?: T
  lt?: T
  lte?: T
}

/** What is wanted of the events that are meant. */
export type Output =
  | { kind: 'events'; fields?: readonly string[]; order: Order }
  | { kind: 'count'; by: readonly string[]; top: number; sort: Sort }
  /** Without `intervalMs` the asker chooses one that fits the time range. */
  | { kind: 'histogram'; intervalMs?: number; by?: string; top: number }

export type Order = 'newest' | 'oldest'

/** `by` is `count` or the position in the list of fields. */
export interface Sort {
  by: 'count' | number
  descending: boolean
}

/** The most frequent first. */
export const COUNT_SORT: Sort = { by: 'count', descending: true }

export interface Query {
  /** Absent: every event. */
  where?: Condition
  output: Output
}

/** The longest value, in UTF-16 units. */
export const VALUE_CHARS_MAX = 1_000
/** Of `*` and `?` in one value. */
export const WILDCARDS_MAX = 50
export const FIELDS_MAX = 50
export const GROUP_FIELDS_MAX = 4
export const TOP_MAX = 1_000

/** Free text and fields that hold sentences: a value is looked for inside them. Others are compared whole. */
const SENTENCES: ReadonlySet<string> = new Set(['', 'message', 'event.original', 'error.message'])

export function isSentence(field: string): boolean {
  return SENTENCES.has(field)
}

/** The fields that free text is looked for in. */
export const FREE_TEXT = ['event.original', 'message'] as const

export function match(field: string, parts: readonly Part[]): Condition {
  return { kind: 'match', field, pattern: isSentence(field) ? containing(parts) : patternOf(parts) }
}

/** A plain value; `10.0.0.0/8` is also every address of that network. */
export function matchOrNetwork(field: string, parts: readonly Part[]): Condition {
  const matched = match(field, parts)
  const [only] = parts
  if (parts.length !== 1 || only === undefined || !('text' in only) || isSentence(field)) return matched
  const network = networkOf(only.text)
  return network === null ? matched : { kind: 'or', of: [matched, { kind: 'range', field, as: 'address', ...network }] }
}

/** A number in an event or a bound. Also read by RE2. */
export const NUMBER_PATTERN = '-?[0-9]{1,30}([.][0-9]{1,30})?(e[+-]?[0-9]{1,3})?'
export const TIME_PATTERN = '[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}[.][0-9]{3}Z'
const NUMBER = new RegExp(`^${NUMBER_PATTERN}$`)
const TIME = new RegExp(`^${TIME_PATTERN}$`)
const DAY_OR_TIME = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)?)?$/

/** A range between the texts of its bounds, `null` where they are not two numbers, two addresses of one family or two times. */
export function rangeOf(field: string, bounds: Bounds<string>): Range | null {
  const entries = Object.entries(bounds) as [keyof Bounds<string>, string][]
  const read = <T>(as: (text: string) => T | null): Bounds<T> | null => {
    const values = entries.map(([name, text]) => [name, as(text)] as const)
    return values.some(([, value]) => value === null) ? null : (Object.fromEntries(values) as Bounds<T>)
  }
  const numbers = read(numberOf)
  if (numbers !== null) return { kind: 'range', field, as: 'number', ...numbers }
  const keys = read(addressKey)
  if (keys !== null) {
    const families = new Set(Object.values(keys).map((key) => familyOf(key as string).gte))
    if (families.size > 1) return null
    const { gte, lte } = familyOf(Object.values(keys)[0] as string)
    const lower = keys.gt === undefined && keys.gte === undefined ? { gte } : {}
    const upper = keys.lt === undefined && keys.lte === undefined ? { lte } : {}
    return { kind: 'range', field, as: 'address', ...lower, ...upper, ...keys }
  }
  const times = read(timeOf)
  return times === null ? null : { kind: 'range', field, as: 'time', ...times }
}

/** The number that a text is, `null` where it is none. */
export function numberOf(text: string): number | null {
  if (!NUMBER.test(text)) return null
  const number = Number(text)
  return Number.isFinite(number) ? number : null
}

/** Whether a text is a time as events write it. */
export function isTime(text: string): boolean {
  return TIME.test(text)
}

/** A day is its beginning, and what names no zone is UTC. */
function timeOf(text: string): string | null {
  if (!DAY_OR_TIME.test(text)) return null
  const zoned = /T.*(Z|[+-]\d\d:\d\d)$/.test(text) || !text.includes('T') ? text : `${text}Z`
  const ms = Date.parse(zoned)
  return Number.isNaN(ms) ? null : new Date(ms).toISOString()
}
