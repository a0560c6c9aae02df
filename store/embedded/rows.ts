import type { DuckDBAppender } from '@duckdb/node-api'
import { BIGINT, BOOLEAN, DuckDBDataChunk, TIMESTAMP, VARCHAR } from '@duckdb/node-api'
import duckdb, { type Vector } from '@duckdb/node-bindings'
import type { EcsEvent } from '../../model/event.ts'
import { canonicalMs, spoolOf, wellFormedJson, whyRefused } from '../admission.ts'
import { type ColumnKind, COLUMNS, EXTRA, fits, hasStructure } from './columns.ts'
import { INLINE_BYTES } from './vectors.ts'

/** Values of one column, a time as epoch milliseconds; undefined: none. */
type Values = (string | number | boolean | undefined)[]

const NAMES = [...COLUMNS.keys(), ...EXTRA]
const KINDS: (ColumnKind | 'flag')[] = [...COLUMNS.values(), 'text', 'text', 'flag']
const PLACES = new Map(NAMES.slice(0, COLUMNS.size).map((name, place) => [name, place]))
const [SPOOL, REST, SPILLED] = EXTRA.map((name) => NAMES.indexOf(name)) as [number, number, number]

/** Events as they are stored, by columns: what a column costs is then paid once for all rows, not for each. */
export class Rows {
  count = 0
  /** Roughly what they take, for deciding when to seal. */
  bytes = 0
  readonly columns: readonly Values[] = NAMES.map(() => [])

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
    let [rest, bytes, spilled] = ['', 0, false]
    try {
      for (const name in event) {
        const value = event[name]
        if (value === undefined || name === 'soc.record') continue
        const place = PLACES.get(name)
        if (place !== undefined) {
          const kind = KINDS[place] as ColumnKind
          if (fits(kind, value)) {
            this.columns[place]![row] = kind === 'time' ? canonicalMs(value) : (value as string | number)
            bytes += kind === 'text' ? (value as string).length + 4 : 9
            continue
          }
          spilled = true
        }
        if (typeof value === 'object' && hasStructure(value)) spilled = true
        // Field by field: an object of what is left over would be made only to be written.
        rest += `${rest === '' ? '{' : ','}${nameJson(name)}:${wellFormedJson(value)}`
      }
    } catch {
      return 'the event is nested too deep to be written as JSON'
    }
    const spool = spoolOf(event['soc.record'], event['soc.seq'])!
    if (!isWanted(spool, event['soc.seq'])) return null
    this.columns[SPOOL]![row] = spool
    this.columns[REST]![row] = rest === '' ? undefined : `${rest}}`
    this.columns[SPILLED]![row] = spilled
    this.bytes += bytes + rest.length
    this.count++
    return null
  }
}

/** Field names as JSON: the same few thousand come again and again. */
const nameTexts = new Map<string, string>()
const NAME_TEXTS_MAX = 10_000

function nameJson(name: string): string {
  const known = nameTexts.get(name)
  if (known !== undefined) return known
  const text = wellFormedJson(name)
  if (nameTexts.size < NAME_TEXTS_MAX) nameTexts.set(name, text)
  return text
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
      fill(duckdb.data_chunk_get_vector(chunk.chunk, place), kind, rows.columns[place]!.slice(from, from + count))
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
  validity.fill(0)
  let there = 0
  for (let i = 0; i < values.length; i++) {
    if (values[i] === undefined) continue
    validity[i >> 3]! |= 1 << (i & 7)
    there++
  }
  if (there < values.length) {
    duckdb.vector_ensure_validity_writable(vector)
    // In words of 64 bits, as DuckDB reads it.
    duckdb.copy_data_to_vector_validity(vector, 0, validity.buffer, 0, Math.ceil(values.length / 64) * 8)
  }
  if (there === 0) return
  const width = kind === 'text' ? fillTexts(vector, values as (string | undefined)[]) : fillNumbers(kind, values)
  duckdb.copy_data_to_vector(vector, 0, cells, 0, values.length * width)
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

/** All texts go into the vector's memory as one; each value then points into it. @returns bytes of one value */
function fillTexts(vector: Vector, values: readonly (string | undefined)[]): number {
  const all = values.join('')
  if (heap.length < all.length * 3) heap = Buffer.alloc(all.length * 3)
  // As many bytes as units: then every text has, for what is not ASCII takes more.
  const isAscii = heap.write(all) === all.length
  let end = 0
  for (let i = 0; i < values.length; i++) {
    const value = values[i]
    if (value === undefined) {
      // Nobody is to follow what a column before has left here.
      cellWords.fill(0, i * 4, i * 4 + 4)
      continue
    }
    const length = isAscii ? value.length : heap.write(value, end)
    cellWords[i * 4] = length
    cellWords[i * 4 + 1] = end // for now
    end += length
  }
  let address = 0
  if (end > INLINE_BYTES) {
    duckdb.vector_assign_string_element_len(vector, 0, heap.subarray(0, end))
    const first = duckdb.vector_get_data(vector, 16)
    address = Number(new DataView(first.buffer, first.byteOffset).getBigUint64(8, true))
  }
  for (let i = 0; i < values.length; i++) {
    if (values[i] === undefined) continue
    const [at, length, start] = [i * 16 + 4, cellWords[i * 4]!, cellWords[i * 4 + 1]!]
    if (length > INLINE_BYTES) {
      for (let byte = 0; byte < 4; byte++) cellBytes[at + byte] = heap[start + byte]!
      cellWords[i * 4 + 2] = address + start
      cellWords[i * 4 + 3] = Math.floor((address + start) / 2 ** 32)
    } else {
      // Zeros to the end: DuckDB compares all twelve.
      for (let byte = 0; byte < INLINE_BYTES; byte++) cellBytes[at + byte] = byte < length ? heap[start + byte]! : 0
    }
  }
  return 16
}
