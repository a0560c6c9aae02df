import { UNITS } from '../sigma/fold.ts'
import { Sieve, UNITS_PER_LITERAL } from './sieve.ts'
import { byteOf, looseOf, SMALL, SMALL_WORD, type TextBytes } from './text-bytes.ts'
import { MEMORY, PLACES } from './text-memory.ts'

/** Units of a run; of a long one, where every literal has room for those: of hexadecimal digits, nearly every short run is one of some hash. */
const RUN = 4
const LONG_RUN = 8
/** Units of the shortest literal from which on runs are long. */
const LONG_RUNS_FROM = 24
const PAIRS = 4096
/** Places, as powers of two, in which it is counted how many literals have a run. */
const COUNT_BITS = 14
/**
 * Places of the heads, as powers of two: at most, what the second cache of a core holds besides the rest; where runs are long, hardly any
 * of a text is filed, and their bits alone are to fit.
 */
const BITS = [8, 18] as const
const LONG_BITS_MAX = 20
/** So many times as many places as entries, as a power of two: as few runs are taken for another. */
const SPARSE_BITS = 6

/** Places of literals shorter than a run, as a power of two. */
const SHORT_BITS = 10

/** The stride at which too many runs are filed. */
const STRIDE_MAX = 16

/** What is known of an entry, by its place there. */
const WORDS = 8
const NEXT = 0
const GRAM = 1
const OFFSET = 2
const LENGTH = 3
/** Another run of the literal, as far from the first as it can be, and where: most that share one do not share both. */
const OTHER_GRAM = 4
const OTHER_OFFSET = 5
/** The scan that found the literal last, as it was filed here: where it stands again, nothing needs comparing. */
const FOUND_BY = 6
const ID = 7
const SCANS_MAX = 0x7fffffff

/**
 * Finds which of many folded literals stand anywhere in a text. A text is looked at in runs of four bytes; where a run is
 * filed, the literals filed under it are compared. An automaton does the same in one memory access per unit, but its rows
 * exceed the cache.
 *
 * With a stride of 1 the runs roll through one 32-bit number and a literal is filed under the rarest run it has; one shorter than
 * a run under two bytes, whichever come more rarely. With a stride of n only every n-th run is looked at, so a literal is filed
 * under n runs in a row: one of them must be met. As long as a sieve is faster, only the places are looked at that it leaves; it is made
 * once it would have paid for itself.
 *
 * Hot: allocates nothing per text.
 */
export class GramTable {
  readonly stride: number
  /** No literal has fewer units. */
  readonly shortest: number
  readonly #run: typeof RUN | typeof LONG_RUN
  /** Whether there are literals that are not ASCII: their bytes are a guess, and they are compared by their units. */
  readonly #isWide: boolean
  #shift: number
  #heads: Int32Array
  /** A bit for each place of `heads` that is taken: most runs end here, in what the first cache of a core holds. */
  #taken: Int32Array
  /** Of how many literals a run is, by a few bits of it. */
  readonly #counts = new Uint16Array(1 << COUNT_BITS)
  /** A bit for each two bytes, in the order of a text: whether they are those of a literal shorter than a run; where there is one. */
  #isShort: Int32Array | undefined
  /** Heads of those literals, by a few bits of the two bytes; of those of one unit, by that. */
  readonly #shorts = new Int32Array(1 << SHORT_BITS)
  #ones: Int32Array | undefined
  /** Whether a run begins with two such bytes. */
  readonly #pairs = new Uint8Array(PAIRS)
  /** `WORDS` numbers each, so that an entry is in one line of the cache: most are only looked at, and seldom. */
  #entries = new Int32Array(WORDS)
  readonly #texts: string[] = ['']
  #sieve: Sieve | undefined
  /** Units that are to be looked through before there is one. */
  #unsieved = Infinity
  #scans = 0

