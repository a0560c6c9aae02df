import type { Hit } from './field-index.ts'

/** What a text does to the events of one class. */
export interface Effect {
  /** Rules that may match an event with this text. */
  touches: readonly number[]
  /** Predicates that the text makes true. */
  proves: readonly number[]
}

/** What was worked out about one text of a field. First what is read of every text that is met again. */
export interface KnownValue {
  /** Whether it was met more than once: what comes only once is not worth remembering more of. */
  again: boolean
  /** The class that `effect` is for, by its token. */
  of: number
  effect: Effect
  /** Gates that hold for it. */
  hits: readonly Hit[]
  /** For other classes, by their tokens, where there are any. */
  others: Map<number, Effect> | undefined
  /** Predicates that were tested besides, and how they came out. */
  verdicts: Map<number, boolean> | undefined
}

/** Units of the texts that all caches of one matcher may hold together. */
const UNITS_MAX = 8_000_000
/** Places at the start and at most; a cache grows while values drive each other out. */
const SIZES = [32, 2048] as const
/** Places that are possible for a text, a power of two. */
const WAYS = 4
/** Texts driven out at which a cache grows, as a share of its places. */
const DRIVEN_SHARE = 1 / 4
/** Longer texts would drive out too many others. */
const LENGTH_MAX = 4000
/** So many look-ups are judged together; where fewer than a quarter found something, as many times eight are saved. */
const TRIAL = 512
const REST = 4096

/**
 * A number from a few units of a text: paths and commands differ near their ends and in the middle. Hashing the whole text, as
 * a Map does, costs ten times as much as this and the comparison that follows (600 units: 790 ns against 70).
 */
export function sampleOf(text: string): number {
  const length = text.length
  let hash = length
  if (length < 8) {
    for (let i = 0; i < length; i++) hash = Math.imul(hash, 31) + text.charCodeAt(i)
  } else {
    const middle = length >>> 1
    hash = Math.imul(hash, 31) + text.charCodeAt(length - 1)
    hash = Math.imul(hash, 31) + text.charCodeAt(length - 2)
    hash = Math.imul(hash, 31) + text.charCodeAt(length - 5)
    hash = Math.imul(hash, 31) + text.charCodeAt(length - 7)
    hash = Math.imul(hash, 31) + text.charCodeAt(middle)
    hash = Math.imul(hash, 31) + text.charCodeAt(middle - 2)
    hash = Math.imul(hash, 31) + text.charCodeAt(length >>> 2)
    hash = Math.imul(hash, 31) + text.charCodeAt(middle + (length >>> 2))
  }
  return Math.imul(hash, 0x9e3779b1)
}

/**
 * Texts of one field that came lately, with what they match: paths, names and commands come again and again. Where they do
 * not, it costs more than it saves, so that it rests for a while. It never changes an answer: an entry holds what the same
 * text gave before, and the whole text is compared.
 *
 * Four places are possible for a text; a newcomer takes the first and the others move on, and whoever is found in another one takes the
 * first. Texts made to meet there drive each other out, no more. Two places were not enough for texts that differ where they are not
 * sampled: on the Windows events call stacks were worked out 9,931 times instead of 1,678, of 1,396 that there are.
 */
export class ValueCache {
  // First what is read for every text: members lie in memory in this order.
  #resting = 0
  #lookups = 0
  #found = 0
  /** The text that was found or taken in last, and what is known of it, if anything: two of three that are looked up are that one. */
  #last = ''
  #lastKnown: KnownValue | undefined
  readonly #shelf: CacheShelf
  /** Where a place is free the text is empty and nothing is known: only texts among them compare faster. */
  #texts = freeTexts(SIZES[0])
  #known: (KnownValue | undefined)[] = Array.from({ length: SIZES[0] })
  #shift = 32 - Math.log2(SIZES[0])
  #driven = 0
  #units = 0
  /** Gates are moved and filed many at a time, and each clears what is known. */
  #isClear = true

