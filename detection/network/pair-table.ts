import { Sieve, UNITS_PER_LITERAL } from './sieve.ts'
import { byteOf, looseOf, SMALL_PAIR, SMALL_WORD, type TextBytes } from './text-bytes.ts'
import { MEMORY, PLACES } from './text-memory.ts'

/** With more of them most pairs of a text would be filed. */
const LITERALS_MAX = 31
/** How many units apart pairs are looked at, at most: a head is a byte, and a literal has so many entries. */
const STRIDE_MAX = 4
/** What is known of an entry, by its place there. */
const WORDS = 8
const NEXT = 0
const OFFSET = 1
const LENGTH = 2
/** The first three bytes of the literal, and which bits of four those are. */
const BEGIN = 3
const BEGIN_BITS = 0xffffff
/** The scan that found the literal last, as it was filed here. */
const FOUND_BY = 4
const ID = 5

/** What texts are made of most, the most frequent first. */
const FREQUENT = ' etaoinsrhldcumfpg'

/**
 * Finds a few folded literals of three units and more anywhere in a text: of its bytes every second pair is looked at, or every third or fourth where
 * the shortest literal allows it, and as many pairs in a row of every literal are filed. At most half the looks of a table of runs, and fewer still
 * that have to be kept in mind; with many literals most pairs would be filed.
 *
 * Hot: allocates nothing per text.
 */
export class PairTable {
  /** The first entry of a pair, or 0. */
  readonly #heads = new Uint8Array(0x10000)
  /** `WORDS` numbers each: most are only looked at, and seldom. */
  readonly #entries: Int32Array
  readonly #texts: string[] = ['']
  readonly #stride: number
  #sieve: Sieve | undefined
  /** Units that are to be looked through before there is one. */
  #unsieved: number
  #scans = 0

  /** Whether it takes literals of which the shortest has so many units. */
  static takes(count: number, shortest: number): boolean {
    return count <= LITERALS_MAX && shortest >= 3
  }

  /** @param literals text → id, in ASCII; as many and as long as it takes */
  constructor(literals: ReadonlyMap<string, number>, shortest: number) {
    this.#stride = Math.min(STRIDE_MAX, shortest - 1)
    this.#entries = new Int32Array(WORDS * (1 + literals.size * (this.#stride + 1)))
    this.#unsieved = Sieve.canHelp(this.#stride) ? literals.size * UNITS_PER_LITERAL : Infinity
    for (const [text, id] of literals) this.#file(text, id)
  }

  #file(text: string, id: number): void {
    const stride = this.#stride
    let [rarest, least] = [0, Infinity]
    for (let from = 0; from + stride < text.length; from++) {
      let frequency = 0
      for (let offset = from; offset < from + stride; offset++) frequency += frequencyAt(text, offset)
      if (frequency < least) [rarest, least] = [from, frequency]
    }
    for (let offset = rarest; offset < rarest + stride; offset++) this.#fileAt(text, id, offset)
  }

  #fileAt(text: string, id: number, offset: number): void {
    const pair = pairAt(text, offset)
    const entry = this.#texts.push(text) - 1
    const at = entry * WORDS
    this.#entries[at + NEXT] = this.#heads[pair]!
    this.#entries[at + OFFSET] = offset
    this.#entries[at + LENGTH] = text.length
    this.#entries[at + BEGIN] = pairAt(text, 0) | (looseOf(text.charCodeAt(2)) << 16)
    this.#entries[at + ID] = id
    this.#heads[pair] = entry
  }

  #makeSieve(): void {
    this.#unsieved = Infinity
    const literals = new Map<string, number>()
    for (let entry = 1; entry < this.#texts.length; entry++)
      literals.set(this.#texts[entry]!, this.#entries[entry * WORDS + ID]!)
    this.#sieve = new Sieve()
    for (const [text, id] of literals) this.#fileAt(text, id, this.#sieve.add(text))
  }

  /** Whether a text may hold a literal. Most short texts are done with by this. */
  mayHold(text: string): boolean {
    const heads = this.#heads
    const stride = this.#stride
    const last = text.length - 2
    for (let start = 0; start <= last; start += stride) if (heads[pairAt(text, start)] !== 0) return true
    return false
  }

  /**
   * Calls `hit` with the id of every literal that the text, folded, holds between two places, perhaps more than once, and with where it
   * begins.
   */
  scan(text: TextBytes, from: number, to: number, hit: (id: number, at: number) => void): void {
    this.#scans++
    this.#unsieved -= to - from
    if (this.#unsieved < 0) this.#makeSieve()
    if (this.#sieve === undefined) this.#skim(text, from, to, hit)
    else this.#pick(this.#sieve, text, from, to, hit)
  }

  /** Looks at those places only that the sieve leaves. */
  #pick(sieve: Sieve, text: TextBytes, from: number, to: number, hit: (id: number, at: number) => void): void {
    const { runs } = text
    const heads = this.#heads
    const { places } = MEMORY
    for (let begin = from; begin < to; begin += PLACES) {
      const count = sieve.look(begin, Math.min(begin + PLACES, to))
      for (let i = 0; i < count; i++) {
        const start = places[i]!
        const entry = heads[runs.getUint16(start, true) | SMALL_PAIR]!
        if (entry !== 0) this.#compare(entry, text, start, hit)
      }
    }
  }

  #skim(text: TextBytes, from: number, to: number, hit: (id: number, at: number) => void): void {
    const { runs } = text
    const heads = this.#heads
    const stride = this.#stride
    const last = to - 2
    for (let start = from; start <= last; start += stride) {
      const entry = heads[runs.getUint16(start, true) | SMALL_PAIR]!
      if (entry !== 0) this.#compare(entry, text, start, hit)
    }
  }

  #compare(first: number, text: TextBytes, start: number, hit: (id: number, at: number) => void): void {
    const { runs } = text
    const { length } = text.text
    const entries = this.#entries
    for (let entry = first; entry !== 0; entry = entries[entry * WORDS + NEXT]!) {
      const at = entry * WORDS
      const from = start - entries[at + OFFSET]!
      if (from < 0 || from + entries[at + LENGTH]! > length || entries[at + FOUND_BY] === this.#scans) continue
      if (((runs.getInt32(from, true) | SMALL_WORD) & BEGIN_BITS) !== entries[at + BEGIN]) continue
      if (!this.#stands(this.#texts[entry]!, text, from)) continue
      entries[at + FOUND_BY] = this.#scans
      hit(entries[at + ID]!, from)
    }
  }

  #stands(literal: string, { bytes }: TextBytes, from: number): boolean {
    for (let i = 0; i < literal.length; i++) if (byteOf(bytes[from + i]!) !== literal.charCodeAt(i)) return false
    return true
  }
}

/** Two units of a text as its bytes are read. */
function pairAt(text: string, start: number): number {
  return looseOf(text.charCodeAt(start)) | (looseOf(text.charCodeAt(start + 1)) << 8)
}

function frequencyAt(text: string, offset: number): number {
  return frequencyOf(text[offset]!) * frequencyOf(text[offset + 1]!)
}

/** A guess of which only the order matters. */
function frequencyOf(unit: string): number {
  const rank = FREQUENT.indexOf(unit)
  return rank < 0 ? 1 : FREQUENT.length - rank + 1
}
