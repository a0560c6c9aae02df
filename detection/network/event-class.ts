import type { Network, Node } from './compile.ts'
import type { Hit } from './field-index.ts'
import type { Field } from './field.ts'
import type { Gating } from './gating.ts'
import type { Keywords } from './keywords.ts'
import type { Name, Step } from './shape.ts'
import { Weighing } from './weighing.ts'

/** What is done with a field of an event, as bits: nothing, its gates looked for, keywords searched in it. */
export const PROBED = 1
export const SEARCHED = 2
/** Nobody has asked yet. */
const UNKNOWN = 255
/** A rule of which the constants decide nothing, before it is first met. */
const MEMBER = -1

/** The rules that events of certain log sources can meet. */
export interface Family {
  /** Their positions in the network. */
  rules: readonly number[]
  /** What keywords of these rules are looked for; undefined where there are none. */
  keywords: Keywords | undefined
}

/** What is the same in all events of a class: predicates of which the truth is known, and the fields it is known by. */
export interface Constants {
  truthOf: (predicate: number) => boolean | undefined
  fields: ReadonlySet<string>
  /** Keywords that stand in those fields. */
  keywords: () => readonly Hit[]
}

const NAMES = 64
/** Units of the texts without keywords that are remembered. */
const PLAIN_MAX = 256

/**
 * A class of events: those of the same log sources, and perhaps of the same channel and code. It knows the rules it can meet; the
 * gates and what is known about texts it shares with all others, so that it is made at once.
 */
export class EventClass {
  readonly #network: Network
  readonly #gating: Gating
  readonly #constants: Constants | undefined
  readonly keywords: Keywords | undefined
  /** Of each rule of the network: where in the program what the constants leave of it is; `MEMBER`: the whole; 0: events of the class cannot match it. */
  readonly #places: Int32Array
  /** Rules that are run on every event: no gate guards them, or a constant holds theirs. */
  #always: number[] = []
  /** Those of them that stay so whatever their gates. */
  readonly #certain = new Set<number>()
  /** Keywords that stand in every event of the class; undefined: not looked for yet. */
  #constantKeywords: readonly Hit[] | undefined
  readonly #probed = new Set<Field>()
  /** By the place of a name. */
  #actions = new Uint8Array(NAMES).fill(UNKNOWN)
  /** By the place of a name, the text without keywords that it had last: most have the same in one event after another. */
  #plain: string[] = Array.from({ length: NAMES }, () => '')
  /** Fields there were in events that are one with others for some rule. */
  readonly #met = new Set<Field>()
  /** Names what is known about texts for this class. Another one is taken where that would no longer be right. */
  token: number
  readonly weighing: Weighing

  /** @param constants undefined where nothing is the same */
  constructor(network: Network, gating: Gating, { rules, keywords }: Family, constants: Constants | undefined) {
    this.#network = network
    this.#gating = gating
    this.#constants = constants
    this.keywords = keywords
    this.#places = new Int32Array(network.rules.length)
    this.weighing = new Weighing(network, gating)
    this.token = gating.newToken()
    for (const rule of rules) {
      const { node: whole } = network.rules[rule]!
      const node = constants === undefined ? whole : folded(whole, constants.truthOf)
      if (node === false) continue
      this.#places[rule] = node === whole ? MEMBER : gating.program.rule(node === true ? ALWAYS : node)
      if (node === true) this.#certain.add(rule)
      this.admit(rule)
    }
    for (const rule of keywords?.index.present?.touches ?? []) {
      this.#certain.add(rule)
      this.admit(rule)
    }
  }

  has(rule: number): boolean {
    return this.#places[rule] !== 0
  }

  get always(): readonly number[] {
    return this.#always
  }

