import { UNITS } from '../sigma/fold.ts'

/** Low byte of every folded unit. */
const BYTES = Uint8Array.from(UNITS, (unit) => unit & 0xff)

/** Units of a run. */
const RUN = 4
const PAIRS = 4096

/**
 * Finds which of many folded literals stand anywhere in a text. A text is looked at in runs of four units; where a run is
 * filed, the literals filed under it are compared. An automaton does the same in one memory access per unit, but its rows
 * exceed the cache.
 *
 * With a stride of 1 the runs roll through one 32-bit number and a literal is filed under the rarest run it has; shorter
 * literals are filed under their first units. With a stride of n only every n-th run is looked at, so a literal is filed under
 * n runs in a row: one of them must be met.
 *
 * Hot: allocates nothing per text.
 */
export class GramTable {
  readonly #stride: number
  readonly #shortest: number
  readonly #shift: number
  readonly #heads: Int32Array
  /** Whether a place of `heads` is taken, eight to a byte: most runs end here, without a look at a table that no cache holds. */
  readonly #taken: Uint8Array
  /** With a stride: whether a run begins with two such bytes. Else: heads of literals shorter than a run, by their first two. */
  readonly #pairs = new Int32Array(PAIRS)
  /** Whether a literal shorter than a run begins with this byte: 1 if it is longer than that, 2 if it is no more, 3 if both are. */
  readonly #begins = new Uint8Array(0x100)
  readonly #singles = new Int32Array(0x100)
  readonly #next: number[] = [0]
  readonly #grams: number[] = [0]
  readonly #offsets: number[] = [0]
  readonly #texts: string[] = ['']
  readonly #ids: number[] = [0]

  /**
   * @param literals text → id; none empty, and each of at least `stride + 3` units where the stride is not 1
   * @param stride how many units apart runs are looked at
   */
  constructor(literals: ReadonlyMap<string, number>, stride: number) {
    this.#stride = stride
    this.#shortest = Math.min(...[...literals.keys()].map(({ length }) => length))
    const bits = Math.min(17, Math.max(8, Math.ceil(Math.log2(literals.size * stride + 1)) + 4))
    this.#shift = 32 - bits
    this.#heads = new Int32Array(1 << bits)
    this.#taken = new Uint8Array(1 << (bits - 3))
    const frequency = new Map<number, number>()
    for (const text of literals.keys()) {
      for (let i = 0; i + RUN <= text.length; i++) {
        const gram = gramAt(text, i)
        frequency.set(gram, (frequency.get(gram) ?? 0) + 1)
      }
    }
    for (const [text, id] of literals) {
      if (text.length < RUN) {
        this.#fileShort(text, id)
        continue
      }
      const counts = Array.from({ length: text.length - RUN + 1 }, (_, i) => frequency.get(gramAt(text, i))!)
      const sums = counts
        .slice(0, counts.length - stride + 1)
        .map((_, i) => counts.slice(i, i + stride).reduce((a, b) => a + b, 0))
      const rarest = sums.indexOf(Math.min(...sums))
      for (let offset = rarest; offset < rarest + stride; offset++) this.#file(text, id, offset)
    }
  }

  #file(text: string, id: number, offset: number): void {
    const gram = gramAt(text, offset)
    const place = Math.imul(gram, 0x9e3779b1) >>> this.#shift
    this.#heads[place] = this.#entry(text, id, offset, gram, this.#heads[place]!)
    this.#taken[place >>> 3]! |= 1 << (place & 7)
    if (this.#stride > 1) this.#pairs[pairAt(text, offset)] = 1
  }

  #fileShort(text: string, id: number): void {
    const byte = BYTES[text.charCodeAt(0)]!
    this.#begins[byte]! |= text.length === 1 ? 2 : 1
    const [heads, place] = text.length === 1 ? [this.#singles, byte] : [this.#pairs, pairAt(text, 0)]
    heads[place] = this.#entry(text, id, 0, 0, heads[place]!)
  }

  #entry(text: string, id: number, offset: number, gram: number, next: number): number {
    this.#next.push(next)
    this.#grams.push(gram)
    this.#offsets.push(offset)
    this.#ids.push(id)
    return this.#texts.push(text) - 1
  }

  /** Whether `literal`, folded, stands in `text` from `start` on. */
  #stands(literal: string, text: string, start: number): boolean {
    if (start < 0 || start + literal.length > text.length) return false
    for (let i = 0; i < literal.length; i++) {
      if (UNITS[text.charCodeAt(start + i)] !== literal.charCodeAt(i)) return false
    }
    return true
  }

  #compare(at: number, gram: number, text: string, start: number, hit: (id: number) => void): void {
    for (let entry = at; entry !== 0; entry = this.#next[entry]!) {
      if (this.#grams[entry] === gram && this.#stands(this.#texts[entry]!, text, start - this.#offsets[entry]!)) {
        hit(this.#ids[entry]!)
      }
    }
  }

  #compareShort(begins: number, byte: number, text: string, start: number, hit: (id: number) => void): void {
    if ((begins & 2) !== 0) this.#compare(this.#singles[byte]!, 0, text, start, hit)
    if ((begins & 1) === 0 || start + 1 >= text.length) return
    this.#compare(this.#pairs[pairAt(text, start)]!, 0, text, start, hit)
  }

  /**
   * Calls `hit` with the id of every literal that `text`, folded, holds, perhaps more than once.
   * @returns all units of the text joined by OR, or -1 where they were not all looked at
   */
  scan(text: string, hit: (id: number) => void): number {
    if (text.length < this.#shortest) return -1
    if (this.#stride > 1) {
      this.#skim(text, hit)
      return -1
    }
    const heads = this.#heads
    const taken = this.#taken
    const begins = this.#begins
    const shift = this.#shift
    let gram = 0
    let seen = 0
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i)
      seen |= unit
      const byte = BYTES[unit]!
      gram = (gram << 8) | byte
      const place = Math.imul(gram, 0x9e3779b1) >>> shift
      if ((taken[place >>> 3]! & (1 << (place & 7))) !== 0 && i >= RUN - 1) {
        this.#compare(heads[place]!, gram, text, i - RUN + 1, hit)
      }
      if (begins[byte] !== 0) this.#compareShort(begins[byte]!, byte, text, i, hit)
    }
    return seen
  }

  #skim(text: string, hit: (id: number) => void): void {
    const heads = this.#heads
    const pairs = this.#pairs
    const last = text.length - RUN
    for (let start = 0; start <= last; start += this.#stride) {
      if (pairs[pairAt(text, start)] === 0) continue
      const gram = gramAt(text, start)
      const at = heads[Math.imul(gram, 0x9e3779b1) >>> this.#shift]!
      if (at !== 0) this.#compare(at, gram, text, start, hit)
    }
  }
}

function pairAt(text: string, start: number): number {
  return ((BYTES[text.charCodeAt(start)]! << 5) ^ BYTES[text.charCodeAt(start + 1)]!) & (PAIRS - 1)
}

function gramAt(text: string, start: number): number {
  let gram = 0
  for (let i = start; i < start + RUN; i++) gram = (gram << 8) | BYTES[text.charCodeAt(i)]!
  return gram
}
