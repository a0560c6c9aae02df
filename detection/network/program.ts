import { askedSlot, type Network, type Node, type Slot } from './compile.ts'

/** What an instruction is, its first word; and what follows it. */
export const TEST = 0 // predicate, its field or `MANY`
export const NOT = 1 // place
export const ALL = 2 // how many, places
export const SOME = 3 // how many, places
/** Parts about the values of one slot alone: worked out once per text. */
export const TEXT = 4 // slot, place

/** In the place of a field: a test of several fields, or of something else than the values of fields. */
export const MANY = -1
/** Words of a guard: a field, its slot, and the place of what must hold. */
export const GUARD = 3

const CAPACITY = 4096

/** Parts of a condition about the values of one slot, or a part that is about more. */
interface Member {
  slot: Slot | undefined
  of: Node[]
}

/**
 * Conditions as numbers in one array: an instruction stands at a place above 0, and its words behind it. As objects a condition of three
 * tests was twenty of them, each in a line of memory of its own that had left the caches of a core when its rule came by again; here it is
 * one line or two.
 *
 * The order of the parts of `ALL` and `SOME` does not matter, and changes: whichever decides moves to the front.
 */
export class Program {
  readonly #network: Network
  readonly #fieldOf: (name: string) => number
  #words = new Int32Array(CAPACITY)
  #end = 1

  /** @param fieldOf the number of a field */
  constructor(network: Network, fieldOf: (name: string) => number) {
    this.#network = network
    this.#fieldOf = fieldOf
  }

  /** Another array, where one was too small for what was added. */
  get words(): Int32Array {
    return this.#words
  }

  /**
   * Adds the condition of a rule, and before it its guards: what of it must hold of the text of one field where no other field of the slot
   * has a value. At its place stands how many guards there are; they follow, and then the condition.
   */
  rule(node: Node): number {
    const members = node.op === 'and' ? this.#membersOf(node.of) : [{ slot: this.#slotOf(node), of: [node] }]
    const guards = members.reduce((sum, { slot }) => sum + (slot?.names.length ?? 0), 0)
    const place = this.#take(1 + GUARD * guards)
    this.#words[place] = guards
    const places = this.#joined(ALL, members)
    let at = place + 1
    members.forEach(({ slot }, i) => {
      for (const name of slot?.names ?? []) {
        this.#words.set([this.#fieldOf(name), slot!.id, places[i]!], at)
        at += GUARD
      }
    })
    return place
  }

  /** Where the condition of a rule is. */
  conditionOf(rule: number): number {
    return rule + 1 + GUARD * this.#words[rule]!
  }

  /** Adds a condition. */
  node(node: Node): number {
    if (node.op !== 'and' && node.op !== 'or') return this.#plain(node)
    const place = this.#end
    this.#joined(node.op === 'and' ? ALL : SOME, this.#membersOf(node.of))
    return place
  }

  /** Puts parts about one slot together, and those first: what is known of a text decides at no cost. */
  #membersOf(parts: readonly Node[]): Member[] {
    const bySlot = new Map<Slot, Member>()
    const others: Member[] = []
    for (const part of parts) {
      const slot = this.#slotOf(part)
      const member = slot && bySlot.get(slot)
      if (slot === undefined) others.push({ slot, of: [part] })
      else if (member === undefined) bySlot.set(slot, { slot, of: [part] })
      else member.of.push(part)
    }
    return [...bySlot.values(), ...others]
  }

  /** All or some of the members, one of them as it is; returns where each is. */
  #joined(op: typeof ALL | typeof SOME, members: readonly Member[]): number[] {
    const add = ({ slot, of }: Member): number => (of.length === 1 ? this.node(of[0]!) : this.#text(op, slot!, of))
    if (members.length === 1) return [add(members[0]!)]
    return this.#list(op, members, add)
  }

  #list<T>(op: typeof ALL | typeof SOME, parts: readonly T[], add: (part: T) => number): number[] {
    const at = this.#take(2 + parts.length)
    this.#words.set([op, parts.length], at)
    return parts.map((part, i) => {
      const place = add(part)
      return (this.#words[at + 2 + i] = place)
    })
  }

  #text(op: typeof ALL | typeof SOME, slot: Slot, parts: readonly Node[]): number {
    const at = this.#take(3)
    this.#words.set([TEXT, slot.id, this.#end], at)
    this.#list(op, parts, this.#plain)
    return at
  }

  /** Adds a condition as it is written. */
  readonly #plain = (node: Node): number => {
    const at = this.#end
    switch (node.op) {
      case 'never':
        this.#list(SOME, [], this.#plain)
        break
      case 'test': {
        const { test, slot } = this.#network.predicates[node.predicate]!
        const isOfOne = test.about === 'value' && slot.names.length === 1
        this.#take(3)
        this.#words.set([TEST, node.predicate, isOfOne ? this.#fieldOf(slot.names[0]!) : MANY], at)
        break
      }
      case 'not':
        this.#take(2)
        this.#words.set([NOT, this.#end], at)
        this.node(node.of)
        break
      default:
        this.#list(node.op === 'and' ? ALL : SOME, node.of, this.#plain)
    }
    return at
  }

  #slotOf(node: Node): Slot | undefined {
    return askedSlot(node, this.#network.predicates)
  }

  /** Where so many more words are to stand. */
  #take(words: number): number {
    const at = this.#end
    this.#end += words
    if (this.#end > this.#words.length) {
      const more = new Int32Array(2 * Math.max(this.#end, this.#words.length))
      more.set(this.#words)
      this.#words = more
    }
    return at
  }
}