  /** Fields that are probed and whose name has dots, so that they may be found inside objects. */
  get deep(): readonly Field[] {
    return [...this.#probed].filter(({ name }) => name.includes('.'))
  }

  /** Where in the program a rule is that events of the class can match. */
  placeOf(rule: number): number {
    const place = this.#places[rule]!
    return place === MEMBER ? (this.#places[rule] = this.#gating.placeOf(rule)) : place
  }

  /** Sees to it that the rule is met where its gates hold, whichever they are now. */
  admit(rule: number): void {
    if (!this.has(rule)) return
    const gates = this.#gating.gatesOf(rule)
    let runsAlways = gates === undefined || this.#certain.has(rule)
    for (const predicate of gates ?? []) {
      const truth = this.#constants?.truthOf(predicate)
      if (truth === undefined) {
        for (const name of this.#network.predicates[predicate]!.slot.names) this.#probe(this.#gating.fieldOf(name)!)
      } else if (truth) runsAlways = true
    }
    const others = this.#always.filter((own) => own !== rule)
    this.#always = runsAlways ? [...others, rule] : others
  }

  /** Keywords that stand in fields that are the same in all events: no event is searched for them there. */
  get constantKeywords(): readonly Hit[] {
    return (this.#constantKeywords ??= this.#constants?.keywords() ?? [])
  }

  /** Other keywords are looked for: what is known of texts is no longer so. */
  searchAnew(): void {
    this.#constantKeywords = undefined
    this.token = this.#gating.newToken()
    this.forget()
  }

  #probe(field: Field): void {
    if (this.#probed.has(field)) return
    this.#probed.add(field)
    this.#actions.fill(UNKNOWN)
  }

  /** Whether gates of its rules are looked for in the field. */
  probes(field: Field): boolean {
    return this.#probed.has(field)
  }

  /** What is done with a field of the name, in bits. */
  actionOn({ id, name }: Step): number {
    const known = id < 0 ? UNKNOWN : this.#actions[id]
    return known === undefined || known === UNKNOWN ? this.#decide(name) : known
  }

  /** Whether it is known that no keyword stands in a text that has the name. */
  isPlain({ id }: Step, text: string): boolean {
    return id >= 0 && this.#plain[id] === text
  }

  /** No keyword stands in a text that has the name. */
  notePlain({ id }: Step, text: string): void {
    if (id >= 0 && text.length <= PLAIN_MAX) this.#plain[id] = text
  }

  /** Forgets the texts it has met. */
  forget(): void {
    this.#plain.fill('')
  }

  #decide(own: Name): number {
    const { id, name, field } = own
    if (field?.isOneOfSeveral === true && !this.#met.has(field)) {
      this.#met.add(field)
      this.token = this.#gating.newToken()
    }
    const isConstant = this.#constants?.fields.has(name) === true
    const isSearched = this.keywords !== undefined && own.isSearched && !isConstant
    const action = (field !== undefined && this.#probed.has(field) ? PROBED : 0) | (isSearched ? SEARCHED : 0)
    if (id < 0) return action
    if (id >= this.#actions.length) {
      const more = new Uint8Array(2 * id).fill(UNKNOWN)
      more.set(this.#actions)
      this.#actions = more
      while (this.#plain.length < more.length) this.#plain.push('')
    }
    return (this.#actions[id] = action)
  }

  /** Whether an event of the class had the field; asked only of fields that are one with others for some rule. */
  hasMet(field: Field): boolean {
    return this.#met.has(field)
  }
}

const ALWAYS: Node = { op: 'and', of: [] }

/** The condition with what is constant worked out; the same object where nothing is. */
function folded(node: Node, truthOf: (predicate: number) => boolean | undefined): Node | boolean {
  switch (node.op) {
    case 'never':
      return false
    case 'test':
      return truthOf(node.predicate) ?? node
    case 'not': {
      const of = folded(node.of, truthOf)
      return typeof of === 'boolean' ? !of : of === node.of ? node : { op: 'not', of }
    }
    case 'and':
    case 'or': {
      const decides = node.op === 'or'
      const parts = node.of.map((part) => folded(part, truthOf))
      if (parts.includes(decides)) return decides
      const of = parts.filter((part) => typeof part !== 'boolean')
      if (of.length === 0) return !decides
      if (of.length === 1) return of[0]!
      return of.length === node.of.length && of.every((part, i) => part === node.of[i]) ? node : { op: node.op, of }
    }
  }
}
