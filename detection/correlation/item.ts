import type { Contribution } from './contribution.ts'
import type { Measured } from './metric.ts'

/** A match of a correlation, as those that refer to it see it. */
export interface Given {
  of: Contribution
  /** Whether an episode begins with it: types that count take no other. */
  opens: boolean
}

/** What only some groups keep of a contribution. */
interface Further {
  /** What correlations of this one ask of its matches. */
  carry: Record<string, string> | undefined
  /** What they have been given for it. */
  given: Given | undefined
  before: readonly number[] | undefined
}

/** Rough cost of a contribution, without what it shows. */
const ITEM_BYTES = 150

/** A contribution in a group. Groups hold many: it has no more members than nearly all need. */
export class Item implements Measured {
  of: Contribution
  readonly part: number
  readonly value: Measured['value']
  /** How far back the window reaches that ends here, if it satisfies the condition, else -1. */
  #reach = -1
  #further: Further | undefined

  constructor(of: Contribution, part: number, value: Measured['value'], carry?: Record<string, string>) {
    this.of = of
    this.part = part
    this.value = value
    if (carry !== undefined) this.#more.carry = carry
  }

  get at(): number {
    return this.of.at
  }

  /** Where the window that ends here begins, if it satisfies the condition: event time of its first contribution. */
  get firedFrom(): number | undefined {
    return this.#reach < 0 ? undefined : this.of.at - this.#reach
  }

  set firedFrom(from: number | undefined) {
    this.#reach = from === undefined ? -1 : this.of.at - from
  }

  get carry(): Record<string, string> | undefined {
    return this.#further?.carry
  }

  get given(): Given | undefined {
    return this.#further?.given
  }

  set given(given: Given | undefined) {
    if (given !== undefined || this.#further !== undefined) this.#more.given = given
  }

  /** What the window of a sequence was before it; its own. */
  get before(): readonly number[] | undefined {
    return this.#further?.before
  }

  set before(before: readonly number[] | undefined) {
    this.#more.before = before
  }

  /** Estimate of the memory it takes. */
  get bytes(): number {
    return ITEM_BYTES + this.of.bytes
  }

  get #more(): Further {
    return (this.#further ??= { carry: undefined, given: undefined, before: undefined })
  }
}
