import { readFileSync } from 'node:fs'
import Type, { type Static } from 'typebox'
import { Value } from 'typebox/value'
import { parse } from 'yaml'
import type { EcsEvent, EcsValue } from './event.ts'

const Word = Type.String({ minLength: 1, maxLength: 60 })
const FILE = Type.Object(
  {
    format: Type.Literal(1),
    numbers: Type.Array(
      Type.Object(
        {
          name: Word,
          digits: Type.Integer({ minimum: 6, maximum: 30 }),
          begins: Type.Optional(Type.Array(Type.String({ pattern: '^[0-9]{1,10}$' }), { minItems: 1 })),
          near: Type.Optional(Type.Array(Word, { minItems: 1 })),
        },
        { additionalProperties: false },
      ),
    ),
    fields: Type.Array(Word),
    secrets: Type.Array(Type.String({ pattern: '^[a-z0-9_-]{1,40}$' })),
  },
  { additionalProperties: false },
)

/** What is hidden, as data: numbers of people, fields, and names of secrets. */
export type PersonalData = Static<typeof FILE>

/** @throws for what cannot be read, with the file and the place */
export function parsePersonal(text: string, path: string): PersonalData {
  const file: unknown = parse(text, { schema: 'core' })
  if (Value.Check(FILE, file)) return file
  const [first] = Value.Errors(FILE, file)
  throw new Error(`${path}: ${first?.instancePath || '/'}: ${first?.message}`)
}

export function readPersonal(path: string): PersonalData {
  return parsePersonal(readFileSync(path, 'utf8'), path)
}

/** Fields of an event in which something is hidden: lists of their names, in the event itself. */
export const PERSONAL_FIELD = 'soc.personal'
export const SECRET_FIELD = 'soc.secret'

/** What a value hides. */
const [NUMBERS, SECRETS] = [1, 2]

/** How far before a number one of its words may stand. */
const NEAR_CHARS = 24
/** A shorter value of a hidden field may stand in any text by chance. */
const ELSEWHERE_CHARS_MIN = 4
const DEPTH_MAX = 40
/** What names a thing or goes on with a list: nobody's text, and broken if it were changed. */
const NAMES: ReadonlySet<string> = new Set(['id', 'next', 'record', 'hash', 'sha256', 'token', 'secret'])

/**
 * Hides personal data in texts, by an asterisk for each character: what is said about places in a line stays true. Bounded work
 * for each character, whatever the text.
 */
export class Masking {
  readonly #data: PersonalData
  readonly #fields: ReadonlySet<string>
  readonly #digitsMin: number
  /** A lesser number has too few digits. */
  readonly #numberMin: number
  readonly #secrets: RegExp | undefined
  /** Names of secrets by their last letter. */
  readonly #secretNames = new Map<number, string[]>()

  constructor(data: PersonalData) {
    this.#data = data
    this.#fields = new Set(data.fields)
    this.#digitsMin = Math.min(...data.numbers.map(({ digits }) => digits))
    this.#numberMin = 10 ** (this.#digitsMin - 1)
    const names = data.secrets.join('|')
    if (names === '') return
    for (const name of data.secrets) {
      const last = name.charCodeAt(name.length - 1)
      this.#secretNames.set(last, [...(this.#secretNames.get(last) ?? []), name])
    }
    const value = String.raw`(?:(\\?["'])(.{0,200}?)\1|([^\s&"'<>,;}\\]{1,200}))`
    this.#secrets = new RegExp(String.raw`(?<![\p{L}\d])(?:${names})(?:\\?["'])?\s{0,3}[=:]\s{0,3}${value}`, 'giu')
  }

  text(text: string): string {
    return this.#withoutSecrets(this.#withoutNumbers(text))
  }

  /** The same in what is written in base64. */
  base64(text: string): string {
    const bytes = Buffer.from(text, 'base64').toString('latin1')
    const masked = this.text(bytes)
    return masked === bytes ? text : Buffer.from(masked, 'latin1').toString('base64')
  }

