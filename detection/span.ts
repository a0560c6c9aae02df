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

/**
 * Where the matched part of a field stands in the raw line, in UTF-16 units: as it is, or as JSON writes it. In a line of
 * JSON that is the value under the field's own name. Elsewhere the line may hold the text more than once: the place is taken
 * inside an occurrence of the field's whole text where the line has that, else the first.
 */
export function spanOf({ field, whole, at }: MatchedPart, original: string): Span | undefined {
  const texts = { before: whole.slice(0, at[0]), part: whole.slice(...at), whole }
  if (texts.part === '') return undefined
  const line = fold(original)
  const asJson = { before: written(texts.before), part: written(texts.part), whole: written(whole) }
  if (line.startsWith('{')) {
    const value = valueAt(line, field, fold(asJson.whole))
    if (value !== undefined) return spanAt(value + asJson.before.length, asJson.part)
  }
  for (const text of [texts, asJson]) {
    const start = line.indexOf(fold(text.whole))
    if (start >= 0) return spanAt(start + text.before.length, text.part)
  }
  for (const { part } of [texts, asJson]) {
    const start = line.indexOf(fold(part))
    if (start >= 0) return spanAt(start, part)
  }
  return undefined
}

function spanAt(start: number, part: string): Span {
  return [start, start + part.length]
}

/** What JSON must escape (RFC 8259 §7). */
const ESCAPED = /["\\\u0000-\u001f]/g

/** As JSON writes it between the quotes; unit by unit, as a part may be half of a letter. */
function written(text: string): string {
  return text.replace(ESCAPED, (unit) => JSON.stringify(unit).slice(1, -1))
}

const NUMBER = /[\d.e+-]/

/** Where in a line of JSON the value of a name begins, if it is just that text; of nested names the last part counts. */
function valueAt(line: string, field: string, value: string): number | undefined {
  const name = fold(field)
  for (let dot = -1; ;) {
    const key = `"${written(name.slice(dot + 1))}"`
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
    dot = name.indexOf('.', dot + 1)
    if (dot < 0) return undefined
  }
}

function skipBlanks(line: string, from: number): number {
  let at = from
  while (line.charCodeAt(at) <= 0x20) at++
  return at
}
