import { median } from './habit.ts'

/** Minutes with records that the window spans, and those that it takes to judge. */
const MINUTES_MAX = 30
const MINUTES_MIN = 15

/**
 * How far a clock is off: of every minute the record that came soonest after its own time (what was held up on the way says
 * nothing of the clock), of these the median.
 *
 * A backlog that is delivered after an outage moves towards now while it is worked off, a clock that is wrong stays where it is:
 * where the middle half of the window lies wide apart, nothing is said. A queue that holds everything up for ever by the same
 * time cannot be told from a slow clock, and is as wrong.
 */
export function driftMs(minutesMs: readonly number[]): { driftMs: number; steady: boolean } | undefined {
  if (minutesMs.length === 0) return undefined
  const sorted = minutesMs.toSorted((a, b) => a - b)
  const middle = median(sorted)
  const spread = sorted[Math.floor((sorted.length - 1) * 0.75)]! - sorted[Math.floor((sorted.length - 1) * 0.25)]!
  return {
    driftMs: middle,
    steady: sorted.length >= MINUTES_MIN && spread <= Math.max(SPREAD_MS, Math.abs(middle) / 10),
  }
}

/** What networks and queues add to a clock that is right. */
const SPREAD_MS = 30_000

/** The window with one more minute. */
export function withMinute(minutesMs: readonly number[], minuteMs: number): number[] {
  return [...minutesMs, minuteMs].slice(-MINUTES_MAX)
}
