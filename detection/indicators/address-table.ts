import { maskOf } from './address.ts'

const SLOTS_MIN = 16

/** Networks of one prefix length: open addressing over typed arrays, at most half full. */
class PrefixTable {
  readonly #width: 1 | 4
  readonly #mask: readonly number[]
  #keys: Uint32Array
  /** What stands under a key, plus one; 0: nothing. Equal keys follow each other as they were added. */
  #places: Uint32Array
  #size = 0

  constructor(width: 1 | 4, prefix: number) {
    this.#width = width
    this.#mask = Array.from({ length: width }, (_, i) => maskOf(prefix, i))
    this.#keys = new Uint32Array(SLOTS_MIN * width)
    this.#places = new Uint32Array(SLOTS_MIN)
  }

  get bytes(): number {
    return this.#keys.byteLength + this.#places.byteLength
  }

  add(words: Uint32Array, place: number): void {
    if ((this.#size + 1) * 2 > this.#places.length) this.#grow()
    this.#put(words, 0, place + 1)
    this.#size++
  }

  /** Calls `each` with every place under the network that the address lies in. */
  find(words: Uint32Array, each: (place: number) => void): void {
    const last = this.#places.length - 1
    for (let at = this.#hash(words, 0) & last; this.#places[at] !== 0; at = (at + 1) & last) {
      if (this.#isAt(at, words, 0)) each(this.#places[at]! - 1)
    }
  }

  #hash(words: Uint32Array, from: number): number {
    let hash = 0
    for (let i = 0; i < this.#width; i++) {
      hash = Math.imul(hash ^ (words[from + i]! & this.#mask[i]!), 0x9e3779b1)
      hash ^= hash >>> 15
    }
    return hash >>> 0
  }

  #isAt(at: number, words: Uint32Array, from: number): boolean {
    for (let i = 0; i < this.#width; i++) {
      if (this.#keys[at * this.#width + i] !== (words[from + i]! & this.#mask[i]!) >>> 0) return false
    }
    return true
  }

  #put(words: Uint32Array, from: number, place: number): void {
    const last = this.#places.length - 1
    let at = this.#hash(words, from) & last
    while (this.#places[at] !== 0) at = (at + 1) & last
    this.#places[at] = place
    for (let i = 0; i < this.#width; i++) this.#keys[at * this.#width + i] = words[from + i]! & this.#mask[i]!
  }

  #grow(): void {
    const [keys, places] = [this.#keys, this.#places]
    this.#keys = new Uint32Array(keys.length * 2)
    this.#places = new Uint32Array(places.length * 2)
    // From behind a free slot on, so that equal keys that run over the end stay in order.
    const free = places.indexOf(0)
    for (let n = 1; n <= places.length; n++) {
      const at = (free + n) % places.length
      if (places[at] !== 0) this.#put(keys, at * this.#width, places[at]!)
    }
  }
}

/** Networks of IPv4 and IPv6, each with a number; a look-up costs one probe for each prefix length there is. */
export class AddressTable {
  readonly #byWidth = { 1: new Map<number, PrefixTable>(), 4: new Map<number, PrefixTable>() }
  #isEmpty = true

  get isEmpty(): boolean {
    return this.#isEmpty
  }

  get bytes(): number {
    return Object.values(this.#byWidth)
      .flatMap((tables) => [...tables.values()])
      .reduce((sum, { bytes }) => sum + bytes, 0)
  }

  add(words: Uint32Array, width: 1 | 4, prefix: number, place: number): void {
    const tables = this.#byWidth[width]
    let table = tables.get(prefix)
    if (table === undefined) tables.set(prefix, (table = new PrefixTable(width, prefix)))
    table.add(words, place)
    this.#isEmpty = false
  }

  find(words: Uint32Array, width: 1 | 4, each: (place: number) => void): void {
    for (const table of this.#byWidth[width].values()) table.find(words, each)
  }
}
