import type { EcsValue } from '../../model/event.ts'
import { fold, foldLiteral } from '../query/fold.ts'
import type { Part, Pattern } from '../query/pattern.ts'
import type { Sieve } from '../event-source.ts'
import { isSentence } from '../query/query.ts'

/**
 * Keys (32 bits) by which a filter tells where a condition cannot hold. Three kinds go into the same table:
 * - pieces of text. One begins at every character of a folded text and is as long as it takes to say enough: four letters
 *   or eight digits, for digits are everywhere. A text that holds a literal holds every piece that ends inside it.
 * - a value, folded and whole, of whatever field: what is in one is often in others, too. Of numbers there are too many;
 * - a field that is there.
 * Different things may share a key: then a place is looked into in vain, never the other way round.
 */

const ENOUGH = 32
const LETTER = 8
const WEIGHTS = new Uint8Array(128).fill(LETTER)
for (const character of '0123456789.:-') WEIGHTS[character.charCodeAt(0)] = 4

const BASE = 0x01000193
/** `BASE` to the power of its index: a piece has at most `ENOUGH` ÷ 4 characters. */
const POWERS = Int32Array.from({ length: ENOUGH / 4 })
POWERS[0] = 1
for (let i = 1; i < POWERS.length; i++) POWERS[i] = Math.imul(POWERS[i - 1]!, BASE)

/** Two ends that move forward and a hash that rolls with them. */
export function pieceKeys(folded: string, take: (key: number) => void): void {
  let [end, hash, weight] = [0, 0, 0]
  for (let begin = 0; ; begin++) {
    while (weight < ENOUGH) {
      if (end === folded.length) return
      const code = folded.charCodeAt(end++)
      hash = (Math.imul(hash, BASE) + code) | 0
      weight += code < 128 ? WEIGHTS[code]! : LETTER
    }
    take(mixed(hash))
    const code = folded.charCodeAt(begin)
    hash = (hash - Math.imul(code, POWERS[end - begin - 1]!)) | 0
    weight -= code < 128 ? WEIGHTS[code]! : LETTER
  }
}

/** Which keys there are, by their lowest bits: so many bits as a power of two, 32 to a number. */
export type Marks = Int32Array

const ENCODER = new TextEncoder()
/** A longer text is copied by the runtime, which is faster; a shorter one is not worth the call. */
const COPIED = 64
/** UTF-8 has at most so many bytes for a character: one that does not fit is left out. */
const UTF8_MAX = 4
/** The text in hand, a byte for each character. */
let bytes = new Uint8Array(4096)
/** Bytes of ASCII, folded. */
const FOLDED = Uint8Array.from({ length: 128 }, (_, code) => fold(String.fromCharCode(code)).charCodeAt(0))

/**
 * Marks the pieces of a text that is not folded yet. Runs for every character that is stored, so that text of ASCII, nearly all there is,
 * is read as bytes and marked here, in a third of the time of `pieceKeys`, with which it must agree (decision 152).
 */
function markPieces(text: string, marks: Marks): void {
  const { length } = text
  if (!isCopied(text)) {
    pieceKeys(fold(text), (key) => mark(key, marks))
    return
  }
  const last = marks.length - 1
  const own = bytes
  let [end, hash, weight] = [0, 0, 0]
  for (let begin = 0; ; begin++) {
    while (weight < ENOUGH) {
      if (end === length) return
      const code = FOLDED[own[end++]!]!
      hash = (Math.imul(hash, BASE) + code) | 0
      weight += WEIGHTS[code]!
    }
    const key = mixed(hash)
    marks[(key >>> 5) & last]! |= 1 << key
    const code = FOLDED[own[begin]!]!
    hash = (hash - Math.imul(code, POWERS[end - begin - 1]!)) | 0
    weight -= WEIGHTS[code]!
  }
}

/** Puts a text into `bytes`; false where it is not ASCII. */
function isCopied(text: string): boolean {
  const { length } = text
  if (length + UTF8_MAX > bytes.length) bytes = new Uint8Array(2 * (length + UTF8_MAX))
  // UTF-8 has a byte for each unit of ASCII, and more than one for any other.
  if (length >= COPIED) return ENCODER.encodeInto(text, bytes).written === length
  let seen = 0
  for (let i = 0; i < length; i++) seen |= bytes[i] = text.charCodeAt(i)
  return seen < 128
}

function mark(key: number, marks: Marks): void {
  marks[(key >>> 5) & (marks.length - 1)]! |= 1 << key
}

/** A value or a field is looked up alone, a piece of a longer text seldom: so they have several keys. */
const VALUE_KEYS = 4
const FIELD_KEYS = 4

function valueKeys(folded: string, take: (key: number) => void): void {
  const [first, second] = [hashOf(folded, 1), hashOf(folded, 2) | 1]
  for (let i = 0; i < VALUE_KEYS; i++) take(mixed(first + Math.imul(i, second)))
}

function fieldKeys(field: string, take: (key: number) => void): void {
  for (let i = 0; i < FIELD_KEYS; i++) take(mixed(hashOf(field, 3 + i)))
}

