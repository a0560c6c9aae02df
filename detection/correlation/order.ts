/**
 * What orders contributions of one instant and one part the same way however they arrived: of an event a number that stands
 * for its line, of a match of a correlation its place there.
 */
export type Order = number | readonly number[]

/** Units of a text that are looked at. */
const UNITS_MAX = 4096

/** FNV-1a, 32 bits. */
const OFFSET = 0x811c9dc5 | 0
const PRIME = 0x01000193

/**
 * A number that stands for a text, 32 bits, signed: groups keep it when they let the line go. Each unit of four goes into
 * a hash of its own, as a single one would have every unit wait for the one before.
 */
export function orderOf(text: string): number {
  let [a, b, c, d] = [OFFSET, OFFSET, OFFSET, OFFSET]
  const end = Math.min(text.length, UNITS_MAX)
  let i = 0
  for (; i + 3 < end; i += 4) {
    a = Math.imul(a ^ text.charCodeAt(i), PRIME)
    b = Math.imul(b ^ text.charCodeAt(i + 1), PRIME)
    c = Math.imul(c ^ text.charCodeAt(i + 2), PRIME)
    d = Math.imul(d ^ text.charCodeAt(i + 3), PRIME)
  }
  for (; i < end; i++) a = Math.imul(a ^ text.charCodeAt(i), PRIME)
  let hash = a
  for (const own of [b, c, d, text.length]) hash = Math.imul((hash ^ (hash >>> 15)) + own, PRIME)
  return hash ^ (hash >>> 16)
}

/** The order of a match: that of the contribution it ends with, in its group. */
export function orderOfMatch({ part, order }: { part: number; order: Order }, group: number): Order {
  return [part, ...(typeof order === 'number' ? [order] : order), group]
}

export function isOrderedBefore(a: Order, b: Order): boolean {
  if (typeof a === 'number' && typeof b === 'number') return a < b
  const [left, right] = [[a].flat(), [b].flat()]
  const place = left.findIndex((number, i) => number !== right[i])
  return place >= 0 && left[place]! < (right[place] ?? -Infinity)
}
