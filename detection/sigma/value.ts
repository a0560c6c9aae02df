import type { Gate, Test } from '../test.ts'
import { PRESENT, wholeText } from '../test.ts'
import { RuleError } from '../errors.ts'
import { fold } from './fold.ts'
import { compilePattern, type Pattern } from './pattern.ts'
import { compileRegex, type Regex } from './regex.ts'
import { canonicalNumber } from './scalar.ts'
import { ANY, parseText, type TextPart, type TextParts } from './text.ts'

/** A rule's value on its way through the modifiers. */
export type Value =
  | {
      kind: 'text'
      /** As written, while no modifier has touched it: regular expressions and networks are read from it. */
      raw?: string
      parts: TextParts
      cased: boolean
    }
  | { kind: 'number'; text: string }
  | { kind: 'boolean'; value: boolean }
  | { kind: 'null' }
  /** UTF-16 bytes on their way to Base64. */
  | { kind: 'bytes'; bytes: Uint8Array }
  | { kind: 'regex'; source: string; flags: ReadonlySet<string> }
  /** What a modifier made final. */
  | { kind: 'test'; test: Test }

/** What YAML gave: a quoted or plain string, a number by its text, a boolean, null. */
export type Written = { text: string } | { number: string } | { boolean: boolean } | { null: true }

export function readValue(written: Written): Value {
  if ('text' in written) return { kind: 'text', raw: written.text, parts: parseText(written.text), cased: false }
  if ('number' in written) return { kind: 'number', text: written.number }
  if ('boolean' in written) return { kind: 'boolean', value: written.boolean }
  return { kind: 'null' }
}

export function textValue(parts: TextParts, cased: boolean): Value {
  return { kind: 'text', parts, cased }
}

/** The test a value stands for once all modifiers have run; a keyword searches inside every value. */
export function finish(value: Value, keyword: boolean): Test {
  switch (value.kind) {
    case 'test':
      return value.test
    case 'text':
      return patternTest(keyword ? [ANY, ...value.parts, ANY] : value.parts, value.cased)
    case 'boolean':
      return patternTest(keyword ? [ANY, String(value.value), ANY] : [String(value.value)], false)
    case 'number':
      return keyword ? patternTest([ANY, value.text, ANY], false) : numberTest(value.text)
    case 'bytes':
      return patternTest([Buffer.from(value.bytes).toString('latin1')], false)
    case 'regex':
      return regexTest(compileRegex(value.source, value.flags))
    case 'null':
      if (keyword) throw new RuleError('bad_value', 'a keyword cannot be null')
      return { about: 'presence', key: 'null', is: 'null' }
  }
}

function patternTest(written: TextParts, cased: boolean): Test {
  const pattern = compilePattern(withoutRepeats(written), cased)
  return {
    about: 'value',
    key: `pattern${cased ? '!' : ''}:${JSON.stringify(cased ? pattern.parts : pattern.folded)}`,
    holds: cased ? (subject) => pattern.matches(subject.text) : (subject) => pattern.matches(subject.folded),
    gates: patternGates(pattern),
    find: pattern.find,
    pattern,
  }
}

/** A `*` beside another says nothing. */
function withoutRepeats(parts: TextParts): TextParts {
  const repeats = (part: TextPart, i: number): boolean => part === ANY && parts[i - 1] === ANY
  return parts.some(repeats) ? parts.filter((part, i) => !repeats(part, i)) : parts
}

function patternGates({ parts, cased }: Pattern): readonly Gate[] {
  const literals = parts.filter((part) => typeof part === 'string')
  if (parts.length === 0) return [{ at: 'whole', text: '', proves: true }]
  const longest = literals.reduce((best, text) => (text.length > best.length ? text : best), '')
  if (longest === '') return PRESENT
  const shape = parts.map((part) => (typeof part === 'string' ? 'x' : part === ANY ? '*' : '?')).join('')
  const at = shape === 'x' ? 'whole' : shape === 'x*' ? 'start' : shape === '*x' ? 'end' : 'inside'
  return [{ at, text: fold(longest), proves: !cased && (at !== 'inside' || shape === '*x*') }]
}

function numberTest(text: string): Test {
  const number = canonicalNumber(text)
  if (number === undefined) throw new RuleError('bad_value', `'${text}' is no decimal number`)
  return {
    about: 'value',
    key: `number:${number}`,
    holds: (subject) => subject.number === number,
    gates: [{ at: 'number', text: number, proves: true }],
    find: wholeText,
  }
}

/** Whether of each list some text stands behind one of the list before: the one that ends first leaves most room for the others. */
function standInOrder(lists: readonly (readonly string[])[], text: string): boolean {
  let from = 0
  for (const texts of lists) {
    let first = Infinity
    for (const own of texts) {
      const at = text.indexOf(own, from)
      if (at >= 0) first = Math.min(first, at + own.length)
    }
    if (first === Infinity) return false
    from = first
  }
  return true
}

/**
 * The literals that every match holds are looked for first, folded as everywhere: cheaper, and it settles that `(?i)` knows
 * no other pairs of letters than the rest of Sigma here (RE2 alone would take ſ for s).
 */
function regexTest(regex: Regex): Test {
  const needed = regex.needed?.map(fold)
  const inOrder = regex.inOrder.map((texts) => texts.map(fold))
  return {
    about: 'value',
    key: `regex:${regex.flags}:${regex.source}`,
    holds: (subject) => (inOrder.length === 0 || standInOrder(inOrder, subject.folded)) && regex.test(subject.text),
    gates: needed?.map((text) => ({ at: 'inside', text, proves: false })) ?? PRESENT,
    find: regex.find,
    regex,
  }
}
