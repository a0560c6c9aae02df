import type { Alert } from '../../model/alert.ts'
import type { EcsEvent, EcsValue } from '../../model/event.ts'
import type { DeadLetter } from '../../model/record.ts'
import { spoolOf, wellFormedJson } from '../admission.ts'
import { byName } from '../by-name.ts'
import { JsonBytes } from '../json-bytes.ts'
import { eventEvidence, letterEvidence, levelOf, NO_LEVEL, type StoredRecord } from '../integrity/leaf.ts'
import { textsOf } from '../query/evaluate.ts'
import { fold } from '../query/fold.ts'
import { classOf } from '../retention.ts'
import { ALL_LEVELS, type Partition, StoreError } from '../store.ts'
import { isUnmapped, KEYWORD_CHARS_MAX } from './mappings.ts'
import { canBeNamed, isUnseen, mayBeOrdered, NAME_CHARS_MAX, piecesOf, writePlace } from './terms.ts'

/** What an operation is about. */
export interface Target {
  kind: 'event' | 'alert' | 'deadLetter'
  seq: number
  id: string
}

/** One line pair of a `_bulk` request. */
export interface Operation extends Target {
  /** The action line and the document, each ending in a line feed, in UTF-8; of an event, until the next one is written. */
  lines: Uint8Array
}

/** Day of an index, as its name ends: `2026.11.22`. */
const dayOf = (time: string): string => time.slice(0, 10).replaceAll('-', '.')

/** Day of an index as its name has it. @throws {StoreError} refused */
export function indexDay(day: string): string {
  if (!/^\d{4}-\d\d-\d\d$/.test(day)) throw new StoreError('refused', `not a day: '${day.slice(0, 20)}'`)
  return dayOf(day)
}

/** What an index of a day holds; `null` for others. */
export function partitionOf(name: string, prefix: string): (Partition & { name: string }) | null {
  const [, kind, day = '', levels = ALL_LEVELS] =
    /^-(events|dead-letters)-(\d{4}\.\d\d\.\d\d)(?:-(\d+))?$/.exec(name.slice(prefix.length)) ?? []
  if (kind === undefined) return null
  return { name, day: day.replaceAll('.', '-'), levels: kind === 'events' ? levels : String(NO_LEVEL) }
}

/** Where a document keeps, as JSON text, the fields that Elasticsearch would not take as fields. */
const OTHER = 'soc.other'

/** Enough for most events. */
const BYTES_FIRST = 16 * 1024

/**
 * Events as operations, one after another into the same memory. An event itself is `_source`, in ECS as Kibana expects it, written by V8; what it is
 * searched by is made of those bytes, in one walk over them and the event: texts made for it, and written by V8, took twice the time.
 */
export class EventOperations {
  readonly #prefix: string
  readonly #lines = new JsonBytes(BYTES_FIRST)
  /** Each begins with a comma where it has anything. */
  readonly #pairs = new JsonBytes(BYTES_FIRST)
  readonly #order = new JsonBytes(BYTES_FIRST)
  readonly #values = new JsonBytes(BYTES_FIRST)
  /** What the action lines of one index begin with, and which that is. */
  #action = { key: '', begin: Buffer.alloc(0) }
  /** The search does not see all of what is being written. */
  #hides = false

  constructor(prefix: string) {
    this.#prefix = prefix
  }

