import type { Entity, Proof } from '../model/alert.ts'
import type { EcsEvent } from '../model/event.ts'
import { keywordSubjects, rawValues, scalarsOf } from './network/event-values.ts'
import { testHolds } from './holds.ts'
import type { Condition } from './sigma/condition.ts'
import type { MappedRule } from './sigma/pipeline.ts'
import type { Item, ItemValue } from './sigma/rule.ts'
import { Subject } from './sigma/scalar.ts'
import { MatchedPart, RawLine } from './span.ts'
import type { FieldTest } from './test.ts'

const MATCHED_MAX = 1000
const PROOFS_MAX = 50
/** What a long text is quoted with before the part that matched. */
const BEFORE_MAX = 100
/** Longer texts hardly come again, and would be held for every rule. */
const KNOWN_MAX = 256

/** An item on the positive side of a rule's condition, with what is the same in every proof of it. */
interface Quoted {
  selection: string
  item: Item
  /** Fields of the event; none: keywords. */
  names: readonly string[]
  /** The only field that decides about the item, where there is one and nothing but its text counts. */
  only: string | undefined
  /** What became of the item on the text that it met last: most events of a rule say the same. */
  last: Outcome | undefined
}

/** What becomes of an item on one text. */
interface Outcome {
  text: string
  holds: boolean
  proven: Proven[]
}

/** A proof but for its place in the line, and its latest form. */
interface Proven {
  part: MatchedPart | undefined
  proof: Proof
}

/** Where a test holds: the event's field, its text, and the part of it that matched. */
interface Held {
  eventField: string
  text: string
  at?: readonly [number, number] | undefined
}

/** A value of an event, and the field that has it. */
interface Candidate {
  eventField: string
  subject: Subject
}

/** What is known of a rule's proofs. */
interface Quotes {
  /** Lists of items that must hold together, of the selections on the positive side of its condition, in order. */
  lists: readonly (readonly Quoted[])[]
  /** Of the event before. Most events of a rule are alike: those with the same proofs share them. */
  last: Proof[]
}

const quotesOf = new WeakMap<MappedRule, Quotes>()

/** The proofs of one event: those of the event before as long as they are the same, so that a list is made only of others. */
class Collected {
  readonly #before: Proof[]
  /** Undefined as long as the first `#count` of those before are all there is. */
  #own: Proof[] | undefined
  #count = 0

  constructor(before: Proof[]) {
    this.#before = before
  }

  get count(): number {
    return this.#count
  }

