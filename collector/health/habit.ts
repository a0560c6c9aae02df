/** Hours of the week, Monday 00:00 first. */
export const SLOTS = 168
/** Weeks that are remembered of each hour. */
const WEEKS = 4
/** From so many weeks on the longest pause may be an accident, and is left out. */
const WEEKS_FORGIVING = 3

/**
 * What a source usually does, by hour of the week: how many records it sends, and how long it pauses. Nights and weekends of an
 * office are hours like any other, with pauses of their own.
 */
export class Habit {
  /** Per slot `WEEKS` numbers of records, then as many pauses in seconds, then how many weeks were ever added. */
  readonly #records: Uint32Array
  readonly #pauses: Uint32Array
  readonly #added: Uint32Array

  private constructor(numbers: Uint32Array) {
    this.#records = numbers.subarray(0, SLOTS * WEEKS)
    this.#pauses = numbers.subarray(SLOTS * WEEKS, SLOTS * WEEKS * 2)
    this.#added = numbers.subarray(SLOTS * WEEKS * 2)
  }

  static empty(): Habit {
    return new Habit(new Uint32Array(SLOTS * (WEEKS * 2 + 1)))
  }

  /** From what `bytes` gave. */
  static from(bytes: Uint8Array): Habit {
    const habit = Habit.empty()
    const whole = new Uint8Array(habit.#records.buffer)
    whole.set(bytes.subarray(0, whole.length))
    return habit
  }

  bytes(): Uint8Array {
    return new Uint8Array(this.#records.buffer)
  }

  /** One more week of an hour, in place of the oldest. */
  add(slot: number, records: number, pauseMs: number): void {
    const at = slot * WEEKS + (this.#added[slot]! % WEEKS)
    this.#records[at] = records
    this.#pauses[at] = Math.ceil(pauseMs / 1_000)
    this.#added[slot]!++
  }

  /** Records that the hour usually brings: the median of its weeks. Undefined where it was never learned. */
  usualRecords(slot: number): number | undefined {
    const weeks = this.#weeks(this.#records, slot)
    return weeks.length === 0 ? undefined : median(weeks)
  }

  /**
   * The longest pause that is usual in an hour and those beside it (what comes at ten to three may come at five past), in
   * milliseconds; undefined where one of them was never learned.
   */
  usualPauseMs(slot: number): number | undefined {
    let longest = 0
    for (const near of [slot + SLOTS - 1, slot, slot + 1]) {
      const weeks = this.#weeks(this.#pauses, near % SLOTS).toSorted((a, b) => b - a)
      const usual = weeks[weeks.length < WEEKS_FORGIVING ? 0 : 1]
      if (usual === undefined) return undefined
      longest = Math.max(longest, usual)
    }
    return longest * 1_000
  }

  #weeks(numbers: Uint32Array, slot: number): number[] {
    const weeks = Math.min(this.#added[slot]!, WEEKS)
    return [...numbers.subarray(slot * WEEKS, slot * WEEKS + weeks)]
  }
}

/** Of a list that is not empty. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}
