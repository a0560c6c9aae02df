import { gatesOf, witnessOf, type Network, type Node, type Slot } from './compile.ts'
import { isSearched, prefixesOf } from './event-values.ts'
import { FieldIndexBuilder, type FieldIndex } from './field-index.ts'
import type { CacheShelf, KnownValue, ValueCache } from './value-cache.ts'
import type { Test } from '../test.ts'

/** What a class of events knows about one of their fields, and what the event in hand has in it. */
export interface FieldPlan {
  readonly name: string
  /** Gates on it. */
  readonly index: FieldIndex | undefined
  /** Where a gate or a condition asks about this field. */
  cache: ValueCache | undefined
  /** Whether keywords are looked for in it. */
  readonly searched: boolean
  /** Whether the dotted name of another field begins with this one: an object in it is a way there. */
  readonly leads: boolean
  /** Nothing of the above. */
  readonly idle: boolean
  /** The field that stood behind it in an event before this one, and most likely does again. */
  next: FieldPlan | undefined
  /** The event it was last read in, and what was known about its value there, if that is one text. */
  stamp: number
  known: KnownValue | undefined
  /** Whether that event has no value in it. */
  absent: boolean
}

export interface TestNode {
  op: 'test'
  predicate: number
  test: Test
  slot: Slot
  other: Slot | undefined
  /** Of the slot's fields; empty where the test is not about values. */
  plans: readonly FieldPlan[]
  /** Whether the indexes look for it by themselves: what they did not find is false. */
  settled: boolean
}

/** A condition over predicates of which each knows where its value may have been met already. */
export type ClassNode =
  | TestNode
  | { op: 'not'; of: ClassNode }
  /** The order of the parts does not matter, and changes: whichever decides moves to the front. */
  | { op: 'and' | 'or'; of: ClassNode[] }
  /** Parts about the values of one slot alone: worked out once per text. `id` is none of a predicate. */
  | { op: 'text'; id: number; slot: Slot; plans: readonly FieldPlan[]; of: ClassNode }

interface ClassRule {
  /** Position in the network's rules. */
  rule: number
  node: ClassNode
  /** What of the condition must hold of one field alone, by the field. */
  guards: ReadonlyMap<FieldPlan, ClassNode>
}

const NAMES_MAX = 10_000
/** The first weighing of gates begins after so many events of a class, and each further one after so many times more. */
const WEIGHED_AFTER = 64
const WEIGHED_AGAIN = 8
/** Events over which gates are weighed, and the share of them on which a rule is run that makes it worth weighing. */
const WEIGHING_EVENTS = 64
const BUSY_SHARE = 1 / 100

/** A rule that events of a class can match. */
interface KeptRule {
  /** Position in the network's rules. */
  rule: number
  /** Its condition, with what is constant in the class worked out. */
  node: Node
  /** Predicates of which one is true whenever it matches. */
  gates: readonly number[] | undefined
}

/**
 * The rules that are left once what is constant is worked out.
 * @param rules positions in the network of those for the log sources of the events
 * @param constant what is known of a predicate for every event of the class
 */
export function keptRules(
  network: Network,
  rules: readonly number[],
  constant: (predicate: number) => boolean | undefined,
): KeptRule[] {
  return rules.flatMap((rule): KeptRule[] => {
    const { node: whole, witness } = network.rules[rule]!
    const node = folded(whole, constant)
    if (node === false) return []
    if (node === true) return [{ rule, node: ALWAYS, gates: undefined }]
    const gates = node === whole ? witness : witnessOf(node, network.predicates)?.predicates
    return [{ rule, node, gates }]
  })
}

/** A part of a rule's condition that must hold, and whose predicates could be its gate. */
interface Choice {
  node: ClassNode
  predicates: readonly number[]
  /** Events on which it held, of those it was weighed on. */
  held: number
}

