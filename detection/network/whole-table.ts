import { UNITS } from '../sigma/fold.ts'

const CAPACITY = 16
/** Units that a text is sampled at, about. */
const SAMPLES = 8

/**
 * Finds the folded literal that a text is, however its letters are written. A map would have every text folded and hashed whole, only to
 * learn of nearly all that they are none of the literals: a few units of a text are enough for that.
 *
 * Hot: allocates nothing per text.
 */
export class WholeTable<T> {
  /** Of each place, the number that a literal's units make, and its position behind 0; free where that is 0. */
  #places = new Int32Array(2 * CAPACITY)
  #mask = CAPACITY - 1
  readonly #literals: string[] = []
  readonly #items: T[] = []

  /** One more literal, folded; none that is there already. */
  add(literal: string, item: T): void {
    this.#literals.push(literal)
    const size = this.#items.push(item)
    if (size * 2 > this.#mask) this.#grow()
    else this.#file(size)
  }

  #file(position: number): void {
    const hash = hashOf(this.#literals[position - 1]!)
    let at = hash & this.#mask
    while (this.#places[2 * at + 1] !== 0) at = (at + 1) & this.#mask
    this.#places[2 * at] = hash
    this.#places[2 * at + 1] = position
  }

  #grow(): void {
    this.#mask = 4 * this.#mask + 3
    this.#places = new Int32Array(2 * (this.#mask + 1))
    for (let position = 1; position <= this.#items.length; position++) this.#file(position)
  }

  /** What belongs to the literal that the text, folded, is. */
  find(text: string): T | undefined {
    const hash = hashOf(text)
    const places = this.#places
    for (let at = hash & this.#mask; places[2 * at + 1] !== 0; at = (at + 1) & this.#mask) {
      const position = places[2 * at + 1]! - 1
      if (places[2 * at] === hash && isFolded(this.#literals[position]!, text)) return this.#items[position]
    }
    return undefined
  }
}

/** From a few units, folded: paths and keys differ near their ends. */
function hashOf(text: string): number {
  const { length } = text
  const step = Math.ceil(length / SAMPLES)
  let hash = length
  for (let i = length - 1; i >= 0; i -= step) hash = Math.imul(hash, 31) + UNITS[text.charCodeAt(i)]!
  hash = Math.imul(hash, 0x9e3779b1)
  return hash ^ (hash >>> 15)
}

function isFolded(literal: string, text: string): boolean {
  if (literal.length !== text.length) return false
  for (let i = 0; i < text.length; i++) if (UNITS[text.charCodeAt(i)] !== literal.charCodeAt(i)) return false
  return true
}
