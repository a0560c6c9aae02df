import { UNITS } from '../sigma/fold.ts'

/** Low byte of every folded unit. */
const BYTES = Uint8Array.from(UNITS, (unit) => unit & 0xff)

/**
 * Finds which of many folded literals stand anywhere in a text. A text is looked at in runs of `width` units; where a run is
 * filed, the literals filed under it are compared. An automaton does the same in one memory access per unit, but its rows
 * exceed the cache.
 *
 * With a stride of 1 the runs roll through one 32-bit number and a literal is filed under the rarest run it has. With a
 * stride of n only every n-th run is looked at, so a literal is filed under n runs in a row: one of them must be met.
 *
 * Hot: allocates nothing per text.
 */
export class GramTable {
  readonly #width: number
  readonly #stride: number
  readonly #mask: number
  readonly #shift: number
  readonly #heads: Int32Array
  /** Whether a slot of `heads` is taken, eight to a byte: most runs end here, without a look at a table that no cache holds. */
  readonly #taken: Uint8Array
  /** With a stride: whether a run begins with these two bytes. */
  readonly #pairs = new Uint8Array(0x10000)
  readonly #next: number[] = [0]
  readonly #grams: number[] = [0]
  readonly #offsets: number[] = [0]
  readonly #texts: string[] = ['']
  readonly #ids: number[] = [0]

  /**
   * @param literals text → id; each has at least `width + stride - 1` units
   * @param size units of a run, 1 to 4, and how many units apart runs are looked at
   */
  constructor(literals: ReadonlyMap<string, number>, { width, stride }: { width: number; stride: number }) {
    this.#width = width
    this.#stride = stride
    this.#mask = width === 4 ? -1 : (1 << (8 * width)) - 1
    const bits = Math.min(17, Math.max(8, Math.ceil(Math.log2(literals.size * stride + 1)) + 4))
    this.#shift = 32 - bits
    this.#heads = new Int32Array(1 << bits)
    this.#taken = new Uint8Array(1 << (bits - 3))
    const frequency = new Map<number, number>()
    for (const text of literals.keys()) {
      for (let i = 0; i + width <= text.length; i++) {
        const gram = this.#gram(text, i)
        frequency.set(gram, (frequency.get(gram) ?? 0) + 1)
      }
    }
    for (const [text, id] of literals) {
      const counts = Array.from({ length: text.length - width + 1 }, (_, i) => frequency.get(this.#gram(text, i))!)
      const sums = counts
        .slice(0, counts.length - stride + 1)
        .map((_, i) => counts.slice(i, i + stride).reduce((a, b) => a + b, 0))
      const rarest = sums.indexOf(Math.min(...sums))
      for (let offset = rarest; offset < rarest + stride; offset++) this.#file(text, id, offset)
    }
  }

  #file(text: string, id: number, offset: number): void {
    const gram = this.#gram(text, offset)
    const slot = Math.imul(gram, 0x9e3779b1) >>> this.#shift
    this.#next.push(this.#heads[slot]!)
    this.#heads[slot] = this.#texts.length
    this.#taken[slot >>> 3]! |= 1 << (slot & 7)
    if (this.#width > 1) this.#pairs[this.#pair(text, offset)] = 1
    this.#grams.push(gram)
    this.#offsets.push(offset)
    this.#texts.push(text)
    this.#ids.push(id)
  }

  #pair(text: string, start: number): number {
    return (BYTES[text.charCodeAt(start)]! << 8) | BYTES[text.charCodeAt(start + 1)]!
  }

  #gram(text: string, start: number): number {
    let gram = 0
    for (let i = start; i < start + this.#width; i++) gram = (gram << 8) | BYTES[text.charCodeAt(i)]!
    return gram
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

  /** Calls `hit` with the id of every literal that `text`, folded, holds, perhaps more than once. */
  scan(text: string, hit: (id: number) => void): void {
    const heads = this.#heads
    const shift = this.#shift
    const stride = this.#stride
    if (stride > 1) {
      const last = text.length - this.#width
      const pairs = this.#pairs
      for (let start = 0; start <= last; start += stride) {
        if (pairs[this.#pair(text, start)] === 0) continue
        const gram = this.#gram(text, start)
        const at = heads[Math.imul(gram, 0x9e3779b1) >>> shift]!
        if (at !== 0) this.#compare(at, gram, text, start, hit)
      }
      return
    }
    const taken = this.#taken
    const mask = this.#mask
    const lead = this.#width - 1
    let gram = 0
    for (let i = 0; i < text.length; i++) {
      gram = ((gram << 8) | BYTES[text.charCodeAt(i)]!) & mask
      const slot = Math.imul(gram, 0x9e3779b1) >>> shift
      if ((taken[slot >>> 3]! & (1 << (slot & 7))) === 0 || i < lead) continue
      this.#compare(heads[slot]!, gram, text, i - lead, hit)
    }
  }
}
