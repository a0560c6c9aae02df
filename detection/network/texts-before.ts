import type { TextBytes } from './text-bytes.ts'

/** Units of texts that are held against those before: a shorter one is looked through as soon, a longer one not worth the memory. */
const LENGTHS = [256, 16_384] as const
/** Texts that are kept; which one a text is held against is told by how it begins. */
const PLACES = 4

/** What is looked for. */
export interface Sought {
  /** Units of the longest literal. */
  readonly longest: number
  literalOf(id: number): string
  /** Calls `hit` with every literal, by its id, that stands between two places, perhaps more than once, and where it begins. */
  scan(text: TextBytes, from: number, to: number, hit: (id: number, at: number) => void): void
}

interface Before {
  bytes: Uint8Array
  runs: DataView
  length: number
  /** The literals that stand there, and where each does. */
  ids: number[]
  starts: number[]
}

/**
 * Long texts are often the text before with a number changed: the context of a command, a call stack, a policy. Only what lies between
 * the beginning and the end that are the same is looked through then, and as much on either side as a literal may reach; of what was
 * found before, that stays which stands in what is the same.
 */
export class TextsBefore {
  #places: (Before | undefined)[] = []
  #oldest = 0
  /** Per literal, the text it was last found in. */
  readonly #foundIn: number[] = []
  #texts = 0
  #ids: number[] = []
  #starts: number[] = []

  static takes(text: TextBytes): boolean {
    const { length } = text.text
    return length >= LENGTHS[0] && length <= LENGTHS[1] && text.isAscii
  }

  /** Other literals are looked for. */
  clear(): void {
    this.#places = []
  }

  /** Calls `hit` with every literal that stands in a text that is taken, once. */
  scan(text: TextBytes, sought: Sought, hit: (id: number, at: number) => void): void {
    const { runs } = text
    const { length } = text.text
    const place = this.#placeOf(runs.getInt32(0, true))
    const before = (this.#places[place] ??= emptyOf(LENGTHS[0]))
    const head = commonHead(before, runs, length)
    const tail = commonTail(before, runs, length, head)
    this.#texts++
    const [ids, starts] = [before.ids, before.starts]
    this.#ids = []
    this.#starts = []
    for (let i = 0; i < ids.length; i++) {
      const at = this.#standsStill(ids[i]!, starts[i]!, before, head, tail, text, sought)
      if (at >= 0) this.#found(ids[i]!, at)
    }
    const reach = sought.longest - 1
    sought.scan(text, Math.max(0, head - reach), Math.min(length, length - tail + reach), this.#found)
    this.#keep(place, text)
    for (let i = 0; i < this.#ids.length; i++) hit(this.#ids[i]!, this.#starts[i]!)
  }

  /** Where the text is that begins like this, or the one that was put there before all others. */
  #placeOf(begins: number): number {
    for (let i = 0; i < PLACES; i++) if (this.#places[i]?.runs.getInt32(0, true) === begins) return i
    return (this.#oldest = (this.#oldest + 1) % PLACES)
  }

  readonly #found = (id: number, at: number): void => {
    if (this.#foundIn[id] === this.#texts) return
    this.#foundIn[id] = this.#texts
    this.#ids.push(id)
    this.#starts.push(at)
  }

  /** Where a literal that stood in the text before stands now, or -1. */
  #standsStill(
    id: number,
    at: number,
    before: Before,
    head: number,
    tail: number,
    text: TextBytes,
    sought: Sought,
  ): number {
    const { length } = text.text
    const literal = sought.literalOf(id)
    if (at + literal.length <= head) return at
    if (at >= before.length - tail) return at + length - before.length
    // It may stand in what is the same, too, where it was not looked at again.
    return Buffer.from(text.bytes.buffer, 0, length).indexOf(literal, 0, 'latin1')
  }

  #keep(place: number, { bytes, text: { length } }: TextBytes): void {
    let before = this.#places[place]!
    if (before.bytes.length < length) before = this.#places[place] = emptyOf(2 * length)
    before.bytes.set(bytes.subarray(0, length))
    before.length = length
    before.ids = this.#ids
    before.starts = this.#starts
  }
}

function emptyOf(capacity: number): Before {
  const bytes = new Uint8Array(capacity)
  return { bytes, runs: new DataView(bytes.buffer), length: 0, ids: [], starts: [] }
}

/** Bytes at the beginning of both, in whole words; no more than there are. */
function commonHead(before: Before, runs: DataView, length: number): number {
  const end = Math.min(before.length, length) - 4
  let at = 0
  while (at <= end && before.runs.getInt32(at, true) === runs.getInt32(at, true)) at += 4
  return at
}

/** Bytes at the end of both, in whole words, behind the `head` that is the same. */
function commonTail(before: Before, runs: DataView, length: number, head: number): number {
  const most = Math.min(before.length, length) - head
  let tail = 0
  while (
    tail + 4 <= most &&
    before.runs.getInt32(before.length - tail - 4, true) === runs.getInt32(length - tail - 4, true)
  ) {
    tail += 4
  }
  return tail
}
