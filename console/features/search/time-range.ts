import type { Search } from '../../lib/feature.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** What is usually asked for, in milliseconds. */
export const LASTS = {
  '15m': 15 * MINUTE,
  '1h': HOUR,
  '6h': 6 * HOUR,
  '24h': DAY,
  '7d': 7 * DAY,
  '30d': 30 * DAY,
} as const
export type Last = keyof typeof LASTS

/** `[fromMs, toMs)`. */
export interface Range {
  fromMs: number
  toMs: number
  /** It ends now, whenever that is. */
  last?: Last
}

/** The range that the address names; the last 24 hours where it names none that is one. */
export function rangeOf({ last, from, to }: Search, nowMs: number): Range {
  const [fromMs, toMs] = [timeOf(from), timeOf(to)]
  if (fromMs < toMs) return { fromMs, toMs }
  const named = typeof last === 'string' && Object.hasOwn(LASTS, last) ? (last as Last) : '24h'
  return { fromMs: nowMs - LASTS[named], toMs: nowMs, last: named }
}

function timeOf(value: Search[string]): number {
  return typeof value === 'string' ? Date.parse(value) : Number.NaN
}

/** The range as parameters of the address; a range that ends now stays one. */
export function addressOfRange({ fromMs, toMs, last }: Range): Search {
  if (last !== undefined) return { last: last === '24h' ? undefined : last, from: undefined, to: undefined }
  return { last: undefined, from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() }
}

/** As long a range, so many lengths later. */
export function moved({ fromMs, toMs }: Range, lengths: number): Range {
  const by = (toMs - fromMs) * lengths
  return { fromMs: fromMs + by, toMs: toMs + by }
}

/** Three times as long, around the same middle, not beyond now. */
export function widened({ fromMs, toMs }: Range, nowMs: number): Range {
  const length = toMs - fromMs
  return { fromMs: fromMs - length, toMs: Math.max(toMs, Math.min(nowMs, toMs + length)) }
}

const ZONE = '+07:00'
const ZONE_MS = 7 * HOUR

/** For an input of date and time: Vietnam's clock. */
export function localText(ms: number): string {
  return new Date(ms + ZONE_MS).toISOString().slice(0, 16)
}

/** What such an input holds, as epoch milliseconds; NaN where it is empty. */
export function localMs(text: string): number {
  return Date.parse(`${text}:00${ZONE}`)
}
