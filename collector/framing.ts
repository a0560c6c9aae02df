/*
 * Cuts a byte stream into frames, RFC 6587. Runs for every byte of every TCP connection: a frame is a place in the chunk it
 * came in wherever it came in one chunk, no text is made, and at most `frameBytesMax` bytes are ever held back.
 *
 * Which of its two framings a sender uses is told once per connection, from its first bytes, and never again: a line of log
 * text may well begin with a number.
 *   octet counting (§3.4.1)    1 to 6 digits, the first not 0, a space, then `<`, 1 to 3 digits, `>`
 *   LF, non-transparent (§3.4.2)   anything else
 *
 * The count is of octets, not characters. Some senders count a trailing LF in (rsyslog), some send one that they did not
 * count, most send none: it is never part of the message. Nor is the CR of CRLF, nor one NUL at the end. A NUL inside a
 * message does not end it: log text could otherwise pass for a message of its own. Lines of nothing are no messages.
 */

const LF = 0x0a
const CR = 0x0d
const SP = 0x20
const ZERO = 0x30
const NINE = 0x39
const COUNT_DIGITS_MAX = 6
const EMPTY = Buffer.alloc(0)

/** The count can say no more. */
export const FRAME_BYTES_MAX = 999_999
export const FRAME_BYTES_DEFAULT = 64 * 1024

/** Why a frame is not a whole message: its head only; bytes in which no frame could be made out; cut off by the sender. */
type FrameFault = 'oversized' | 'unframed' | 'truncated'

export interface Framed {
  bytes: Buffer
  refused?: FrameFault
}

/** Told where a frame stands: bytes `start` to `end` of `source`. */
export type TakeFrame = (source: Buffer, start: number, end: number, refused?: FrameFault) => void

/** Without one LF or CRLF, and one NUL before it, at the end: they end a message, they are not in it. */
export function withoutTerminator(bytes: Buffer): Buffer {
  const end = terminatorStart(bytes, 0, bytes.length)
  return end === bytes.length ? bytes : bytes.subarray(0, end)
}

function terminatorStart(bytes: Buffer, start: number, end: number): number {
  return end > start && bytes[end - 1] === LF ? lineEndStart(bytes, start, end - 1) : nulStart(bytes, start, end)
}

function lineEndStart(bytes: Buffer, start: number, end: number): number {
  return nulStart(bytes, start, end > start && bytes[end - 1] === CR ? end - 1 : end)
}

function nulStart(bytes: Buffer, start: number, end: number): number {
  return end > start && bytes[end - 1] === 0 ? end - 1 : end
}

/** One connection's stream. The frames do not depend on how the stream was cut into chunks. */
export class FrameDecoder {
  readonly #frameBytesMax: number
  #mode: 'undecided' | 'lf' | 'count' | 'octets' | 'unframed' = 'undecided'
  /** The frame so far: the first `#heldBytes` of `#held`. */
  #held = EMPTY
  #heldBytes = 0
  /** Octets of the current frame still to come; those beyond the limit are counted but not held. */
  #octetsLeft = 0
  #count = 0
  #digits = 0
  /** The rest of an oversized frame is being passed over. */
  #skipping = false

  constructor(frameBytesMax: number) {
    this.#frameBytesMax = frameBytesMax
  }

  /** The sender's octet counts make no sense: no frame can be found any more, the connection is of no further use. */
  get broken(): boolean {
    return this.#mode === 'unframed'
  }

  /** Whether the stream, should it end now, ends inside a frame. */
  get midFrame(): boolean {
    return this.#heldBytes > 0 || this.#octetsLeft > 0 || this.#digits > 0
  }

  /** The frames that `chunk` completes. They may share its memory. */
  push(chunk: Buffer): Framed[] {
    const frames: Framed[] = []
    this.cut(chunk, (source, start, end, refused) => frames.push(framed(source, start, end, refused)))
    return frames
  }

