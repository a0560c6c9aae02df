import type { Test } from '../test.ts'
import type { Node, Predicate, Slot } from './compile.ts'
import type { Field } from './field.ts'

export interface TestNode {
  op: 'test'
  predicate: number
  test: Test
  slot: Slot
  other: Slot | undefined
  /** Of the slot; empty where the test is not about values of fields. */
  fields: readonly Field[]
}

/** A condition over predicates of which each knows where its value may have been met already. */
export type PlannedNode =
  | TestNode
  | { op: 'not'; of: PlannedNode }
  /** The order of the parts does not matter, and changes: whichever decides moves to the front. */
  | { op: 'and' | 'or'; of: PlannedNode[] }
  /** Parts about the values of one slot alone: worked out once per text. `id` is none of a predicate. */
  | { op: 'text'; id: number; slot: Slot; fields: readonly Field[]; of: PlannedNode }

/** What of a condition must hold of the text of one field, where none of `others` has a value. */
export interface Guard {
  node: PlannedNode
  others: readonly Field[]
}

/** A rule ready to be run. */
export interface PlannedRule {
  node: PlannedNode
  guards: ReadonlyMap<Field, Guard>
}

/** Plans conditions of one network. */
export class Planner {
  readonly #predicates: readonly Predicate[]
  readonly #fieldOf: (name: string) => Field
  #texts = 0

  constructor(predicates: readonly Predicate[], fieldOf: (name: string) => Field) {
    this.#predicates = predicates
    this.#fieldOf = fieldOf
  }

  rule(node: Node): PlannedRule {
    const planned = this.node(node)
    return { node: planned, guards: guardsOf(planned) }
  }

  node(node: Node): PlannedNode {
    switch (node.op) {
      case 'never':
        return { op: 'or', of: [] }
      case 'not':
        return { op: 'not', of: this.node(node.of) }
      case 'and':
      case 'or':
        return this.#grouped(
          node.op,
          node.of.map((part) => this.node(part)),
        )
      case 'test': {
        const { test, slot, other } = this.#predicates[node.predicate]!
        const fields = test.about === 'value' ? slot.names.map(this.#fieldOf) : []
        return { op: 'test', predicate: node.predicate, test, slot, other, fields }
      }
    }
  }

  /** Puts parts about one slot together, and those first: what is known of a text decides at no cost. */
  #grouped(op: 'and' | 'or', parts: readonly PlannedNode[]): PlannedNode {
    const groups = new Map<Slot, { fields: readonly Field[]; of: PlannedNode[] }>()
    const others: PlannedNode[] = []
    for (const part of parts) {
      const asking = askingOf(part)
      const group = asking && groups.get(asking.slot)
      if (asking === undefined) others.push(part)
      else if (group === undefined) groups.set(asking.slot, { fields: asking.fields, of: [part] })
      else group.of.push(part)
    }
    const of: PlannedNode[] = []
    for (const [slot, { fields, of: group }] of groups) {
      const inner = group.length === 1 ? group : group.map((node) => (node.op === 'text' ? node.of : node))
      of.push(inner.length === 1 ? inner[0]! : { op: 'text', id: --this.#texts, slot, fields, of: { op, of: inner } })
    }
    of.push(...others)
    return of.length === 1 ? of[0]! : { op, of }
  }
}

/** The parts of a condition that must hold of the values of one slot, by each of its fields. */
function guardsOf(node: PlannedNode): ReadonlyMap<Field, Guard> {
  const guards = new Map<Field, Guard>()
  for (const part of node.op === 'and' ? node.of : [node]) {
    const fields = askingOf(part)?.fields ?? []
    for (const field of fields) guards.set(field, { node: part, others: fields.filter((own) => own !== field) })
  }
  return guards
}

/** Where a part of a condition asks about the values of one slot alone: the part itself, or what it negates. */
function askingOf(node: PlannedNode): { slot: Slot; fields: readonly Field[] } | undefined {
  switch (node.op) {
    case 'text':
    case 'test':
      return node.fields.length === 0 ? undefined : node
    case 'not':
      return askingOf(node.of)
    case 'and':
    case 'or':
      return undefined
  }
}
