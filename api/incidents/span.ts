/** First and last event, ISO UTC. */
export interface Span {
  from: string
  to: string
}

/** `span` and what lies up to `byMs` milliseconds before and after it. */
export function widened({ from, to }: Span, byMs: number): Span {
  return { from: shifted(from, -byMs), to: shifted(to, byMs) }
}

/** Stays inside years 0 to 9999, where ISO texts compare as their times do. */
export function shifted(iso: string, byMs: number): string {
  const earliestMs = -62_167_219_200_000
  const latestMs = 253_402_300_799_999
  return new Date(Math.min(latestMs, Math.max(earliestMs, Date.parse(iso) + byMs))).toISOString()
}
