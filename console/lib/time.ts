import { currentLanguage, perLanguage } from './language.ts'

const PARTS = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'Asia/Ho_Chi_Minh',
  day: '2-digit',
  month: '2-digit',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
})

/** `dd/MM/yyyy HH:mm` in Vietnam, with `:ss` where asked; the text itself where it is no time. */
export function vietnamTime(time: string | number, seconds = false): string {
  const ms = typeof time === 'number' ? time : Date.parse(time)
  if (Number.isNaN(ms)) return String(time)
  const part = Object.fromEntries(PARTS.formatToParts(ms).map(({ type, value }) => [type, value]))
  const clock = seconds ? `${part['hour']}:${part['minute']}:${part['second']}` : `${part['hour']}:${part['minute']}`
  return `${part['day']}/${part['month']}/${part['year']} ${clock}`
}

/** `22/11/2026` of a day as `2026-11-22`. */
export function calendarDay(day: string): string {
  return day.split('-').toReversed().join('/')
}

/** What fields of a form hold, `2026-11-22` or `2026-11-22T14:05`, as it is written here: `22/11/2026 14:05`. */
export function writtenTime(local: string): string {
  const [day = '', clock] = local.split('T')
  return clock === undefined ? calendarDay(day) : `${calendarDay(day)} ${clock}`
}

const WRITTEN = /^(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})(?:[ T]+(\d{1,2})[:h](\d{2}))?$/

/** The other way round, with or without zeros, midnight where there is no clock; null where it is no such day or time. */
export function localTime(written: string, withClock: boolean): string | null {
  const [, day, month, year, hour = '0', minute = '0'] = WRITTEN.exec(written.trim()) ?? []
  if (day === undefined || Number(hour) > 23 || Number(minute) > 59) return null
  const two = (text: string | undefined): string => text!.padStart(2, '0')
  const local = `${year}-${two(month)}-${two(day)}`
  const ms = Date.parse(local)
  if (Number.isNaN(ms) || new Date(ms).toISOString().slice(0, local.length) !== local) return null // 31 April
  return withClock ? `${local}T${two(hour)}:${two(minute)}` : local
}

const weekdays = perLanguage((locale) => new Intl.DateTimeFormat(locale, { weekday: 'long', timeZone: 'UTC' }))

/** The name of a day of the week; 1 is Monday. */
export function weekday(day: number): string {
  return weekdays(currentLanguage()).format(Date.UTC(2024, 0, day)) // which began with a Monday
}

const STEPS: readonly (readonly [unit: Intl.RelativeTimeFormatUnit, ms: number])[] = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
]
const relative = perLanguage(
  (locale, language) =>
    new Intl.RelativeTimeFormat(locale, { numeric: 'always', style: language === 'vi' ? 'short' : 'narrow' }),
)

/** `5 phút trước`, to the minute. */
export function ago(iso: string, nowMs: number): string {
  const ms = Date.parse(iso) - nowMs
  if (Number.isNaN(ms)) return iso
  const [unit, step] = STEPS.find(([, step]) => Math.abs(ms) >= step) ?? ['minute', 60_000]
  return relative(currentLanguage()).format(Math.trunc(ms / step) || 0, unit)
}

const UNITS: readonly (readonly [unit: 'day' | 'hour' | 'minute' | 'second', ms: number])[] = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
]

/** A length of time in its two greatest units: `2 giờ 5 phút`. */
export function duration(ms: number): string {
  let left = Math.max(0, ms)
  const parts: string[] = []
  for (const [unit, step] of UNITS) {
    const count = Math.floor(left / step)
    left -= count * step
    if (count === 0 && (parts.length > 0 || unit !== 'second')) {
      if (parts.length > 0) break
      continue
    }
    const format = new Intl.NumberFormat(currentLanguage(), { style: 'unit', unit, unitDisplay: 'long' })
    parts.push(format.format(count))
    if (parts.length === 2) break
  }
  return parts.join(' ')
}
