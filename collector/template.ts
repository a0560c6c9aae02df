/**
 * A message with places for what varies: `Deny <transport> src <source> dst <destination>`. Each place takes what stands before
 * the next words, the last one all the rest; `<name*>` takes up to the last such words, for what a stranger may have
 * chosen. What follows a template that ends in words is free. Reads a text once per place: there is no going back.
 */
export interface Template {
  /** The values of the places; undefined where the text is another message. */
  match(text: string): Map<string, string> | undefined
}

const PLACE = /<([a-z_]+)(\*?)>/g
const VALUE_LENGTH_MAX = 2_048

/** Templates are the programmer's words: two places without a word between them are an error at once. */
export function template(pattern: string): Template {
  const places: { name: string; last: boolean; until: string }[] = []
  let start = 0
  let head: string | undefined
  for (const place of pattern.matchAll(PLACE)) {
    const words = pattern.slice(start, place.index)
    if (places.length === 0) head = words
    else if (words === '') throw new Error(`template with two places in a row: ${pattern}`)
    else places.at(-1)!.until = words
    places.push({ name: place[1]!, last: place[2] === '*', until: '' })
    start = place.index + place[0].length
  }
  if (places.length > 0) places.at(-1)!.until = pattern.slice(start)
  const begin = head ?? pattern
  return {
    match(text) {
      if (!text.startsWith(begin)) return undefined
      const values = new Map<string, string>()
      let at = begin.length
      for (const { name, last, until } of places) {
        const end = until === '' ? text.length : last ? text.lastIndexOf(until) : text.indexOf(until, at)
        if (end < at || end - at > VALUE_LENGTH_MAX) return undefined
        values.set(name, text.slice(at, end).trim())
        at = end + until.length
      }
      return values
    },
  }
}
