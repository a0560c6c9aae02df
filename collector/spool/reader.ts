import { open, readFile, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { LRUCache } from 'lru-cache'
import type { Origin, SpoolRecord } from '../../model/record.ts'
import { SpoolError } from './errors.ts'
import { listSegments, readHeader, segmentName, type Segment } from './folder.ts'
import { findRecord, HEADER_BYTES, isRecord, recordLength, recordReceivedAtMs, recordSeq } from './layout.ts'

const CHUNK_BYTES = 1024 * 1024
const ORIGINS_MAX = 10_000
const EMPTY = Buffer.alloc(0)

export interface ReadOptions {
  recordsMax: number
  /** Reading stops behind the record that reaches this. */
  bytesMax: number
  /**
   * The writer's `durableSeq`: what lies behind it may still be cut off and written anew, what lies before it must be there.
   * `Number.MAX_SAFE_INTEGER`, for a spool that nobody writes: as far as it goes.
   */
  throughSeq: number
}

/**
 * Reads a spool in order from a position on, while another thread writes it. Records share the memory of the chunk they
 * were read in: keep copies, not slices.
 */
export class SpoolReader {
  readonly id: string
  readonly #folder: string
  readonly #salt: number
  readonly #origins = new LRUCache<string, Origin>({ max: ORIGINS_MAX })
  #segment: Segment
  #file: FileHandle
  /** Position of the next record, and where it begins: byte `#at` of the chunk, which begins at `#chunkOffset`. */
  #seq: number
  #chunk: Buffer = EMPTY
  #chunkOffset: number
  #at = 0
  /** What was durable when the chunk was read; the bytes behind it may be stale. */
  #chunkThrough = 0

  private constructor(folder: string, header: { id: string; salt: number }, start: Start) {
    this.id = header.id
    this.#folder = folder
    this.#salt = header.salt
    this.#segment = start.segment
    this.#file = start.file
    this.#seq = start.seq
    this.#chunkOffset = start.offset
  }

  /**
   * A reader whose first record will be `fromSeq`, which must not be beyond the record after the last durable one.
   * @throws {SpoolError} `missing`: no spool in `folder`, or `fromSeq` was released.
   */
  static async open(folder: string, fromSeq: number): Promise<SpoolReader> {
    const header = await readHeader(folder)
    const segment = (await listSegments(folder)).findLast(({ firstSeq }) => firstSeq <= fromSeq)
    if (segment === undefined) throw new SpoolError('missing', `position ${fromSeq} is no longer in ${folder}`)
    const { offset, seq } = locate(await readFile(join(folder, segment.name)), segment.firstSeq, fromSeq, header.salt)
    const file = await open(join(folder, segment.name), 'r')
    return new SpoolReader(folder, header, { segment, file, offset, seq })
  }

  /**
   * The next records up to `throughSeq`, none if there are none.
   * @throws {SpoolError} `corrupt`, with `damage`: records that were durable no longer read back. The reader stays where it
   * is; a new one opened at `damage.resumeSeq` goes on behind the loss.
   */
  async read({ recordsMax, bytesMax, throughSeq }: ReadOptions): Promise<SpoolRecord[]> {
    const records: SpoolRecord[] = []
    let bytes = 0
    while (this.#seq <= throughSeq && records.length < recordsMax && bytes < bytesMax) {
      const length = this.#seq > this.#chunkThrough ? 0 : recordLength(this.#chunk, this.#at)
      if (length === 0 || (length > 0 && this.#at + length > this.#chunk.length)) {
        if (await this.#fill(Math.max(length, CHUNK_BYTES), throughSeq)) continue
        if (this.#chunk.length === 0 && throughSeq === Number.MAX_SAFE_INTEGER) break
        if (records.length > 0) break // what is good goes out first; the damage meets the next call
        throw await this.#damaged(throughSeq)
      }
      if (
        length < 0 ||
        !isRecord(this.#chunk, this.#at, length, this.#salt) ||
        recordSeq(this.#chunk, this.#at) !== this.#seq
      ) {
        if (records.length > 0) break
        throw await this.#damaged(throughSeq)
      }
      const record = this.#decode(this.#at, length)
      records.push(record)
      bytes += record.bytes.length
      this.#at += length
      this.#seq++
    }
    return records
  }

  async close(): Promise<void> {
    await this.#file.close()
  }

  #decode(offset: number, length: number): SpoolRecord {
    const chunk = this.#chunk
    let at = offset + HEADER_BYTES
    const originEnd = at + chunk.readUInt16LE(offset + 22)
    const key = chunk.toString('latin1', at, originEnd)
    let origin = this.#origins.get(key)
    if (origin === undefined) {
      origin = Object.freeze(JSON.parse(chunk.toString('utf8', at, originEnd)) as Origin)
      this.#origins.set(key, origin)
    }
    const senderIdEnd = originEnd + chunk.readUInt16LE(offset + 24)
    const refusedEnd = senderIdEnd + chunk[offset + 21]!
    at = refusedEnd
    const record: SpoolRecord = {
      seq: this.#seq,
      receivedAtMs: recordReceivedAtMs(chunk, offset),
      origin,
      bytes: chunk.subarray(at, offset + length),
    }
    if (senderIdEnd > originEnd) record.senderId = chunk.toString('utf8', originEnd, senderIdEnd)
    if (refusedEnd > senderIdEnd) record.refused = chunk.toString('utf8', senderIdEnd, refusedEnd)
    return record
  }

  /** Reads on from the next record, in the next segment if this one is used up. False: it is not there in full. */
  async #fill(bytesMin: number, throughSeq: number): Promise<boolean> {
    const offset = this.#chunkOffset + this.#at
    const chunk = Buffer.allocUnsafeSlow(bytesMin)
    let filled = 0
    for (;;) {
      const { bytesRead } = await this.#file.read(chunk, filled, bytesMin - filled, offset + filled)
      filled += bytesRead
      if (bytesRead === 0 || filled === bytesMin) break
    }
    this.#chunk = chunk.subarray(0, filled)
    this.#chunkOffset = offset
    this.#at = 0
    this.#chunkThrough = throughSeq
    if (filled === 0) return this.#nextSegment()
    const length = recordLength(this.#chunk, 0)
    if (length > filled && filled === bytesMin) return this.#fill(length, throughSeq)
    return length !== 0 && length <= filled
  }

  async #nextSegment(): Promise<boolean> {
    const name = segmentName(this.#seq)
    if (name === this.#segment.name) return false
    let file: FileHandle
    try {
      file = await open(join(this.#folder, name), 'r')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
      throw error
    }
    await this.#file.close()
    this.#file = file
    this.#segment = { name, firstSeq: this.#seq }
    this.#chunkOffset = 0
    this.#chunkThrough = 0
    return true
  }

  async #damaged(throughSeq: number): Promise<SpoolError> {
    const offset = this.#chunkOffset + this.#at
    const source = await readFile(join(this.#folder, this.#segment.name))
    const found = findRecord(source, offset, { seqMin: this.#seq, groupStart: false, salt: this.#salt })
    const next = (await listSegments(this.#folder)).find(({ firstSeq }) => firstSeq > this.#seq)
    const resumeSeq = found >= 0 ? recordSeq(source, found) : (next?.firstSeq ?? throughSeq + 1)
    const message = `${this.#segment.name}: no record ${this.#seq} at byte ${offset}; reading can go on at ${resumeSeq}`
    const damage = { segment: this.#segment.name, offset, seq: this.#seq, resumeSeq }
    return new SpoolError('corrupt', message, { damage })
  }
}

interface Start {
  segment: Segment
  file: FileHandle
  offset: number
  seq: number
}

/** Where record `fromSeq` begins in a segment, past damage if need be; or where the segment ends before it. */
function locate(source: Buffer, firstSeq: number, fromSeq: number, salt: number): { offset: number; seq: number } {
  let offset = 0
  let seq = firstSeq
  while (seq < fromSeq) {
    const length = recordLength(source, offset)
    if (length > 0 && isRecord(source, offset, length, salt) && recordSeq(source, offset) === seq) {
      offset += length
      seq++
      continue
    }
    const later = findRecord(source, offset + 1, { seqMin: seq + 1, groupStart: false, salt })
    if (later < 0) break
    offset = later
    seq = recordSeq(source, later)
  }
  return { offset, seq: fromSeq }
}
