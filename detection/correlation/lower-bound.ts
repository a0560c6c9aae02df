/** First place whose time is at or after `at`; the ends, which are asked for most, are looked at first. */
export function lowerBound(times: readonly number[], at: number): number {
  if (times.length === 0 || times[0]! >= at) return 0
  if (times[times.length - 1]! < at) return times.length
  let low = 0
  let high = times.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (times[middle]! < at) low = middle + 1
    else high = middle
  }
  return low
}
