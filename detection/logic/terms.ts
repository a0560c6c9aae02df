import type { Condition } from '../sigma/condition.ts'
import type { MappedRule } from '../sigma/pipeline.ts'
import type { Item, Selection } from '../sigma/rule.ts'
import type { Test } from '../test.ts'
import { excludes, implies } from './tests.ts'

/** Part of an item: one of `tests` holds for its field, or (not `positive`) none does. */
export interface Literal {
  /** Selection it stands in. */
  selection: string
  item: Item
  /** What the field is looked up in, as one text; empty for keywords. */
  field: string
  /** Whether a field may have several values at once, so that tests which exclude each other may both hold. */
  several: boolean
  /** The same array for all literals of an item: what is known of two literals is remembered by it. */
  tests: readonly Test[]
  positive: boolean
  /** Where it is written: the item's key, or its value where it has one, or where each is a literal of its own. */
  at: number | undefined
}

/** Literals that must all hold. */
export type Term = readonly Literal[]

type Formula = { op: 'literal'; literal: Literal } | { op: 'and' | 'or'; of: Formula[] }

/** More than so many ways for a rule to hold are not looked at. */
const TERMS_MAX = 400

/** Whether a field of events holds several values at once; a wrong `false` makes conflicts appear that are none. */
type Several = (field: string) => boolean

/** Fields of ECS that are lists by definition, and sources whose JSON may hold lists anywhere. */
const LISTS =
  /^(?:tags$|labels\.|related\.|event\.(?:category|type)$|process\.(?:.+\.)?args$|host\.(?:ip|mac)$|dns\.(?:answers|header_flags|resolved_ip)|winlog\.keywords$|kubernetes\.|app\.|user\.roles$|email\.|threat\.|zeek\.|suricata\.)/

export const severalOf: Several = (field) => LISTS.test(field)

/** The literals of a selection's alternatives, or undefined where they are too many to look at. */
export function termsOfSelection(
  name: string,
  selection: Selection,
  mapped: MappedRule,
  several: Several,
): Term[] | undefined {
  return expand(selectionFormula(name, selection, mapped, several, true))
}

/** The ways in which `condition` can hold, or undefined where they are too many to look at. */
export function termsOf(
  condition: Condition,
  selections: ReadonlyMap<string, Selection>,
  mapped: MappedRule,
  several: Several,
): Term[] | undefined {
  const formula = (node: Condition, positive: boolean): Formula => {
    if (node.op === 'not') return formula(node.of, !positive)
    if (node.op === 'selection') {
      return selectionFormula(node.name, selections.get(node.name)!, mapped, several, positive)
    }
    return { op: (node.op === 'and') === positive ? 'and' : 'or', of: node.of.map((part) => formula(part, positive)) }
  }
  return expand(formula(condition, true))
}

function selectionFormula(
  name: string,
  selection: Selection,
  mapped: MappedRule,
  several: Several,
  positive: boolean,
): Formula {
  return {
    op: positive ? 'or' : 'and',
    of: selection.map((items) => ({
      op: positive ? 'and' : 'or',
      of: items.map((item) => itemFormula(name, item, mapped, several, positive !== item.negated)),
    })),
  }
}

function itemFormula(selection: string, item: Item, mapped: MappedRule, several: Several, positive: boolean): Formula {
  const names = item.field === '' ? [] : mapped.eventFields(item.field)
  const common = {
    selection,
    item,
    field: names.join(' '),
    several: names.length === 0 || names.some(several),
  }
  const literal = (tests: readonly Test[], at: number | undefined): Formula => ({
    op: 'literal',
    literal: presence({ ...common, tests, positive, at }),
  })
  if (!item.all) return literal(testsOf(item), item.values.length === 1 ? item.values[0]!.at : item.at)
  return {
    op: positive ? 'and' : 'or',
    of: item.values.map(({ alternatives, at }) => literal(alternatives, at)),
  }
}

const testsOfItem = new WeakMap<Item, readonly Test[]>()

function testsOf(item: Item): readonly Test[] {
  if (item.values.length === 1) return item.values[0]!.alternatives
  let tests = testsOfItem.get(item)
  if (tests === undefined) {
    tests = item.values.flatMap(({ alternatives }) => alternatives)
    testsOfItem.set(item, tests)
  }
  return tests
}

/** «Does not exist» and «is missing» are one literal. */
function presence(literal: Literal): Literal {
  const [only, ...more] = literal.tests
  if (literal.positive || only?.about !== 'presence' || only.is === 'null' || more.length > 0) return literal
  const is = only.is === 'exists' ? 'missing' : 'exists'
  return { ...literal, positive: true, tests: [{ about: 'presence', key: is, is }] }
}

function expand(formula: Formula): Term[] | undefined {
  if (formula.op === 'literal') return [[formula.literal]]
  let terms: Term[] = formula.op === 'or' ? [] : [[]] // one way to hold: nothing is asked for
  for (const part of formula.of) {
    const own = expand(part)
    if (own === undefined) return undefined
    if (formula.op === 'or') terms.push(...own)
    else if (terms.length * own.length > TERMS_MAX) return undefined
    else terms = terms.flatMap((head) => own.map((tail) => [...head, ...tail]))
    if (terms.length > TERMS_MAX) return undefined
  }
  return terms
}

/** Two literals of one field that cannot both hold, the later of them second; undefined where none is seen. */
export function conflictOf(term: Term): readonly [Literal, Literal] | undefined {
  for (const [i, b] of term.entries()) {
    for (let j = 0; j < i; j++) if (conflict(term[j]!, b)) return [term[j]!, b]
  }
  return undefined
}

type Known = WeakMap<Literal['tests'], WeakMap<Literal['tests'], boolean>>
/** Of two literals that hold, and of one that holds and one that does not, by their tests. */
const known: Record<'bothHold' | 'secondDenied', Known> = { bothHold: new WeakMap(), secondDenied: new WeakMap() }
/** Fewer pairs of tests are sooner compared than remembered. */
const PAIRS_REMEMBERED = 8

/** Whether two literals can never hold together. */
export function conflict(a: Literal, b: Literal): boolean {
  if (a.field !== b.field || (!a.positive && !b.positive)) return false
  if (!a.positive) return conflict(b, a)
  if (a.tests.length === 0) return false // an empty table of placeholders: said elsewhere
  if (b.positive && b.tests.length === 0) return false
  if (b.positive && a.several) return onlyPresence(a, b)
  const [first, second] = [a.tests, b.tests]
  const compared = b.positive
    ? (): boolean => first.every((x) => second.every((y) => excludes(x, y)))
    : (): boolean => first.every((x) => second.some((y) => implies(x, y)))
  if (first.length * second.length < PAIRS_REMEMBERED) return compared()
  const rows = known[b.positive ? 'bothHold' : 'secondDenied']
  const row = rows.get(first) ?? new WeakMap<Literal['tests'], boolean>()
  rows.set(first, row)
  const truth = row.get(second) ?? compared()
  row.set(second, truth)
  return truth
}

/** Of several values each may satisfy another test; but a field that is not there satisfies none. */
function onlyPresence(a: Literal, b: Literal): boolean {
  const absent = ({ tests }: Literal): boolean =>
    tests.every((test) => test.about === 'presence' && test.is !== 'exists')
  return (absent(a) || absent(b)) && a.tests.every((x) => b.tests.every((y) => excludes(x, y)))
}
