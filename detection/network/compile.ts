import type { Condition } from '../sigma/condition.ts'
import type { MappedRule } from '../sigma/pipeline.ts'
import type { DetectionRule, Item, Selection } from '../sigma/rule.ts'
import type { Gate, Test } from '../test.ts'

/** A field of the event, or several that are one for a rule. No names: keywords, the whole event. */
export interface Slot {
  /** Place among the network's slots. */
  id: number
  names: readonly string[]
}

/** One distinct (field, test): it exists once, whatever the number of rules that use it. */
export interface Predicate {
  slot: Slot
  test: Test
  /** The other field of a `fields` test. */
  other?: Slot
}

/** A condition over predicates. */
export type Node =
  | { op: 'test'; predicate: number }
  | { op: 'not'; of: Node }
  | { op: 'and' | 'or'; of: Node[] }
  | { op: 'never' }

export interface CompiledRule {
  rule: DetectionRule
  mapped: MappedRule
  /** Its own condition, without filters. */
  node: Node
  /** Filters that must hold where the condition does, in the order in which they apply. */
  filters: readonly CompiledFilter[]
  /** Predicates of which one is true whenever the condition holds; undefined where nothing positive must hold. */
  witness: readonly number[] | undefined
}

export interface CompiledFilter {
  /** Id of the filter. */
  filter: string
  node: Node
}

export interface Network {
  rules: readonly CompiledRule[]
  predicates: readonly Predicate[]
  slots: readonly Slot[]
  /** Positions in `rules` of those without a witness: they run on every event of their log source. */
  unwitnessed: readonly number[]
}

/** Compiles rules into one network in which every distinct predicate exists once. */
export function compileNetwork(rules: readonly { rule: DetectionRule; mapped: MappedRule }[]): Network {
  const slots = new Map<string, Slot>()
  const known = new Map<string, number>()
  const predicates: Predicate[] = []

  const slotOf = (names: readonly string[]): Slot => {
    const key = names.join('\0')
    let slot = slots.get(key)
    if (slot === undefined) slots.set(key, (slot = { id: slots.size, names }))
    return slot
  }

  const predicateOf = (test: Test, field: string, mapped: MappedRule): Node => {
    const names = field === '' ? [] : mapped.eventFields(field)
    const others = test.about === 'fields' ? mapped.eventFields(test.other) : undefined
    const key = `${names.join('\0')}\0\0${test.key}${others === undefined ? '' : `\0${others.join('\0')}`}`
    let predicate = known.get(key)
    if (predicate === undefined) {
      predicate = predicates.push({ slot: slotOf(names), test, ...(others && { other: slotOf(others) }) }) - 1
      known.set(key, predicate)
    }
    return { op: 'test', predicate }
  }

  const itemNode = (item: Item, mapped: MappedRule): Node => {
    const values = item.values.map((value) =>
      join(
        'or',
        value.alternatives.map((test) => predicateOf(test, item.field, mapped)),
      ),
    )
    return negate(join(item.all ? 'and' : 'or', values), item.negated)
  }
  const selectionNode = (selection: Selection, mapped: MappedRule): Node =>
    join(
      'or',
      selection.map((items) =>
        join(
          'and',
          items.map((item) => itemNode(item, mapped)),
        ),
      ),
    )
  const conditionNode = (condition: Condition, mapped: MappedRule): Node => {
    if (condition.op === 'selection') return selectionNode(mapped.selections.get(condition.name)!, mapped)
    if (condition.op === 'not') return negate(conditionNode(condition.of, mapped), true)
    return join(
      condition.op,
      condition.of.map((part) => conditionNode(part, mapped)),
    )
  }

  const compiled = rules.map(({ rule, mapped }): CompiledRule => {
    const node = ordered(conditionNode(mapped.own, mapped), predicates)
    const filters = mapped.filters.map(({ filter, condition }) => ({
      filter,
      node: ordered(conditionNode(condition, mapped), predicates),
    }))
    return { rule, mapped, node, filters, witness: witnessOf(node, predicates)?.predicates }
  })
  return {
    rules: compiled,
    predicates,
    slots: [...slots.values()],
    unwitnessed: compiled.flatMap(({ witness }, index) => (witness === undefined ? [index] : [])),
  }
}

function join(op: 'and' | 'or', parts: readonly Node[]): Node {
  const of = parts.flatMap((part) => (part.op === op ? part.of : [part]))
  const kept = op === 'or' ? of.filter((part) => part.op !== 'never') : of
  if (kept.length === 0 || (op === 'and' && kept.some((part) => part.op === 'never'))) return { op: 'never' }
  return kept.length === 1 ? kept[0]! : { op, of: kept }
}

