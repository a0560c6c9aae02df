import { Buffer, isAscii } from 'node:buffer'
import type { DuckDBDataChunk } from '@duckdb/node-api'
import duckdb, { type Vector } from '@duckdb/node-bindings'

/**
 * Reads columns of a chunk at once. DuckDB's client makes a call, a view and a decoder's run for each text, and a BigInt for each value
 * to see whether it is there.
 */

/** Of DuckDB's `string_t`: a length (32 bits), then up to so many bytes of text, or the first four and where all of it is. */
export const INLINE_BYTES = 12
const CELL_BYTES = 16
/** Texts this near to each other are read as one: what lies between is on a page of memory that one of them is on, too. */
const GAP_BYTES = 2_048

/** Values of a VARCHAR column; `null`: none. */
export function textsOf(chunk: DuckDBDataChunk, column: number): (string | null)[] {
  return textsIn(duckdb.data_chunk_get_vector(chunk.chunk, column), chunk.rowCount)
}

/** Values of a column of lists of texts; `null`: none. */
export function listsOf(chunk: DuckDBDataChunk, column: number): ((string | null)[] | null)[] {
  const count = chunk.rowCount
  const vector = duckdb.data_chunk_get_vector(chunk.chunk, column)
  const isThere = validityOf(vector, count)
  const cells = duckdb.vector_get_data(vector, count * CELL_BYTES)
  const texts = textsIn(duckdb.list_vector_get_child(vector), duckdb.list_vector_get_size(vector))
  // Where it begins among all texts, and how many it has: 64 bits each, of which the upper halves are zero.
  const words = new Uint32Array(cells.buffer, cells.byteOffset, count * 4)
  return Array.from({ length: count }, (_, i) =>
    isThere(i) ? texts.slice(words[i * 4], words[i * 4]! + words[i * 4 + 2]!) : null,
  )
}

function textsIn(vector: Vector, count: number): (string | null)[] {
  const isThere = validityOf(vector, count)
  const cells = bufferOf(duckdb.vector_get_data(vector, count * CELL_BYTES))
  const words = new Uint32Array(cells.buffer, cells.byteOffset, count * 4)
  const heads = cells.toString('latin1')
  const texts: (string | null)[] = []
  const far: number[] = []
  for (let i = 0; i < count; i++) {
    texts.push(null)
    if (!isThere(i)) continue
    const length = words[i * 4]!
    if (length > INLINE_BYTES) {
      far.push(i)
      continue
    }
    const at = i * CELL_BYTES + 4
    // What is beyond the text is zero.
    const isPlain = ((words[i * 4 + 1]! | words[i * 4 + 2]! | words[i * 4 + 3]!) & 0x80808080) === 0
    texts[i] = isPlain ? heads.slice(at, at + length) : cells.toString('utf8', at, at + length)
  }
  if (far.length > 0) readFar(cells, words, far, texts)
  return texts
}

/** Texts that are elsewhere in memory. Of a Parquet file they lie side by side, or where values repeat, many cells point to one. */
function readFar(cells: Buffer, words: Uint32Array, far: number[], texts: (string | null)[]): void {
  const addressOf = (i: number): number => words[i * 4 + 3]! * 2 ** 32 + words[i * 4 + 2]!
  if (far.some((i, n) => n > 0 && addressOf(i) < addressOf(far[n - 1]!)))
    far.sort((a, b) => addressOf(a) - addressOf(b))
  for (let n = 0; n < far.length;) {
    const first = far[n]!
    const start = addressOf(first)
    let end = start + words[first * 4]!
    let next = n + 1
    for (; next < far.length && addressOf(far[next]!) <= end + GAP_BYTES; next++) {
      end = Math.max(end, addressOf(far[next]!) + words[far[next]! * 4]!)
    }
    const { buffer, byteOffset } = cells
    const bytes = bufferOf(
      duckdb.get_data_from_pointer(buffer as ArrayBuffer, byteOffset + first * CELL_BYTES + 8, end - start),
    )
    const isPlain = isAscii(bytes)
    let [at, length, text] = [-1, 0, '']
    for (; n < next; n++) {
      const i = far[n]!
      const from = addressOf(i) - start
      if (from !== at || words[i * 4] !== length) {
        at = from
        length = words[i * 4]!
        // Each a string of its own, not a part of one that would stay as long as any of them.
        text = isPlain ? bytes.toString('latin1', at, at + length) : bytes.toString('utf8', at, at + length)
      }
      texts[i] = text
    }
  }
}

/** Values of a BIGINT column whose values are safe integers; `null`: none. */
export function integersOf(chunk: DuckDBDataChunk, column: number): (number | null)[] {
  const count = chunk.rowCount
  const vector = duckdb.data_chunk_get_vector(chunk.chunk, column)
  const isThere = validityOf(vector, count)
  const cells = duckdb.vector_get_data(vector, count * 8)
  const low = new Uint32Array(cells.buffer, cells.byteOffset, count * 2)
  const high = new Int32Array(cells.buffer, cells.byteOffset, count * 2)
  return Array.from({ length: count }, (_, i) => (isThere(i) ? high[i * 2 + 1]! * 2 ** 32 + low[i * 2]! : null))
}

function validityOf(vector: Vector, count: number): (row: number) => boolean {
  // Null where all are there.
  const bits = duckdb.vector_get_validity(vector, Math.ceil(count / 64) * 8) as Uint8Array | null
  return bits ? (row) => (bits[row >> 3]! & (1 << (row & 7))) !== 0 : () => true
}

function bufferOf({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength)
}
