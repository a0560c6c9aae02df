import type { Calendar } from './registry.ts'
import { zoneOffset } from './time-zone.ts'

const DAY_MS = 86_400_000
const MINUTE_MS = 60_000
/** A due time further away than this is none. */
const DAYS_MAX = 1_100

/** Spans of working time, `[from, to)` epoch milliseconds. */
export interface WorkingTime {
  /** Working milliseconds of a stretch. */
  within(fromMs: number, toMs: number): number
  /** When so much working time has passed since `fromMs`; NaN where that is years away. */
  after(fromMs: number, workMs: number): number
}

/** All hours of all days. */
export const ALWAYS: WorkingTime = {
  within: (fromMs, toMs) => Math.max(0, toMs - fromMs),
  after: (fromMs, workMs) => fromMs + workMs,
}

/** Working time by the registry's calendar. On a day off on which people work, Monday's hours hold. */
export function workingTime(calendar: Calendar, timeZone: string): WorkingTime {
  const offset = zoneOffset(timeZone)

  /** Spans of the day that holds `wallMs`, wall-clock milliseconds. */
  const spansOf = (wallMs: number): [number, number][] => {
    const startMs = Math.floor(wallMs / DAY_MS) * DAY_MS
    const day = new Date(startMs).toISOString().slice(0, 10)
    const works = calendar.workingDays.has(day)
    if (calendar.holidays.has(day) && !works) return []
    const weekday = works ? 1 : new Date(startMs).getUTCDay() || 7
    const utc = (wall: number): number => wall - offset(wall - offset(wall))
    return calendar.workingHours
      .filter(({ days, fromMs, toMs }) => days.includes(weekday) && utc(startMs) >= fromMs && utc(startMs) < toMs)
      .flatMap(({ minutes }) => minutes)
      .map(([from, to]): [number, number] => [utc(startMs + from * MINUTE_MS), utc(startMs + to * MINUTE_MS)])
      .sort(([a], [b]) => a - b)
  }

  const days = function* (fromMs: number): Generator<[number, number]> {
    const firstMs = fromMs + offset(fromMs)
    for (let day = 0; day < DAYS_MAX; day++) yield* spansOf(firstMs + day * DAY_MS)
  }

  return {
    within(fromMs, toMs) {
      let sum = 0
      for (const [start, end] of days(fromMs)) {
        if (start >= toMs) break
        sum += Math.max(0, Math.min(end, toMs) - Math.max(start, fromMs))
      }
      return sum
    },
    after(fromMs, workMs) {
      let left = workMs
      for (const [start, end] of days(fromMs)) {
        const from = Math.max(start, fromMs)
        if (end <= from) continue
        if (end - from >= left) return from + left
        left -= end - from
      }
      return NaN
    },
  }
}