  /** The event with everything hidden, as a new one where something is. */
  event(event: EcsEvent): EcsEvent {
    const whole = valuesOf(event, this.#hiddenIn(event))
    const hide = (text: string): string =>
      whole.reduce((left, value) => left.replaceAll(value, stars(value)), this.text(text))
    const masked: EcsEvent = { ...event }
    for (const [field, value] of Object.entries(event)) {
      if (value === undefined || NAMES.has(field) || field.startsWith('soc.') || field === '@timestamp') continue
      if (this.#fields.has(field)) masked[field] = mapTexts(value, stars, true)
      else if (field === 'event.original' && event['soc.original_encoding'] === 'base64')
        masked[field] = this.base64(event['event.original'])
      else masked[field] = mapTexts(value, hide, false)
    }
    return masked
  }

  /** A value of a field, as in a count by it. */
  value(field: string, text: string): string {
    return this.#fields.has(field) ? stars(text) : this.text(text)
  }

  /** Any answer, with everything in it hidden. */
  deep(value: unknown, depth = 0): unknown {
    if (typeof value === 'string') return this.text(value)
    if (typeof value !== 'object' || value === null || depth > DEPTH_MAX) return value
    if (Array.isArray(value)) return value.map((each) => this.deep(each, depth + 1))
    const prototype: unknown = Object.getPrototypeOf(value)
    if (prototype !== Object.prototype && prototype !== null) return value
    if ('event.original' in value && 'soc.record' in value) return this.event(value as EcsEvent)
    const whole = this.#provenIn(value)
    return Object.fromEntries(
      Object.entries(value).map(([name, inner]: [string, unknown]) => {
        if (NAMES.has(name)) return [name, inner]
        if (this.#fields.has(name)) return [name, mapTexts(inner as EcsValue, stars, true)]
        const masked = this.deep(inner, depth + 1)
        if (whole.length === 0) return [name, masked]
        return [
          name,
          mapTexts(
            masked as EcsValue,
            (text) => whole.reduce((left, each) => left.replaceAll(each, stars(each)), text),
            false,
          ),
        ]
      }),
    )
  }

  /** Of a piece of evidence: what its proofs quote of fields that are hidden whole. */
  #provenIn(value: object): string[] {
    if (!('proof' in value) || !Array.isArray(value.proof)) return []
    return (value.proof as { eventField?: unknown; matched?: unknown }[]).flatMap(({ eventField, matched }) =>
      typeof eventField === 'string' && typeof matched === 'string' && matched !== '' && this.#fields.has(eventField)
        ? [matched]
        : [],
    )
  }

  /** Notes in a new event which of its fields have something hidden, so that a search cannot feel its way along it. */
  note(event: EcsEvent): void {
    const [personal, secret]: [string[], string[]] = [[], []]
    // Asked once: a set would be asked for each field, and seldom is there any.
    const hidden = this.#hiddenIn(event)
    const whole = valuesOf(event, hidden)
    // By name: V8 gives the entries of an event five times as slowly.
    for (const field in event) {
      const value = event[field]
      if (value === undefined || field.startsWith('soc.') || field === '@timestamp') continue
      const base64 = field === 'event.original' && event['soc.original_encoding'] === 'base64'
      const read = base64 ? Buffer.from(event['event.original'], 'base64').toString('latin1') : value
      const hides = this.#hides(read, whole)
      if ((hides & NUMBERS) !== 0 || hidden.includes(field)) personal.push(field)
      if ((hides & SECRETS) !== 0) secret.push(field)
    }
    if (personal.length > 0) event[PERSONAL_FIELD] = personal
    if (secret.length > 0) event[SECRET_FIELD] = secret
  }

  /** What is hidden in any text or number of a value, as bits. Asked of every field of every event: no closure for each, no copy. */
  #hides(value: EcsValue, whole: readonly string[]): number {
    if (typeof value === 'number') {
      return whole.length === 0 && Math.abs(value) < this.#numberMin ? 0 : this.#hides(String(value), whole)
    }
    if (typeof value === 'string') {
      const numbers = this.#withoutNumbers(value) !== value || whole.some((each) => value.includes(each))
      return (numbers ? NUMBERS : 0) | (this.#withoutSecrets(value) === value ? 0 : SECRETS)
    }
    if (typeof value !== 'object' || value === null) return 0
    let hides = 0
    for (const inner of Object.values(value)) hides |= this.#hides(inner, whole)
    return hides
  }

  /** Fields of an event that are hidden whole. */
  #hiddenIn(event: EcsEvent): string[] {
    const hidden: string[] = []
    for (const field of this.#fields) if (event[field] !== undefined) hidden.push(field)
    return hidden
  }

  #withoutNumbers(text: string): string {
    let masked = text
    const step = this.#digitsMin
    // A run that is long enough stands on one of any places so far apart.
    for (let at = step - 1; at < text.length; at += step) {
      if (!isDigit(text.charCodeAt(at))) continue
      let from = at
      while (isDigit(text.charCodeAt(from - 1))) from--
      while (isDigit(text.charCodeAt(at))) at++
      if (at - from < step || !this.#isPersonal(text, from, at)) continue
      masked = masked.slice(0, from) + '*'.repeat(at - from) + masked.slice(at)
    }
    return masked
  }

  /** Whether a run of digits is a number of somebody: by itself, and no part of a name, a fraction or a UUID. */
  #isPersonal(text: string, from: number, to: number): boolean {
    if (/\w/.test(text[from - 1] ?? ' ') || /\w/.test(text[to] ?? ' ')) return false
    const before = text.slice(Math.max(0, from - NEAR_CHARS), from)
    if (/\d\.$/.test(before) || /[0-9a-f]{4}-$/i.test(before)) return false
    return this.#data.numbers.some(
      ({ digits, begins, near }) =>
        digits === to - from &&
        (begins === undefined || begins.some((start) => text.startsWith(start, from))) &&
        (near === undefined || near.some((word) => before.toLowerCase().includes(word))),
    )
  }

