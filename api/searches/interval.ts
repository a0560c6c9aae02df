const [SECOND, MINUTE, HOUR, DAY] = [1_000, 60_000, 3_600_000, 86_400_000]
const INTERVALS_MS = [
  ...[1, 5, 10, 30].map((n) => n * SECOND),
  ...[1, 5, 10, 30].map((n) => n * MINUTE),
  ...[1, 3, 6, 12].map((n) => n * HOUR),
  ...[1, 7, 30, 90, 365].map((n) => n * DAY),
]
/** As many bars as can be told apart. */
const BARS_MAX = 150

/** The finest usual interval that cuts `rangeMs` into bars that can be told apart. */
export function intervalFor(rangeMs: number): number {
  return (
    INTERVALS_MS.find((ms) => rangeMs / ms <= BARS_MAX) ??
    INTERVALS_MS.at(-1)! * Math.ceil(rangeMs / INTERVALS_MS.at(-1)! / BARS_MAX)
  )
}
