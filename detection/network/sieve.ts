import { looseOf } from './text-bytes.ts'
import { MASKS, MASKS_BYTES, MEMORY } from './text-memory.ts'

const GROUPS = 8
/** Bytes that are looked at from a place on. */
const WINDOW = 4
/** Half a byte has so many values. */
const HALVES = 16
const ANY_LOW = 0xffff
/** High halves of ASCII in which small letters are not told from large ones. */
const HIGHS = [2, 3, 6, 7] as const
const ANY_HIGH = 0x0f
const HIGH_BITS = Int32Array.from({ length: HALVES }, (_, high) => {
  const place = (HIGHS as readonly number[]).indexOf(high)
  return place < 0 ? 0 : 1 << place
})
/** Halves of the literal that is put in, as bits: sieves are made while events pass, and a call-back for each is compiled each time. */
let [lows, highs] = [new Int32Array(64), new Int32Array(64)]

/**
 * What it costs, in nanoseconds measured on the machine of decision 151 where only what they are to each other counts: a byte of a text,
 * a place that is left, and a run that is looked at without a sieve.
 */
const BYTE_NS = 0.6
const PLACE_NS = 15
const RUN_NS = 4.5
/** So many times as many places of real texts are left as the shares of their bytes say: bytes depend on their neighbours. */
const DEPENDENCE = 4
/** So many units looked through without a sieve cost more than a literal in one. */
export const UNITS_PER_LITERAL = 2_000

/** Of the bytes of words, paths and numbers, in which small letters are not told from large ones: the most frequent first. */
const FREQUENT = ' eatoinsrlcd0m21p3|-4u5.8fg6w9b7hvy:kx=\x7fqz/j"(),%{}$&\'#@!*+;<>`~?'
/** How frequent bytes of some halves are: by which high ones, by eight of the low ones, by which of those. */
const SUMS = sums()

/**
 * Tells where in a text some of many literals may begin, sixteen bytes at a time (`wasm/sieve.ts`). Of each literal a few bytes in a row
 * are taken, and it is put into the group of those it is most like; with many literals too many places are left for it to be worth while.
 *
 * Hot: allocates nothing per text.
 */
export class Sieve {
  /** Whose masks lie in the memory of texts; of more sieves than it has room for, those that were there first lose theirs. */
  static readonly #owners: (Sieve | undefined)[] = Array.from({ length: MASKS })
  static #latest = 0

  /** By group and byte of the window, the halves that it has there: low ones as bits, high ones of ASCII by their place in `HIGHS`. */
  readonly #lows = new Int32Array(GROUPS * WINDOW)
  readonly #highs = new Int32Array(GROUPS * WINDOW)
  /** What each group lets pass, as a share of all places; and all of them. */
  readonly #shares = new Float64Array(GROUPS)
  #share = 0
  readonly #masks = new Uint8Array(MASKS_BYTES)
  #slot = 0

  /** Whether it can be faster than to look at every n-th run of a text. */
  static canHelp(stride: number): boolean {
    return MEMORY.canSieve && BYTE_NS < RUN_NS / stride
  }

  /** Whether it is that still, with all the literals it has. */
  isWorthwhile(stride: number): boolean {
    return BYTE_NS + this.#share * DEPENDENCE * PLACE_NS < RUN_NS / stride
  }

