import ipaddr from 'ipaddr.js'
import type { Pattern } from '../sigma/pattern.ts'
import { canonicalNumber, Subject } from '../sigma/scalar.ts'
import { ANY, type TextParts } from '../sigma/text.ts'
import { finish, readValue } from '../sigma/value.ts'
import type { Test, ValueTest } from '../test.ts'

/**
 * What follows from a test, told from the tests alone. Both relations are sound and not complete: `true` is a promise,
 * `false` means that nothing is known.
 */

/** Whether every event of which `a` holds for a field is one of which `b` does. */
export function implies(a: Test, b: Test): boolean {
  if (a.key === b.key && a.about === b.about) return true
  if (b.about === 'presence') {
    if (b.is === 'exists') return a.about !== 'presence'
    return b.is === 'null' && a.about === 'presence' && a.is === 'missing'
  }
  if (a.about !== 'value' || b.about !== 'value') return false
  if (matchesAny(b)) return true
  if (a.pattern !== undefined && b.pattern !== undefined) return patternWithin(a.pattern, b.pattern)
  const own = literalOf(a)
  if (own !== undefined) return comparable(own, b) && b.holds(new Subject(own.text))
  const [range, wider] = [rangeOf(a), rangeOf(b)]
  if (range !== undefined && wider !== undefined) return wider.from <= range.from && range.to <= wider.to
  const [inner, outer] = [networkOf(a), networkOf(b)]
  if (inner !== undefined && outer !== undefined) return inner.bits >= outer.bits && b.holds(new Subject(inner.address))
  return false
}

/** Whether no single value of a field lets both hold. Of a field with several values each may hold for another one. */
export function excludes(a: Test, b: Test): boolean {
  if (a.about === 'presence' || b.about === 'presence') return presenceExcludes(a, b) || presenceExcludes(b, a)
  if (a.about !== 'value' || b.about !== 'value') return false
  const [left, right] = [literalOf(a), literalOf(b)]
  if (left !== undefined && comparable(left, b)) return !b.holds(new Subject(left.text))
  if (right !== undefined && comparable(right, a)) return !a.holds(new Subject(right.text))
  if (a.pattern !== undefined && b.pattern !== undefined) return endsDiffer(a.pattern, b.pattern)
  const [range, other] = [rangeOf(a), rangeOf(b)]
  if (range !== undefined && other !== undefined) return range.to < other.from || other.to < range.from
  const [network, second] = [networkOf(a), networkOf(b)]
  if (network !== undefined && second !== undefined) return !implies(a, b) && !implies(b, a)
  return false
}

/** Whether the test holds for every value that a field may have. */
export function matchesAny(test: Test): boolean {
  return test.about === 'value' && test.pattern !== undefined && test.pattern.parts.every((part) => part === ANY)
    ? test.pattern.parts.length > 0
    : false
}

function presenceExcludes(a: Test, b: Test): boolean {
  if (a.about !== 'presence' || a.is === 'exists') return false
  if (b.about !== 'presence') return true
  return a.is === 'missing' && b.is === 'exists'
}

/** The one text a test is about; `cased` when it must be spelt so. */
interface Literal {
  text: string
  cased: boolean
  number: boolean
}

function literalOf(test: ValueTest): Literal | undefined {
  if (test.pattern !== undefined) {
    const { parts, cased } = test.pattern
    if (parts.length === 0) return { text: '', cased: true, number: false }
    const [text] = parts
    return parts.length === 1 && typeof text === 'string' ? { text, cased, number: false } : undefined
  }
  const [gate] = test.gates
  return gate?.at === 'number' ? { text: gate.text, cased: true, number: true } : undefined
}

/**
 * Whether one spelling of the literal tells the verdict of `test` on all: not where the test knows case and the literal
 * does not; nor where a number may be written otherwise and the test is about its text.
 */
