import { fold } from './fold.ts'

/** A leaf of an event's value. Null elements and objects are no scalars: nothing matches them but `null` and `exists`. */
export type Scalar = string | number | boolean

const DECIMAL = /^([+-]?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,3}))?$/

/**
 * The one spelling of a decimal number, or undefined where `text` is none: `04624`, `4624.0`, `+4624` and `4.624e3` are `4624`.
 * Kept as text, because handles and keywords of Windows exceed 2^53. Hexadecimal is text, not a number.
 */
export function canonicalNumber(text: string): string | undefined {
  const [whole, sign, integer = '', fraction = '', exponent] = DECIMAL.exec(text) ?? []
  if (whole === undefined) return undefined
  let [before, after] = [integer, fraction]
  if (exponent !== undefined) {
    const point = integer.length + Number(exponent)
    const digits = (integer + fraction)
      .padEnd(point, '0')
      .padStart(integer.length + fraction.length + Math.max(0, -point), '0')
    const at = Math.max(0, point)
    before = digits.slice(0, at)
    after = digits.slice(at)
  }
  const [head, tail] = [before.replace(/^0+(?=\d)/, '') || '0', after.replace(/0+$/, '')]
  const number = tail === '' ? head : `${head}.${tail}`
  return sign === '-' && number !== '0' ? `-${number}` : number
}

/** Negative, zero or positive, as the first of two canonical numbers is the lesser, the same or the greater. */
export function compareNumbers(a: string, b: string): number {
  const [left, right] = [Number(a), Number(b)]
  if (left !== right) return left < right ? -1 : 1 // rounding to doubles keeps the order
  if (a === b) return 0
  const [aBefore = '', aAfter = ''] = a.replace('-', '').split('.')
  const [bBefore = '', bAfter = ''] = b.replace('-', '').split('.')
  const [width, digits] = [Math.max(aBefore.length, bBefore.length), Math.max(aAfter.length, bAfter.length)]
  const isLess =
    aBefore.padStart(width, '0') + aAfter.padEnd(digits, '0') <
    bBefore.padStart(width, '0') + bAfter.padEnd(digits, '0')
  return isLess === a.startsWith('-') ? 1 : -1
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
