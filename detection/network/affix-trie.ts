import { UNITS } from '../sigma/fold.ts'

const CAPACITY = 16

/**
 * Finds which of many folded literals a text starts with (or ends with): one walk from that end, as far as any literal goes. The
 * transitions of all nodes share one open-addressed table.
 *
 * Hot: allocates nothing per text.
 */
export class AffixTrie {
  readonly #fromEnd: boolean
  #mask = CAPACITY - 1
  #keys = new Float64Array(CAPACITY).fill(-1)
  #nodes = new Int32Array(CAPACITY)
  #size = 0
  readonly #ids: number[] = [-1]

  constructor(side: 'start' | 'end') {
    this.#fromEnd = side === 'end'
  }

  /** One more literal; it is not empty. */
  add(text: string, id: number): void {
    let node = 0
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(this.#fromEnd ? text.length - 1 - i : i)
      node = this.#child(node, unit) || this.#append(node, unit)
    }
    this.#ids[node] = id
  }

  #place(node: number, unit: number): number {
    let at = Math.imul(node * 31 + unit, 0x9e3779b1) >>> 7
    const key = node * 0x10000 + unit
    for (at &= this.#mask; this.#keys[at] !== key && this.#keys[at] !== -1; at = (at + 1) & this.#mask);
    return at
  }

  #child(node: number, unit: number): number {
    return this.#nodes[this.#place(node, unit)]!
  }

  #append(node: number, unit: number): number {
    if (this.#size * 2 > this.#mask) this.#grow()
    const at = this.#place(node, unit)
    this.#keys[at] = node * 0x10000 + unit
    this.#nodes[at] = ++this.#size
    this.#ids.push(-1)
    return this.#size
  }

  #grow(): void {
    const [keys, nodes] = [this.#keys, this.#nodes]
    const capacity = keys.length * 4
    this.#mask = capacity - 1
    this.#keys = new Float64Array(capacity).fill(-1)
    this.#nodes = new Int32Array(capacity)
    keys.forEach((key, i) => {
      if (key === -1) return
      const at = this.#place(Math.floor(key / 0x10000), key % 0x10000)
      this.#keys[at] = key
      this.#nodes[at] = nodes[i]!
    })
  }

  /** Calls `hit` with the id of every literal at the trie's end of `text`, folded. */
  walk(text: string, hit: (id: number) => void): void {
    let node = 0
    for (let i = 0; i < text.length; i++) {
      node = this.#child(node, UNITS[text.charCodeAt(this.#fromEnd ? text.length - 1 - i : i)]!)
      if (node === 0) return
      if (this.#ids[node] !== -1) hit(this.#ids[node]!)
    }
  }
}
