/** Pairs of one line at most; a device's line has some 60. */
const PAIRS_MAX = 256
const NAME_LENGTH_MAX = 96

/** How a device writes its pairs. */
export interface PairSyntax {
  /** Between name and value, `=` or `:`. */
  assign: '=' | ':'
  /** Between two pairs: any of these characters. */
  between: string
}

const PLAIN: PairSyntax = { assign: '=', between: ' ' }

/**
 * The `name=value name="quoted value"` pairs of a line, from `start`; the last of a name counts. A quoted value ends at the
 * next quote without a backslash before it. What is no pair is passed over. Each character is looked at a bounded number of
 * times, whatever the text.
 */
export function readPairs(text: string, start = 0, syntax: PairSyntax = PLAIN): Map<string, string> {
  const pairs = new Map<string, string>()
  let at = start
  while (at < text.length && pairs.size < PAIRS_MAX) {
    while (at < text.length && (syntax.between.includes(text[at]!) || text[at] === ' ')) at++
    const name = at
    while (at < text.length && isNameChar(text.charCodeAt(at))) at++
    if (at === name || at - name > NAME_LENGTH_MAX || text[at] !== syntax.assign) {
      while (at < text.length && !syntax.between.includes(text[at]!)) at++
      continue
    }
    const key = text.slice(name, at)
    while (text[at] === syntax.assign) at++ // Check Point writes some as `name::"value"`
    let value: string
    if (text[at] === '"') {
      const open = ++at
      let escaped = false
      while (at < text.length && text[at] !== '"') {
        if (text[at] === '\\') {
          escaped = true
          at++
        }
        at++
      }
      value = text.slice(open, at)
      if (escaped) value = value.replace(/\\(.)/gs, '$1')
      at++
    } else {
      const open = at
      while (at < text.length && !syntax.between.includes(text[at]!)) at++
      value = text.slice(open, at)
    }
    pairs.set(key, value.trim())
  }
  return pairs
}

/** Letters, digits and `_ - . /`. */
function isNameChar(char: number): boolean {
  return (
    (char >= 0x61 && char <= 0x7a) || (char >= 0x41 && char <= 0x5a) || (char >= 0x2d && char <= 0x39) || char === 0x5f
  )
}

/** RFC 4180 values of one line: `a,"b, ""c""",d`. At most `valuesMax`; the rest of the line is left out. */
export function readCommaValues(text: string, valuesMax: number): string[] {
  const values: string[] = []
  let at = 0
  while (values.length < valuesMax) {
    let value: string
    if (text[at] === '"') {
      const open = ++at
      let doubled = false
      while (at < text.length) {
        if (text[at] === '"') {
          if (text[at + 1] !== '"') break
          doubled = true
          at++
        }
        at++
      }
      value = text.slice(open, at)
      if (doubled) value = value.replaceAll('""', '"')
      at = text.indexOf(',', at)
    } else {
      const comma = text.indexOf(',', at)
      value = text.slice(at, comma < 0 ? text.length : comma)
      at = comma
    }
    values.push(value)
    if (at < 0) break
    at++
  }
  return values
}
