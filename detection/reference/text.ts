/** `*` and `?` of a pattern. */
export const STAR = Symbol('*')
export const QUESTION = Symbol('?')

/** A Sigma string after its escapes are read: single UTF-16 units and wildcards. */
export type Glyph = string | typeof STAR | typeof QUESTION

/** Every UTF-16 unit in lower case; one whose lower case is longer stays. */
export function lower(text: string): string {
  return text.split('').map(lowerUnit).join('')
}

function lowerUnit(unit: string): string {
  const small = unit.toLowerCase()
  return small.length === 1 ? small : unit
}

/** Sigma's escapes: a backslash makes `*`, `?` and itself plain, and is plain itself before anything else. */
export function glyphsOf(written: string): Glyph[] {
  const glyphs: Glyph[] = []
  let rest = written.split('')
  while (rest.length > 0) {
    const [first, second] = rest as [string, string?]
    const escaped = first === '\\' && (second === '*' || second === '?' || second === '\\')
    if (escaped) glyphs.push(second)
    else glyphs.push(first === '*' ? STAR : first === '?' ? QUESTION : first)
    rest = rest.slice(escaped ? 2 : 1)
  }
  return glyphs
}

/**
 * Whether the whole of `text` is what the pattern says. Kept are all places where what is read of the pattern so far can
 * end; after a `*` those are the first of them and all places behind it.
 */
export function isWhole(pattern: readonly Glyph[], text: string): boolean {
  let places = [0]
  let isOpen = false
  for (const glyph of pattern) {
    if (places.length === 0) return false
    if (glyph === STAR) {
      places = places.slice(0, 1)
      isOpen = true
      continue
    }
    if (glyph === QUESTION)
      places = [...new Set((isOpen ? allFrom(places[0]!, text) : places).flatMap((at) => afterCharacter(text, at)))]
    else
      places = isOpen
        ? allAfter(glyph, places[0]!, text)
        : places.filter((at) => text[at] === glyph).map((at) => at + 1)
    isOpen = false
  }
  return isOpen ? places.length > 0 : places.includes(text.length)
}

const allFrom = (place: number, text: string): number[] =>
  Array.from({ length: text.length - place + 1 }, (_, i) => place + i)

/** Places behind each `unit` that stands at a place or later. */
function allAfter(unit: string, place: number, text: string): number[] {
  const places: number[] = []
  for (let at = text.indexOf(unit, place); at >= 0; at = text.indexOf(unit, at + 1)) places.push(at + 1)
  return places
}

/** A surrogate pair is one character. */
function afterCharacter(text: string, at: number): number[] {
  if (at >= text.length) return []
  return [at + (text.codePointAt(at)! > 0xffff ? 2 : 1)]
}
