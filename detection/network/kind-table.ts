import type { EcsEvent, EcsValue } from '../../model/event.ts'
import { sampleOf } from './value-cache.ts'

const ELEMENTS_MAX = 16

interface Kind<T> {
  values: readonly (EcsValue | undefined)[]
  item: T
}

/**
 * Events come in few kinds, told by the values of a few fields: what was made for a kind is found again by comparing the values
 * as they are. Which place a kind has is a guess from a few units of each; another kind there drives it out.
 */
export class KindTable<T> {
  readonly #fields: readonly string[]
  readonly #make: (event: EcsEvent) => T
  readonly #shift: number
  readonly #kinds: (Kind<T> | undefined)[]
  readonly #told: (EcsValue | undefined)[]

  /** @param make what belongs to the kind of an event; a pure function of its values in `fields` */
  constructor(fields: readonly string[], bits: number, make: (event: EcsEvent) => T) {
    this.#fields = fields
    this.#make = make
    this.#shift = 32 - bits
    this.#kinds = Array.from({ length: 1 << bits })
    this.#told = fields.map(() => undefined)
  }

  find(event: EcsEvent): T {
    const told = this.#told
    let hash = 0
    for (let i = 0; i < told.length; i++) {
      const value = event[this.#fields[i]!]
      told[i] = value
      hash = Math.imul(hash, 31) + hashOf(value)
    }
    const place = Math.imul(hash, 0x9e3779b1) >>> this.#shift
    const kind = this.#kinds[place]
    if (kind !== undefined && this.#isTold(kind.values)) return kind.item
    const item = this.#make(event)
    if (told.every(isComparable)) this.#kinds[place] = { values: told.map(copied), item }
    return item
  }

  #isTold(values: readonly (EcsValue | undefined)[]): boolean {
    const told = this.#told
    for (let i = 0; i < told.length; i++) {
      const [own, other] = [values[i], told[i]]
      if (own !== other && !(Array.isArray(own) && Array.isArray(other) && sameElements(own, other))) return false
    }
    return true
  }
}

function hashOf(value: EcsValue | undefined): number {
  if (typeof value === 'string') return sampleOf(value)
  if (typeof value === 'number') return value | 0
  return Array.isArray(value) && value.length > 0 && typeof value[0] === 'string' ? sampleOf(value[0]) : 0
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
