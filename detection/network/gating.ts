import type { Test } from '../test.ts'
import { gatesOf, witnessOf, type Network, type Node, type Predicate } from './compile.ts'
import { prefixesOf } from './event-values.ts'
import { FieldIndex } from './field-index.ts'
import type { Field } from './field.ts'
import { Program } from './program.ts'
import { partsOf, type Part } from './weighing.ts'

/** A filter, and where in the program it is. */
export interface PlacedFilter {
  filter: string
  place: number
}

/** How often a rule may be given another gate: two classes of events could want it back and forth. */
const MOVES_MAX = 4

/**
 * The gates of all rules, filed by field: a rule is run only on events in which one of its gates holds. Which part of a rule is
 * its gate is a guess at first, and moves to what proves rarer.
 */
export class Gating {
  readonly #network: Network
  readonly #fields = new Map<string, Field>()
  /** Of each rule, predicates of which one is true whenever it matches; undefined where there are none. */
  readonly #gates: (readonly number[] | undefined)[]
  readonly #moves: Uint8Array
  /** Where in the program each rule is; 0: not added yet. */
  readonly #places: Int32Array
  readonly #filters = new Map<number, readonly PlacedFilter[]>()
  readonly #parts = new Map<number, readonly Part[]>()
  readonly program: Program
  #tokens = 0
  /** Of each predicate, whether the indexes of its fields look for it by themselves: what they did not find is false. */
  readonly settled: Uint8Array
  /** Predicates about one field by which log sources are told. */
  readonly told: readonly number[]
  /** Dotted beginnings of the names of fields: an object under one of these is a way to a value. */
  readonly prefixes = new Set<string>()

  /** @param told fields by which log sources are told: where events are alike in them, they are no good as gates */
  constructor(network: Network, told: ReadonlySet<string>) {
    this.#network = network
    this.settled = new Uint8Array(network.predicates.length)
    this.#moves = new Uint8Array(network.rules.length)
    this.#places = new Int32Array(network.rules.length)
    const several = new Set(network.slots.flatMap(({ names }) => (names.length > 1 ? names : [])))
    for (const name of new Set(network.slots.flatMap(({ names }) => names))) {
      this.#fields.set(name, {
        cache: undefined,
        stamp: 0,
        known: undefined,
        absent: true,
        id: this.#fields.size,
        name,
        index: new FieldIndex(),
        isOneOfSeveral: several.has(name),
        nanos: 0,
      })
      for (const prefix of prefixesOf(name)) this.prefixes.add(prefix)
    }
    this.program = new Program(network, (name) => this.#fields.get(name)!.id)
    const isTold = ({ slot }: Predicate): boolean => slot.names.length === 1 && told.has(slot.names[0]!)
    this.told = network.predicates.flatMap((own, predicate) => (isTold(own) ? [predicate] : []))
    this.#gates = network.rules.map(
      ({ node, witness }) =>
        witness && (witnessOf(node, network.predicates, (own) => !isTold(own))?.predicates ?? witness),
    )
    this.#gates.forEach((gates, rule) => {
      for (const predicate of gates ?? []) this.#file(predicate, rule)
    })
  }

  /** A field that some rule asks about. */
  fieldOf(name: string): Field | undefined {
    return this.#fields.get(name)
  }

  /** A number that no other call gets. */
  newToken(): number {
    return ++this.#tokens
  }

  /** All fields, that an event of another round is not taken for this one. */
  restart(): void {
    for (const field of this.#fields.values()) field.stamp = 0
  }

  gatesOf(rule: number): readonly number[] | undefined {
    return this.#gates[rule]
  }

  /** Whether keywords are among the gates of a rule. */
  hasKeywords(rule: number): boolean {
    return this.#gates[rule]?.some((predicate) => this.#network.predicates[predicate]!.slot.names.length === 0) ?? false
  }

  /** Per rule, its share of the time that its fields took: rules that have gates on a field bear it in equal parts. */
  sharedNanos(): Float64Array {
    const fieldsOf = this.#gates.map((gates = []) => {
      const names = gates.flatMap((predicate) => this.#network.predicates[predicate]!.slot.names)
      return [...new Set(names)].map((name) => this.#fields.get(name)!)
    })
    const sharers = new Map<Field, number>()
    for (const field of fieldsOf.flat()) sharers.set(field, (sharers.get(field) ?? 0) + 1)
    return Float64Array.from(fieldsOf, (fields) =>
      fields.reduce((sum, field) => sum + field.nanos / sharers.get(field)!, 0),
    )
  }

  /** All of them, each at its number. */
  get fields(): Field[] {
    return [...this.#fields.values()]
  }

  /** Where in the program a rule is. */
  placeOf(rule: number): number {
    return (this.#places[rule] ||= this.program.rule(this.#network.rules[rule]!.node))
  }

  /** What else could be the gate of a rule, whatever the class of events. */
  partsOf(rule: number): readonly Part[] {
    let parts = this.#parts.get(rule)
    if (parts === undefined) {
      parts = partsOf(this.#network.rules[rule]!.node, this.#network, this.program)
      this.#parts.set(rule, parts)
    }
    return parts
  }

  filtersAt(rule: number): readonly PlacedFilter[] {
    let placed = this.#filters.get(rule)
    if (placed === undefined) {
      const { filters } = this.#network.rules[rule]!
      placed = filters.map(({ filter, node }) => ({ filter, place: this.program.node(node) }))
      this.#filters.set(rule, placed)
    }
    return placed
  }

  /** Gives a rule other gates; false where it has moved too often. */
  move(rule: number, predicates: readonly number[]): boolean {
    if (this.#moves[rule]! >= MOVES_MAX) return false
    this.#moves[rule]!++
    for (const predicate of this.#gates[rule] ?? []) {
      const { slot, test } = this.#network.predicates[predicate]!
      for (const name of slot.names) {
        const field = this.#fields.get(name)!
        for (const gate of gatesOf(test)) field.index.remove(gate, rule)
        field.cache?.clear()
      }
    }
    this.#gates[rule] = predicates
    for (const predicate of predicates) this.#file(predicate, rule)
    return true
  }

  /** Has the indexes look for all that a rule asks about texts. */
  ask(rule: number): void {
    const ask = (node: Node): void => {
      if (node.op === 'not') ask(node.of)
      else if (node.op === 'and' || node.op === 'or') node.of.forEach(ask)
      else if (node.op === 'test') this.settle(node.predicate)
    }
    ask(this.#network.rules[rule]!.node)
  }

  /** Has the indexes look for a predicate by themselves, where they can. */
  settle(predicate: number): void {
    const { slot, test } = this.#network.predicates[predicate]!
    if (isFound(test) && slot.names.length > 0 && this.settled[predicate] === 0) this.#file(predicate, undefined)
  }

  /** Keywords are not filed here: which events they are searched in depends on the log source. */
  #file(predicate: number, rule: number | undefined): void {
    const { slot, test } = this.#network.predicates[predicate]!
    for (const name of slot.names) {
      const field = this.#fields.get(name)!
      for (const gate of gatesOf(test)) field.index.add(gate, predicate, rule)
      field.cache?.clear()
    }
    if (isFound(test) && slot.names.length > 0) this.settled[predicate] = 1
  }
}

/** Whether its gates alone decide a test: it holds where one of them does, and nowhere else. */
function isFound(test: Test): boolean {
  return test.about === 'value' && test.gates.every(({ at, proves }) => proves && at !== 'present')
}
