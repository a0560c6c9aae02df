/*
 * Puts GELF messages together that came in several datagrams: 1e 0f, eight bytes that name the message, the number of the chunk
 * from 0, how many there are (at most 128), then its part. All of them must come within five seconds. Who sends them can be
 * made up, so what waits is bounded, per source and in all: the oldest message of the source, or of all, goes first.
 */

const HEADER_BYTES = 12
const CHUNKS_MAX = 128
const WAIT_MS = 5_000
/** What a message, and each of its chunks, costs beside its bytes. */
const OVERHEAD_BYTES = 256

export interface ChunkLimits {
  /** Of all chunks of a source that wait for others. */
  sourceBytesMax: number
  bytesMax: number
}

export type Assembled =
  | { kind: 'message'; bytes: Buffer }
  | { kind: 'waiting' }
  /** No chunk that could be: its numbers make no sense, or are others than its siblings'. */
  | { kind: 'malformed' }

interface Partial {
  source: string
  startedAtMs: number
  chunks: (Buffer | undefined)[]
  missing: number
  bytes: number
}

export function isChunk(datagram: Buffer): boolean {
  return datagram[0] === 0x1e && datagram[1] === 0x0f
}

export class ChunkAssembler {
  readonly #limits: ChunkLimits
  readonly #onLost: (source: string) => void
  /** By source and message, oldest first. */
  readonly #partials = new Map<string, Partial>()
  /** Bytes that wait, by source. */
  readonly #bytesOf = new Map<string, number>()
  #bytes = 0

  /** @param onLost one message of the source will never be whole */
  constructor(limits: ChunkLimits, onLost: (source: string) => void) {
    this.#limits = limits
    this.#onLost = onLost
  }

  /** Memory that waiting chunks take, roughly. */
  get bytes(): number {
    return this.#bytes
  }

  /** @param sender tells two programs of one source apart, as its port does */
  add(datagram: Buffer, source: string, sender: number, nowMs: number): Assembled {
    this.expire(nowMs)
    const number = datagram[10]
    const count = datagram[11]
    if (number === undefined || count === undefined || number >= count || count > CHUNKS_MAX)
      return { kind: 'malformed' }
    const key = `${source} ${sender} ${datagram.toString('latin1', 2, 10)}`
    const part = datagram.subarray(HEADER_BYTES)
    if (count === 1) return { kind: 'message', bytes: part }
    let partial = this.#partials.get(key)
    if (partial === undefined) {
      partial = { source, startedAtMs: nowMs, chunks: Array.from({ length: count }), missing: count, bytes: 0 }
      this.#partials.set(key, partial)
      this.#account(partial, OVERHEAD_BYTES + 8 * count)
    } else if (partial.chunks.length !== count) return { kind: 'malformed' }
    if (partial.chunks[number] !== undefined) return { kind: 'waiting' } // sent twice by the network
    partial.chunks[number] = part
    partial.missing--
    this.#account(partial, OVERHEAD_BYTES + part.length)
    if (partial.missing === 0) {
      this.#forget(key, partial)
      return { kind: 'message', bytes: Buffer.concat(partial.chunks as Buffer[]) }
    }
    this.#makeRoom(source)
    return { kind: 'waiting' }
  }

  /** Gives up what has waited for too long. */
  expire(nowMs: number): void {
    for (const [key, partial] of this.#partials) {
      if (nowMs - partial.startedAtMs < WAIT_MS) return
      this.#lose(key, partial)
    }
  }

  /** Gives up all that waits. */
  clear(): void {
    for (const [key, partial] of this.#partials) this.#lose(key, partial)
  }

  #makeRoom(source: string): void {
    if ((this.#bytesOf.get(source) ?? 0) > this.#limits.sourceBytesMax) {
      for (const [key, partial] of this.#partials) {
        if (partial.source !== source) continue
        this.#lose(key, partial)
        if ((this.#bytesOf.get(source) ?? 0) <= this.#limits.sourceBytesMax) break
      }
    }
    for (const [key, partial] of this.#partials) {
      if (this.#bytes <= this.#limits.bytesMax) return
      this.#lose(key, partial)
    }
  }

  #lose(key: string, partial: Partial): void {
    this.#forget(key, partial)
    this.#onLost(partial.source)
  }

  #forget(key: string, partial: Partial): void {
    this.#partials.delete(key)
    this.#account(partial, -partial.bytes)
  }

  #account(partial: Partial, bytes: number): void {
    partial.bytes += bytes
    this.#bytes += bytes
    const left = (this.#bytesOf.get(partial.source) ?? 0) + bytes
    if (left > 0) this.#bytesOf.set(partial.source, left)
    else this.#bytesOf.delete(partial.source)
  }
}
