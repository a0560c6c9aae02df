/** A stretch of a raw line; `matched` is lit. */
export interface Segment {
  text: string
  matched: boolean
}

/** Cuts `line` at the spans (`[start, end)`, UTF-16 units), which may overlap, lie outside or be upside down. */
export function segments(line: string, spans: readonly (readonly number[])[]): Segment[] {
  const sorted = spans
    .map(([start = 0, end = 0]) => [Math.max(0, start), Math.min(line.length, end)] as const)
    .filter(([start, end]) => start < end)
    .sort((a, b) => a[0] - b[0])
  const parts: Segment[] = []
  let at = 0
  for (const [start, end] of sorted) {
    if (end <= at) continue
    if (start > at) parts.push({ text: line.slice(at, start), matched: false })
    const from = Math.max(at, start)
    const last = parts.at(-1)
    if (last?.matched === true && from === at) last.text += line.slice(from, end)
    else parts.push({ text: line.slice(from, end), matched: true })
    at = end
  }
  if (at < line.length) parts.push({ text: line.slice(at), matched: false })
  return parts
}

/** What draws nothing, or turns the direction of what follows: it lets a log line look like another. */
const INVISIBLE = /[\p{Cc}\p{Default_Ignorable_Code_Point}\u2028\u2029\uFFF9-\uFFFB](?<![\t\n]|[\uFE00-\uFE0F])/gu

/** `text` with every invisible character written out: NUL as `␀`, a right-to-left override as `‹U+202E›`. */
export function visible(text: string): string {
  return text.replace(INVISIBLE, (character) => {
    const code = character.codePointAt(0)!
    if (code < 0x20) return String.fromCharCode(0x2400 + code)
    return `‹U+${code.toString(16).toUpperCase().padStart(4, '0')}›`
  })
}
