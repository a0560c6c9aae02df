import type { Evidence } from '../../model/alert.ts'
import type { EcsEvent } from '../../model/event.ts'
import type { CompiledRule } from '../network/compile.ts'
import { scalarsOf } from '../network/event-values.ts'
import { entitiesOf, proofOf } from '../proof.ts'
import { Bare, type Contribution } from './contribution.ts'
import { bytesOfLine, type About, type Exhibit } from './exhibit.ts'
import type { Texts } from './keys.ts'
import { bounded, numberOf, type Offer } from './offer.ts'
import { orderOf, type Order } from './order.ts'

/**
 * An event that matched a detection rule: what it contributes, what is asked of it for that, and what an alert shows of it.
 * Many are held and few are shown, so that it is one object, and the rest is made when it is first asked for: proofs cost more
 * than matching, and are made once for all versions of all alerts.
 */
export class Witness implements Contribution, Exhibit, Offer {
  readonly at: number
  readonly #event: EcsEvent
  readonly #rule: CompiledRule
  #order: Order | undefined
  #evidence: Evidence | undefined
  #about: About | undefined
  #bare: Bare | undefined

  constructor(event: EcsEvent, rule: CompiledRule, at: number) {
    this.at = at
    this.#event = event
    this.#rule = rule
  }

  get of(): this {
    return this
  }

  get key(): string {
    return this.#event['soc.record']
  }

  get count(): number {
    return 1
  }

  get agency(): string {
    return this.#event['soc.agency']
  }

  get order(): Order {
    return (this.#order ??= orderOf(this.#event['event.original'] ?? ''))
  }

  get shows(): boolean {
    return true
  }

  get bytes(): number {
    return bytesOfLine(this.#event['event.original'])
  }

  showIn(list: Exhibit[]): void {
    list.push(this)
  }

  get bare(): Contribution {
    return (this.#bare ??= new Bare(this))
  }

  get knownBare(): Contribution | undefined {
    return this.#bare
  }

  texts(field: string): Texts {
    const names = this.#rule.mapped.eventFields(field)
    const plain = names.length === 1 ? this.#event[names[0]!] : undefined
    if (typeof plain === 'string') return plain
    const scalars = scalarsOf(this.#event, names)
    return scalars.length === 1 ? String(scalars[0]) : scalars.map(String)
  }

  number(field: string): number | null {
    const names = this.#rule.mapped.eventFields(field)
    const plain = names.length === 1 ? this.#event[names[0]!] : undefined
    // Negative zero is zero, as its text says.
    return typeof plain === 'number' ? bounded(plain + 0) : numberOf(this.texts(field))
  }

  get evidence(): Evidence {
    return (this.#evidence ??= {
      record: this.#event['soc.record'],
      seq: this.#event['soc.seq'],
      '@timestamp': this.#event['@timestamp'],
      original: this.#event['event.original'],
      rule: this.#rule.rule.id,
      proof: proofOf(this.#rule.mapped, this.#event),
    })
  }

  get about(): About {
    if (this.#about === undefined) {
      const system = this.#event['soc.system']
      this.#about = { ...(system !== undefined && { system }), entities: entitiesOf(this.#event) }
    }
    return this.#about
  }
}
