import { LRUCache } from 'lru-cache'
import type { Registry } from '../model/registry.ts'
import { zoneOffset } from '../model/time-zone.ts'

const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000
const MINUTE_MS = 60_000
const DAYS_MAX = 1_000

/** A moment as people of the place live it. */
export interface LocalTime {
  /** 0 to 23. */
  hour: number
  /** ISO 8601: 1 = Monday to 7 = Sunday. */
  weekday: number
  /** Absent where the calendar does not cover the day. */
  holiday?: boolean
  workingHours: boolean
}

/** The wall clock, holidays and working hours of a registry; asks the time zone at most once per quarter of an hour. */
export function localClock({ timeZone, calendar }: Registry): (atMs: number) => LocalTime {
  const offset = zoneOffset(timeZone)
  const days = new LRUCache<number, { weekday: number; holiday?: boolean; minutes: [number, number][] }>({
    max: DAYS_MAX,
  })

  function describe(
    dayNumber: number,
    atMs: number,
  ): { weekday: number; holiday?: boolean; minutes: [number, number][] } {
    const day = new Date(dayNumber * DAY_MS).toISOString().slice(0, 10)
    const weekday = ((((dayNumber + 3) % 7) + 7) % 7) + 1 // 1970-01-01 was a Thursday
    const covered = calendar.from <= day && day < calendar.to
    const holiday = calendar.holidays.has(day)
    const inForce = calendar.workingHours.filter(({ fromMs, toMs }) => fromMs <= atMs && atMs < toMs)
    const swapped = calendar.workingDays.has(day)
    const hours = swapped ? inForce : inForce.filter((entry) => !holiday && entry.days.includes(weekday))
    return { weekday, minutes: hours.flatMap(({ minutes }) => minutes), ...(covered && { holiday }) }
  }

  return (atMs) => {
    const wallMs = atMs + offset(atMs)
    const dayNumber = Math.floor(wallMs / DAY_MS)
    let day = days.get(dayNumber)
    if (!day) {
      day = describe(dayNumber, atMs)
      days.set(dayNumber, day)
    }
    const intoDayMs = wallMs - dayNumber * DAY_MS
    const minute = Math.floor(intoDayMs / MINUTE_MS)
    return {
      hour: Math.floor(intoDayMs / HOUR_MS),
      weekday: day.weekday,
      workingHours: day.minutes.some(([start, end]) => start <= minute && minute < end),
      ...(day.holiday !== undefined && { holiday: day.holiday }),
    }
  }
}