  /** One more literal, folded. Returns which of its places is told: where it stands in a text, that is left. */
  add(literal: string): number {
    const length = Math.max(literal.length, WINDOW)
    if (length > lows.length) [lows, highs] = [new Int32Array(2 * length), new Int32Array(2 * length)]
    for (let i = 0; i < length; i++) {
      lows[i] = lowAt(literal, i)
      highs[i] = highAt(literal, i)
    }
    let [place, into, share, least] = [0, 0, 0, Infinity]
    for (let at = 0; at + WINDOW <= length; at++) {
      for (let group = 0; group < GROUPS; group++) {
        const own = this.#shareWith(group, at)
        if (own - this.#shares[group]! >= least) continue
        least = own - this.#shares[group]!
        place = at
        into = group
        share = own
      }
    }
    this.#shares[into] = share
    this.#share += least
    this.#put(into, literal, place)
    for (let i = 0; i < WINDOW; i++) {
      this.#lows[into * WINDOW + i]! |= lows[place + i]!
      this.#highs[into * WINDOW + i]! |= highs[place + i]!
    }
    if (Sieve.#owners[this.#slot] === this) Sieve.#owners[this.#slot] = undefined
    return place
  }

  /** The share of all places that a group would let pass with the literal in hand. */
  #shareWith(group: number, at: number): number {
    let share = 1
    for (let i = 0; i < WINDOW; i++) {
      const own = group * WINDOW + i
      const low = this.#lows[own]! | lows[at + i]!
      const row = (this.#highs[own]! | highs[at + i]!) << 9
      share *= SUMS[row | (low & 0xff)]! + SUMS[row | 0x100 | (low >>> 8)]!
    }
    return share
  }

  /** Writes a bit for the group wherever a half may be one of a literal. */
  #put(group: number, literal: string, place: number): void {
    for (let i = 0; i < WINDOW; i++) {
      const byte = place + i < literal.length ? looseOf(literal.charCodeAt(place + i)) : undefined
      for (let half = 0; half < HALVES; half++) {
        if (byte === undefined || (byte & 0x0f) === half) this.#masks[i * HALVES + half]! |= 1 << group
        if (byte === undefined || byte >>> 4 === half) this.#masks[(WINDOW + i) * HALVES + half]! |= 1 << group
      }
    }
  }

  /**
   * Writes to `MEMORY.places` each place of the text in memory, between two, at which a literal may begin as far as it was put in;
   * returns how many.
   * @param to behind the last place, at most `PLACES` behind the first
   */
  look(from: number, to: number): number {
    if (Sieve.#owners[this.#slot] !== this) this.#move()
    let count = MEMORY.sieve(this.#slot, from, to)
    const { places } = MEMORY
    while (count > 0 && places[count - 1]! >= to) count--
    return count
  }

  #move(): void {
    Sieve.#latest = (Sieve.#latest + 1) % MASKS
    this.#slot = Sieve.#latest
    Sieve.#owners[this.#slot] = this
    MEMORY.masks.set(this.#masks, this.#slot * MASKS_BYTES)
  }
}

/** The low half of a byte of a literal as a bit; behind its end it may be any. */
function lowAt(literal: string, at: number): number {
  return at < literal.length ? 1 << (looseOf(literal.charCodeAt(at)) & 0x0f) : ANY_LOW
}

/** Its high half as the bit of its place in `HIGHS`; none for what is not ASCII. */
function highAt(literal: string, at: number): number {
  if (at >= literal.length) return ANY_HIGH
  return HIGH_BITS[looseOf(literal.charCodeAt(at)) >>> 4]!
}

function sums(): Float64Array {
  const shares = frequencies()
  return Float64Array.from({ length: (ANY_HIGH + 1) << 9 }, (_, at) => {
    let sum = 0
    for (const [place, high] of HIGHS.entries()) {
      const first = (high << 4) | ((at & 0x100) >>> 5)
      for (let bit = 0; bit < 8; bit++) sum += ((at >>> (9 + place)) & (at >>> bit) & 1) * shares[first | bit]!
    }
    return sum
  })
}

/** How frequent each byte is, by the law of Zipf. */
function frequencies(): Float64Array {
  const shares = new Float64Array(0x100)
  const all = Array.from(FREQUENT, (_, i) => 1 / (i + 3)).reduce((sum, own) => sum + own)
  for (let i = 0; i < FREQUENT.length; i++) shares[looseOf(FREQUENT.charCodeAt(i))]! += 1 / (i + 3) / all
  return shares
}
