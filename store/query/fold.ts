/**
 * What two texts are compared by: without case, and Latin letters without diacritics (`đ` is `d`), so that «đăng nhập» is
 * found by `dang nhap` and the other way round. Character by character, never by context, so that it can be written out as
 * the character classes of a regular expression: a mark counts for nothing only right after a Latin letter.
 */
export function fold(text: string): string {
  if (/^[\0-\x7f]*$/.test(text)) return text.toLowerCase()
  let [folded, from] = ['', 0]
  for (let at = 0; at < text.length;) {
    if (text.charCodeAt(at) < 0x80) {
      at++
      continue
    }
    // What is ASCII between two others is folded at once: of a line with a few Vietnamese words, each character by itself took twice as long.
    folded += text.slice(from, at).toLowerCase()
    const code = text.codePointAt(at)!
    at = from = at + (code > 0xffff ? 2 : 1)
    if (code >= FIRST_MARK && code <= LAST_MARK && /[a-z]$/.test(folded)) continue
    const character = String.fromCodePoint(code)
    folded += table().get(character) ?? character
  }
  return folded + text.slice(from).toLowerCase()
}

/** The folded literal of a pattern. A mark at its head counts for nothing: in a text it would belong to the letter before. */
export function foldLiteral(text: string): string {
  return fold(text.replace(LEADING_MARKS, ''))
}

/** Diacritics that stand alone (Combining Diacritical Marks), as in decomposed text. */
export const MARKS = '\u0300-\u036f'
const [FIRST_MARK, LAST_MARK] = [0x300, 0x36f]
const MARK = new RegExp(`^[${MARKS}]$`)
const LEADING_MARKS = new RegExp(`^[${MARKS}]+`)

export function isMark(character: string): boolean {
  return MARK.test(character)
}

/** Above the last character that has two cases. */
const CASED_MAX = 0x1f000

let known: ReadonlyMap<string, string> | undefined

/** Every character that is compared as another one. */
function table(): ReadonlyMap<string, string> {
  known ??= build()
  return known
}

function build(): Map<string, string> {
  const folded = new Map<string, string>()
  for (let code = 0x41; code < CASED_MAX; code++) {
    if (code >= 0xd800 && code < 0xe000) continue
    const character = String.fromCodePoint(code)
    const to = foldOne(character)
    if (to !== character) folded.set(character, to)
  }
  return folded
}

function foldOne(character: string): string {
  if (character === 'đ' || character === 'Đ') return 'd'
  const [base = '', ...marks] = character.normalize('NFD')
  if (/[a-z]/i.test(base) && marks.every((mark) => MARK.test(mark))) return base.toLowerCase()
  const lower = character.toLowerCase()
  return lower.length === character.length ? lower : character
}

let inverse: ReadonlyMap<string, readonly string[]> | undefined

/** All characters that are compared as `character`, itself among them. */
export function variants(character: string): readonly string[] {
  if (inverse === undefined) {
    const found = new Map<string, string[]>()
    for (const [from, to] of table()) found.set(to, [...(found.get(to) ?? [to]), from])
    inverse = found
  }
  return inverse.get(character) ?? [character]
}