  /** @throws {RangeError} the event is nested too deep to be written as JSON */
  operation(event: EcsEvent, classes: readonly string[] = [ALL_LEVELS]): Operation {
    const id = event['soc.record']
    const lines = this.#lines
    lines.end = 0
    lines.copy(this.#beginOf(event, classes))
    lines.value(id)
    lines.plain('}}\n')
    if (!this.#fields(event)) this.#odd(event)
    // Whoever reads on where the search ends has to know of which events it does not see all.
    if (this.#hides) this.#pairs.plain(`,"${OTHER}\\u0000"`)
    this.#made(PAIRS, this.#pairs, '[]')
    this.#made(ORDER, this.#order, '[]')
    this.#made(VALUES, this.#values, '{}')
    lines.plain('}\n')
    return { kind: 'event', seq: event['soc.seq'], id, lines: lines.bytes.subarray(0, lines.end) }
  }

  #beginOf(event: EcsEvent, classes: readonly string[]): Uint8Array {
    const levels = classOf(levelOf(event['soc.criticality']), classes)
    const day = event['event.ingested'].slice(0, 'YYYY-MM-DD'.length)
    const key = levels === ALL_LEVELS ? day : `${day}-${levels}`
    if (key !== this.#action.key) {
      const index = `${this.#prefix}-events-${key.replace(day, dayOf(day))}`
      this.#action = { key, begin: Buffer.from(`{"create":{"_index":${JSON.stringify(index)},"_id":`) }
    }
    return this.#action.begin
  }

  /**
   * An event whose fields all are fields to Elasticsearch, without the brace at its end; false, and nothing is written, of another. Runs for every
   * field of every event: nothing may be made for one.
   */
  #fields(event: Record<string, EcsValue | undefined>): boolean {
    for (const made of [this.#pairs, this.#order, this.#values]) made.end = 0
    this.#hides = false
    const lines = this.#lines
    const begin = lines.end
    lines.json(wellFormedJson(event))
    let at = begin + 1
    for (const name in event) {
      const value = event[name]
      if (value === undefined) continue
      const known = nameOf(name)
      at += known.jsonBytes + 1
      const end = known.isPlain ? this.#field(known, value, at) : -1
      if (end < 0) {
        lines.end = begin
        return false
      }
      at = end + 1
    }
    lines.end-- // without the brace
    return true
  }

  /** What a value is searched by, whose JSON stands at `at`. Gives where that ends; below zero: it is not flat. */
  #field(known: Name, value: EcsValue, at: number): number {
    let end: number
    if (typeof value === 'string') {
      end = this.#text(known, value, at)
      if (known.isUnmapped) this.#list(known, at, end)
      return end
    }
    if (Array.isArray(value)) {
      end = at + 1
      for (let i = 0; i < value.length; i++) {
        const element = value[i]!
        end = typeof element === 'string' ? this.#text(known, element, end) : this.#scalar(known, element, end)
        if (end < 0) return end
        if (i < value.length - 1) end++
      }
      end++
    } else end = this.#scalar(known, value, at)
    if (known.isUnmapped && end >= 0) this.#listAll(known, textsOf(value))
    return end
  }

  #text(known: Name, text: string, at: number): number {
    const [lines, pairs] = [this.#lines, this.#pairs]
    if (mayBeOrdered(lines.bytes, at + 1)) writePlace(this.#order, known.pair, text)
    const before = pairs.end
    pairs.copy(known.pair)
    const end = pairs.lowerText(lines, at)
    if (!pairs.isAscii || text.length > KEYWORD_CHARS_MAX) {
      pairs.end = before
      this.#folded(known, text)
    }
    return end
  }

  #scalar(known: Name, value: EcsValue, at: number): number {
    if (value === null) return at + 'null'.length
    if (typeof value === 'object') return -1
    const text = String(value)
    if (typeof value === 'number') writePlace(this.#order, known.pair, text)
    this.#pairs.copy(known.pair)
    this.#pairs.plain(text.toLowerCase())
    this.#pairs.plain('"')
    return this.#lines.endOfScalar(at)
  }

  #folded({ name, pair }: Name, text: string): void {
    const folded = fold(text)
    for (const piece of piecesOf(name, folded)) {
      this.#pairs.copy(pair)
      this.#pairs.rest(piece)
    }
    this.#hides ||= isUnseen(name, folded)
  }

  /** One with names that Elasticsearch keeps for itself or refuses, or values with structure of their own: they stand beside the fields, as a text. */
  #odd(event: EcsEvent): void {
    const others = Object.entries(event).filter(([name, value]) => !nameOf(name).isPlain || !isFlat(value ?? null))
    const names = new Set(others.map(([name]) => name))
    const fields = this.#fields(Object.fromEntries(Object.entries(event).filter(([name]) => !names.has(name))))
    if (!fields) throw new Error('what is left of an event has a field that is none')
    const kept: string[] = []
    for (const [name, value] of others) {
      if (value === undefined) continue
      const known = nameOf(name)
      kept.push(`${known.json}:${wellFormedJson(value)}`)
      if (!known.isSearched) continue
      const texts = textsOf(value)
      for (const text of texts) {
        writePlace(this.#order, known.pair, text)
        this.#folded(known, text)
      }
      if (known.isUnmapped) this.#listAll(known, texts)
    }
    this.#lines.plain(`,"${OTHER}":`)
    this.#lines.value(`{${kept.join(',')}}`)
    this.#hides = true
  }

  /** The list of the one text that stands at `at`. */
  #list({ field }: Name, at: number, end: number): void {
    const values = this.#values
    values.copy(field)
    values.plain('[')
    values.part(this.#lines, at, end)
    values.plain(']')
  }

  #listAll({ field }: Name, texts: string[]): void {
    if (texts.length === 0) return
    this.#values.copy(field)
    this.#values.value(texts)
  }

  #made(name: Uint8Array, made: JsonBytes, empty: string): void {
    const lines = this.#lines
    lines.copy(name)
    if (made.end === 0) return lines.plain(empty)
    const at = lines.end
    lines.part(made, 0, made.end)
    lines.bytes[at] = empty.charCodeAt(0)
    lines.plain(empty[1]!)
  }
}

