import type { Item, ItemValue } from '../sigma/rule.ts'
import { addressBits, clockParts, compareDecimals, decimalOf } from './quantity.ts'
import { isFound } from './regex.ts'
import { glyphsOf, isWhole, lower, STAR, type Glyph } from './text.ts'

/** A value of an event, as tests see it. */
export interface Reading {
  text: string
  lower: string
  isBoolean: boolean
}

/** What a rule's value has become, from modifier to modifier. */
type Draft =
  | { kind: 'text'; glyphs: Glyph[]; cased: boolean }
  | { kind: 'number'; text: string }
  | { kind: 'bytes'; bytes: number[] }
  | { kind: 'regex'; source: string; letters: string[] }
  | { kind: 'test'; holds: (own: Reading) => boolean }

const plain = (text: string): Draft => ({ kind: 'text', glyphs: text.split(''), cased: false })

/** Whether a value of the event is what the rule's value says, after the item's modifiers. */
export function testOf(item: Item, raw: NonNullable<ItemValue['raw']>): (own: Reading) => boolean {
  const written = 'text' in raw ? raw.text : 'number' in raw ? raw.number : 'boolean' in raw ? String(raw.boolean) : ''
  let drafts: Draft[] = [
    'number' in raw ? { kind: 'number', text: raw.number } : { kind: 'text', glyphs: glyphsOf(written), cased: false },
  ]
  for (const modifier of item.modifiers) drafts = drafts.flatMap((draft) => modified(draft, modifier, written, item))
  const tests = drafts.map((draft) => finished(draft, item.field === ''))
  return (own) => tests.some((holds) => holds(own))
}

const DASHES: readonly Glyph[] = ['-', '/', '\u2013', '\u2014', '\u2015']
const FLAGS: Record<string, string> = { i: 'i', ignorecase: 'i', m: 'm', multiline: 'm', s: 's', dotall: 's' }
const SIGNS: Record<string, readonly number[]> = { lt: [-1], lte: [-1, 0], gt: [1], gte: [1, 0] }
const CLOCK = new Set(['minute', 'hour', 'day', 'week', 'month', 'year'])

function modified(draft: Draft, modifier: string, written: string, item: Item): Draft[] {
  if (modifier === 'all' || modifier === 'neq' || modifier === 'fieldref') return [draft]
  if (modifier in FLAGS && draft.kind === 'regex') return [{ ...draft, letters: [...draft.letters, FLAGS[modifier]!] }]
  if (modifier in SIGNS) return [test((own) => SIGNS[modifier]!.includes(order(own, written)))]
  if (CLOCK.has(modifier)) return [test((own) => clockParts(own.text)?.[modifier] === Number(written))]
  if (draft.kind === 'number' && ['cased', 'windash', 'expand'].includes(modifier)) return [draft]
  switch (modifier) {
    case 'contains':
      return draft.kind === 'regex' ? [draft] : [wrapped(draft, true, true)]
    case 'startswith':
      return [wrapped(draft, false, true)]
    case 'endswith':
      return [wrapped(draft, true, false)]
    case 'cased':
      return [{ ...wrapped(draft, false, false), cased: true }]
    case 're':
      return [{ kind: 'regex', source: written, letters: [] }]
    case 'windash':
      return dashVariants(glyphsIn(draft)).map((glyphs) => ({ ...wrapped(draft, false, false), glyphs }))
    case 'wide':
    case 'utf16le':
      return [{ kind: 'bytes', bytes: unitBytes(textIn(draft)) }]
    case 'utf16':
      return [{ kind: 'bytes', bytes: [0xff, 0xfe, ...unitBytes(textIn(draft))] }]
    case 'utf16be':
      return [{ kind: 'bytes', bytes: unitBytes(textIn(draft)).map((_byte, i, all) => all[i ^ 1]!) }]
    case 'base64': {
      const bytes = bytesIn(draft)
      const text = base64Digits(bytes, 0, Math.ceil((bytes.length * 8) / 6))
      return [plain(text + '='.repeat((4 - (text.length % 4)) % 4))]
    }
    case 'base64offset':
      return [0, 1, 2].map((shift) => {
        // Of the six-bit digits, those that lie in the value's own bits.
        const bytes = [...Array<number>(shift).fill(0), ...bytesIn(draft)]
        return plain(base64Digits(bytes, Math.ceil((shift * 8) / 6), Math.floor((bytes.length * 8) / 6)))
      })
    case 'cidr': {
      const [address = '', length] = written.split('/')
      const network = addressBits(address)!
      const isMapped = network.length === 32 && address.includes(':')
      const prefix = network.slice(0, length === undefined ? undefined : Number(length) - (isMapped ? 96 : 0))
      return [
        test((own) => {
          const bits = addressBits(own.text)
          return bits !== undefined && bits.length === network.length && bits.startsWith(prefix)
        }),
      ]
    }
    case 'expand':
      return expanded(draft, item)
    default:
      throw new Error(`the reference knows no modifier ${modifier} for ${draft.kind}`)
  }
}

