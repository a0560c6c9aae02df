import { byteOf, looseOf, SMALL_PAIR, type TextBytes } from './text-bytes.ts'

/** With more of them most pairs of a text would be filed. */
const LITERALS_MAX = 31
/** How many units apart pairs are looked at, at most: a head is a byte, and a literal has so many entries. */
const STRIDE_MAX = 4
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
  readonly #next: number[] = [0]
  readonly #texts: string[] = ['']
  readonly #offsets: number[] = [0]
  readonly #ids: number[] = [0]
  /** The scan that found the literal last, as it was filed here. */
  readonly #foundBy: number[] = [0]
  readonly #stride: number
  #scans = 0

  /** Whether it takes literals of which the shortest has so many units. */
  static takes(count: number, shortest: number): boolean {
    return count <= LITERALS_MAX && shortest >= 3
  }

  /** @param literals text → id, in ASCII; as many and as long as it takes */
  constructor(literals: ReadonlyMap<string, number>, shortest: number) {
    this.#stride = Math.min(STRIDE_MAX, shortest - 1)
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
    for (let offset = rarest; offset < rarest + stride; offset++) {
      const pair = pairAt(text, offset)
      this.#next.push(this.#heads[pair]!)
      this.#offsets.push(offset)
      this.#ids.push(id)
      this.#foundBy.push(0)
      this.#heads[pair] = this.#texts.push(text) - 1
    }
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
    const { runs } = text
    const heads = this.#heads
    const stride = this.#stride
    const last = to - 2
    this.#scans++
    for (let start = from; start <= last; start += stride) {
      const entry = heads[runs.getUint16(start, true) | SMALL_PAIR]!
      if (entry !== 0) this.#compare(entry, text, start, hit)
    }
  }

  #compare(at: number, { text, bytes }: TextBytes, start: number, hit: (id: number, at: number) => void): void {
    for (let entry = at; entry !== 0; entry = this.#next[entry]!) {
      const from = start - this.#offsets[entry]!
      const literal = this.#texts[entry]!
      if (this.#foundBy[entry] === this.#scans || from < 0 || from + literal.length > text.length) continue
      let i = 0
      while (i < literal.length && byteOf(bytes[from + i]!) === literal.charCodeAt(i)) i++
      if (i < literal.length) continue
      this.#foundBy[entry] = this.#scans
      hit(this.#ids[entry]!, from)
    }
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
