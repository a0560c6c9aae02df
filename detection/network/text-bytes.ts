import { UNITS } from '../sigma/fold.ts'
import { LongTexts, type Likeness } from './long-texts.ts'
import { MEMORY } from './text-memory.ts'

const ENCODER = new TextEncoder()
/** Units, folded, as bytes; those above ASCII as bytes above ASCII: a byte below 0x80 stands for just that unit. */
const BYTES = Uint8Array.from(UNITS, (unit) => (unit < 0x80 ? unit : 0x80 | (unit & 0x7f)))
/** A longer text is copied by the runtime, which is faster; a shorter one is not worth the call. */
export const COPIED = 64
/** Units of texts that are held against those before: a shorter one is looked through as soon, a longer one not worth the memory. */
const COMPARED = [256, 16_384] as const
/** UTF-8 has at most so many bytes for a character: one that does not fit is left out. */
const UTF8_MAX = 4

/** The bit that tells a small letter of ASCII from a large one. */
export const SMALL = 0x20
/** The same for each byte of a word. */
export const SMALL_PAIR = 0x2020
export const SMALL_WORD = 0x20202020
const LOOSE = BYTES.map((byte) => byte | SMALL)

/** The folded byte of a unit, or of a byte of a text. */
export function byteOf(unit: number): number {
  return BYTES[unit]!
}

/** The same, taking some other characters for each other as well: what a byte becomes by one bit, without a look into a table. */
export function looseOf(unit: number): number {
  return LOOSE[unit]!
}

/**
 * The text that indexes look through, a byte for each unit: those are read faster than the units of a string. Small letters are not told
 * from large ones, and whether they are folded is left open: who looks for something looks for loose bytes, and folds what it then compares. There
 * is one for all texts of a matcher, one after another, and one memory for those of all matchers.
 *
 * Hot: allocates only where a text is longer than any before.
 */
export class TextBytes {
  #isFilled = false
  #isFolded = false
  #isAscii = true
  readonly #longTexts = new LongTexts()
  #likeness: Likeness | undefined
  text = ''

  /** One for each unit of the text, and then what is left of others. */
  get bytes(): Uint8Array {
    this.#see()
    return MEMORY.bytes
  }

  /** The same bytes, to be read several at a time. */
  get runs(): DataView {
    this.#see()
    return MEMORY.runs
  }

  /** The bytes of the text, folded from now on. */
  get folded(): Buffer {
    this.#see()
    const { length } = this.text
    if (!this.#isFolded) this.#fold(length)
    return MEMORY.bytes.subarray(0, length)
  }

  get isAscii(): boolean {
    this.#see()
    return this.#isAscii
  }

  /** Whether to read the bytes costs less than a few units of the text. */
  get isCheap(): boolean {
    return this.#isInMemory || this.text.length >= COPIED
  }

  /** What the text has in common with one before; undefined where it is not worth asking. */
  get likeness(): Likeness | undefined {
    const { length } = this.text
    if (length < COMPARED[0] || length > COMPARED[1] || !this.isAscii) return undefined
    return (this.#likeness ??= this.#longTexts.compare(MEMORY.bytes, MEMORY.runs, length))
  }

  set(text: string): void {
    // Its field is looked through, and then for keywords.
    if (text === this.text) return
    this.text = text
    this.#isFilled = false
    this.#likeness = undefined
  }

  /** Sees to it that the text lies in the memory. */
  #see(): void {
    if (!this.#isInMemory) this.#fill()
  }

  get #isInMemory(): boolean {
    return this.#isFilled && MEMORY.owner === this
  }

  #fill(): void {
    const { text } = this
    const { length } = text
    this.#isFilled = true
    MEMORY.owner = this
    MEMORY.reserve(length + UTF8_MAX)
    const { bytes } = MEMORY
    // UTF-8 has a byte for each unit of ASCII, and more than one for any other.
    this.#isAscii = length >= COPIED && ENCODER.encodeInto(text, bytes).written === length
    this.#isFolded = !this.#isAscii
    if (this.#isAscii) return
    let seen = 0
    for (let i = 0; i < length; i++) {
      const unit = text.charCodeAt(i)
      seen |= unit
      bytes[i] = BYTES[unit]!
    }
    this.#isAscii = seen < 0x80
  }

  /** Four bytes of ASCII at a time: one from `A` on but not above `Z` is given the bit that makes it small. */
  #fold(length: number): void {
    this.#isFolded = true
    const { words } = MEMORY
    for (let i = 0; i << 2 < length; i++) {
      const word = words[i]!
      const ascii = word & 0x7f7f7f7f
      words[i] = word | (((ascii + 0x3f3f3f3f) & ~(ascii + 0x25252525) & 0x80808080) >>> 2)
    }
  }
}
