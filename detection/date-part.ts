import { RuleError } from './errors.ts'
import type { Modifier } from './modifier.ts'
import { PRESENT, wholeText } from './test.ts'

/** Seconds, also with a fraction, or milliseconds since 1970. */
const EPOCH = /^(?:(\d{9,10})(?:\.\d{1,9})?|(\d{12,13}))$/
const WRITTEN = /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,]\d{1,9})?)? ?(?:Z|UTC|[+-]\d\d:?\d\d)?$/

/** The clock time a timestamp shows, to the minute, as if it were UTC: its offset is not applied (Sigma spec: no conversion). */
function clockOf(text: string): Date | undefined {
  const epoch = EPOCH.exec(text)
  if (epoch) return new Date(epoch[1] === undefined ? Number(epoch[2]) : Number(epoch[1]) * 1000)
  const written = WRITTEN.exec(text)
  if (!written) return undefined
  const [year, month, day, hour, minute, second] = written.slice(1).map((part) => Number(part ?? 0)) as [
    ...[number, number, number, number, number, number],
  ]
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  date.setUTCHours(hour, minute)
  // What runs over (30 February, hour 24) is no time of the calendar; a leap second is.
  const exists =
    date.getUTCMonth() === month - 1 && date.getUTCDate() === day && hour < 24 && minute < 60 && second <= 60
  return exists ? date : undefined
}

/** A part of a field's timestamp equals the rule's number; a field that is no timestamp never matches. */
export function datePart(name: string, range: readonly [number, number], part: (clock: Date) => number): Modifier {
  return {
    value(value) {
      const number = value.kind === 'number' ? Number(value.text) : Number.NaN
      if (!Number.isInteger(number) || number < range[0] || number > range[1]) {
        throw new RuleError('bad_value', `${name} takes a whole number from ${range[0]} to ${range[1]}`)
      }
      return {
        kind: 'test',
        test: {
          about: 'value',
          key: `${name}:${number}`,
          holds(subject) {
            const clock = subject.text.length > 40 ? undefined : clockOf(subject.text)
            return clock !== undefined && part(clock) === number
          },
          gates: PRESENT,
          find: wholeText,
        },
      }
    },
  }
}

/** ISO 8601 week number, 1 to 53: the week that holds the year's first Thursday is the first. */
export function isoWeek(clock: Date): number {
  const thursday = new Date(clock)
  thursday.setUTCDate(thursday.getUTCDate() + 4 - (thursday.getUTCDay() || 7))
  return Math.ceil(((thursday.getTime() - Date.UTC(thursday.getUTCFullYear(), 0, 1)) / 86_400_000 + 1) / 7)
}
