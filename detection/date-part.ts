import { RuleError } from './errors.ts'
import type { Modifier } from './modifier.ts'
import { PRESENT, wholeText } from './test.ts'

/** The clock time a timestamp shows, as UTC milliseconds: its own offset is not applied (Sigma spec: no conversion). */
function clockOf(text: string): Date | undefined {
  const match = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?) ?(?:Z|UTC|[+-]\d\d:?\d\d)?$/.exec(text)
  const epoch = /^\d{9,10}$/.test(text) ? Number(text) * 1000 : /^\d{12,13}$/.test(text) ? Number(text) : undefined
  const date = match
    ? new Date(`${match[1]}T${match[2]!.replace(',', '.').slice(0, 12)}Z`)
    : new Date(epoch ?? Number.NaN)
  return Number.isNaN(date.getTime()) ? undefined : date
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
