import type { DuckDBAppender } from '@duckdb/node-api'
import { BIGINT, BOOLEAN, DuckDBDataChunk, TIMESTAMP, VARCHAR } from '@duckdb/node-api'
import duckdb, { type Vector } from '@duckdb/node-bindings'
import type { EcsEvent } from '../../model/event.ts'
import { canonicalMs, spoolOf, wellFormedJson, whyRefused } from '../admission.ts'
import { byName } from '../by-name.ts'
import { type ColumnKind, COLUMNS, EXTRA, fits, hasStructure } from './columns.ts'
import { JsonBytes } from '../json-bytes.ts'
import { DENIED_FIELDS, noteValues } from './unfiltered.ts'
import { INLINE_BYTES } from './vectors.ts'

/** Values of one column, a time as epoch milliseconds; undefined: none. */
type Values = (string | number | boolean | undefined)[]

const NAMES = [...COLUMNS.keys(), ...EXTRA]
const KINDS: (ColumnKind | 'flag')[] = [...COLUMNS.values(), 'text', 'text', 'flag']
const [OPEN, COMMA, CLOSE] = [0x7b, 0x2c, 0x7d]
const [SPOOL, REST, SPILLED] = EXTRA.map((name) => NAMES.indexOf(name)) as [number, number, number]

/** A field by its name: its column, where it has one, its name as JSON with a colon, and whether its values are noted. */
interface Field {
  place: number | undefined
  json: Buffer
  isDenied: boolean
}

const fieldOf = byName((name): Field => {
  const column = NAMES.indexOf(name)
  const place = column >= 0 && column < COLUMNS.size ? column : undefined
  return { place, json: Buffer.from(`${wellFormedJson(name)}:`), isDenied: DENIED_FIELDS.has(name) }
})

/** Events as they are stored, by columns: what a column costs is then paid once for all rows, not for each. */
export class Rows {
  count = 0
  /** Roughly what they take, for deciding when to seal. */
  bytes = 0
  /** But for `rest`. */
  readonly columns: readonly Values[] = NAMES.map(() => [])
  /** The texts of `rest`, one after another, and where each ends; one without a byte is none. */
  readonly rests = new JsonBytes()
  readonly restEnds: number[] = []
  /** Values of fields that nearly every search denies (`unfiltered.ts`). */
  readonly denied = new Set<string>()

  /**
   * Adds an event unless it is passed over.
   * @param isWanted asked with its place; false: it is left out
   * @returns the reason why it can never be stored, or `null`
   */
  add(event: EcsEvent, isWanted: (spool: string, seq: number) => boolean): string | null {
    const refused = whyRefused(event)
    if (refused !== null) return refused
    const row = this.count
    // Of one that was left out before, something may stand here.
    for (const values of this.columns) values[row] = undefined
    let [bytes, spilled] = [0, false]
    const { rests } = this
    const begin = rests.end
    try {
      for (const name in event) {
        const value = event[name]
        if (value === undefined || name === 'soc.record') continue
        const { place, json, isDenied } = fieldOf(name)
        if (place !== undefined) {
          const kind = KINDS[place] as ColumnKind
          if (fits(kind, value)) {
            this.columns[place]![row] = kind === 'time' ? canonicalMs(value) : (value as string | number)
            bytes += kind === 'text' ? (value as string).length + 4 : 9
            continue
          }
          spilled = true
        }
        if (isDenied) noteValues(name, value, this.denied)
        if (typeof value === 'object' && hasStructure(value)) spilled = true
        // Field by field: an object of what is left over would be made only to be written.
        rests.byte(rests.end === begin ? OPEN : COMMA)
        rests.copy(json)
        rests.value(value)
      }
    } catch {
      rests.end = begin
      return 'the event is nested too deep to be written as JSON'
    }
    const spool = spoolOf(event['soc.record'], event['soc.seq'])!
    if (!isWanted(spool, event['soc.seq'])) {
      rests.end = begin
      return null
    }
    if (rests.end > begin) rests.byte(CLOSE)
    this.restEnds[row] = rests.end
    this.columns[SPOOL]![row] = spool
    this.columns[SPILLED]![row] = spilled
    this.bytes += bytes + rests.end - begin
    this.count++
    return null
  }
}

/** What DuckDB takes at once. */
const CHUNK_ROWS = duckdb.vector_size()
const TYPES = { text: VARCHAR, integer: BIGINT, time: TIMESTAMP, flag: BOOLEAN }

/**
 * Puts rows into the appender of a table with `TABLE_COLUMNS`. Whole columns are copied into DuckDB's vectors: a call for each value, as
 * its client makes, took 25 µs an event, most of it in going from JavaScript to DuckDB and back some thirty times.
 */
export function appendRows(appender: DuckDBAppender, rows: Rows): void {
  const chunk = DuckDBDataChunk.create(KINDS.map((kind) => TYPES[kind]))
  for (let from = 0; from < rows.count; from += CHUNK_ROWS) {
    const count = Math.min(CHUNK_ROWS, rows.count - from)
    if (from > 0) chunk.reset()
    chunk.rowCount = count
    for (const [place, kind] of KINDS.entries()) {
      const vector = duckdb.data_chunk_get_vector(chunk.chunk, place)
      if (place === REST) fillRests(vector, rows, from, count)
      else fill(vector, kind, rows.columns[place]!.slice(from, from + count))
    }
    appender.appendDataChunk(chunk)
  }
}

