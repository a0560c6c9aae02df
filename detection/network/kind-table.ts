import type { EcsValue } from '../../model/event.ts'

const ELEMENTS_MAX = 16

type Values = readonly (EcsValue | undefined)[]

interface Kind<T> {
  values: Values
  item: T
  /** Another one of the same place. */
  next: Kind<T> | undefined
}

/** Kinds that one place holds. */
const KINDS_MAX = 4

/**
 * Events come in few kinds, told by the values of a few fields: what was made for a kind is found again by comparing the values
 * as they are. Which place a kind has is a guess from a few units of each; it is shared with a few others, of which the oldest is driven out.
 */
export class KindTable<T> {
  readonly #places: readonly number[]
  readonly #make: () => T
  readonly #shift: number
  readonly #kinds: (Kind<T> | undefined)[]

  /**
   * @param places which of the values tell the kind
   * @param make what belongs to the kind of the event in hand; a pure function of those values
   */
  constructor(places: readonly number[], bits: number, make: () => T) {
    this.#places = places
    this.#make = make
    this.#shift = 32 - bits
    this.#kinds = Array.from({ length: 1 << bits })
  }

  /** @param values of the event in hand */
  find(values: Values): T {
    const places = this.#places
    let hash = 0
    for (let i = 0; i < places.length; i++) hash = Math.imul(hash, 31) + hashOf(values[places[i]!])
    const place = Math.imul(hash, 0x9e3779b1) >>> this.#shift
    const first = this.#kinds[place]
    for (let kind = first; kind !== undefined; kind = kind.next) if (this.#isTold(kind.values, values)) return kind.item
    const item = this.#make()
    const told = places.map((own) => values[own])
    if (told.every(isComparable)) this.#kinds[place] = { values: told.map(copied), item, next: shortened(first) }
    return item
  }

  #isTold(told: Values, values: Values): boolean {
    for (let i = 0; i < told.length; i++) {
      const [own, other] = [told[i], values[this.#places[i]!]]
      if (own !== other && !(Array.isArray(own) && Array.isArray(other) && sameElements(own, other))) return false
    }
    return true
  }
}

/** The kinds of a place, but for the oldest where there is no room for another. */
function shortened<T>(first: Kind<T> | undefined): Kind<T> | undefined {
  let last = first
  for (let i = 2; i < KINDS_MAX; i++) last = last?.next
  if (last !== undefined) last.next = undefined
  return first
}

/** Names of channels and log sources differ in length and at their ends. */
function hashOf(value: EcsValue | undefined): number {
  if (typeof value === 'string') {
    const { length } = value
    if (length === 0) return 1
    return (length << 16) + (value.charCodeAt(length - 1) << 8) + value.charCodeAt(length >> 1)
  }
  if (typeof value === 'number') return value | 0
  return Array.isArray(value) && value.length > 0 ? hashOf(value[0]) : 0
}

function sameElements(first: readonly EcsValue[], second: readonly EcsValue[]): boolean {
  if (first.length !== second.length) return false
  for (let i = 0; i < first.length; i++) if (first[i] !== second[i]) return false
  return true
}

/** Whether a value can be compared later: a scalar, or a short list of scalars. */
function isComparable(value: EcsValue | undefined): boolean {
  if (Array.isArray(value)) return value.length <= ELEMENTS_MAX && value.every((element) => typeof element !== 'object')
  return typeof value !== 'object' || value === null
}

/** A list may be changed by whoever made the event. */
function copied(value: EcsValue | undefined): EcsValue | undefined {
  return Array.isArray(value) ? [...value] : value
}