const test = (holds: (own: Reading) => boolean): Draft => ({ kind: 'test', holds })

function finished(draft: Draft, isKeyword: boolean): (own: Reading) => boolean {
  if (draft.kind === 'test') return draft.holds
  if (draft.kind === 'regex') return (own) => isFound(draft.source, draft.letters, own.text)
  if (draft.kind === 'number' && !isKeyword) return (own) => order(own, draft.text) === 0
  const { glyphs, cased } = wrapped(draft, isKeyword, isKeyword)
  const wanted = cased ? glyphs : glyphs.map((glyph) => (typeof glyph === 'string' ? lower(glyph) : glyph))
  return (own) => isWhole(wanted, cased ? own.text : own.lower)
}

/** -1, 0, 1; undefined is NaN: one of them is no number. */
function order(own: Reading, written: string): number {
  const [field, value] = [own.isBoolean ? undefined : decimalOf(own.text), decimalOf(written)]
  return field === undefined || value === undefined ? Number.NaN : compareDecimals(field, value)
}

function glyphsIn(draft: Draft): Glyph[] {
  if (draft.kind === 'text') return draft.glyphs
  if (draft.kind === 'number') return draft.text.split('')
  if (draft.kind === 'bytes') return draft.bytes.map((byte) => String.fromCharCode(byte))
  throw new Error(`the reference has no text of ${draft.kind}`)
}

function wrapped(draft: Draft, before: boolean, after: boolean): Draft & { kind: 'text' } {
  const edge = (is: boolean): Glyph[] => (is ? [STAR] : [])
  const glyphs = [...edge(before), ...glyphsIn(draft), ...edge(after)]
  return { kind: 'text', glyphs, cased: draft.kind === 'text' && draft.cased }
}

const textIn = (draft: Draft): string => glyphsIn(draft).map(String).join('')

const unitBytes = (text: string): number[] =>
  text.split('').flatMap((unit) => [unit.charCodeAt(0) & 0xff, unit.charCodeAt(0) >> 8])

const bytesIn = (draft: Draft): number[] =>
  draft.kind === 'bytes' ? draft.bytes : [...new TextEncoder().encode(textIn(draft))]

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

/** The digits `from` to `to` of the Base64 text of bytes. */
function base64Digits(bytes: readonly number[], from: number, to: number): string {
  const bits = bytes.map((byte) => byte.toString(2).padStart(8, '0')).join('')
  const digit = (i: number): string => DIGITS[Number.parseInt(bits.slice(i * 6, i * 6 + 6).padEnd(6, '0'), 2)]!
  return Array.from({ length: Math.max(0, to - from) }, (_, i) => digit(from + i)).join('')
}

/** Each way of writing the dashes that stand before a word character and after none. */
function dashVariants(glyphs: readonly Glyph[]): Glyph[][] {
  const isWord = (glyph: Glyph | undefined): boolean => typeof glyph === 'string' && /^\w$/.test(glyph)
  let variants: Glyph[][] = [[]]
  glyphs.forEach((glyph, i) => {
    const isOption = DASHES.includes(glyph) && !isWord(glyphs[i - 1]) && isWord(glyphs[i + 1])
    const own: readonly Glyph[] = isOption ? DASHES : [glyph]
    variants = variants.flatMap((head) => own.map((one): Glyph[] => [...head, one]))
  })
  return variants
}

/** Each placeholder replaced by each of its values; in a regular expression they are plain text. */
function expanded(draft: Draft, item: Item): Draft[] {
  const values = (name: string): readonly string[] => item.placeholders!.get(name)!
  if (draft.kind === 'regex') {
    const texts = (name: string): string[][] => values(name).map((text) => inRegex(text).split(''))
    return replaced(draft.source.split(''), texts).map((source) => ({ ...draft, source: source.join('') }))
  }
  const variants = replaced(glyphsIn(draft), (name) => values(name).map(glyphsOf))
  return variants.map((glyphs) => ({ ...wrapped(draft, false, false), glyphs }))
}

const inRegex = (text: string): string => text.replace(/[^\w\s]/gu, (own) => `\\x{${own.codePointAt(0)!.toString(16)}}`)

function replaced<T extends Glyph>(glyphs: readonly T[], values: (name: string) => readonly T[][]): T[][] {
  const text = glyphs.map((glyph) => (typeof glyph === 'string' ? glyph : '\n')).join('')
  const found = /\\%|%([^%\s]{1,100})%/.exec(text)
  if (!found) return [[...glyphs]]
  const [whole, name] = found
  const before = glyphs.slice(0, found.index)
  const rest = replaced(glyphs.slice(found.index + whole.length), values)
  const middles = name === undefined ? [glyphs.slice(found.index + 1, found.index + 2)] : values(name)
  return middles.flatMap((middle) => rest.map((after) => [...before, ...middle, ...after]))
}
