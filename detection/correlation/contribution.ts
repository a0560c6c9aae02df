import { orderOf, type Order } from './order.ts'

/** An event that matched a rule, or a match of a correlation that is a part: one object, in however many groups it counts. */
export class Contribution {
  /** Record of the event; of a correlation, that of the event at which its condition held. */
  readonly key: string
  readonly at: number
  /** Events it stands for. */
  readonly count: number
  /** The raw line, until its order is known. */
  #line: string | undefined
  #order: Order | undefined

  private constructor(key: string, at: number, count: number, line: string | undefined, order: Order | undefined) {
    this.key = key
    this.at = at
    this.count = count
    this.#line = line
    this.#order = order
  }

  static ofEvent(key: string, at: number, line: string): Contribution {
    return new Contribution(key, at, 1, line, undefined)
  }

  static of({ key, at, count, order }: Pick<Contribution, 'key' | 'at' | 'count' | 'order'>): Contribution {
    return new Contribution(key, at, count, undefined, order)
  }

  /**
   * Orders contributions of one instant the same way however they arrived. Of an event it is worked out when first asked:
   * few share their instant with another of their group.
   */
  get order(): Order {
    if (this.#order === undefined) {
      this.#order = orderOf(this.#line!)
      this.#line = undefined
    }
    return this.#order
  }
}
