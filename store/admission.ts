import type { Alert } from '../model/alert.ts'
import type { EcsEvent, EcsValue } from '../model/event.ts'
import { lengthOf, type Part, wildcardsOf } from './query/pattern.ts'
import { type Condition, VALUE_CHARS_MAX, WILDCARDS_MAX } from './query/query.ts'
import { BUCKETS_MAX } from './query/aggregate.ts'
import { LIMIT_MAX, StoreError, type TimeRange } from './store.ts'

/** The spool's id inside a record's name, or `null` where the name does not end in its position. */
export function spoolOf(record: string, seq: number): string | null {
  const end = `-${seq}`
  return record.endsWith(end) && record.length > end.length ? record.slice(0, -end.length) : null
}

/**
 * Why no engine would store this event, or `null`. A function of the event alone: both engines refuse the same, and a replay
 * is refused again.
 */
export function whyRefused(event: EcsEvent): string | null {
  for (const field of ['@timestamp', 'event.ingested']) {
    if (Number.isNaN(canonicalMs(event[field]))) return `${field} is not a UTC time with milliseconds`
  }
  if (!Number.isSafeInteger(event['soc.seq']) || event['soc.seq'] < 0) return 'soc.seq is not a position'
  if (spoolOf(event['soc.record'], event['soc.seq']) === null) return 'soc.record does not end in soc.seq'
  if (typeof event['soc.agency'] !== 'string') return 'soc.agency is not text'
  return null
}

const DAY = /^\d{4}-\d\d-\d\d$/
/** First millisecond of the days asked of late: of what devices say, and of what is received. */
const days = new Map<string, number>()
const DAYS_MAX = 1_000

function dayMsOf(day: string): number {
  const known = days.get(day)
  if (known !== undefined) return known
  const parsed = DAY.test(day) ? Date.parse(day) : Number.NaN
  const ms = !Number.isNaN(parsed) && new Date(parsed).toISOString().startsWith(day) ? parsed : Number.NaN
  if (days.size >= DAYS_MAX) days.clear()
  days.set(day, ms)
  return ms
}

/**
 * Milliseconds since 1970 of `YYYY-MM-DDTHH:MM:SS.mmmZ`, NaN for anything else, 30 February included. Asked twice for each event:
 * parsing a date and writing it again, to see whether it is the same, cost a tenth of storing one.
 */
export function canonicalMs(value: EcsValue | undefined): number {
  if (typeof value !== 'string' || value.length !== 24) return Number.NaN
  const hours = digits(value, 11, 13)
  const minutes = digits(value, 14, 16)
  const seconds = digits(value, 17, 19)
  const whole = value[10] === 'T' && value[13] === ':' && value[16] === ':' && value[19] === '.' && value[23] === 'Z'
  if (!whole || hours > 23 || minutes > 59 || seconds > 59) return Number.NaN
  return dayMsOf(value.slice(0, 10)) + hours * 3_600_000 + minutes * 60_000 + seconds * 1_000 + digits(value, 20, 23)
}

function digits(text: string, from: number, to: number): number {
  let number = 0
  for (let i = from; i < to; i++) {
    const digit = text.charCodeAt(i) - 48
    if (digit < 0 || digit > 9) return Number.NaN
    number = number * 10 + digit
  }
  return number
}

/** Each alert once: in a storm a batch holds hundreds of versions of one, each with all its evidence. */
export function highestVersions(alerts: readonly Alert[]): Alert[] {
  const highest = new Map<string, Alert>()
  for (const alert of alerts) {
    if (alert.version > (highest.get(alert.id)?.version ?? -1)) highest.set(alert.id, alert)
  }
  return [...highest.values()]
}

/**
 * JSON that any parser takes. A lone surrogate, which UTF-8 cannot carry, becomes U+FFFD; everything else is kept.
 * @throws {RangeError} the value is nested too deep
 */
export function wellFormedJson(value: unknown): string {
  const text = JSON.stringify(value)
  // Only a lone surrogate is written so, or a backslash before these letters, which the longer way leaves as it is.
  return text.includes('\\ud') ? JSON.stringify(wellFormed(value)) : text
}

function wellFormed(value: unknown): unknown {
  if (typeof value === 'string') return Buffer.from(value, 'utf8').toString('utf8')
  if (Array.isArray(value)) return value.map(wellFormed)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([key, v]) => [wellFormed(key), wellFormed(v)]))
}

/** @throws {StoreError} too_large: no engine would take on so much at once */
export function refuseTooLarge({ limit = 0, where }: { limit?: number; where?: Condition }): void {
  if (limit > LIMIT_MAX) {
    throw new StoreError('too_large', `at most ${LIMIT_MAX} can be asked for at once, not ${limit}`)
  }
  if (where === undefined) return
  for (const { pattern } of matchesOf(where)) {
    if (pattern.kind === 'exists') continue
    const parts: readonly Part[] = pattern.kind === 'wildcard' ? pattern.parts : [pattern]
    if (lengthOf(parts) > VALUE_CHARS_MAX) {
      throw new StoreError('too_large', `a value is longer than ${VALUE_CHARS_MAX} characters`)
    }
    if (wildcardsOf(parts) > WILDCARDS_MAX + 2) {
      throw new StoreError('too_large', `a value has more than ${WILDCARDS_MAX} wildcards`)
    }
  }
}

function matchesOf(condition: Condition): (Condition & { kind: 'match' })[] {
  if (condition.kind === 'match') return [condition]
  if (condition.kind === 'not') return matchesOf(condition.of)
  return condition.kind === 'range' ? [] : condition.of.flatMap(matchesOf)
}

/** @throws {StoreError} too_large */
export function refuseTooManyBuckets(range: TimeRange, intervalMs: number): void {
  if ((Date.parse(range.to) - Date.parse(range.from)) / intervalMs <= BUCKETS_MAX) return
  throw new StoreError('too_large', `a histogram has at most ${BUCKETS_MAX} intervals: take a longer one`)
}