// Filled anew for each column.
const cells = new ArrayBuffer(CHUNK_ROWS * 16)
const cellBytes = new Uint8Array(cells)
const cellWords = new Uint32Array(cells)
const cellLongs = new BigInt64Array(cells)
const validity = new Uint8Array(CHUNK_ROWS / 8)

function fill(vector: Vector, kind: ColumnKind | 'flag', values: Values): void {
  if (!markThere(vector, values.length, (i) => values[i] !== undefined)) return
  const width = kind === 'text' ? fillTexts(vector, values as (string | undefined)[]) : fillNumbers(kind, values)
  duckdb.copy_data_to_vector(vector, 0, cells, 0, values.length * width)
}

/** @returns whether there is any */
function markThere(vector: Vector, count: number, isThere: (row: number) => boolean): boolean {
  validity.fill(0)
  let there = 0
  for (let i = 0; i < count; i++) {
    if (!isThere(i)) continue
    validity[i >> 3]! |= 1 << (i & 7)
    there++
  }
  if (there < count) {
    duckdb.vector_ensure_validity_writable(vector)
    // In words of 64 bits, as DuckDB reads it.
    duckdb.copy_data_to_vector_validity(vector, 0, validity.buffer, 0, Math.ceil(count / 64) * 8)
  }
  return there > 0
}

/** @returns bytes of one value */
function fillNumbers(kind: Exclude<ColumnKind, 'text'> | 'flag', values: Values): number {
  if (kind === 'flag') {
    for (let i = 0; i < values.length; i++) cellBytes[i] = values[i] === true ? 1 : 0
    return 1
  }
  for (let i = 0; i < values.length; i++) {
    const value = (values[i] ?? 0) as number
    const number = kind === 'time' ? value * 1_000 : value // a TIMESTAMP is microseconds
    if (Number.isSafeInteger(number)) {
      // Both halves of the two's complement, without a BigInt for each.
      cellWords[i * 2] = number
      cellWords[i * 2 + 1] = Math.floor(number / 2 ** 32)
    } else cellLongs[i] = BigInt(value) * 1_000n
  }
  return 8
}

let heap = Buffer.alloc(1024 ** 2)

/** @returns bytes of one value */
function fillTexts(vector: Vector, values: readonly (string | undefined)[]): number {
  const all = values.join('')
  if (heap.length < all.length * 3) heap = Buffer.alloc(all.length * 3)
  // As many bytes as units: then every text has, for what is not ASCII takes more.
  const isAscii = heap.write(all) === all.length
  let end = 0
  for (let i = 0; i < values.length; i++) {
    const value = values[i]
    const length = value === undefined ? 0 : isAscii ? value.length : heap.write(value, end)
    cellWords[i * 4] = length
    cellWords[i * 4 + 1] = end // for now
    end += length
  }
  return pointInto(vector, heap.subarray(0, end), values.length)
}

function fillRests(vector: Vector, { rests, restEnds }: Rows, from: number, count: number): void {
  const begin = from === 0 ? 0 : restEnds[from - 1]!
  let start = 0
  for (let i = 0; i < count; i++) {
    const end = restEnds[from + i]! - begin
    cellWords[i * 4] = end - start
    cellWords[i * 4 + 1] = start
    start = end
  }
  if (!markThere(vector, count, (i) => cellWords[i * 4] !== 0)) return
  const width = pointInto(vector, rests.bytes.subarray(begin, begin + start), count)
  duckdb.copy_data_to_vector(vector, 0, cells, 0, count * width)
}

/**
 * All texts go into the vector's memory as one; each cell, which says how long its text is and where in `texts` it begins, then points
 * into that. What is not there is an empty text: nobody follows what a column before has left.
 * @returns bytes of one value
 */
function pointInto(vector: Vector, texts: Buffer, count: number): number {
  let address = 0
  if (texts.length > INLINE_BYTES) {
    duckdb.vector_assign_string_element_len(vector, 0, texts)
    const first = duckdb.vector_get_data(vector, 16)
    address = Number(new DataView(first.buffer, first.byteOffset).getBigUint64(8, true))
  }
  for (let i = 0; i < count; i++) {
    const [at, length, start] = [i * 16 + 4, cellWords[i * 4]!, cellWords[i * 4 + 1]!]
    if (length > INLINE_BYTES) {
      for (let byte = 0; byte < 4; byte++) cellBytes[at + byte] = texts[start + byte]!
      cellWords[i * 4 + 2] = address + start
      cellWords[i * 4 + 3] = Math.floor((address + start) / 2 ** 32)
    } else {
      // Zeros to the end: DuckDB compares all twelve.
      for (let byte = 0; byte < INLINE_BYTES; byte++) cellBytes[at + byte] = byte < length ? texts[start + byte]! : 0
    }
  }
  return 16
}