  constructor(shelf: CacheShelf) {
    this.#shelf = shelf
  }

  get(text: string): KnownValue | undefined {
    if (this.#resting > 0) {
      this.#resting--
      return undefined
    }
    if (++this.#lookups === TRIAL) this.#judge()
    if (this.#lastKnown !== undefined && this.#last === text) {
      this.#found++
      return this.#lastKnown
    }
    const texts = this.#texts
    const first = sampleOf(text) >>> this.#shift
    for (let way = 0; way < WAYS; way++) {
      const place = first ^ way
      if (texts[place] !== text) continue
      const known = this.#known[place]
      if (known === undefined) continue
      this.#found++
      if (way > 0) this.#exchange(first, place)
      this.#last = text
      return (this.#lastKnown = known)
    }
    return undefined
  }

  #exchange(first: number, second: number): void {
    const [text, known] = [this.#texts[first]!, this.#known[first]]
    this.#texts[first] = this.#texts[second]!
    this.#known[first] = this.#known[second]
    this.#texts[second] = text
    this.#known[second] = known
  }

  /** Whether most texts that were looked up lately were found. */
  get pays(): boolean {
    return this.#resting === 0 && this.#lookups > 64 && this.#found * 4 > this.#lookups * 3
  }

  /** Whether it would keep what it did not find. */
  takes(text: string): boolean {
    return this.#resting === 0 && text.length <= LENGTH_MAX
  }

  set(text: string, known: KnownValue): void {
    if (this.#driven > this.#texts.length * DRIVEN_SHARE && this.#texts.length < SIZES[1]) this.#grow()
    this.#place(text, known)
    this.#last = text
    this.#lastKnown = known
    this.#count(text.length)
  }

  #place(text: string, known: KnownValue): void {
    this.#isClear = false
    const texts = this.#texts
    const all = this.#known
    const first = sampleOf(text) >>> this.#shift
    const last = first ^ (WAYS - 1)
    if (all[last] !== undefined) {
      this.#driven++
      this.#count(-texts[last]!.length)
    }
    for (let way = WAYS - 1; way > 0; way--) {
      texts[first ^ way] = texts[first ^ (way - 1)]!
      all[first ^ way] = all[first ^ (way - 1)]
    }
    texts[first] = text
    all[first] = known
  }

  #count(units: number): void {
    this.#units += units
    this.#shelf.count(units)
  }

  #grow(): void {
    const [texts, known] = [this.#texts, this.#known]
    const size = texts.length * 4
    this.#texts = freeTexts(size)
    this.#known = Array.from({ length: size })
    this.#shift -= 2
    for (let i = 0; i < known.length; i++) {
      const own = known[i]
      if (own !== undefined) this.#place(texts[i]!, own)
    }
    this.#driven = 0
  }

  clear(): void {
    if (this.#isClear) return
    this.#isClear = true
    this.#texts.fill('')
    this.#known.fill(undefined)
    this.#last = ''
    this.#lastKnown = undefined
    this.#count(-this.#units)
    this.#lookups = this.#found = this.#resting = 0
  }

  #judge(): void {
    if (this.#found < TRIAL / 4) this.#resting = REST
    this.#lookups = 0
    this.#found = 0
  }
}

function freeTexts(size: number): string[] {
  return Array<string>(size).fill('')
}

/** The caches of one matcher. Together they hold so many units of text and no more: when they are full, all start anew. */
export class CacheShelf {
  readonly #caches = new Set<ValueCache>()
  #units = 0

  add(): ValueCache {
    const cache = new ValueCache(this)
    this.#caches.add(cache)
    return cache
  }

  remove(cache: ValueCache): void {
    cache.clear()
    this.#caches.delete(cache)
  }

  clear(): void {
    for (const cache of this.#caches) cache.clear()
  }

  /** Called by the caches, as they take texts in and let them go. */
  count(units: number): void {
    this.#units += units
    if (this.#units > UNITS_MAX) this.clear()
  }
}