  /**
   * @param literals text → id; none empty
   * @param shortest units that each of them has at least, and each that comes later
   */
  constructor(literals: ReadonlyMap<string, number>, shortest: number, isWide: boolean) {
    this.stride = GramTable.strideFor(shortest)
    this.shortest = shortest
    this.#run = runFor(shortest)
    this.#isWide = isWide
    const { stride } = this
    if (Sieve.canHelp(stride)) this.#unsieved = literals.size * UNITS_PER_LITERAL
    const bits = Math.min(
      this.#bitsMax,
      Math.max(BITS[0], Math.ceil(Math.log2(literals.size * stride + 1)) + SPARSE_BITS),
    )
    this.#shift = 32 - bits
    this.#heads = new Int32Array(1 << bits)
    this.#taken = new Int32Array(1 << (bits - 5))
    for (const text of literals.keys()) this.#count(text)
    for (const [text, id] of literals) this.#file(text, id)
  }

  /** How many units apart runs are looked at: one run of each literal must be met. */
  static strideFor(shortest: number): number {
    return Math.min(STRIDE_MAX, Math.max(1, shortest - runFor(shortest) + 1))
  }

  get #bitsMax(): number {
    return this.#run === LONG_RUN ? LONG_BITS_MAX : BITS[1]
  }

  /** One more literal, under the conditions of the constructor. */
  add(text: string, id: number): void {
    this.#count(text)
    this.#file(text, id)
    if (this.#sieve === undefined) this.#unsieved += UNITS_PER_LITERAL
    else this.#sift(this.#sieve, text, id)
    if (this.#texts.length > this.#heads.length >> (SPARSE_BITS - 1) && this.#shift > 32 - this.#bitsMax) this.#grow()
  }

  #count(text: string): void {
    for (let i = 0; i + this.#run <= text.length; i++) this.#counts[countedAt(this.#gramAt(text, i))]!++
    for (let i = 0; i + 2 <= text.length; i++) this.#counts[countedAt(twoAt(text, i))]!++
  }

  #file(text: string, id: number): void {
    if (text.length < RUN) {
      this.#fileShort(text, id)
      return
    }
    // So many literals have `stride` runs in a row, by where those begin.
    let sum = 0
    let [rarest, fewest] = [0, Infinity]
    for (let end = 0; end + this.#run <= text.length; end++) {
      sum += this.#countAt(text, end)
      const from = end - this.stride + 1
      if (from < 0) continue
      if (sum < fewest) [rarest, fewest] = [from, sum]
      sum -= this.#countAt(text, from)
    }
    for (let offset = rarest; offset < rarest + this.stride; offset++) this.#fileAt(text, id, offset)
  }

  #fileAt(text: string, id: number, offset: number): void {
    const gram = this.#gramAt(text, offset)
    const place = placeOf(gram, this.#shift)
    this.#heads[place] = this.#entry(text, id, offset, gram, this.#heads[place]!)
    take(this.#taken, place)
    this.#pairs[pairAt(text, offset)] = 1
  }

  #makeSieve(): void {
    this.#unsieved = Infinity
    const literals = new Map<string, number>()
    for (let entry = 1; entry < this.#texts.length; entry++)
      literals.set(this.#texts[entry]!, this.#entries[entry * WORDS + ID]!)
    this.#sieve = new Sieve()
    // The longer one is, the more places there are to choose from: those with few come first.
    for (const [text, id] of [...literals].sort(byLength)) {
      this.#sift(this.#sieve, text, id)
      if (this.#sieve === undefined) return
    }
  }

  /** Files a literal where the sieve tells it, which is gone once it is not worth while. */
  #sift(sieve: Sieve, text: string, id: number): void {
    const place = sieve.add(text)
    if (text.length === 1 || !sieve.isWorthwhile(this.stride)) this.#sieve = undefined
    else if (text.length < RUN) this.#fileShortAt(text, id, place + 1)
    else this.#fileAt(text, id, place)
  }

  /** A run of a literal or of a text, as a number. */
  #gramAt(text: string, start: number): number {
    const first = gramAt(text, start)
    return this.#run === RUN ? first : joined(first, gramAt(text, start + RUN))
  }

  #countAt(text: string, start: number): number {
    return this.#counts[countedAt(this.#gramAt(text, start))]!
  }

  /** `offset` of such an entry is that of the second byte. */
  #fileShort(text: string, id: number): void {
    const isShort = (this.#isShort ??= new Int32Array(0x10000 >>> 5))
    const countAt = (offset: number): number => this.#counts[countedAt(twoAt(text, offset - 1))]!
    if (text.length > 1) this.#fileShortAt(text, id, text.length === 2 || countAt(1) <= countAt(2) ? 1 : 2)
    else {
      const gram = shortGram(text)
      // Behind whatever byte it stands.
      isShort.fill(-1, gram << 3, (gram + 1) << 3)
      this.#ones ??= new Int32Array(0x100)
      this.#ones[gram] = this.#entry(text, id, 0, gram, this.#ones[gram]!)
    }
  }

  #fileShortAt(text: string, id: number, offset: number): void {
    const two = twoAt(text, offset - 1)
    take(this.#isShort!, two)
    this.#shorts[shortAt(two)] = this.#entry(text, id, offset, shortGram(text), this.#shorts[shortAt(two)]!)
  }

  #entry(text: string, id: number, offset: number, gram: number, next: number): number {
    const entry = this.#texts.push(text) - 1
    const at = entry * WORDS
    if (at === this.#entries.length) {
      const more = new Int32Array(2 * at)
      more.set(this.#entries)
      this.#entries = more
    }
    const last = text.length - RUN
    const other = last < 0 || offset * 2 > last ? 0 : last
    const entries = this.#entries
    entries[at + NEXT] = next
    entries[at + GRAM] = gram
    entries[at + OFFSET] = offset
    entries[at + LENGTH] = text.length
    entries[at + OTHER_GRAM] = last < 0 ? 0 : gramAt(text, other)
    entries[at + OTHER_OFFSET] = other
    entries[at + ID] = id
    return entry
  }

  #grow(): void {
    this.#shift--
    this.#heads = new Int32Array(1 << (32 - this.#shift))
    this.#taken = new Int32Array(1 << (27 - this.#shift))
    for (let entry = 1; entry < this.#texts.length; entry++) {
      if (this.#texts[entry]!.length < RUN) continue
      const place = placeOf(this.#entries[entry * WORDS + GRAM]!, this.#shift)
      this.#entries[entry * WORDS + NEXT] = this.#heads[place]!
      this.#heads[place] = entry
      take(this.#taken, place)
    }
  }

  /** Whether `literal`, folded, stands in the text from `start` on. */
  #stands(literal: string, { text, bytes }: TextBytes, start: number): boolean {
    if (this.#isWide) {
      for (let i = 0; i < literal.length; i++) {
        if (UNITS[text.charCodeAt(start + i)] !== literal.charCodeAt(i)) return false
      }
      return true
    }
    for (let i = 0; i < literal.length; i++) {
      if (byteOf(bytes[start + i]!) !== literal.charCodeAt(i)) return false
    }
    return true
  }

  #compare(
    first: number,
    gram: number,
    text: TextBytes,
    length: number,
    start: number,
    hit: (id: number, at: number) => void,
  ): void {
    const { runs } = text
    const entries = this.#entries
    for (let entry = first; entry !== 0; entry = entries[entry * WORDS + NEXT]!) {
      const at = entry * WORDS
      if (entries[at + GRAM] !== gram || entries[at + FOUND_BY] === this.#scans) continue
      const from = start - entries[at + OFFSET]!
      if (from < 0 || from + entries[at + LENGTH]! > length) continue
      if ((runs.getInt32(from + entries[at + OTHER_OFFSET]!, true) | SMALL_WORD) !== entries[at + OTHER_GRAM]) continue
      if (this.#stands(this.#texts[entry]!, text, from)) this.#report(at, from, hit)
    }
  }

  /**
   * @param first of the entries that may stand there
   * @param end where the second byte stands
   */
  #compareShort(
    first: number,
    text: TextBytes,
    length: number,
    end: number,
    hit: (id: number, at: number) => void,
  ): void {
    const { runs } = text
    const entries = this.#entries
    for (let entry = first; entry !== 0; entry = entries[entry * WORDS + NEXT]!) {
      const at = entry * WORDS
      if (entries[at + FOUND_BY] === this.#scans) continue
      const start = end - entries[at + OFFSET]!
      if (start < 0 || start + entries[at + LENGTH]! > length) continue
      const bits = (1 << (8 * entries[at + LENGTH]!)) - 1
      if (((runs.getInt32(start, true) | SMALL_WORD) & bits) !== entries[at + GRAM]) continue
      if (this.#stands(this.#texts[entry]!, text, start)) this.#report(at, start, hit)
    }
  }

  #report(at: number, start: number, hit: (id: number, at: number) => void): void {
    this.#entries[at + FOUND_BY] = this.#scans
    hit(this.#entries[at + ID]!, start)
  }

  /**
   * Calls `hit` with the id of every literal that the text, folded, holds between two places, perhaps more than once, and with where it
   * begins.
   */
  scan(text: TextBytes, from: number, to: number, hit: (id: number, at: number) => void): void {
    if (to - from < this.shortest) return
    if (++this.#scans > SCANS_MAX) this.#restart()
    this.#unsieved -= to - from
    if (this.#unsieved < 0) this.#makeSieve()
    if (this.#sieve !== undefined && (this.stride === 1 || text.isCheap)) this.#pick(this.#sieve, text, from, to, hit)
    else if (this.stride === 1) this.#roll(text, from, to, hit)
    else if (!text.isCheap) this.#skimUnits(text, from, to, hit)
    else if (this.#run === RUN) this.#skim(text, from, to, hit)
    else this.#skimLong(text, from, to, hit)
  }

  #restart(): void {
    this.#scans = 1
    for (let at = FOUND_BY; at < this.#entries.length; at += WORDS) this.#entries[at] = 0
  }

  /** Whether a text may hold a literal. Where the stride is not 1, most texts are done with by this. */
  mayHold(text: string): boolean {
    if (this.stride === 1) return true
    const last = text.length - this.#run
    for (let start = 0; start <= last; start += this.stride) {
      // The pairs alone would let a third of the texts pass in which there is nothing.
      if (
        this.#pairs[pairAt(text, start)] !== 0 &&
        isTaken(this.#taken, placeOf(this.#gramAt(text, start), this.#shift))
      )
        return true
    }
    return false
  }

  /** Looks at those places only that a sieve leaves. */
  #pick(sieve: Sieve, text: TextBytes, from: number, to: number, hit: (id: number, at: number) => void): void {
    const { runs } = text
    const { length } = text.text
    const taken = this.#taken
    const shift = this.#shift
    const isShort = this.#isShort
    const { places } = MEMORY
    for (let begin = from; begin < to; begin += PLACES) {
      const count = sieve.look(begin, Math.min(begin + PLACES, to))
      for (let i = 0; i < count; i++) {
        const start = places[i]!
        const gram = runs.getInt32(start, true) | SMALL_WORD
        const place = placeOf(gram, shift)
        if (isTaken(taken, place)) this.#compare(this.#heads[place]!, gram, text, length, start, hit)
        const two = gram & 0xffff
        if (isShort !== undefined && isTaken(isShort, two)) {
          this.#compareShort(this.#shorts[shortAt(two)]!, text, length, start + 1, hit)
        }
      }
    }
  }

  #roll(text: TextBytes, from: number, to: number, hit: (id: number, at: number) => void): void {
    const { bytes } = text
    const { length } = text.text
    const taken = this.#taken
    const shift = this.#shift
    const isShort = this.#isShort
    const ones = this.#ones
    let gram = 0
    if (isShort === undefined) {
      for (let i = from; i < to; i++) {
        gram = (gram >>> 8) | ((bytes[i]! | SMALL) << 24)
        const place = placeOf(gram, shift)
        if (isTaken(taken, place)) this.#compare(this.#heads[place]!, gram, text, length, i - RUN + 1, hit)
      }
      return
    }
    for (let i = from; i < to; i++) {
      gram = (gram >>> 8) | ((bytes[i]! | SMALL) << 24)
      const place = placeOf(gram, shift)
      if (isTaken(taken, place)) this.#compare(this.#heads[place]!, gram, text, length, i - RUN + 1, hit)
      if (!isTaken(isShort, gram >>> 16)) continue
      this.#compareShort(this.#shorts[shortAt(gram >>> 16)]!, text, length, i, hit)
      if (ones !== undefined) this.#compareShort(ones[gram >>> 24]!, text, length, i, hit)
    }
  }

  /** The same as `#skim`, where not even the bytes are worth making: most runs end at the second unit. */
  #skimUnits(text: TextBytes, from: number, to: number, hit: (id: number, at: number) => void): void {
    const units = text.text
    const { length } = units
    const pairs = this.#pairs
    const last = to - this.#run
    for (let start = from; start <= last; start += this.stride) {
      if (pairs[pairAt(units, start)] === 0) continue
      const gram = this.#gramAt(units, start)
      const place = placeOf(gram, this.#shift)
      if (isTaken(this.#taken, place)) this.#compare(this.#heads[place]!, gram, text, length, start, hit)
    }
  }

  #skim(text: TextBytes, from: number, to: number, hit: (id: number, at: number) => void): void {
    const { runs } = text
    const { length } = text.text
    const taken = this.#taken
    const shift = this.#shift
    const last = to - RUN
    for (let start = from; start <= last; start += this.stride) {
      const gram = runs.getInt32(start, true) | SMALL_WORD
      const place = placeOf(gram, shift)
      if (isTaken(taken, place)) this.#compare(this.#heads[place]!, gram, text, length, start, hit)
    }
  }

  /** `#skim` where runs are long: which they are is not asked at each of them. */
  #skimLong(text: TextBytes, from: number, to: number, hit: (id: number, at: number) => void): void {
    const { runs } = text
    const { length } = text.text
    const taken = this.#taken
    const shift = this.#shift
    const last = to - LONG_RUN
    for (let start = from; start <= last; start += this.stride) {
      const first = runs.getInt32(start, true) | SMALL_WORD
      const gram = joined(first, runs.getInt32(start + RUN, true) | SMALL_WORD)
      const place = placeOf(gram, shift)
      if (isTaken(taken, place)) this.#compare(this.#heads[place]!, gram, text, length, start, hit)
    }
  }
}

function byLength([a]: [string, number], [b]: [string, number]): number {
  return a.length - b.length
}

function runFor(shortest: number): typeof RUN | typeof LONG_RUN {
  return shortest >= LONG_RUNS_FROM ? LONG_RUN : RUN
}

/** Two halves of a long run as one number. */
function joined(first: number, second: number): number {
  return first ^ Math.imul(second, 0x85ebca6b)
}

/** The distance of a shift counts modulo 32. */
function take(taken: Int32Array, place: number): void {
  taken[place >>> 5]! |= 1 << place
}

function isTaken(taken: Int32Array, place: number): boolean {
  return ((taken[place >>> 5]! >>> place) & 1) !== 0
}

function placeOf(gram: number, shift: number): number {
  return Math.imul(gram, 0x9e3779b1) >>> shift
}

function countedAt(gram: number): number {
  return Math.imul(gram, 0x85ebca6b) >>> (32 - COUNT_BITS)
}

function pairAt(text: string, start: number): number {
  return ((looseOf(text.charCodeAt(start)) << 5) ^ looseOf(text.charCodeAt(start + 1))) & (PAIRS - 1)
}

/** A run as a number, its first byte the lowest; of loose bytes, as all runs here. */
function gramAt(text: string, start: number): number {
  return twoAt(text, start) | (twoAt(text, start + 2) << 16)
}

/** The bytes of a literal shorter than a run, as a number. */
function shortGram(text: string): number {
  let gram = 0
  for (let i = 0; i < text.length; i++) gram |= looseOf(text.charCodeAt(i)) << (8 * i)
  return gram
}

function shortAt(two: number): number {
  return Math.imul(two, 0x9e3779b1) >>> (32 - SHORT_BITS)
}

function twoAt(text: string, start: number): number {
  return looseOf(text.charCodeAt(start)) | (looseOf(text.charCodeAt(start + 1)) << 8)
}