  /**
   * Whether the name of a secret stands before some `=` or `:`: the expression tries every name at every place of a line, and
   * took a third of what understanding one costs. True for what only the expression can tell, as letters that fold to ASCII.
   */
  #maySayASecret(text: string): boolean {
    for (let at = text.indexOf('='); at >= 0; at = text.indexOf('=', at + 1)) {
      if (this.#mayNameASecret(text, at)) return true
    }
    for (let at = text.indexOf(':'); at >= 0; at = text.indexOf(':', at + 1)) {
      if (this.#mayNameASecret(text, at)) return true
    }
    return false
  }

  #mayNameASecret(text: string, before: number): boolean {
    let end = before
    for (let spaces = 0; spaces < 3 && isSpace(text.charCodeAt(end - 1)); spaces++) end--
    if (isQuote(text.charCodeAt(end - 1))) end -= text.charCodeAt(end - 2) === BACKSLASH ? 2 : 1
    const last = text.charCodeAt(end - 1)
    if (last > ASCII_MAX) return true
    return this.#secretNames.get(lower(last))?.some((name) => mayEndWith(text, end, name)) ?? false
  }

  #withoutSecrets(text: string): string {
    if (this.#secrets === undefined || !this.#maySayASecret(text)) return text
    return text.replace(this.#secrets, (whole: string, quote?: string, quoted?: string, plain?: string, at = 0) => {
      if (isSudosFolder(whole, text, at + whole.length)) return whole
      const value = quoted ?? plain ?? ''
      const end = whole.length - (quote?.length ?? 0)
      return whole.slice(0, end - value.length) + stars(value) + whole.slice(end)
    })
  }
}

/** `PWD=/root ; USER=…`, as sudo writes it, is the folder that somebody stood in. A connection string has no blank before its `;`. */
function isSudosFolder(said: string, text: string, end: number): boolean {
  return said.startsWith('PWD=/') && text.startsWith(' ; ', end)
}

const BACKSLASH = 0x5c
const ASCII_MAX = 0x7f

function isQuote(code: number): boolean {
  return code === 0x22 || code === 0x27
}

/** Of ASCII: whether another character is a space, the expression has to say. */
function isSpace(code: number): boolean {
  return code === 0x20 || (code >= 0x09 && code <= 0x0d)
}

function lower(code: number): number {
  return code >= 0x41 && code <= 0x5a ? code + 0x20 : code
}

/** Whether `name`, in lower case, stands before `end`, or something that is not ASCII does where it would. */
function mayEndWith(text: string, end: number, name: string): boolean {
  for (let back = 1; back <= name.length; back++) {
    const code = text.charCodeAt(end - back)
    if (code > ASCII_MAX) return true
    if (lower(code) !== name.charCodeAt(name.length - back)) return false
  }
  return true
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57
}

/** Texts of those fields of an event that are hidden whole, and so hidden wherever else they stand. */
function valuesOf(event: EcsEvent, hidden: readonly string[]): string[] {
  const values: string[] = []
  for (const field of hidden) mapTexts(event[field]!, (text) => (values.push(text), text), true)
  return values.filter(({ length }) => length >= ELSEWHERE_CHARS_MIN)
}

function stars(text: string): string {
  return '*'.repeat(text.length)
}

/** The value with its texts changed, nested ones too; with `numbers`, what is a number as well. */
function mapTexts(value: EcsValue, change: (text: string) => string, numbers: boolean): EcsValue {
  if (typeof value === 'string') return change(value)
  if (typeof value === 'number') return numbers ? change(String(value)) : value
  if (Array.isArray(value)) return value.map((each) => mapTexts(each, change, numbers))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, mapTexts(inner, change, numbers)]))
}