function hashOf(text: string, seed: number): number {
  let hash = seed
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), BASE)
  return mixed(hash)
}

/** The last steps of MurmurHash3: every bit counts in every other. */
function mixed(hash: number): number {
  let h = hash
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}

/** Fields that every event has, with values that statistics of the files know or that hardly come twice. */
const UNKEYED: ReadonlySet<string> = new Set(['@timestamp', 'event.ingested', 'soc.seq', 'soc.record'])

/**
 * Marks the keys of events field by field; of what came lately in the same place they are not given again. Runs for every
 * value that is sealed.
 */
export function keysOfEvents(marks: Marks): {
  /** Begins an event with its raw line, what it has of one. */
  begin: (line: string) => void
  field: (name: string, value: EcsValue | undefined) => void
  forget: () => void
} {
  const texts = new Set<string>()
  const fields = new Set<string>()
  let line = ''
  const take = (key: number): void => mark(key, marks)
  const addText = (value: Scalar, isValue: boolean): void => {
    const text = String(value)
    const isNumber = typeof value === 'number'
    if ((isNumber && text.length < NUMBER_PIECE_MIN) || texts.has(text)) return
    const isWhole = isValue && !isNumber
    const isInPieces = text.length >= PIECE_MIN && !line.includes(text)
    if (!isWhole && !isInPieces) return
    if (isWhole) {
      if (texts.size < TEXTS_MAX && text.length <= TEXT_CHARS_MAX) texts.add(text)
      valueKeys(fold(text), take)
    }
    if (isInPieces) markPieces(text, marks)
  }
  return {
    begin: (raw) => {
      line = raw
      markPieces(raw, marks)
    },
    field: (name, value) => {
      if (value === undefined || value === null || UNKEYED.has(name)) return
      const isValue = !isSentence(name)
      if (Array.isArray(value)) {
        for (const text of value) if (text !== null && typeof text !== 'object') addText(text, isValue)
      } else if (typeof value !== 'object') addText(value, isValue)
      if (fields.has(name)) return
      fields.add(name)
      fieldKeys(name, take)
    },
    forget: () => {
      texts.clear()
      fields.clear()
    },
  }
}

type Scalar = string | number | boolean

const TEXTS_MAX = 20_000
const TEXT_CHARS_MAX = 200
/** No piece is shorter; and none of a number, in which `e` and `+` are letters. */
const PIECE_MIN = ENOUGH / LETTER
const NUMBER_PIECE_MIN = 6

/** What has to be in a place for a condition to hold there: keys that are all there, or a choice of such; `any` says nothing. */
export type Needed = 'any' | { keys: number[] } | { all: Needed[] } | { some: Needed[] }

export function neededBy(condition: Sieve): Needed {
  switch (condition.kind) {
    case 'and': {
      const all = condition.of.map(neededBy).filter((needed) => needed !== 'any')
      return all.length === 0 ? 'any' : { all }
    }
    case 'or': {
      const some = condition.of.map(neededBy)
      return some.includes('any') ? 'any' : { some }
    }
    case 'not':
    case 'expression':
      return 'any'
    case 'match':
      return byPattern(condition.field, condition.pattern)
    case 'spelled': {
      const { field, texts } = condition
      return { some: texts.map((text) => byPattern(field, { kind: 'equals', text })) }
    }
    case 'anywhere':
      return byPattern('', { kind: 'contains', text: condition.text })
    default:
      return byKeys((take) => onField(condition.field, take))
  }
}

function byPattern(field: string, pattern: Pattern): Needed {
  return byKeys((take) => {
    const parts: readonly Part[] =
      pattern.kind === 'exists' ? [] : pattern.kind === 'wildcard' ? pattern.parts : [pattern]
    const literals = parts.flatMap((part) =>
      'text' in part && !LONE_SURROGATE.test(part.text) ? [foldLiteral(part.text)] : [],
    )
    for (const literal of UNKEYED.has(field) ? [] : literals) {
      if (pattern.kind === 'equals' && !isSentence(field) && !NUMBER.test(literal)) valueKeys(literal, take)
      // Of a whole value, too: the more keys, the fewer places have them all by chance.
      if (!EXPONENT.test(literal)) pieceKeys(literal, take)
    }
    if (field !== '') onField(field, take)
  })
}

function onField(field: string, take: (key: number) => void): void {
  if (!UNKEYED.has(field)) fieldKeys(field, take)
}

function byKeys(give: (take: (key: number) => void) => void): Needed {
  const keys = new Set<number>()
  give((key) => keys.add(key))
  return keys.size === 0 ? 'any' : { keys: [...keys] }
}

// Half a surrogate pair is stored as another character.
const LONE_SURROGATE = /\p{Surrogate}/u
/** What a number may be written as: it has no key, and an exponent is not written alike everywhere. */
const NUMBER = /^-?\d*\.?\d*(e[-+]?\d*)?$/
const EXPONENT = /^[-+.\d]*e[-+.\de]*$/
