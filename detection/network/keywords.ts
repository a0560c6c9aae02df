import { gatesOf, type Network } from './compile.ts'
import { FieldIndex } from './field-index.ts'

/** A keyword that was tested on so many events is cheaper to look for in all. */
const ASKED_MAX = 16
/** Shorter ones would have every byte of all texts looked at. */
const LENGTH_MIN = 4

/**
 * The keywords of the rules that events of some log sources can meet, as an index over all texts of an event. It begins with those that
 * are gates; others join when they are tested again and again. A keyword that is looked for and was not found is false: to test it takes
 * the texts of the event one after another.
 */
export class Keywords {
  readonly #network: Network
  readonly index = new FieldIndex()
  readonly #settled = new Set<number>()
  readonly #asked = new Map<number, number>()
  readonly #wanted: number[] = []

  /** @param gates of each rule that has keywords among them */
  constructor(network: Network, gates: ReadonlyMap<number, readonly number[]>) {
    this.#network = network
    for (const [rule, predicates] of gates) {
      for (const predicate of predicates) {
        if (network.predicates[predicate]!.slot.names.length === 0) this.#file(predicate, rule)
      }
    }
  }

  #file(predicate: number, rule: number | undefined): void {
    const { test } = this.#network.predicates[predicate]!
    const gates = gatesOf(test)
    for (const gate of gates) this.index.add(gate, predicate, rule)
    if (gates.every(({ at, proves }) => at === 'inside' && proves)) this.#settled.add(predicate)
  }

  /** Whether a keyword stands nowhere in an event in which it was not found; asked where it is about to be tested. */
  isSettled(predicate: number): boolean {
    if (this.#settled.has(predicate)) return true
    const asked = (this.#asked.get(predicate) ?? 0) + 1
    this.#asked.set(predicate, asked)
    if (asked === ASKED_MAX && this.#canJoin(predicate)) this.#wanted.push(predicate)
    return false
  }

  #canJoin(predicate: number): boolean {
    const { test } = this.#network.predicates[predicate]!
    return gatesOf(test).every(({ at, proves, text }) => at === 'inside' && proves && text.length >= LENGTH_MIN)
  }

  /** Looks from now on for what was asked too often; false where there is nothing. */
  settle(): boolean {
    if (this.#wanted.length === 0) return false
    for (const predicate of this.#wanted) this.#file(predicate, undefined)
    this.#wanted.length = 0
    return true
  }
}
