import type { Framed } from './framing.ts'

const NUL = 0x00
const EMPTY = Buffer.alloc(0)

/** One connection's stream of frames that end with NUL, as GELF has them. The end of the stream ends a frame as well. */
export class NulDecoder {
  readonly broken = false
  readonly #frameBytesMax: number
  #held: Buffer[] = []
  #heldBytes = 0
  /** The rest of an oversized frame is being passed over. */
  #skipping = false

  constructor(frameBytesMax: number) {
    this.#frameBytesMax = frameBytesMax
  }

  get midFrame(): boolean {
    return this.#heldBytes > 0
  }

  push(chunk: Buffer): Framed[] {
    const frames: Framed[] = []
    for (let start = 0; start < chunk.length;) {
      const found = chunk.indexOf(NUL, start)
      const end = found < 0 ? chunk.length : found
      if (!this.#skipping) this.#hold(chunk.subarray(start, end), frames)
      if (found < 0) break
      if (!this.#skipping) emit(frames, this.#take())
      this.#skipping = false
      start = found + 1
    }
    return frames
  }

  end(): Framed[] {
    const frames: Framed[] = []
    emit(frames, this.#take())
    return frames
  }

  #hold(bytes: Buffer, frames: Framed[]): void {
    const room = this.#frameBytesMax - this.#heldBytes
    this.#held.push(bytes.subarray(0, room))
    this.#heldBytes += Math.min(bytes.length, room)
    // A sender of single bytes must not cost more than its frame does.
    if (this.#held.length >= 1024) this.#held = [Buffer.concat(this.#held)]
    if (bytes.length <= room) return
    frames.push({ bytes: this.#take(), refused: 'oversized' })
    this.#skipping = true
  }

  #take(): Buffer {
    const bytes = this.#held.length === 1 ? this.#held[0]! : this.#held.length === 0 ? EMPTY : Buffer.concat(this.#held)
    this.#held = []
    this.#heldBytes = 0
    return bytes
  }
}

/** Some senders put a line end beside the NUL: it is no content, and a frame of nothing else is no message. */
function emit(frames: Framed[], bytes: Buffer): void {
  let start = 0
  let end = bytes.length
  while (start < end && isLineEnd(bytes[start]!)) start++
  while (end > start && isLineEnd(bytes[end - 1]!)) end--
  if (end > start) frames.push({ bytes: bytes.subarray(start, end) })
}

function isLineEnd(byte: number): boolean {
  return byte === 0x0a || byte === 0x0d
}