function comparable({ text, cased, number }: Literal, test: ValueTest): boolean {
  if (number) return test.pattern === undefined && test.regex === undefined
  if (cased) return true
  if (test.pattern !== undefined) return !test.pattern.cased || !hasLetters(text)
  return test.regex === undefined || test.regex.flags.includes('i') || !hasLetters(text)
}

const hasLetters = (text: string): boolean => text.toLowerCase() !== text.toUpperCase()

/** Whether all that `inner` matches, `outer` does: its wildcards can only be taken up by wildcards. */
function patternWithin(inner: Pattern, outer: Pattern): boolean {
  if (outer.cased && !inner.cased && inner.parts.some((part) => typeof part === 'string' && hasLetters(part)))
    return false
  const [own, wanted] = [partsOf(inner, outer.cased), partsOf(outer, outer.cased)]
  for (const part of wanted) {
    if (typeof part === 'string' && !own.some((text) => typeof text === 'string' && text.includes(part))) return false
  }
  const [text, glob] = [unitsOf(own), unitsOf(wanted)]
  let [at, next, star, mark] = [0, 0, -1, 0]
  while (at < text.length) {
    const unit = glob[next]
    if (unit === ANY_UNIT) {
      star = next++
      mark = at
    } else if (unit !== undefined && text[at] !== ANY_UNIT && (unit === text[at] || unit === ONE_UNIT)) {
      at++
      next++
    } else if (star >= 0) [next, at] = [star + 1, ++mark]
    else return false
  }
  while (glob[next] === ANY_UNIT) next++
  return next === glob.length
}

const [ANY_UNIT, ONE_UNIT] = [-1, -2]

function unitsOf(parts: TextParts): (number | string)[] {
  return parts.flatMap((part): (number | string)[] =>
    typeof part === 'string' ? Array.from(part) : part === ANY ? [ANY_UNIT] : [ONE_UNIT],
  )
}

const partsOf = (pattern: Pattern, cased: boolean): TextParts => (cased ? pattern.parts : pattern.folded)

/** Whether two patterns demand different beginnings, or different ends. */
function endsDiffer(a: Pattern, b: Pattern): boolean {
  const cased = a.cased && b.cased
  const edge = (pattern: Pattern, at: 0 | -1): string => {
    const part = partsOf(pattern, cased).at(at)
    return typeof part === 'string' ? part : ''
  }
  const [headA, headB] = [edge(a, 0), edge(b, 0)]
  if (!headA.startsWith(headB) && !headB.startsWith(headA)) return true
  const [tailA, tailB] = [edge(a, -1), edge(b, -1)]
  return !tailA.endsWith(tailB) && !tailB.endsWith(tailA)
}

interface Range {
  from: number
  to: number
}

/** Numbers that a comparison takes; an open end is the next double. */
function rangeOf({ key }: ValueTest): Range | undefined {
  const [, how, text] = /^(gte?|lte?):(.+)$/.exec(key) ?? []
  if (how === undefined) return undefined
  const limit = Number(text)
  const step = Math.max(Math.abs(limit) * Number.EPSILON, Number.MIN_VALUE)
  if (how === 'gt') return { from: limit + step, to: Infinity }
  if (how === 'gte') return { from: limit, to: Infinity }
  return { from: -Infinity, to: how === 'lt' ? limit - step : limit }
}

interface Addresses {
  address: string
  /** Of 128. */
  bits: number
}

const networks = new WeakMap<ValueTest, Addresses>()

function networkOf(test: ValueTest): Addresses | undefined {
  if (!test.key.startsWith('cidr:')) return undefined
  let network = networks.get(test)
  if (network === undefined) {
    const [, address = '', bits] = /^cidr:(.+)\/(\d+)$/.exec(test.key)!
    network = { address, bits: Number(bits) + (ipaddr.IPv4.isValid(address) ? 96 : 0) }
    networks.set(test, network)
  }
  return network
}

/** The test that a field is `text`, in any case; a number in any spelling. */
export function exactly(text: string): Test {
  return finish(readValue(canonicalNumber(text) === undefined ? { text } : { number: text }), false)
}
