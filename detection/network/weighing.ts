import { askedSlot, gatesOf, witnessOf, type Network, type Node, type Slot } from './compile.ts'
import type { Gating } from './gating.ts'
import type { Program } from './program.ts'

/** The first weighing of gates begins after so many events of a class, and each further one after so many times more. */
const AFTER = 64
const AGAIN = 8
/** Events over which gates are weighed, and the share of them on which a rule is run that makes it worth weighing. */
const EVENTS = 32
const BUSY_SHARE = 1 / 100

/** A part of a rule's condition that must hold, and whose predicates could be its gate. */
export interface Part {
  /** Its place in the program. */
  place: number
  slot: Slot
  predicates: readonly number[]
  /** Whether each of them asks for a literal. */
  isLiteral: boolean
}

interface Choice {
  part: Part
  /** Events on which it held, of those it was weighed on. */
  held: number
}

/**
 * Which gate is rare is a guess until events have come: rules that are run too often on the events of a class are given, on a
 * stretch of them, the part of their condition that held least; where there is none, the indexes look for all that they ask.
 */
export class Weighing {
  readonly #gating: Gating
  #from = AFTER
  #countedFrom = 0
  #choices: Map<number, readonly Choice[]> | undefined
  /** Events of the class there were. */
  events = 0
  /** Per rule, how often its condition was run on them since gates were last weighed. */
  readonly runs: Int32Array

  constructor(network: Network, gating: Gating) {
    this.#gating = gating
    this.runs = new Int32Array(network.rules.length)
  }

  /** Whether the event just matched is one to weigh gates on. */
  get isDue(): boolean {
    return this.events >= this.#from
  }

  /**
   * Called when an event has been matched.
   * @param holds whether a part of a condition holds for the event in hand
   * @returns rules whose gates are others now
   */
  weigh(holds: (place: number) => boolean): readonly number[] {
    const { events, runs } = this
    this.#choices ??= this.#busy()
    for (const choices of this.#choices.values()) {
      for (const choice of choices) if (holds(choice.part.place)) choice.held++
    }
    if (events < this.#from + EVENTS && this.#choices.size > 0) return []
    const moved: number[] = []
    for (const [rule, choices] of this.#choices) {
      const ran = (runs[rule]! * EVENTS) / (events - this.#countedFrom)
      const best = choices.reduce<Choice | undefined>(
        (least, own) => (least === undefined || own.held < least.held ? own : least),
        undefined,
      )
      if (best !== undefined && best.held * 2 <= ran && this.#gating.move(rule, best.part.predicates)) moved.push(rule)
      else this.#gating.ask(rule)
    }
    this.#choices = undefined
    this.#from *= AGAIN
    this.#countedFrom = events
    runs.fill(0)
    return moved
  }

  /** Rules that are run often, with what else could be their gate. */
  #busy(): Map<number, readonly Choice[]> {
    const often = (this.events - this.#countedFrom) * BUSY_SHARE
    const busy = new Map<number, readonly Choice[]>()
    for (let rule = 0; rule < this.runs.length; rule++) {
      const ran = this.runs[rule]!
      if (ran < often || ran === 0) continue
      const parts = this.#gating.gatesOf(rule) === undefined ? [] : this.#gating.partsOf(rule)
      busy.set(
        rule,
        parts.filter((part) => part.isLiteral || this.#comesAgain(part)).map((part) => ({ part, held: 0 })),
      )
    }
    return busy
  }

  /** Without a literal a part is worked out once per value: that pays where values come again. */
  #comesAgain({ slot: { names } }: Part): boolean {
    return names.length === 1 && this.#gating.fieldOf(names[0]!)?.cache?.pays === true
  }
}

/** The parts of a condition of which each must hold, and is about the values of one slot. */
export function partsOf(node: Node, network: Network, program: Program): Part[] {
  const bySlot = new Map<Slot, Node[]>()
  for (const part of node.op === 'and' ? node.of : [node]) {
    const slot = askedSlot(part, network.predicates)
    if (slot !== undefined) bySlot.set(slot, [...(bySlot.get(slot) ?? []), part])
  }
  return [...bySlot].flatMap(([slot, of]) => {
    const part: Node = of.length === 1 ? of[0]! : { op: 'and', of }
    const predicates = witnessOf(part, network.predicates)?.predicates
    if (predicates === undefined) return []
    const isLiteral = predicates.every((id) =>
      gatesOf(network.predicates[id]!.test).every(({ at }) => at !== 'present'),
    )
    return [{ place: program.node(part), slot, predicates, isLiteral }]
  })
}
