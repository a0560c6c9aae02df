import { fold } from './sigma/fold.ts'

/** The part of a field that matched, as lines are searched for it: made once for all lines that have it. */
export class MatchedPart {
  readonly exact: Sought
  #folded: Sought | undefined

  /**
   * @param field name of the event's field
   * @param whole its whole text
   * @param at `[start, end)` in it
   */
  constructor(field: string, whole: string, [start, end]: readonly [number, number]) {
    const plain = { before: whole.slice(0, start), part: whole.slice(start, end), whole }
    const written = asJson(plain)
    this.exact = { keys: keysOf(field), written, forms: written === plain ? [plain] : [plain, written] }
  }

  get folded(): Sought {
    return (this.#folded ??= foldedOf(this.exact))
  }
}

type Span = [start: number, end: number]

interface Texts {
  before: string
  part: string
  whole: string
}

interface Sought {
  /** The field's name as JSON has it in quotes; of nested names also the last parts. */
  keys: readonly string[]
  written: Texts
  /** As it is, and as JSON writes it where that is something else. */
  forms: readonly Texts[]
}

function keysOf(field: string): string[] {
  const keys: string[] = []
  for (let from = 0; ;) {
    const name = field.slice(from)
    keys.push(`"${ESCAPED.test(name) ? written(name) : name}"`)
    from = field.indexOf('.', from) + 1
    if (from === 0) return keys
  }
}

function foldedOf({ keys, written: own, forms }: Sought): Sought {
  const folded = (texts: Texts): Texts => ({
    before: fold(texts.before),
    part: fold(texts.part),
    whole: fold(texts.whole),
  })
  return { keys: keys.map(fold), written: folded(own), forms: forms.map(folded) }
}

/** A raw line, in which the parts of fields that matched are looked up. */
export class RawLine {
  readonly #text: string
  #folded: string | undefined

  constructor(text: string) {
    this.#text = text
  }

  /**
   * Where the matched part of a field stands, in UTF-16 units: as it is, or as JSON writes it. In a line of JSON that is the
   * value under the field's own name. Elsewhere the line may hold the text more than once: the place is taken inside an
   * occurrence of the field's whole text where the line has that, else the first. What is written in the same case goes
   * before what is not.
   */
  spanOf(matched: MatchedPart): Span | undefined {
    const { exact } = matched
    if (exact.written.part === '') return undefined
    if (this.#text.startsWith('{')) {
      const value = valueAt(this.#text, exact) ?? valueAt(this.#line(true), matched.folded)
      if (value !== undefined) return spanAt(value + exact.written.before.length, exact.written.part)
    }
    for (const folded of [false, true]) {
      for (const { before, part, whole } of (folded ? matched.folded : exact).forms) {
        const found = this.#line(folded).indexOf(whole)
        if (found >= 0) return spanAt(found + before.length, part)
      }
    }
    for (const folded of [false, true]) {
      for (const { part } of (folded ? matched.folded : exact).forms) {
        const found = this.#line(folded).indexOf(part)
        if (found >= 0) return spanAt(found, part)
      }
    }
    return undefined
  }

  #line(folded: boolean): string {
    return folded ? (this.#folded ??= fold(this.#text)) : this.#text
  }
}

function spanAt(start: number, part: string): Span {
  return [start, start + part.length]
}

/** What JSON must escape (RFC 8259 §7). */
const ESCAPED = /["\\\u0000-\u001f]/
const EACH_ESCAPED = new RegExp(ESCAPED, 'g')

/** As JSON writes it between the quotes; unit by unit, as a part may be half of a letter. */
function written(text: string): string {
  return text.replace(EACH_ESCAPED, (unit) => JSON.stringify(unit).slice(1, -1))
}

/** The same texts where JSON escapes nothing in them. */
function asJson(texts: Texts): Texts {
  if (!ESCAPED.test(texts.whole)) return texts
  return { before: written(texts.before), part: written(texts.part), whole: written(texts.whole) }
}

const NUMBER = /[\d.e+-]/

const QUOTE = 0x22
const COLON = 0x3a

/** Where in a line of JSON the value of a name begins, if it is just that text; of nested names the last part counts. */
function valueAt(line: string, { keys, written: { whole } }: Sought): number | undefined {
  for (const key of keys) {
    for (let at = line.indexOf(key); at >= 0; at = line.indexOf(key, at + 1)) {
      let start = skipBlanks(line, at + key.length)
      if (line.charCodeAt(start) !== COLON) continue
      start = skipBlanks(line, start + 1)
      const quoted = line.charCodeAt(start) === QUOTE
      if (quoted) start++
      if (!line.startsWith(whole, start)) continue
      const end = start + whole.length
      if (quoted ? line.charCodeAt(end) === QUOTE : !NUMBER.test(line[end] ?? '')) return start
    }
  }
  return undefined
}

function skipBlanks(line: string, from: number): number {
  let at = from
  while (line.charCodeAt(at) <= 0x20) at++
  return at
}