  add(proof: Proof): void {
    const before = this.#count < this.#before.length ? this.#before[this.#count] : undefined
    if (this.#own === undefined && before !== undefined && isSame(proof, before)) this.#count++
    else {
      this.#own ??= this.#before.slice(0, this.#count)
      this.#count = this.#own.push(proof)
    }
  }

  /** Takes back all but the first `count`. */
  cut(count: number): void {
    this.#count = count
    if (this.#own !== undefined) this.#own.length = count
  }

  list(): Proof[] {
    if (this.#own === undefined && this.#count === this.#before.length) return this.#before
    // Kept with the alert: a list that grew has room for more than it holds.
    return (this.#own ?? this.#before).slice(0, Math.min(this.#count, PROOFS_MAX))
  }
}

/**
 * The predicates that make a rule match an event: those that hold in the selections that hold on the positive side of its
 * condition, at most 50. What a negated selection lacks is not part of it. Every test is run once, and all look at the
 * same texts. The list may be another event's as well: it is not to be changed.
 */
export function proofOf(mapped: MappedRule, event: EcsEvent): Proof[] {
  let quotes = quotesOf.get(mapped)
  if (quotes === undefined) quotesOf.set(mapped, (quotes = { lists: quoted(mapped), last: [] }))
  const proofs = new Collected(quotes.last)
  const original: unknown = event['event.original']
  const line = new RawLine(typeof original === 'string' ? original : '')
  for (const items of quotes.lists) {
    const before = proofs.count
    for (const own of items) {
      if (addProofs(proofs, own, mapped, event, line)) continue
      proofs.cut(before)
      break
    }
    if (proofs.count >= PROOFS_MAX) break
  }
  return (quotes.last = proofs.list())
}

/** Whether two proofs of one rule say the same. */
function isSame(a: Proof, b: Proof): boolean {
  return (
    a === b ||
    (a.matched === b.matched &&
      isSameSpan(a.span, b.span) &&
      a.value === b.value &&
      a.eventField === b.eventField &&
      a.field === b.field &&
      a.selection === b.selection &&
      a.modifiers === b.modifiers)
  )
}

function isSameSpan(a: Proof['span'], b: Proof['span']): boolean {
  return a?.[0] === b?.[0] && a?.[1] === b?.[1]
}

function quoted(mapped: MappedRule): Quoted[][] {
  const selections = new Set<string>()
  const walk = (condition: Condition): void => {
    if (condition.op === 'selection') selections.add(condition.name)
    else if (condition.op !== 'not') condition.of.forEach(walk)
  }
  walk(mapped.condition)
  return [...selections].flatMap((selection) =>
    mapped.selections.get(selection)!.map((items) =>
      items.map((item) => {
        const names = item.field === '' ? [] : mapped.eventFields(item.field)
        const isAlone = names.length === 1 && item.values.every(isAboutText)
        return { selection, item, names, only: isAlone ? names[0] : undefined, last: undefined }
      }),
    ),
  )
}

function isAboutText({ alternatives }: ItemValue): boolean {
  return alternatives.every(({ about }) => about === 'value')
}

/** Whether an item holds; adds a proof for each of its values that does, unless it is negated. */
function addProofs(proofs: Collected, own: Quoted, mapped: MappedRule, event: EcsEvent, line: RawLine): boolean {
  const text = own.only === undefined ? undefined : event[own.only]
  if (typeof text !== 'string' || text.length > KNOWN_MAX) {
    const { holds, proven } = outcomeOf(own, mapped, event)
    for (const each of proven) proofs.add(placed(each, line))
    return holds
  }
  let { last } = own
  if (last?.text !== text) last = own.last = { text, ...outcomeOf(own, mapped, event) }
  for (let i = 0; i < last.proven.length; i++) proofs.add(placed(last.proven[i]!, line))
  return last.holds
}

function outcomeOf(own: Quoted, mapped: MappedRule, event: EcsEvent): Omit<Outcome, 'text'> {
  const { item } = own
  const candidates = candidatesOf(own, event)
  const proven: Proven[] = []
  let holds = item.all
  for (const value of item.values) {
    const held = heldOf(value, candidates, own, mapped, event)
    if (held !== undefined && !item.negated) proven.push(provenBy(own, value, held))
    if ((held !== undefined) === item.all) continue
    holds = !item.all
    if (item.all) break
  }
  return { holds: holds !== item.negated, proven }
}

/** What the tests of an item look at. */
function candidatesOf({ item, names }: Quoted, event: EcsEvent): Candidate[] {
  if (item.field === '') return keywordSubjects(event).map((subject) => ({ eventField: '', subject }))
  const only = names.length === 1 ? event[names[0]!] : undefined
  if (typeof only === 'string') return [{ eventField: names[0]!, subject: new Subject(only) }]
  const candidates: Candidate[] = []
  for (const eventField of names) {
    for (const scalar of scalarsOf(event, [eventField])) candidates.push({ eventField, subject: new Subject(scalar) })
  }
  return candidates
}

/** Where the first alternative of a value holds. */
function heldOf(
  { alternatives }: ItemValue,
  candidates: readonly Candidate[],
  { item, names }: Quoted,
  mapped: MappedRule,
  event: EcsEvent,
): Held | undefined {
  for (const test of alternatives) {
    if (test.about === 'presence') {
      if (!testHolds(test, item.field, mapped, event)) continue
      return { eventField: names.find((name) => rawValues(event, name).length > 0) ?? names[0] ?? item.field, text: '' }
    }
    const others = test.about === 'fields' ? othersOf(test, mapped, event) : undefined
    for (const { eventField, subject } of candidates) {
      const { text } = subject
      if (test.about === 'value') {
        if (test.holds(subject)) return { eventField, text, at: test.find(text) }
      } else if (others!.some((other) => test.holds(subject, other))) return { eventField, text, at: [0, text.length] }
    }
  }
  return undefined
}

function othersOf({ other }: FieldTest, mapped: MappedRule, event: EcsEvent): Subject[] {
  return scalarsOf(event, mapped.eventFields(other)).map((scalar) => new Subject(scalar))
}

function provenBy(
  { selection, item: { field, modifiers } }: Quoted,
  { written }: ItemValue,
  { eventField, text, at }: Held,
): Proven {
  const from = at !== undefined && at[1] > MATCHED_MAX ? Math.max(0, at[0] - BEFORE_MAX) : 0
  const matched = text.length > MATCHED_MAX ? text.slice(from, from + MATCHED_MAX) : text
  return {
    part: at && new MatchedPart(eventField, text, at),
    proof: { selection, field, eventField, modifiers, value: written, matched },
  }
}

/** The proof with its place in a line. */
function placed(proven: Proven, line: RawLine): Proof {
  const span = proven.part && line.spanOf(proven.part)
  if (!isSameSpan(span, proven.proof.span)) {
    const { span: _, ...proof } = proven.proof
    proven.proof = span === undefined ? proof : { ...proof, span }
  }
  return proven.proof
}

const text = (value: unknown): string | undefined =>
  (typeof value === 'string' && value !== '') || typeof value === 'number' ? String(value) : undefined

const first = (value: unknown): unknown => (Array.isArray(value) ? value[0] : value)

/** What the event is about: its host (as it calls itself, else who sent it), source address and user, in that order. */
export function entitiesOf(event: EcsEvent): Entity[] {
  const host = text(event['host.name']) ?? text(event['host.hostname']) ?? text(event['log.source.address'])
  const ip = text(first(event['source.ip']))
  const user = text(first(event['user.name']))
  const entities: Entity[] = []
  if (host !== undefined) entities.push({ kind: 'host', value: host.toLowerCase() })
  if (ip !== undefined) entities.push({ kind: 'ip', value: ip })
  if (user !== undefined) entities.push({ kind: 'user', value: user })
  return entities
}