/** Negations stand at the tests (De Morgan), so that each part of a negated list can decide by itself. */
function negate(of: Node, negated: boolean): Node {
  if (!negated) return of
  if (of.op === 'not') return of.of
  if (of.op !== 'and' && of.op !== 'or') return { op: 'not', of }
  return join(
    of.op === 'and' ? 'or' : 'and',
    of.of.map((part) => negate(part, true)),
  )
}

/** Rough cost of running a test, to run cheap ones first. */
function costOf(node: Node, predicates: readonly Predicate[]): number {
  switch (node.op) {
    case 'never':
      return 0
    case 'not':
      return costOf(node.of, predicates)
    case 'and':
    case 'or':
      return node.of.reduce((sum, part) => sum + costOf(part, predicates), 0)
    case 'test': {
      const { test, slot } = predicates[node.predicate]!
      if (test.about !== 'value') return 1
      const base =
        test.regex === undefined ? (test.gates[0]!.at === 'inside' ? 4 : 1) : test.regex.engine === 'v8' ? 20 : 100
      return slot.names.length === 0 ? base * 50 : base
    }
  }
}

/** Cheap parts first, negated ones last: they decide only what the positive part has let through. */
function ordered(node: Node, predicates: readonly Predicate[]): Node {
  if (node.op === 'not') return { op: 'not', of: ordered(node.of, predicates) }
  if (node.op !== 'and' && node.op !== 'or') return node
  const rank = (part: Node): number => costOf(part, predicates) + (part.op === 'not' ? 1e6 : 0)
  return { op: node.op, of: node.of.map((part) => ordered(part, predicates)).sort((a, b) => rank(a) - rank(b)) }
}

export interface Witness {
  /** Share of events for which one of the gates is expected to hold. */
  likelihood: number
  predicates: number[]
}

/** What most paths and call stacks of Windows hold: such a literal is likely, however long it is. */
const COMMONPLACE = /(?:\\(?:windows|system32|syswow64)\\?|(?:ntdll|kernelbase)\.dll\+?|svchost\.exe)$/

/** How often a gate is expected to hold where its field is there; only their order matters. */
function likelihoodOf({ at, text }: Gate): number {
  if (COMMONPLACE.test(text)) return 0.3
  switch (at) {
    case 'whole':
      return Math.max(0.001, 0.08 / (text.length + 1))
    case 'number':
      return 0.05
    case 'start':
    case 'end':
      return Math.max(0.001, 0.2 / 2 ** text.length, 0.02 / text.length)
    case 'inside':
      return Math.max(0.0005, 0.8 / 2 ** text.length, 0.02 / text.length)
    case 'present':
      return 0.9
  }
}

/**
 * The likeliest-to-fail set of predicates of which one must be true when `node` is.
 * @param may whether a predicate can be one of them
 */
export function witnessOf(
  node: Node,
  predicates: readonly Predicate[],
  may: (predicate: Predicate) => boolean = () => true,
): Witness | undefined {
  switch (node.op) {
    case 'not':
      return undefined
    case 'never':
      return { likelihood: 0, predicates: [] }
    case 'test': {
      const { test } = predicates[node.predicate]!
      if ((test.about === 'presence' && test.is !== 'exists') || !may(predicates[node.predicate]!)) return undefined
      return {
        likelihood: gatesOf(test).reduce((sum, gate) => sum + likelihoodOf(gate), 0),
        predicates: [node.predicate],
      }
    }
    case 'and': {
      const parts = node.of.flatMap((part) => witnessOf(part, predicates, may) ?? [])
      return parts.reduce<Witness | undefined>(
        (best, part) => (best === undefined || part.likelihood < best.likelihood ? part : best),
        undefined,
      )
    }
    case 'or': {
      const parts = node.of.map((part) => witnessOf(part, predicates, may))
      if (parts.some((part) => part === undefined)) return undefined
      return {
        likelihood: parts.reduce((sum, part) => sum + part!.likelihood, 0),
        predicates: [...new Set(parts.flatMap((part) => part!.predicates))],
      }
    }
  }
}

/** The slot that a condition is about, where it tests the values of one slot only. */
export function askedSlot(node: Node, predicates: readonly Predicate[]): Slot | undefined {
  switch (node.op) {
    case 'test': {
      const { test, slot } = predicates[node.predicate]!
      return test.about === 'value' && slot.names.length > 0 ? slot : undefined
    }
    case 'not':
      return askedSlot(node.of, predicates)
    case 'and':
    case 'or': {
      const slot = node.of.length === 0 ? undefined : askedSlot(node.of[0]!, predicates)
      return slot !== undefined && node.of.every((part) => askedSlot(part, predicates) === slot) ? slot : undefined
    }
    case 'never':
      return undefined
  }
}

const EXISTS: readonly Gate[] = [{ at: 'present', text: '', proves: false }]

/** Gates of a test that can be a witness. */
export function gatesOf(test: Test): readonly Gate[] {
  return test.about === 'value' ? test.gates : EXISTS
}
