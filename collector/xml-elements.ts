const ENTITIES: { readonly [name: string]: string } = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" }
const OPEN = /<([A-Za-z_][\w.-]{0,63})(?:\s[^<>]{0,512})?(\/?)>/g

/** Text with the five named references of XML 1.0 §4.6 and character references replaced; others stay as written. */
export function unescapeXml(text: string): string {
  if (!text.includes('&')) return text
  return text.replace(
    /&(?:#(\d{1,7})|#x([0-9A-Fa-f]{1,6})|(lt|gt|amp|quot|apos));/g,
    (whole: string, decimal, hex, name) => {
      if (name !== undefined) return ENTITIES[name as string]!
      const code = decimal === undefined ? Number.parseInt(String(hex), 16) : Number(decimal)
      return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole
    },
  )
}

/**
 * The leaves below `<root>` by name: elements that hold nothing but text. No document type, no entity of the text's own, no nesting
 * but being passed over: what log formats of plain elements need, in one pass. The last of a name counts.
 */
export function readElements(text: string, root: string, elementsMax: number): Map<string, string> {
  const leaves = new Map<string, string>()
  OPEN.lastIndex = 0
  for (let open = OPEN.exec(text); open !== null && leaves.size < elementsMax; open = OPEN.exec(text)) {
    if (open[1] === root || open[2] === '/') continue
    const start = OPEN.lastIndex
    const next = text.indexOf('<', start)
    if (next < 0) break
    if (text.startsWith(`</${open[1]!}>`, next)) leaves.set(open[1]!, unescapeXml(text.slice(start, next)))
    else if (text.startsWith('<![CDATA[', next)) {
      const end = text.indexOf(']]>', next)
      if (end < 0) break
      leaves.set(open[1]!, text.slice(next + 9, end))
      OPEN.lastIndex = end + 3
    }
  }
  return leaves
}