/** A class of events: those of the same log sources, and perhaps of the same channel and code. It knows the rules it can meet. */
export class EventClass {
  readonly #network: Network
  readonly #caches: CacheShelf
  /** Rules it can meet, by their position in the network, with what is constant in this class worked out. */
  readonly #kept: KeptRule[]
  readonly #prefixes = new Set<string>()
  #plans = new Map<string, FieldPlan>()
  #texts = 0
  #weighing: Map<number, readonly Choice[]> | undefined
  /** Predicates that are no gates, but are asked so often that the indexes look for them too. */
  readonly #asked = new Set<number>()
  #settled = new Set<number>()
  #weighAt = WEIGHED_AFTER
  #compiledAt = 0
  /** By place; made when first touched: of the many rules of a class few ever are. */
  #rules: (ClassRule | undefined)[] = []
  /** Places in `rules` of those that no gate guards. */
  always: readonly number[] = []
  /** Gates of keywords, which are searched in the whole event. */
  keywords: FieldIndex | undefined
  /** Fields with gates whose name has dots, so that they may be found inside objects. */
  deep: readonly FieldPlan[] = []
  /** Before the first field of an event. */
  start!: FieldPlan
  /** Events there were. */
  events = 0
  /** Per rule, how often its condition was run since its gate was chosen. */
  runs!: Int32Array

  constructor(network: Network, kept: readonly KeptRule[], caches: CacheShelf) {
    this.#network = network
    this.#caches = caches
    this.#kept = kept.map((own) => ({ ...own }))
    for (const { node } of kept) this.#addPrefixes(node)
    this.#compile()
  }

