import { TAB } from './indicator.ts'

const SLOTS_MIN = 16
const BASIS = 0x811c9dc5
const PRIME = 0x01000193

/**
 * Texts that stand in a buffer, each ended by a tab, found by their characters: open addressing over places in the buffer, at
 * most half full, so that a text costs 8 to 16 bytes beside its own. The hash runs from the end to the beginning: on the way,
 * what ends a text is looked up as well, without a string of its own.
 */
export class TextTable {
  readonly #bytes: Buffer
  /** Place of the first byte, plus one; 0: nothing. Equal texts follow each other as they were added. */
  #slots = new Uint32Array(SLOTS_MIN)
  #size = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  get isEmpty(): boolean {
    return this.#size === 0
  }

  get bytes(): number {
    return this.#slots.byteLength
  }

  /** @param end place of the tab */
  add(place: number, end: number): void {
    if ((this.#size + 1) * 2 > this.#slots.length) this.#grow()
    this.#put(place, end)
    this.#size++
  }

  /** Calls `each` with every place where this very text stands. */
  find(text: string, each: (place: number) => void): void {
    let hash = BASIS
    for (let i = text.length - 1; i >= 0; i--) hash = Math.imul(hash ^ text.charCodeAt(i), PRIME)
    this.#probe(hash, text, 0, (place) => each(place))
  }

  /** The same for a name and every name above it, `c.example` in `b.c.example`; `from`: where in the text it begins. */
  findName(name: string, each: (place: number, from: number) => void): void {
    let hash = BASIS
    for (let i = name.length - 1; i >= 0; i--) {
      hash = Math.imul(hash ^ name.charCodeAt(i), PRIME)
      if (i === 0 || name.charCodeAt(i - 1) === 46) this.#probe(hash, name, i, each)
    }
  }

  #probe(hash: number, text: string, from: number, each: (place: number, from: number) => void): void {
    const last = this.#slots.length - 1
    for (let at = slotOf(hash) & last; this.#slots[at] !== 0; at = (at + 1) & last) {
      const place = this.#slots[at]! - 1
      if (this.#isAt(place, text, from)) each(place, from)
    }
  }

  #isAt(place: number, text: string, from: number): boolean {
    const end = place + text.length - from
    if (this.#bytes[end] !== TAB) return false
    for (let i = from, at = place; at < end; i++, at++) if (this.#bytes[at] !== text.charCodeAt(i)) return false
    return true
  }

  #put(place: number, end: number): void {
    let hash = BASIS
    for (let at = end - 1; at >= place; at--) hash = Math.imul(hash ^ this.#bytes[at]!, PRIME)
    const last = this.#slots.length - 1
    let at = slotOf(hash) & last
    while (this.#slots[at] !== 0) at = (at + 1) & last
    this.#slots[at] = place + 1
  }

  #grow(): void {
    const former = this.#slots
    this.#slots = new Uint32Array(former.length * 2)
    // From behind a free slot on, so that equal texts that run over the end stay in order.
    const free = former.indexOf(0)
    for (let n = 1; n <= former.length; n++) {
      const slot = former[(free + n) % former.length]!
      if (slot !== 0) this.#put(slot - 1, this.#bytes.indexOf(TAB, slot - 1))
    }
  }
}

/** The last bits of FNV-1a alone are poor. */
function slotOf(hash: number): number {
  return (hash ^ (hash >>> 15) ^ (hash >>> 7)) >>> 0
}
