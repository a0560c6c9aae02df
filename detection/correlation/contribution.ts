import type { Order } from './order.ts'
import type { Exhibit } from './exhibit.ts'

/** An event that matched a rule, or a match of a correlation that is a part: one object, in however many groups it counts. */
export interface Contribution {
  /** Record of the event; of a correlation, that of the event at which its condition held. */
  readonly key: string
  readonly at: number
  /** Orders contributions of one instant the same way however they arrived. */
  readonly order: Order
  /** Events it stands for. */
  readonly count: number
  /** Whether it has what an alert can show of it. */
  readonly shows: boolean
  /** Estimate of the memory that takes. */
  readonly bytes: number
  /** Adds it to a list, oldest first. */
  showIn(list: Exhibit[]): void
  /** The same without what it shows, for groups of which no alert can show it any more. */
  readonly bare: Contribution
  /** That, if it was ever asked for. */
  readonly knownBare: Contribution | undefined
}

/** A contribution that is a number among others. */
export class Bare implements Contribution {
  readonly key: string
  readonly at: number
  readonly order: Order
  readonly count: number
  readonly shows = false
  readonly bytes = 0

  constructor({ key, at, order, count }: Pick<Contribution, 'key' | 'at' | 'order' | 'count'>) {
    this.key = key
    this.at = at
    this.order = order
    this.count = count
  }

  showIn(): void {
    // Nothing is left of it.
  }

  get bare(): this {
    return this
  }

  get knownBare(): this {
    return this
  }
}

/** A contribution that shows one or several events: a match of a correlation, or what a checkpoint has of any. */
export class Showing implements Contribution {
  readonly key: string
  readonly at: number
  readonly order: Order
  readonly count: number
  readonly shows = true
  readonly #exhibits: readonly Exhibit[]
  #bare: Contribution | undefined

  constructor(of: Pick<Contribution, 'key' | 'at' | 'order' | 'count'>, exhibits: readonly Exhibit[]) {
    this.key = of.key
    this.at = of.at
    this.order = of.order
    this.count = of.count
    this.#exhibits = exhibits
  }

  get bytes(): number {
    return this.#exhibits.reduce((sum, { bytes }) => sum + bytes, 0)
  }

  showIn(list: Exhibit[]): void {
    for (const exhibit of this.#exhibits) list.push(exhibit)
  }

  get bare(): Contribution {
    return (this.#bare ??= new Bare(this))
  }

  get knownBare(): Contribution | undefined {
    return this.#bare
  }
}
