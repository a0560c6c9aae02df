import type { Likeness } from './long-texts.ts'
import type { TextBytes } from './text-bytes.ts'

/** What is looked for. */
export interface Sought {
  /** Units of the longest literal. */
  readonly longest: number
  literalOf(id: number): string
  /** Calls `hit` with every literal, by its id, that stands between two places, perhaps more than once, and where it begins. */
  scan(text: TextBytes, from: number, to: number, hit: (id: number, at: number) => void): void
}

/** What was found in the text of that number. */
interface Found {
  text: number
  ids: number[]
  starts: number[]
}

/**
 * Long texts are often the text before with a number changed: the context of a command, a call stack, a policy. Only what lies between
 * the beginning and the end that are the same is looked through then, and as much on either side as a literal may reach; of what was
 * found before, that stays which stands in what is the same. The texts themselves are kept once for all that look through them
 * (`long-texts.ts`).
 */
export class TextsBefore {
  /** By the places of the texts. */
  #found: (Found | undefined)[] = []
  /** Per literal, the scan that found it last. */
  readonly #foundBy: number[] = []
  #ids: number[] = []
  #starts: number[] = []
  #scans = 0

  /** Other literals are looked for. */
  clear(): void {
    this.#found = []
  }

  /** Calls `hit` with every literal that stands in a text, once. */
  scan(text: TextBytes, likeness: Likeness, sought: Sought, hit: (id: number, at: number) => void): void {
    const { place, number } = likeness
    let found = this.#found[place]
    if (found?.text !== number) {
      this.#scans++
      this.#ids = []
      this.#starts = []
      if (found !== undefined && found.text === likeness.before) this.#scanWhatDiffers(text, likeness, found, sought)
      else sought.scan(text, 0, text.text.length, this.#note)
      found = this.#found[place] = { text: number, ids: this.#ids, starts: this.#starts }
    }
    for (let i = 0; i < found.ids.length; i++) hit(found.ids[i]!, found.starts[i]!)
  }

  #scanWhatDiffers(text: TextBytes, likeness: Likeness, before: Found, sought: Sought): void {
    const { length } = text.text
    for (let i = 0; i < before.ids.length; i++) {
      const id = before.ids[i]!
      const at = standsAt(sought.literalOf(id), before.starts[i]!, likeness, text)
      if (at >= 0) this.#note(id, at)
    }
    const reach = sought.longest - 1
    const [from, to] = [likeness.head - reach, length - likeness.tail + reach]
    sought.scan(text, Math.max(0, from), Math.min(length, to), this.#note)
  }

  readonly #note = (id: number, at: number): void => {
    if (this.#foundBy[id] === this.#scans) return
    this.#foundBy[id] = this.#scans
    this.#ids.push(id)
    this.#starts.push(at)
  }
}

/** Where a literal that stood `at` in the text before stands now, or -1. */
function standsAt(literal: string, at: number, { head, tail, lengthBefore }: Likeness, text: TextBytes): number {
  const { length } = text.text
  if (at + literal.length <= head) return at
  if (at >= lengthBefore - tail) return at + length - lengthBefore
  // It may stand in what is the same, too, where it was not looked at again.
  return text.folded.indexOf(literal, 0, 'latin1')
}