  /** The same without an object per frame, for those who are done with the bytes when `take` returns. */
  cut(chunk: Buffer, take: TakeFrame): void {
    let rest = chunk
    if (this.#mode === 'undecided') {
      if (this.#heldBytes > 0) {
        rest = Buffer.concat([this.#held.subarray(0, this.#heldBytes), chunk])
        this.#heldBytes = 0
      }
      const mode = tellFraming(rest)
      if (mode === null) {
        this.#hold(rest, 0, rest.length)
        return
      }
      this.#mode = mode
    }
    if (this.#mode === 'lf') this.#cutLines(rest, take)
    else this.#cutOctets(rest, take)
  }

  /** What the end of the stream completes: a last line without LF is a frame, an octet-counted frame cut short is refused. */
  end(): Framed[] {
    const frames: Framed[] = []
    if (this.#mode === 'undecided' && this.#heldBytes > 0) this.#mode = 'lf'
    if (this.#mode === 'lf' && this.#heldBytes > 0) {
      const bytes = this.#take()
      const end = nulStart(bytes, 0, bytes.length)
      if (end > 0) frames.push(framed(bytes, 0, end))
    } else if (this.#mode === 'unframed' && this.#heldBytes > 0)
      frames.push({ bytes: this.#take(), refused: 'unframed' })
    else if (this.#octetsLeft > 0 && !this.#skipping) frames.push({ bytes: this.#take(), refused: 'truncated' })
    else if (this.#digits > 0) frames.push({ bytes: Buffer.from(String(this.#count)), refused: 'truncated' })
    this.#octetsLeft = this.#digits = 0
    return frames
  }

  #cutLines(chunk: Buffer, take: TakeFrame): void {
    let start = 0
    while (start < chunk.length) {
      const found = chunk.indexOf(LF, start)
      const end = found < 0 ? chunk.length : found
      if (!this.#skipping) {
        const room = this.#frameBytesMax - this.#heldBytes
        if (end - start > room) {
          this.#give(take, chunk, start, start + room, 'oversized')
          this.#skipping = true
        } else if (found < 0) this.#hold(chunk, start, end)
        else this.#give(take, chunk, start, end, lineEndStart)
      }
      if (found < 0) return
      this.#skipping = false
      start = found + 1
    }
  }

  #cutOctets(chunk: Buffer, take: TakeFrame): void {
    let at = 0
    while (at < chunk.length) {
      if (this.#mode === 'unframed') {
        this.#hold(chunk, at, Math.min(chunk.length, at + this.#frameBytesMax - this.#heldBytes))
        return
      }
      if (this.#mode === 'count') at = this.#readCount(chunk, at)
      else at = this.#readOctets(chunk, at, take)
    }
  }

  #readCount(chunk: Buffer, at: number): number {
    const byte = chunk[at]!
    if (byte >= ZERO && byte <= NINE && this.#digits < COUNT_DIGITS_MAX && (byte > ZERO || this.#digits > 0)) {
      this.#count = this.#count * 10 + byte - ZERO
      this.#digits++
      return at + 1
    }
    if (this.#digits === 0 && (byte === LF || byte === CR)) return at + 1
    const digits = this.#digits > 0 ? Buffer.from(String(this.#count)) : EMPTY
    if (byte === SP && this.#digits > 0) {
      this.#mode = 'octets'
      this.#octetsLeft = this.#count
    } else {
      this.#mode = 'unframed'
      this.#hold(digits, 0, digits.length)
    }
    this.#count = this.#digits = 0
    return byte === SP && this.#mode === 'octets' ? at + 1 : at
  }

  #readOctets(chunk: Buffer, at: number, take: TakeFrame): number {
    const end = Math.min(chunk.length, at + this.#octetsLeft)
    const room = this.#frameBytesMax - this.#heldBytes
    this.#octetsLeft -= end - at
    if (!this.#skipping) {
      if (end - at > room) {
        this.#give(take, chunk, at, at + room, 'oversized')
        this.#skipping = true
      } else if (this.#octetsLeft === 0) this.#give(take, chunk, at, end, terminatorStart)
      else this.#hold(chunk, at, end)
    }
    if (this.#octetsLeft === 0) {
      this.#skipping = false
      this.#mode = 'count'
    }
    return end
  }

  /** What is held, and `source` from `start` to `end` behind it: refused, or without what ends it. */
  #give(take: TakeFrame, source: Buffer, start: number, end: number, how: 'oversized' | typeof lineEndStart): void {
    if (this.#heldBytes > 0) {
      const bytes = this.#take(source, start, end)
      return give(take, bytes, 0, bytes.length, how)
    }
    return give(take, source, start, end, how)
  }

  #hold(source: Buffer, start: number, end: number): void {
    const bytes = this.#heldBytes + end - start
    if (bytes > this.#held.length) {
      // Doubled, so that a sender of single bytes costs no more than its frame does.
      const grown = Buffer.allocUnsafeSlow(Math.max(bytes, Math.min(2 * this.#held.length, this.#frameBytesMax), 256))
      this.#held.copy(grown, 0, 0, this.#heldBytes)
      this.#held = grown
    }
    source.copy(this.#held, this.#heldBytes, start, end)
    this.#heldBytes = bytes
  }

  /** What is held, and `source` from `start` to `end` behind it; nothing is held any more. */
  #take(source: Buffer = EMPTY, start = 0, end = 0): Buffer {
    if (this.#heldBytes === 0) return source.subarray(start, end)
    this.#hold(source, start, end)
    const bytes = this.#held.subarray(0, this.#heldBytes)
    this.#held = EMPTY // it belongs to the frame now
    this.#heldBytes = 0
    return bytes
  }
}

/** Nothing is no message. */
function give(
  take: TakeFrame,
  source: Buffer,
  start: number,
  end: number,
  how: 'oversized' | typeof lineEndStart,
): void {
  if (how === 'oversized') return take(source, start, end, how)
  const bare = how(source, start, end)
  if (bare > start) take(source, start, bare)
}

function framed(source: Buffer, start: number, end: number, refused?: FrameFault): Framed {
  const bytes = source.subarray(start, end)
  return refused === undefined ? { bytes } : { bytes, refused }
}

/** Null: more bytes are needed to tell. Never more than 12. */
function tellFraming(start: Buffer): 'lf' | 'count' | null {
  let at = 0
  while (at < COUNT_DIGITS_MAX && isDigit(start[at])) at++
  if (at === 0 || start[0] === ZERO) return start.length === 0 ? null : 'lf'
  if (at === start.length) return null
  if (start[at++] !== SP) return 'lf'
  if (at === start.length) return null
  if (start[at++] !== 0x3c) return 'lf' // <
  const priority = at
  while (at < priority + 3 && isDigit(start[at])) at++
  if (at === start.length) return null
  return at > priority && start[at] === 0x3e ? 'count' : 'lf' // >
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= ZERO && byte <= NINE
}
