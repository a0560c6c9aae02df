const HOUR_MS = 3_600_000
const MINUTE_MS = 60_000
const ZERO = 48
/** Places of the digits in `YYYY-MM-DDTHH:mm:ss.sssZ`. */
const LENGTH = 24
const DAY = 11

/**
 * Epoch milliseconds of a text, as `Date.parse` has them, which costs five times as much. Events are mostly of one day: what
 * midnight is worth is kept, and the rest is read digit by digit.
 */
export class TimeReader {
  /** `YYYY-MM-DDT` of the day that is known. */
  #day = ' '
  #midnight = Number.NaN
  /** What was read last: many events share a time. */
  #text = ''
  #time = Number.NaN

  read(text: unknown): number {
    // An event's field is text only by contract.
    if (typeof text !== 'string') return Number.NaN
    if (text !== this.#text) {
      this.#time = this.#parse(text)
      this.#text = text
    }
    return this.#time
  }

  #parse(text: string): number {
    if (text.length !== LENGTH) return Date.parse(text)
    if (!text.startsWith(this.#day)) {
      const day = text.slice(0, DAY)
      const midnight = Date.parse(`${day}00:00:00.000Z`)
      if (Number.isNaN(midnight)) return Date.parse(text)
      this.#day = day
      this.#midnight = midnight
    }
    const hour = twoDigits(text, 11)
    const minute = twoDigits(text, 14)
    const second = twoDigits(text, 17)
    const hundredths = twoDigits(text, 20)
    const thousandth = text.charCodeAt(22) - ZERO
    const written =
      hour < 24 &&
      minute < 60 &&
      second < 60 &&
      hundredths < 100 &&
      thousandth >= 0 &&
      thousandth < 10 &&
      text.charCodeAt(13) === 0x3a &&
      text.charCodeAt(16) === 0x3a &&
      text.charCodeAt(19) === 0x2e &&
      text.charCodeAt(23) === 0x5a
    if (!written) return Date.parse(text)
    return this.#midnight + hour * HOUR_MS + minute * MINUTE_MS + second * 1000 + hundredths * 10 + thousandth
  }
}

/** Two decimal digits; 100 where there are none. */
function twoDigits(text: string, at: number): number {
  const tens = text.charCodeAt(at) - ZERO
  const ones = text.charCodeAt(at + 1) - ZERO
  return tens >= 0 && tens < 10 && ones >= 0 && ones < 10 ? tens * 10 + ones : 100
}

/** Event time; one that claims to be further ahead of its receipt than the lateness is taken as of its receipt. */
export function timeOf(at: number, received: number, latenessMs: number): number {
  if (Number.isNaN(received)) return Number.isNaN(at) ? 0 : at
  return Number.isNaN(at) || at > received + latenessMs ? received : at
}
