/** Texts that are kept; which one a text is held against is told by how it begins. */
const PLACES = 16
/** So many texts of a place are judged together; where less than a quarter of them is the same, as many times eight are looked through whole. */
const TRIAL = 32
const REST = 256
/** Bytes read at once. */
const WORD = 8

/** What a text has in common with the one before that began alike. */
export interface Likeness {
  /** Where texts that begin so are kept. */
  readonly place: number
  /** No other text has this number. */
  readonly number: number
  /** Of the text that was kept there: its number, 0 where there was none, and its length. */
  readonly before: number
  readonly lengthBefore: number
  /** Bytes at the beginning of both that are the same, and at the end of both behind those. */
  readonly head: number
  readonly tail: number
}

interface Kept {
  bytes: Uint8Array
  words: DataView
  length: number
  number: number
}

/** Long texts of ASCII that came lately, to be compared with those that come. */
export class LongTexts {
  /** Of all instances, so that whoever notes what was found in a text by its number never takes another text for it. */
  static #texts = 0
  readonly #places: (Kept | undefined)[] = []
  /** Of each place: texts and their bytes since it was last judged, those of them that were the same, and texts to let pass. */
  readonly #compared = new Int32Array(PLACES)
  readonly #units = new Float64Array(PLACES)
  readonly #same = new Float64Array(PLACES)
  readonly #resting = new Int32Array(PLACES)
  #oldest = 0

  /**
   * Holds a text against the one before that began alike, and keeps it in its place; undefined where texts that begin so have little
   * in common.
   * @param bytes of ASCII, of a word at least
   */
  compare(bytes: Uint8Array, words: DataView, length: number): Likeness | undefined {
    const place = this.#placeOf(wordAt(words, 0))
    if (this.#resting[place]! > 0) {
      this.#resting[place]!--
      return undefined
    }
    const kept = (this.#places[place] ??= emptyOf(length))
    const head = commonHead(kept, words, length)
    const tail = commonTail(kept, words, length, head)
    const likeness = { place, number: ++LongTexts.#texts, before: kept.number, lengthBefore: kept.length, head, tail }
    this.#places[place] = keep(kept, bytes, length, head)
    this.#places[place].number = likeness.number
    this.#judge(place, length, head + tail)
    return likeness
  }

  #judge(place: number, units: number, same: number): void {
    this.#units[place]! += units
    this.#same[place]! += same
    if (++this.#compared[place]! < TRIAL) return
    if (this.#same[place]! * 4 < this.#units[place]!) this.#resting[place] = REST
    this.#judgeAnew(place)
  }

  #judgeAnew(place: number): void {
    this.#compared[place] = 0
    this.#units[place] = 0
    this.#same[place] = 0
  }

  /** Where the text is that begins like this, or the one that was put there before all others. */
  #placeOf(begins: number): number {
    for (let i = 0; i < PLACES; i++) {
      const kept = this.#places[i]
      if (kept !== undefined && wordAt(kept.words, 0) === begins) return i
    }
    this.#oldest = (this.#oldest + 1) % PLACES
    this.#judgeAnew(this.#oldest)
    this.#resting[this.#oldest] = 0
    return this.#oldest
  }
}

function emptyOf(capacity: number): Kept {
  const bytes = new Uint8Array(capacity)
  return { bytes, words: new DataView(bytes.buffer), length: 0, number: 0 }
}

/** What lies behind `head` is copied; before that both are the same. */
function keep(kept: Kept, bytes: Uint8Array, length: number, head: number): Kept {
  if (kept.bytes.length < length) {
    const larger = emptyOf(2 * length)
    larger.bytes.set(bytes.subarray(0, length))
    larger.length = length
    return larger
  }
  kept.bytes.set(bytes.subarray(head, length), head)
  kept.length = length
  return kept
}

/** A number that is the same for the same eight bytes of ASCII, and for no others: ASCII makes neither -0 nor NaN. */
function wordAt(words: DataView, at: number): number {
  return words.getFloat64(at, true)
}

/** In whole words; no more than there are. */
function commonHead(kept: Kept, words: DataView, length: number): number {
  const end = Math.min(kept.length, length) - WORD
  let at = 0
  while (at <= end && wordAt(kept.words, at) === wordAt(words, at)) at += WORD
  return at
}

/** In whole words, behind the `head` that is the same. */
function commonTail(kept: Kept, words: DataView, length: number, head: number): number {
  const most = Math.min(kept.length, length) - head
  let tail = 0
  while (tail + WORD <= most && wordAt(kept.words, kept.length - tail - WORD) === wordAt(words, length - tail - WORD)) {
    tail += WORD
  }
  return tail
}
