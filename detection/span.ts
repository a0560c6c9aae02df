import { fold } from './sigma/fold.ts'

/** The part of a field that matched. */
export interface MatchedPart {
  /** Name of the event's field. */
  field: string
  /** Its whole text. */
  whole: string
  /** `[start, end)` in it. */
  at: readonly [number, number]
}

type Span = [start: number, end: number]

interface Texts {
  before: string
  part: string
  whole: string
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
  spanOf({ field, whole, at }: MatchedPart): Span | undefined {
    const [start, end] = at
    const part = start === 0 && end === whole.length ? whole : whole.slice(start, end)
    if (part === '') return undefined
    const plain = { before: start === 0 ? '' : whole.slice(0, start), part, whole }
    const written = asJson(plain)
    if (this.#text.startsWith('{')) {
      const value =
        valueAt(this.#text, field, written.whole) ?? valueAt(this.#line(true), fold(field), fold(written.whole))
      if (value !== undefined) return spanAt(value + written.before.length, written.part)
    }
    const forms = written === plain ? [plain] : [plain, written]
    for (const folded of [false, true]) {
      for (const form of forms) {
        const found = this.#find(form.whole, folded)
        if (found >= 0) return spanAt(found + form.before.length, form.part)
      }
    }
    for (const folded of [false, true]) {
      for (const form of forms) {
        const found = this.#find(form.part, folded)
        if (found >= 0) return spanAt(found, form.part)
      }
    }
    return undefined
  }

  #find(text: string, folded: boolean): number {
    return this.#line(folded).indexOf(folded ? fold(text) : text)
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

/** Where in a line of JSON the value of a name begins, if it is just that text; of nested names the last part counts. */
function valueAt(line: string, field: string, value: string): number | undefined {
  for (let dot = -1; ;) {
    const name = dot < 0 ? field : field.slice(dot + 1)
    const key = `"${ESCAPED.test(name) ? written(name) : name}"`
    for (let at = line.indexOf(key); at >= 0; at = line.indexOf(key, at + 1)) {
      let start = skipBlanks(line, at + key.length)
      if (line[start] !== ':') continue
      start = skipBlanks(line, start + 1)
      const quoted = line[start] === '"'
      if (quoted) start++
      const end = start + value.length
      const ends = quoted ? line[end] === '"' : !NUMBER.test(line[end] ?? '')
      if (ends && line.startsWith(value, start)) return start
    }
    dot = field.indexOf('.', dot + 1)
    if (dot < 0) return undefined
  }
}

function skipBlanks(line: string, from: number): number {
  let at = from
  while (line.charCodeAt(at) <= 0x20) at++
  return at
}
