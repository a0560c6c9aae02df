import { isSearched } from './event-values.ts'
import type { Field } from './field.ts'

/** A name that events have. */
export interface Name {
  /** Its place among the names; -1 where there are too many to keep it. */
  readonly id: number
  readonly name: string
  /** Where rules ask about it. */
  readonly field: Field | undefined
  /** Its place among the fields that log sources are told by, or -1. */
  readonly toldAt: number
  /** Whether keywords are ever looked for in it. */
  readonly isSearched: boolean
  /** Whether the dotted name of another field begins with this one: an object in it is a way there. */
  readonly leads: boolean
}

/** The names of an event so far, in their order, by the last of them. */
export interface Step {
  readonly name: Name
  /** Of the name, what is asked of most: an event is walked without a look at the names themselves. */
  readonly key: string
  readonly id: number
  /** Whether the name tells log sources, or leads to a field. */
  readonly tells: boolean
  /** What stood behind it in an event before this one, and most likely does again. */
  next: Step | undefined
  others: Map<string, Step> | undefined
}

const NAMES_MAX = 10_000
const STEPS_MAX = 1 << 16

/**
 * Events of one kind have the same names in the same order, mostly: they are walked along steps that are known, and each takes
 * the comparison of two pointers. A tree, whose paths are the shapes there were; when it is full, it is grown anew.
 */
export class Shapes {
  readonly #make: (name: string) => Omit<Name, 'id' | 'name' | 'isSearched'>
  readonly #names = new Map<string, Name>()
  #steps = 0
  /** Before the first name. */
  start: Step

  /** @param make what there is to know about a name */
  constructor(make: (name: string) => Omit<Name, 'id' | 'name' | 'isSearched'>) {
    this.#make = make
    this.start = this.#stepTo('')
  }

  #stepTo(key: string): Step {
    const name = this.#nameOf(key)
    const tells = name.toldAt >= 0 || name.leads
    return { name, key, id: name.id, tells, next: undefined, others: undefined }
  }

  #nameOf(name: string): Name {
    let known = this.#names.get(name)
    if (known === undefined) {
      const id = this.#names.size < NAMES_MAX ? this.#names.size : -1
      known = { id, name, isSearched: isSearched(name), ...this.#make(name) }
      if (id >= 0) this.#names.set(name, known)
    }
    return known
  }

  /** The step to a name that is not the expected one. */
  follow(from: Step, name: string): Step {
    let step = from.others?.get(name)
    if (step === undefined) {
      if (++this.#steps > STEPS_MAX) {
        this.#steps = 0
        this.start = this.#stepTo('')
      }
      step = this.#stepTo(name)
      from.others ??= new Map()
      from.others.set(name, step)
    }
    return (from.next = step)
  }
}
