import type { EcsEvent } from '../../model/event.ts'
import type { CompiledRule } from '../network/compile.ts'
import { scalarsOf } from '../network/event-values.ts'
import { fold } from '../sigma/fold.ts'
import { canonicalNumber } from '../sigma/scalar.ts'
import { Contribution } from './contribution.ts'
import { Exhibit } from './exhibit.ts'
import { eachWithEach, type Texts } from './keys.ts'

/** Beyond this a sum of so many could overflow. */
const NUMBER_MAX = 1e300

/** A contribution with all that groups and conditions may ask of it. */
export interface Offer {
  readonly of: Contribution
  readonly exhibits: readonly Exhibit[]
  readonly agency: string
  /** The value of a field of the referred rule, or several, or none. */
  texts(field: string): Texts
  /** The number that a field of the referred rule is; null where it is none. */
  number(field: string): number | null
}

/** An event that matched a detection rule. */
export class EventOffer implements Offer {
  readonly of: Contribution
  readonly exhibits: readonly Exhibit[]
  readonly agency: string
  readonly #event: EcsEvent
  readonly #rule: CompiledRule

  constructor(event: EcsEvent, rule: CompiledRule, at: number) {
    this.of = Contribution.ofEvent(event['soc.record'], at, event['event.original'] ?? '')
    this.exhibits = [Exhibit.ofEvent(event, rule)]
    this.agency = event['soc.agency']
    this.#event = event
    this.#rule = rule
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
}

/** A match of a correlation, for those that refer to it: it has the fields that they ask of it. */
export class MatchOffer implements Offer {
  readonly of: Contribution
  readonly exhibits: readonly Exhibit[]
  readonly agency: string
  readonly #carry: Record<string, string> | undefined

  constructor(
    of: Contribution,
    exhibits: readonly Exhibit[],
    agency: string,
    carry: Record<string, string> | undefined,
  ) {
    this.of = of
    this.exhibits = exhibits
    this.agency = agency
    this.#carry = carry
  }

  texts(field: string): Texts {
    return this.#carry?.[field] ?? []
  }

  number(field: string): number | null {
    return numberOf(this.texts(field))
  }
}

function numberOf(texts: Texts): number | null {
  const text = firstOf(texts)
  const canonical = text === undefined ? undefined : canonicalNumber(text)
  return canonical === undefined ? null : bounded(Number(canonical))
}

function bounded(number: number): number | null {
  return Math.abs(number) <= NUMBER_MAX ? number : null
}

export function firstOf(texts: Texts): string | undefined {
  return typeof texts === 'string' ? texts : texts[0]
}

/** One text, or several where a field holds several: of fields that are counted together each with each. */
export function distinctValues(fields: readonly string[], offer: Offer): string | string[] | null {
  if (fields.length === 1) {
    const only = offer.texts(fields[0]!)
    if (typeof only === 'string') return fold(only)
  }
  const values = eachWithEach(fields.map((field) => offer.texts(field))).map((key) =>
    key.length === 1 ? key[0]! : JSON.stringify(key),
  )
  return values.length === 0 ? null : values.length === 1 ? values[0]! : values
}