const [PAIRS, ORDER, VALUES] = ['pairs', 'order', 'values'].map((name) => Buffer.from(`,"soc.${name}":`)) as [
  Buffer,
  Buffer,
  Buffer,
]

/** What there is to know of a field by its name alone. */
interface Name {
  name: string
  json: string
  /** How many it takes in a document. */
  jsonBytes: number
  /** A comma, the name and a colon. */
  field: Uint8Array
  /** A comma, and a text that is begun with the name and a NUL: what its terms begin with. */
  pair: Uint8Array
  isPlain: boolean
  isSearched: boolean
  /** A key of `flattened` may not hold a NUL, and key and text together are one term. */
  isUnmapped: boolean
}

const nameOf = byName((name): Name => {
  const isSearched = canBeNamed(name)
  const json = wellFormedJson(name)
  return {
    name,
    json,
    jsonBytes: Buffer.byteLength(json),
    field: Buffer.from(`,${json}:`),
    pair: Buffer.from(`,${json.slice(0, -1)}\\u0000`),
    isPlain: isPlainName(name),
    isSearched,
    isUnmapped: isSearched && isUnmapped(name),
  }
})

/** The event that a document was written of. */
export function eventOf(source: Record<string, EcsValue>): EcsEvent {
  const { [OTHER]: other, ...event } = source
  return (typeof other === 'string' ? { ...event, ...(JSON.parse(other) as object) } : event) as EcsEvent
}

/** Names that Elasticsearch keeps for itself or refuses go to `OTHER`, as do values with structure of their own. All others are searched. */
function isPlainName(name: string): boolean {
  return name.length <= NAME_CHARS_MAX && /^[^_.\s]/.test(name) && !/\.$|\.\.|[\0\s]/.test(name) && !OWN_NAMES.has(name)
}

function isFlat(value: EcsValue): boolean {
  if (value === null || typeof value !== 'object') return true
  return Array.isArray(value) && value.every((v) => v === null || typeof v !== 'object')
}

const OWN_NAMES: ReadonlySet<string> = new Set([OTHER, 'soc.pairs', 'soc.order', 'soc.values'])

/** Versioned by the alert itself: a replay is a conflict, which is as good as done. */
export function alertOperation(prefix: string, alert: Alert): Operation {
  const action = {
    index: { _index: `${prefix}-alerts`, _id: alert.id, version: alert.version, version_type: 'external' },
  }
  return operation('alert', alert.seq, alert.id, action, alert)
}

export function deadLetterOperation(prefix: string, letter: DeadLetter): Operation {
  const index = `${prefix}-dead-letters-${dayOf(letter.receivedAt)}`
  return operation('deadLetter', letter.seq, letter.record, { create: { _index: index, _id: letter.record } }, letter)
}

/** What of a document is proved. */
export function eventRecord(event: EcsEvent): StoredRecord {
  const { 'soc.record': record, 'soc.seq': seq, 'soc.criticality': criticality } = event
  return { ...eventEvidence(event), spool: spoolOf(record, seq) ?? '', seq, level: levelOf(criticality) }
}

export function letterRecord(letter: DeadLetter): StoredRecord {
  const { record, seq } = letter
  return { ...letterEvidence(letter), spool: spoolOf(record, seq) ?? '', seq, level: NO_LEVEL }
}

function operation(kind: Target['kind'], seq: number, id: string, action: object, document: object): Operation {
  return { kind, seq, id, lines: Buffer.from(`${wellFormedJson(action)}\n${wellFormedJson(document)}\n`) }
}
