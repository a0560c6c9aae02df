/** Half-open stretch of time in epoch milliseconds; infinite where a side is open. */
export interface Period {
  fromMs: number
  toMs: number
}

export function holds({ fromMs, toMs }: Period, atMs: number): boolean {
  return fromMs <= atMs && atMs < toMs
}