  #addPrefixes(node: Node): void {
    if (node.op === 'not') this.#addPrefixes(node.of)
    else if (node.op === 'test') {
      const { slot, other } = this.#network.predicates[node.predicate]!
      for (const name of [...slot.names, ...(other?.names ?? [])]) {
        for (const prefix of prefixesOf(name)) this.#prefixes.add(prefix)
      }
    } else if (node.op !== 'never') for (const part of node.of) this.#addPrefixes(part)
  }

  /** Builds the indexes of all gates. */
  #compile(): void {
    const builders = new Map<string, FieldIndexBuilder>()
    const always: number[] = []
    this.#settled = new Set()
    const file = (predicate: number, touches: readonly number[]): void => {
      const { slot, test } = this.#network.predicates[predicate]!
      for (const name of slot.names.length === 0 ? [KEYWORDS] : slot.names) {
        let builder = builders.get(name)
        if (builder === undefined) builders.set(name, (builder = new FieldIndexBuilder()))
        for (const gate of gatesOf(test)) builder.add(gate, predicate, touches)
      }
      if (isFound(test) && slot.names.length > 0) this.#settled.add(predicate)
    }
    this.#kept.forEach(({ gates }, place) => {
      if (gates === undefined) always.push(place)
      for (const predicate of gates ?? []) file(predicate, [place])
    })
    for (const predicate of this.#asked) file(predicate, [])
    this.keywords = builders.get(KEYWORDS)?.build()
    this.always = [...new Set([...always, ...(this.keywords?.present?.touches ?? [])])]
    builders.delete(KEYWORDS)
    for (const { cache } of this.#plans.values()) if (cache !== undefined) this.#caches.remove(cache)
    this.#plans = new Map([...builders].map(([name, builder]) => [name, this.#plan(name, builder.build())]))
    this.deep = [...this.#plans.values()].filter(({ name }) => name.includes('.'))
    this.start = this.#plan('', undefined)
    this.#rules = Array.from({ length: this.#kept.length })
    this.runs = new Int32Array(this.#kept.length)
    this.#compiledAt = this.events
  }

  ruleAt(place: number): ClassRule {
    let known = this.#rules[place]
    if (known === undefined) {
      const { rule, node } = this.#kept[place]!
      const own = this.#planned(node)
      this.#rules[place] = known = { rule, node: own, guards: guardsOf(own) }
    }
    return known
  }

  /**
   * Called when an event has been matched. Which gate is rare is a guess until events have come: rules that are run too often are
   * given, on a stretch of events, the part of their condition that held least.
   * @param holds whether a part of a condition holds for the event in hand
   */
  weigh(holds: (node: ClassNode) => boolean): void {
    if (this.events < this.#weighAt) return
    this.#weighing ??= this.#busy()
    for (const choices of this.#weighing.values()) {
      for (const choice of choices) if (holds(choice.node)) choice.held++
    }
    if (this.events < this.#weighAt + WEIGHING_EVENTS) return
    let changed = false
    for (const [place, choices] of this.#weighing) {
      const kept = this.#kept[place]!
      const ran = (this.runs[place]! * WEIGHING_EVENTS) / (this.events - this.#compiledAt)
      const [best] = choices.toSorted((a, b) => a.held - b.held)
      if (best !== undefined && best.held * 2 <= ran) {
        kept.gates = best.predicates
        changed = true
      } else if (this.#ask(kept.node)) changed = true
    }
    this.#weighing = undefined
    this.#weighAt *= WEIGHED_AGAIN
    if (changed) this.#compile()
  }

  /** Has the indexes look for all that a condition asks about texts; whether that is anything new. */
  #ask(node: Node): boolean {
    if (node.op === 'never') return false
    if (node.op === 'not') return this.#ask(node.of)
    if (node.op !== 'test') return node.of.map((part) => this.#ask(part)).includes(true)
    const { slot, test } = this.#network.predicates[node.predicate]!
    if (!isFound(test) || slot.names.length === 0 || this.#settled.has(node.predicate)) return false
    this.#asked.add(node.predicate)
    return true
  }

  /** Rules that are run often, with what else could be their gate. */
  #busy(): Map<number, readonly Choice[]> {
    const often = (this.events - this.#compiledAt) * BUSY_SHARE
    return new Map(
      this.#kept.flatMap(({ node, gates }, place) => {
        if (this.runs[place]! < often) return []
        return [[place, gates === undefined ? [] : this.#choices(node)]]
      }),
    )
  }

  #choices(node: Node): Choice[] {
    const bySlot = new Map<Slot, Node[]>()
    for (const part of node.op === 'and' ? node.of : [node]) {
      const slot = slotOf(part, this.#network)
      if (slot !== undefined) bySlot.set(slot, [...(bySlot.get(slot) ?? []), part])
    }
    return [...bySlot].flatMap(([slot, of]) => {
      const part: Node = of.length === 1 ? of[0]! : { op: 'and', of }
      const predicates = witnessOf(part, this.#network.predicates)?.predicates
      if (predicates === undefined) return []
      const literal = predicates.every((id) =>
        gatesOf(this.#network.predicates[id]!.test).every(({ at }) => at !== 'present'),
      )
      // Without a literal the part is worked out once per value: that pays where values come again.
      const comesAgain = slot.names.length === 1 && this.#plans.get(slot.names[0]!)?.cache?.pays === true
      return literal || comesAgain ? [{ node: this.#planned(part), predicates, held: 0 }] : []
    })
  }

  #plan(name: string, index: FieldIndex | undefined): FieldPlan {
    const searched = this.keywords !== undefined && isSearched(name)
    const leads = this.#prefixes.has(name)
    const cache = index !== undefined ? this.#caches.add() : undefined
    const idle = index === undefined && !searched && !leads
    return { name, index, cache, searched, leads, idle, next: undefined, stamp: 0, known: undefined, absent: true }
  }

  #planned(node: Node): ClassNode {
    switch (node.op) {
      case 'never':
        return { op: 'or', of: [] }
      case 'not':
        return { op: 'not', of: this.#planned(node.of) }
      case 'and':
      case 'or':
        return this.#grouped(
          node.op,
          node.of.map((part) => this.#planned(part)),
        )
      case 'test': {
        const { test, slot, other } = this.#network.predicates[node.predicate]!
        const plans = test.about === 'value' ? slot.names.map((name) => this.#cachedPlan(name)) : []
        const settled = this.#settled.has(node.predicate)
        return { op: 'test', predicate: node.predicate, test, slot, other, plans, settled }
      }
    }
  }

  #cachedPlan(name: string): FieldPlan {
    let plan = this.#plans.get(name)
    if (plan === undefined) this.#plans.set(name, (plan = this.#plan(name, undefined)))
    plan.cache ??= this.#caches.add()
    return plan
  }

  /** Puts parts about one slot together, and those first: what is known of a text decides at no cost. */
  #grouped(op: 'and' | 'or', parts: readonly ClassNode[]): ClassNode {
    const groups = new Map<Slot, Asking[]>()
    const others: ClassNode[] = []
    for (const part of parts) {
      const asking = askingOf(part)
      if (asking === undefined) others.push(part)
      else groups.set(asking.slot, [...(groups.get(asking.slot) ?? []), { ...asking, node: part }])
    }
    const of = [...groups.values()].map((group): ClassNode => {
      if (group.length === 1) return group[0]!.node
      const { slot, plans } = group[0]!
      const inner = group.map(({ node }) => (node.op === 'text' ? node.of : node))
      return { op: 'text', id: --this.#texts, slot, plans, of: { op, of: inner } }
    })
    of.push(...others)
    return of.length === 1 ? of[0]! : { op, of }
  }

  /** The plan of the field that stands behind another in an event. */
  follow(before: FieldPlan, name: string): FieldPlan {
    let plan = this.#plans.get(name)
    if (plan === undefined) {
      plan = this.#plan(name, undefined)
      if (this.#plans.size < NAMES_MAX) this.#plans.set(name, plan)
    }
    before.next = plan
    return plan
  }
}

/** Whether its gates alone decide a test: it holds where one of them does, and nowhere else. */
function isFound(test: Test): boolean {
  return test.about === 'value' && test.gates.every(({ at, proves }) => proves && at !== 'present')
}

/** The parts of a condition that must hold of the text of one field of one name, by the field. */
function guardsOf(node: ClassNode): ReadonlyMap<FieldPlan, ClassNode> {
  return new Map(
    (node.op === 'and' ? node.of : [node]).flatMap((part) => {
      const plans = askingOf(part)?.plans
      return plans?.length === 1 ? [[plans[0]!, part]] : []
    }),
  )
}

interface Asking {
  slot: Slot
  plans: readonly FieldPlan[]
  node: ClassNode
}

/** Where a part of a condition asks about the values of one slot alone. */
function askingOf(node: ClassNode): Asking | undefined {
  switch (node.op) {
    case 'text':
    case 'test':
      return node.plans.length === 0 ? undefined : { slot: node.slot, plans: node.plans, node }
    case 'not':
      return askingOf(node.of)
    case 'and':
    case 'or':
      return undefined
  }
}

/** The slot that a part of a condition is about, where it tests the values of one slot only. */
function slotOf(node: Node, network: Network): Slot | undefined {
  switch (node.op) {
    case 'test': {
      const { test, slot } = network.predicates[node.predicate]!
      return test.about === 'value' && slot.names.length > 0 ? slot : undefined
    }
    case 'not':
      return slotOf(node.of, network)
    case 'and':
    case 'or': {
      const slot = node.of.length === 0 ? undefined : slotOf(node.of[0]!, network)
      return slot !== undefined && node.of.every((part) => slotOf(part, network) === slot) ? slot : undefined
    }
    case 'never':
      return undefined
  }
}

/** No field has this name: events' names are never empty where keywords are filed. */
const KEYWORDS = '\0keywords'
const ALWAYS: Node = { op: 'and', of: [] }

/** The condition with what is constant worked out; the same object where nothing is. */
function folded(node: Node, constant: (predicate: number) => boolean | undefined): Node | boolean {
  switch (node.op) {
    case 'never':
      return false
    case 'test':
      return constant(node.predicate) ?? node
    case 'not': {
      const of = folded(node.of, constant)
      return typeof of === 'boolean' ? !of : of === node.of ? node : { op: 'not', of }
    }
    case 'and':
    case 'or': {
      const decides = node.op === 'or'
      const parts = node.of.map((part) => folded(part, constant))
      if (parts.includes(decides)) return decides
      const of = parts.filter((part) => typeof part !== 'boolean')
      if (of.length === 0) return !decides
      if (of.length === 1) return of[0]!
      return of.length === node.of.length && of.every((part, i) => part === node.of[i]) ? node : { op: node.op, of }
    }
  }
}
