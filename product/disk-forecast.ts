import { statfsSync } from 'node:fs'

const DAY_MS = 86_400_000
/** Whole days before today that an ordinary day is reckoned from. */
const DAYS_MEASURED = 7
/** Further ahead nothing is said. */
export const HORIZON_DAYS = 730
/** A day that has hardly begun says little of itself. */
const FRACTION_MIN = 1 / 24
/** How many days before the disk is full it is told, each once a month. */
export const TOLD_AT_DAYS = [30, 14, 7, 3, 1] as const

export interface DiskForecast {
  freeBytes: number
  totalBytes: number
  /** What events of one day take; null where nothing is known yet, or events are kept elsewhere. */
  bytesPerDay: number | null
  /** Whole days until no more is accepted, with retention deleting meanwhile; null: not within the horizon, or not known. */
  fullInDays: number | null
}

/**
 * Looks ahead day by day: each brings what a usual day brings, and retention takes the day that has become too old.
 * @param reserveBytes below which nothing more is accepted
 * @param byDay bytes of events by day of receipt, `YYYY-MM-DD` (UTC)
 * @param retentionDays whole days that are kept
 */
export function forecast(options: {
  freeBytes: number
  reserveBytes: number
  byDay: ReadonlyMap<string, number>
  retentionDays: number
  nowMs: number
}): Pick<DiskForecast, 'bytesPerDay' | 'fullInDays'> {
  const { freeBytes, reserveBytes, byDay, retentionDays, nowMs } = options
  const bytesPerDay = usualDay(byDay, nowMs)
  if (bytesPerDay === null) return { bytesPerDay, fullInDays: null }
  let room = freeBytes - reserveBytes
  for (let ahead = 0; ahead <= HORIZON_DAYS; ahead++) {
    if (room <= 0) return { bytesPerDay, fullInDays: Math.max(0, ahead - 1) } // in the course of the day before
    const grown = ahead === 0 ? bytesPerDay * (1 - fractionOf(nowMs)) : bytesPerDay
    const deleted = ahead - retentionDays // the day that goes in the night after this one, counted from today
    const freed = deleted >= 0 ? bytesPerDay : (byDay.get(dayOf(nowMs + deleted * DAY_MS)) ?? 0)
    room += freed - grown
  }
  return { bytesPerDay, fullInDays: null }
}

/** The mean of the last whole days that brought anything; on the first day, what it comes to at this pace. */
function usualDay(byDay: ReadonlyMap<string, number>, nowMs: number): number | null {
  const whole = Array.from({ length: DAYS_MEASURED }, (_, i) => byDay.get(dayOf(nowMs - (i + 1) * DAY_MS)) ?? 0)
  const measured = whole.filter((bytes) => bytes > 0)
  if (measured.length > 0) return measured.reduce((sum, bytes) => sum + bytes) / measured.length
  const today = byDay.get(dayOf(nowMs)) ?? 0
  return today === 0 ? null : today / Math.max(FRACTION_MIN, fractionOf(nowMs))
}

function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10)
}

function fractionOf(nowMs: number): number {
  return (nowMs % DAY_MS) / DAY_MS
}

/** The smallest number of `TOLD_AT_DAYS` that the forecast has come down to; null: far enough away. */
export function toldAt(fullInDays: number | null): number | null {
  return fullInDays === null ? null : (TOLD_AT_DAYS.findLast((days) => fullInDays <= days) ?? null)
}

/** Space of the disk under a folder, as this user may use it. */
export function diskSpace(folder: string): { freeBytes: number; totalBytes: number } {
  const { bavail, blocks, bsize } = statfsSync(folder)
  return { freeBytes: bavail * bsize, totalBytes: blocks * bsize }
}
