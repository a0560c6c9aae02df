import { fold } from '../sigma/fold.ts'
import { canonicalNumber } from '../sigma/scalar.ts'
import type { Contribution } from './contribution.ts'
import { eachWithEach, type Texts } from './keys.ts'

/** Beyond this a sum of so many could overflow. */
const NUMBER_MAX = 1e300

/** A contribution with all that groups and conditions may ask of it. */
export interface Offer {
  readonly of: Contribution
  readonly agency: string
  /** The value of a field of the referred rule, or several, or none. */
  texts(field: string): Texts
  /** The number that a field of the referred rule is; null where it is none. */
  number(field: string): number | null
}

/** A match of a correlation, for those that refer to it: it has the fields that they ask of it. */
export class MatchOffer implements Offer {
  readonly of: Contribution
  readonly agency: string
  readonly #carry: Record<string, string> | undefined

  constructor(of: Contribution, agency: string, carry: Record<string, string> | undefined) {
    this.of = of
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

export function numberOf(texts: Texts): number | null {
  const text = firstOf(texts)
  const canonical = text === undefined ? undefined : canonicalNumber(text)
  return canonical === undefined ? null : bounded(Number(canonical))
}

/** A number that can be summed up, else null. */
export function bounded(number: number): number | null {
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
