const HOUR = 'YYYY-MM-DDTHH'.length
export const HOUR_MS = 3_600_000

/** What became of what a correlation was offered, in contributions. */
export interface Tally {
  /** Those that took part: an event in each group it belongs to, or a match of a correlation. */
  counted: number
  /** Of them, those further behind their group than the lateness: what they would have stood beside may be forgotten. */
  late: number
  /** Matches without a group-by or condition field: they took no part. */
  skipped: number
  /** Of those counted, those that left a full group before their time. */
  truncated: number
  /** Of those counted, those of groups that were ended before their time. */
  evicted: number
}

/** One end that contributions came to, of one hour of receipt, agency and correlation. */
export interface CorrelationCount {
  /** Of the record that brought it about, UTC: `2026-11-20T08`. */
  hour: string
  rule: string
  agency: string
  what: keyof Tally
  contributions: number
}

/** The start of the hour that a time is in, epoch milliseconds; of what has no time, the epoch. */
export function hourOf(ms: number): number {
  return Number.isNaN(ms) ? 0 : ms - (ms % HOUR_MS)
}

/** The tallies of one correlation since they were last taken. */
export class Tallies {
  readonly #tallies = new Map<string, { hourMs: number; agency: string; tally: Tally }>()
  /** The one that was asked for last: the next contribution is mostly of the same hour and agency. */
  #open: { hourMs: number; agency: string; tally: Tally } | undefined

  of(agency: string, hourMs: number): Tally {
    if (this.#open?.hourMs === hourMs && this.#open.agency === agency) return this.#open.tally
    const key = `${hourMs} ${agency}`
    let own = this.#tallies.get(key)
    if (own === undefined) {
      own = { hourMs, agency, tally: { counted: 0, late: 0, skipped: 0, truncated: 0, evicted: 0 } }
      this.#tallies.set(key, own)
    }
    this.#open = own
    return own.tally
  }

  take(rule: string): CorrelationCount[] {
    const counts: CorrelationCount[] = []
    for (const { hourMs, agency, tally } of this.#tallies.values()) {
      const hour = new Date(hourMs).toISOString().slice(0, HOUR)
      for (const what of Object.keys(tally) as (keyof Tally)[]) {
        if (tally[what] > 0) counts.push({ hour, rule, agency, what, contributions: tally[what] })
      }
    }
    this.#tallies.clear()
    this.#open = undefined
    return counts
  }
}
