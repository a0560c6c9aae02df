import { UNITS } from '../sigma/fold.ts'

/** Low byte of every folded unit. */
const BYTES = Uint8Array.from(UNITS, (unit) => unit & 0xff)

/**
 * Finds which of many folded literals stand anywhere in a text. Every literal is filed under one of its runs of `width` units, the
 * rarest it has; a text is walked once with those runs rolling through one 32-bit number, and only where a run is filed is
 * a literal compared. An automaton does the same in one memory access per unit, but its rows exceed the cache.
 *
 * Hot: allocates nothing per text.
 */
export class GramTable {
  readonly #mask: number
  readonly #shift: number
  readonly #heads: Int32Array
  readonly #next: number[] = [0]
  readonly #grams: number[] = [0]
  readonly #offsets: number[] = [0]
  readonly #texts: string[] = ['']
  readonly #ids: number[] = [0]
  readonly #width: number

  /** @param literals text → id; each has at least `width` (1 to 4) units */
  constructor(width: number, literals: ReadonlyMap<string, number>) {
    this.#width = width
    this.#mask = width === 4 ? -1 : (1 << (8 * width)) - 1
    const bits = Math.min(17, Math.max(8, Math.ceil(Math.log2(literals.size + 1)) + 4))
    this.#shift = 32 - bits
    this.#heads = new Int32Array(1 << bits)
    const frequency = new Map<number, number>()
    for (const text of literals.keys()) {
      for (let i = 0; i + width <= text.length; i++) {
        const gram = this.#gram(text, i)
        frequency.set(gram, (frequency.get(gram) ?? 0) + 1)
      }
    }
    for (const [text, id] of literals) {
      let best = 0
      for (let i = 1; i + width <= text.length; i++) {
        if (frequency.get(this.#gram(text, i))! < frequency.get(this.#gram(text, best))!) best = i
      }
      const gram = this.#gram(text, best)
      const slot = Math.imul(gram, 0x9e3779b1) >>> this.#shift
      this.#next.push(this.#heads[slot]!)
      this.#heads[slot] = this.#texts.length
      this.#grams.push(gram)
      this.#offsets.push(best)
      this.#texts.push(text)
      this.#ids.push(id)
    }
  }

  #gram(text: string, start: number): number {
    let gram = 0
    for (let i = start; i < start + this.#width; i++) gram = (gram << 8) | (text.charCodeAt(i) & 0xff)
    return gram
  }

  #stands(literal: string, text: string, start: number): boolean {
    if (start < 0 || start + literal.length > text.length) return false
    for (let i = 0; i < literal.length; i++) {
      if (UNITS[text.charCodeAt(start + i)] !== literal.charCodeAt(i)) return false
    }
    return true
  }

  /** Calls `hit` with the id of every literal that `text`, folded, holds, perhaps more than once. */
  scan(text: string, hit: (id: number) => void): void {
    const heads = this.#heads
    const mask = this.#mask
    const shift = this.#shift
    const lead = this.#width - 1
    let gram = 0
    for (let i = 0; i < text.length; i++) {
      gram = ((gram << 8) | BYTES[text.charCodeAt(i)]!) & mask
      if (i < lead) continue
      for (let at = heads[Math.imul(gram, 0x9e3779b1) >>> shift]!; at !== 0; at = this.#next[at]!) {
        if (this.#grams[at] === gram && this.#stands(this.#texts[at]!, text, i - lead - this.#offsets[at]!)) {
          hit(this.#ids[at]!)
        }
      }
    }
  }
}
