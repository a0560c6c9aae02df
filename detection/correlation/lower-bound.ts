/** First place, in ascending order, that is not below `least`; the ends, which are asked for most, are looked at first. */
export function lowerBound(numbers: readonly number[], least: number): number {
  if (numbers.length === 0 || numbers[0]! >= least) return 0
  if (numbers[numbers.length - 1]! < least) return numbers.length
  let low = 0
  let high = numbers.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (numbers[middle]! < least) low = middle + 1
    else high = middle
  }
  return low
}
