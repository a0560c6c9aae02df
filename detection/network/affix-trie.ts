import { UNITS } from '../sigma/fold.ts'

const CAPACITY = 16
/** Words of a transition: the node it leaves, the unit, the node it leads to, and the literal that ends there, its id plus one. */
const WORDS = 4
const FROM = 0
const UNIT = 1
const TO = 2
const ENDS = 3

/**
 * Finds which of many folded literals a text starts with (or ends with): one walk from that end, as far as any literal goes. The
 * transitions of all nodes share one open-addressed table, each in one line of memory: a walk is a line for every step.
 *
 * Hot: allocates nothing per text.
 */
export class AffixTrie {
  readonly #fromEnd: boolean
  #mask = CAPACITY - 1
  /** A place is free where no node is led to. */
  #transitions = new Int32Array(CAPACITY * WORDS)
  /** Nodes but the root. */
  #size = 0

  constructor(side: 'start' | 'end') {
    this.#fromEnd = side === 'end'
  }

  /** One more literal; it is not empty. */
  add(text: string, id: number): void {
    let [node, at] = [0, 0]
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(this.#fromEnd ? text.length - 1 - i : i)
      if (this.#size * 2 > this.#mask) this.#grow()
      at = this.#place(node, unit)
      const transitions = this.#transitions
      if (transitions[at + TO] === 0) transitions.set([node, unit, ++this.#size, 0], at)
      node = transitions[at + TO]!
    }
    this.#transitions[at + ENDS] = id + 1
  }

  /** Where the transition is, or would be. */
  #place(node: number, unit: number): number {
    const transitions = this.#transitions
    let place = (Math.imul(node * 31 + unit, 0x9e3779b1) >>> 7) & this.#mask
    for (; ; place = (place + 1) & this.#mask) {
      const at = place * WORDS
      if (transitions[at + TO] === 0 || (transitions[at + UNIT] === unit && transitions[at + FROM] === node)) return at
    }
  }

  #grow(): void {
    const before = this.#transitions
    this.#mask = 4 * this.#mask + 3
    this.#transitions = new Int32Array((this.#mask + 1) * WORDS)
    for (let at = 0; at < before.length; at += WORDS) {
      if (before[at + TO] === 0) continue
      const place = this.#place(before[at + FROM]!, before[at + UNIT]!)
      this.#transitions.set(before.subarray(at, at + WORDS), place)
    }
  }

  /** Calls `hit` with the id of every literal at the trie's end of `text`, folded. */
  walk(text: string, hit: (id: number) => void): void {
    let node = 0
    for (let i = 0; i < text.length; i++) {
      const at = this.#place(node, UNITS[text.charCodeAt(this.#fromEnd ? text.length - 1 - i : i)]!)
      node = this.#transitions[at + TO]!
      if (node === 0) return
      const ends = this.#transitions[at + ENDS]!
      if (ends !== 0) hit(ends - 1)
    }
  }
}
