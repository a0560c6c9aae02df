import { UNITS } from '../sigma/fold.ts'

/**
 * Finds which of many folded literals a text starts with (or ends with): one walk from that end, as far as any literal goes. The
 * transitions of all nodes share one open-addressed table.
 *
 * Hot: allocates nothing per text.
 */
export class AffixTrie {
  readonly #fromEnd: boolean
  #mask: number
  #keys: Float64Array
  #nodes: Int32Array
  #size = 0
  readonly #ids: number[] = [-1]

  constructor(side: 'start' | 'end', literals: ReadonlyMap<string, number>) {
    this.#fromEnd = side === 'end'
    const units = [...literals.keys()].reduce((sum, text) => sum + text.length, 0)
    const capacity = 1 << Math.ceil(Math.log2(units * 2 + 16))
    this.#mask = capacity - 1
    this.#keys = new Float64Array(capacity).fill(-1)
    this.#nodes = new Int32Array(capacity)
    for (const [text, id] of literals) {
      let node = 0
      for (let i = 0; i < text.length; i++) {
        const unit = text.charCodeAt(this.#fromEnd ? text.length - 1 - i : i)
        node = this.#child(node, unit) || this.#add(node, unit)
      }
      this.#ids[node] = id
    }
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

  #add(node: number, unit: number): number {
    const at = this.#place(node, unit)
    this.#keys[at] = node * 0x10000 + unit
    this.#nodes[at] = ++this.#size
    this.#ids.push(-1)
    return this.#size
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
