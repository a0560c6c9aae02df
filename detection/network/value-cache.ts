import type { Subject, Scalar } from '../sigma/scalar.ts'
import type { Hit } from './field-index.ts'

/** What was worked out about one value of a field. */
export interface KnownValue {
  /** Just the one, as the array that readers of a slot take. */
  subjects: readonly [Subject]
  /** Gates of the field's index that hold. */
  hits: Hit[]
  /** Keywords it holds; undefined until they were looked for. */
  keywords: Hit[] | undefined
  /** Predicates that were tested, and how they came out. */
  verdicts: Map<number, boolean> | undefined
}

/** Values of one generation, of which there are two, and UTF-16 units of them all. */
const GENERATION_MAX = 1000
const GENERATION_UNITS_MAX = 250_000
/** Longer values would drive out too many others. */
const LENGTH_MAX = 4000
/** So many look-ups are judged together; where fewer than a quarter found something, as many times eight are saved. */
const TRIAL = 1000
const REST = 8000

/**
 * Values of one field that came lately, with what they match: paths, names and commands come again and again. Where they do
 * not, it costs more than it saves, so that it rests for a while. It never changes an answer: an entry holds what the same
 * value gave before.
 */
export class ValueCache {
  #young = new Map<Scalar, KnownValue>()
  #old = new Map<Scalar, KnownValue>()
  #units = 0
  #lookups = 0
  #found = 0
  #resting = 0

  /** Whether the value is worth looking up and keeping. */
  takes(value: Scalar): boolean {
    if (this.#resting > 0) {
      this.#resting--
      return false
    }
    return typeof value !== 'string' || value.length <= LENGTH_MAX
  }

  get(value: Scalar): KnownValue | undefined {
    if (++this.#lookups === TRIAL) this.#judge()
    let known = this.#young.get(value)
    if (known === undefined) {
      known = this.#old.get(value)
      if (known === undefined) return undefined
      this.set(value, known)
    }
    this.#found++
    return known
  }

  set(value: Scalar, known: KnownValue): void {
    if (this.#young.size >= GENERATION_MAX || this.#units >= GENERATION_UNITS_MAX) {
      this.#old = this.#young
      this.#young = new Map()
      this.#units = 0
    }
    if (typeof value === 'string') this.#units += value.length
    this.#young.set(value, known)
  }

  #judge(): void {
    if (this.#found < TRIAL / 4) this.#resting = REST
    this.#lookups = 0
    this.#found = 0
  }
}
