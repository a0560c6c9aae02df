import { fold } from './fold.ts'

/** A leaf of an event's value. Null elements and objects are no scalars: nothing matches them but `null` and `exists`. */
export type Scalar = string | number | boolean

const DECIMAL = /^([+-]?)0*(\d+)(?:\.(\d+))?$/

/**
 * The one spelling of a decimal number, or undefined where `text` is none: `04624`, `4624.0` and `+4624` are `4624`. Kept as
 * text, because handles and keywords of Windows exceed 2^53. Hexadecimal is text, not a number.
 */
export function canonicalNumber(text: string): string | undefined {
  const [whole, sign, integer, fraction = ''] = DECIMAL.exec(text) ?? []
  if (whole === undefined) {
    if (!/^[+-]?\d+(?:\.\d+)?[eE][+-]?\d{1,3}$/.test(text)) return undefined
    const value = Number(text)
    return Number.isFinite(value) ? String(value === 0 ? 0 : value) : undefined
  }
  const digits = fraction.replace(/0+$/, '')
  const number = digits === '' ? integer! : `${integer}.${digits}`
  return sign === '-' && number !== '0' ? `-${number}` : number
}

const MAYBE_NUMBER = /^[+-]?\d/

/** One value of a field as tests see it; the text forms are made when first asked for. */
export class Subject {
  value: Scalar
  #text: string | undefined
  #folded: string | undefined
  #number: string | null | undefined

  constructor(value: Scalar) {
    this.value = value
  }

  /** Makes this the subject of another value. Only for whoever made it. */
  reset(value: Scalar): void {
    this.value = value
    this.#text = undefined
    this.#folded = undefined
    this.#number = undefined
  }

  get text(): string {
    return (this.#text ??= typeof this.value === 'string' ? this.value : String(this.value))
  }

  get folded(): string {
    return (this.#folded ??= fold(this.text))
  }

  /** Canonical decimal text, or null where the value is no number. */
  get number(): string | null {
    if (this.#number === undefined) {
      const candidate = typeof this.value !== 'boolean' && this.text.length <= 400 && MAYBE_NUMBER.test(this.text)
      this.#number = candidate ? (canonicalNumber(this.text) ?? null) : null
    }
    return this.#number
  }
}
