import { Readable } from 'node:stream'
import { createInflate } from 'node:zlib'
import { ByteReader } from './byte-reader.ts'
import type { Turn } from './conversation.ts'

/*
 * Lumberjack version 2, which Beats call the Logstash output. Every frame begins with `2` and a letter; numbers are 32 bits,
 * big-endian.
 *   W  count                     so many events follow, then the client waits until the last one is acknowledged
 *   J  sequence, length, JSON    an event; sequences are the client's own, 1, 2, 3 … in each window
 *   C  length, zlib stream       frames J (or C), packed
 *   A  sequence                  the only answer: everything up to this event is safe. 0: still at it, wait on
 */

const VERSION = 0x32
const W = 0x57
const J = 0x4a
const C = 0x43
const A = 0x41
/** Of one C inside another. No sender is known that packs more than once. */
const DEPTH_MAX = 2
const INFLATE_CHUNK_BYTES = 64 * 1024

export interface LumberjackLimits {
  frameBytesMax: number
  /** Events in one window. */
  windowMax: number
  /** What one C may unpack to, along with those in it. */
  unpackedBytesMax: number
}

/** `2A`: everything up to the event with this number in its window is durable. */
export function acknowledgement(sequence: number): Buffer {
  const frame = Buffer.from([VERSION, A, 0, 0, 0, 0])
  frame.writeUInt32BE(sequence, 2)
  return frame
}

/** Not what the protocol allows; nothing can be made out behind it. */
class Malformed extends Error {
  /** From where it goes wrong, as far as there was. */
  readonly bytes: Buffer
  constructor(message: string, bytes: Buffer) {
    super(message)
    this.bytes = bytes
  }
}

/** The window in hand. */
interface Window {
  /** Events still to come. */
  left: number
  /** Of the last event. */
  sequence: number
  unpackedBytes: number
  limits: LumberjackLimits
}

/**
 * What a client says, and the acknowledgements: one due for each event, all but the last of a window interim. Packed frames
 * are unpacked as they come, so that no more is held than one event and a chunk, whatever the sender claims.
 * It ends where the client does, and where the protocol is not kept. An event that is cut off was not acknowledged and is
 * the client's to send again: nothing is kept of it.
 */
export async function* readLumberjack(chunks: AsyncIterable<Buffer>, limits: LumberjackLimits): AsyncGenerator<Turn> {
  try {
    yield* readFrames(new ByteReader(chunks), 0, { left: 0, sequence: 0, unpackedBytes: 0, limits })
  } catch (error) {
    if (!(error instanceof Malformed)) throw error
    const bytes = error.bytes.subarray(0, limits.frameBytesMax)
    yield { frame: { bytes, refused: 'unframed' }, fault: error.message }
  }
}

async function* readFrames(bytes: ByteReader, depth: number, window: Window): AsyncGenerator<Turn> {
  for (;;) {
    const head = await bytes.take(2)
    if (head === null) break
    if (head[0] !== VERSION) throw malformed('no frame of version 2', head, bytes)
    switch (head[1]) {
      case W:
        if (depth > 0) throw malformed('a window inside a packed frame', head, bytes)
        yield* readWindow(bytes, window)
        break
      case J:
        if (window.left === 0) throw malformed('an event outside of a window', head, bytes)
        yield* readEvent(bytes, window)
        break
      case C:
        if (depth === DEPTH_MAX) throw malformed('packed too often', head, bytes)
        if (depth === 0) window.unpackedBytes = 0
        yield* readPacked(bytes, depth, window)
        break
      default:
        throw malformed('no such frame', head, bytes)
    }
    if (bytes.ended) break
  }
  if (depth > 0 && bytes.held.length > 0) throw new Malformed('a packed frame ends within an event', bytes.held)
}

async function* readWindow(bytes: ByteReader, window: Window): AsyncGenerator<Turn> {
  const body = await bytes.take(4)
  if (body === null) return
  const count = body.readUInt32BE()
  if (count > window.limits.windowMax) throw new Malformed(`a window of ${count} events`, body)
  // Of a window that its sender gave up, what had come is still acknowledged.
  if (window.left > 0 && window.sequence > 0) yield { answer: acknowledgement(window.sequence) }
  window.left = count
  window.sequence = 0
}

async function* readEvent(bytes: ByteReader, window: Window): AsyncGenerator<Turn> {
  const { frameBytesMax } = window.limits
  const fixed = await bytes.take(8)
  if (fixed === null) return
  const length = fixed.readUInt32BE(4)
  const json = await bytes.take(Math.min(length, frameBytesMax))
  if (json === null || !(await bytes.skip(length - json.length))) return
  window.left--
  window.sequence = fixed.readUInt32BE()
  const answer = acknowledgement(window.sequence)
  const frame: Turn['frame'] = length > frameBytesMax ? { bytes: json, refused: 'oversized' } : { bytes: json }
  yield { frame, answer, interim: window.left > 0 }
}

async function* readPacked(bytes: ByteReader, depth: number, window: Window): AsyncGenerator<Turn> {
  const fixed = await bytes.take(4)
  if (fixed === null) return
  const length = fixed.readUInt32BE()
  const inflate = createInflate({ chunkSize: INFLATE_CHUNK_BYTES })
  const packed = Readable.from(bytes.pieces(length), { highWaterMark: 1 })
  packed.once('error', (error) => inflate.destroy(error))
  packed.pipe(inflate)
  try {
    yield* readFrames(new ByteReader(bounded(inflate, window)), depth + 1, window)
  } catch (error) {
    if (error instanceof Malformed) throw error
    if (bytes.ended) return // the packed frame was cut off, and cannot be whole
    throw new Malformed(`cannot be unpacked: ${String(error)}`, fixed)
  } finally {
    packed.destroy()
    inflate.destroy()
  }
  if (!bytes.ended && inflate.bytesWritten !== length) throw new Malformed('more than one zlib stream', bytes.held)
}

/** What is unpacked, as long as it stays within the limit. */
async function* bounded(inflate: AsyncIterable<Buffer>, window: Window): AsyncGenerator<Buffer> {
  for await (const chunk of inflate) {
    window.unpackedBytes += chunk.length
    if (window.unpackedBytes > window.limits.unpackedBytesMax) {
      throw new Malformed(`unpacks to more than ${window.limits.unpackedBytesMax} bytes`, chunk)
    }
    yield chunk
  }
}

function malformed(message: string, head: Buffer, bytes: ByteReader): Malformed {
  return new Malformed(message, Buffer.concat([head, bytes.held]))
}
