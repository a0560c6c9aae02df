/** Last instant an ECS date of four year digits can name. */
export const MAX_MS = 253_402_300_799_999
const DAY_MS = 86_400_000
const QUARTER_MS = 900_000
const OFFSETS_MAX = 4_096

const MONTHS: { readonly [name: string]: number } = {
  Jan: 1,
  Feb: 2,
  Mar: 3,
  Apr: 4,
  May: 5,
  Jun: 6,
  Jul: 7,
  Aug: 8,
  Sep: 9,
  Oct: 10,
  Nov: 11,
  Dec: 12,
}

/** Number of an English month's three letters, 1-12. */
export function monthOf(name: string): number | undefined {
  return MONTHS[name]
}

/** A time zone: what must be subtracted from its wall clock to have UTC. */
export interface Zone {
  /** Milliseconds east of UTC at that instant. */
  offsetMs(utcMs: number): number
}

const FIXED = /^([+-])(\d\d):(\d\d)$/

/**
 * @param name IANA name, `Asia/Ho_Chi_Minh`, or a fixed offset, `+07:00`
 * @throws RangeError for a zone this Node does not know.
 */
export function loadZone(name: string): Zone {
  const fixed = FIXED.exec(name)
  if (fixed !== null) {
    const offsetMs = (Number(fixed[2]) * 60 + Number(fixed[3])) * 60_000 * (fixed[1] === '-' ? -1 : 1)
    return { offsetMs: () => offsetMs }
  }
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone: name,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
  // Intl costs microseconds, offsets change on quarter hours at most: one look-up per quarter hour seen. Bounded, since
  // the times come from hostile lines.
  const offsets = new Map<number, number>()
  return {
    offsetMs(utcMs) {
      const quarter = Math.floor(utcMs / QUARTER_MS)
      const known = offsets.get(quarter)
      if (known !== undefined) return known
      const start = quarter * QUARTER_MS
      const part: { [type: string]: number } = {}
      for (const { type, value } of format.formatToParts(start)) part[type] = Number(value)
      const wall = Date.UTC(
        part['year']!,
        part['month']! - 1,
        part['day'],
        part['hour'],
        part['minute'],
        part['second'],
      )
      if (offsets.size >= OFFSETS_MAX) offsets.clear()
      offsets.set(quarter, wall - start)
      return wall - start
    },
  }
}

/** What a clock on the wall shows; months count from 1, and milliseconds may be left out. */
export type WallClock = [
  year: number,
  month: number,
  day: number,
  hour: number,
  minute: number,
  second: number,
  milli?: number,
]

/**
 * Epoch milliseconds of a date on the wall clock of a zone, or of UTC plus a fixed offset; undefined where the calendar has
 * no such moment (13th month, 30 February, 24:00, second 60) or ECS could not write it.
 */
export function instant(
  [year, month, day, hour, minute, second, milli = 0]: WallClock,
  zone: Zone | number,
): number | undefined {
  if (month < 1 || month > 12 || day < 1 || hour > 23 || minute > 59 || second > 59) return undefined
  if (day > 28 && day > daysIn(year, month)) return undefined
  const wall = Date.UTC(year, month - 1, day, hour, minute, second, milli)
  let ms: number
  if (typeof zone === 'number') ms = wall - zone
  else {
    // The offset is asked for a guess and again for what the guess gave: right on both sides of a DST change.
    const guess = wall - zone.offsetMs(wall)
    ms = wall - zone.offsetMs(guess)
  }
  return year >= 1970 && ms >= 0 && ms <= MAX_MS ? ms : undefined
}

function daysIn(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
}

const ISO = /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?(?: ?(Z|UTC|[+-]\d\d:?\d\d))?$/

/** RFC 3339 and its relaxed forms: a blank for the T, a comma, up to nanoseconds (cut to ms), no zone (then `zone`). */
export function parseIso(text: string, zone: Zone): number | undefined {
  if (text.length > 40) return undefined
  const match = ISO.exec(text)
  if (match === null) return undefined
  const offset = match[8]
  return instant(
    [
      Number(match[1]),
      Number(match[2]),
      Number(match[3]),
      Number(match[4]),
      Number(match[5]),
      Number(match[6]),
      millis(match[7]),
    ],
    offset === undefined ? zone : offsetOf(offset),
  )
}

/** Milliseconds of a fraction's digits: `5` is 500, `003999` is 3. */
export function millis(fraction: string | undefined): number {
  return fraction === undefined ? 0 : Number(fraction.slice(0, 3).padEnd(3, '0'))
}

/** Milliseconds of `Z`, `UTC`, `+07:00` or `+0700`; NaN (hence no instant) for an offset no place on Earth has. */
export function offsetOf(text: string): number {
  if (text === 'Z' || text === 'UTC') return 0
  const hours = Number(text.slice(1, 3))
  const minutes = Number(text.slice(-2))
  if (hours > 23 || minutes > 59) return Number.NaN
  const ms = (hours * 60 + minutes) * 60_000
  return text.startsWith('-') ? -ms : ms
}

/**
 * The instant of a date without a year (RFC 3164 §4.1.2): the newest one that is not more than a day after the record
 * came, so that December read in January is last year's, and 1 January from a clock that runs ahead is next year's. 29
 * February belongs to the newest leap year.
 */
export function inferYear(
  [month, day, hour, minute, second, milli]: readonly [number, number, number, number, number, number],
  receivedAtMs: number,
  zone: Zone,
): number | undefined {
  const newest = new Date(receivedAtMs + zone.offsetMs(receivedAtMs)).getUTCFullYear() + 1
  // Leap years are at most 8 apart (1896-1904, 2096-2104).
  for (let year = newest; year > newest - 10; year--) {
    const ms = instant([year, month, day, hour, minute, second, milli], zone)
    if (ms !== undefined && ms <= receivedAtMs + DAY_MS) return ms
  }
  return undefined
}

/** Epoch time of unknown unit: seconds, milliseconds, microseconds or nanoseconds, told apart by magnitude. */
export function parseEpoch(value: number): number | undefined {
  if (!Number.isFinite(value) || value < 0) return undefined
  let ms = value
  if (value < 1e11) ms = value * 1_000
  else if (value >= 1e17) ms = value / 1e6
  else if (value >= 1e14) ms = value / 1e3
  ms = Math.floor(ms)
  return ms <= MAX_MS ? ms : undefined
}

/** Epoch milliseconds of a whole number of nanoseconds since 1970, as text; undefined for anything else, and for 0. */
export function parseNanos(value: unknown): number | undefined {
  if (typeof value !== 'string' || !/^[1-9]\d{6,19}$/.test(value)) return undefined
  const ms = Number(value.slice(0, -6))
  return ms <= MAX_MS ? ms : undefined
}

// The time of receipt and that of the event alternate, and both come in bursts: a slot each, mostly.
const TEXTS = 256
const textMs = new Float64Array(TEXTS).fill(-1)
const texts = Array.from({ length: TEXTS }, () => '')

/** `YYYY-MM-DDTHH:mm:ss.sssZ`. Remembers the last ones. */
export function isoTime(ms: number): string {
  const slot = (Math.floor(ms / 1_000) * 31 + (ms % 1_000)) & (TEXTS - 1)
  if (textMs[slot] !== ms) {
    texts[slot] = new Date(ms).toISOString()
    textMs[slot] = ms
  }
  return texts[slot]!
}
