/**
 * What orders contributions of one instant and one part the same way however they arrived: of an event a number that stands
 * for its line, of a match of a correlation its place there.
 */
export type Order = number | readonly number[]

/** Units of a text that are looked at. */
const UNITS_MAX = 4096

/** A number that stands for a text (FNV-1a, 32 bits, signed): groups keep it when they let the line go. */
export function orderOf(text: string): number {
  let hash = 0x811c9dc5 | 0
  const end = Math.min(text.length, UNITS_MAX)
  for (let i = 0; i < end; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return hash
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
