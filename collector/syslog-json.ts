import { isUtf8 } from 'node:buffer'
import type { SyslogLine } from './syslog-line.ts'
import { isoTime } from './time.ts'

const QUOTE = 0x22
const BACKSLASH = 0x5c
const MINUS = 0x2d
const PRIORITIES = 192
/** A byte takes at most six in JSON (`\u0000`). */
const GROWTH_MAX = 6
/** What stands around the parts of a line, and what a copy of whole words may write behind its end. */
const AROUND_BYTES_MAX = 256
/** Grows where a line needs more. Small enough to stay in a core's cache until it is written out. */
const ROOM_BYTES = 128 * 1024
const HEX = Buffer.from('0123456789abcdef')

/** What stands behind the backslash for a byte; `u`: its number. 0: it stands for itself. */
const ESCAPES = Uint8Array.from({ length: 256 }, (_, byte) => {
  if (byte >= 0x20 && byte !== QUOTE && byte !== BACKSLASH) return 0
  return JSON.stringify(String.fromCharCode(byte)).charCodeAt(2)
})

/** Bytes to be copied four at a time, however many behind their end. */
interface Words {
  words: Int32Array
  bytes: number
}

function wordsOf(text: string): Words {
  const padded = new Uint8Array(Math.ceil(Buffer.byteLength(text) / 4) * 4)
  const { written } = new TextEncoder().encodeInto(text, padded)
  const view = new DataView(padded.buffer)
  const words = Int32Array.from({ length: padded.length / 4 }, (_, i) => view.getInt32(4 * i, true))
  return { words, bytes: written }
}

const PROGRAM = wordsOf('","program":"')
const PID = wordsOf('","pid":"')
const END = wordsOf('"}\n')
/** By priority: severity is its last three bits, facility the others (RFC 5424 §6.2.1). */
const PRIORITY = Array.from({ length: PRIORITIES }, (_, priority) =>
  wordsOf(`","severity":${priority & 7},"facility":${priority >> 3},"message":"`),
)

/**
 * Writes syslog lines as lines of JSON, from bytes to bytes: no text, object or number is made in between, which is where the
 * time of `JSON.stringify` goes. A part of the header that says nothing is `""`. What is not UTF-8 has U+FFFD in its place.
 */
export class SyslogJson {
  #target = Buffer.allocUnsafeSlow(ROOM_BYTES)
  #view = viewOf(this.#target)
  #bytes = 0
  #source: Uint8Array = this.#target
  #sourceView = this.#view
  #timeMs = Number.NaN
  #begin = wordsOf('')

  /** Bytes that `take` would give. */
  get bytes(): number {
    return this.#bytes
  }

  /** What was written since the last call; its memory is written to again by the next `write`. */
  take(): Buffer {
    const written = this.#target.subarray(0, this.#bytes)
    this.#bytes = 0
    return written
  }

  /** @param line what was read from `source`, where the line ends at `end` */
  write(line: SyslogLine, source: Buffer, end: number): void {
    this.#reserve((end - line.hostStart) * GROWTH_MAX + AROUND_BYTES_MAX)
    if (line.timeMs !== this.#timeMs) {
      this.#timeMs = line.timeMs
      this.#begin = wordsOf(`{"timestamp":"${isoTime(line.timeMs)}","host":"`)
    }
    this.#putWords(this.#begin)
    this.#putPart(source, line.hostStart, line.hostEnd)
    this.#putWords(PROGRAM)
    this.#putPart(source, line.programStart, line.tagEnd)
    this.#putWords(PID)
    this.#putPart(source, line.pidStart, line.pidEnd)
    this.#putWords(PRIORITY[line.priority]!)
    this.#putText(source, line.messageStart, end)
    this.#putWords(END)
  }

  #putWords({ words, bytes }: Words): void {
    for (let i = 0; i < words.length; i++) this.#view.setInt32(this.#bytes + 4 * i, words[i]!, true)
    this.#bytes += bytes
  }

  /** A part of a header: some visible ASCII. */
  #putPart(source: Buffer, start: number, end: number): void {
    if (end - start === 1 && source[start] === MINUS) return
    let at = this.#bytes
    for (let i = start; i < end; i++) {
      const byte = source[i]!
      if (ESCAPES[byte] !== 0) this.#target[at++] = BACKSLASH
      this.#target[at++] = byte
    }
    this.#bytes = at
  }

  /** Four bytes in one comparison: eight at a time are looked at and copied, and one by one only where one must be escaped. */
  #putText(source: Buffer, start: number, end: number): void {
    if (source !== this.#source) {
      this.#source = source
      this.#sourceView = viewOf(source)
    }
    const [from, view, target] = [this.#sourceView, this.#view, this.#target]
    let at = this.#bytes
    let seen = 0
    for (let i = start; i < end;) {
      while (i + 8 <= end) {
        const low = from.getInt32(i, true)
        const high = from.getInt32(i + 4, true)
        if (escaped(low) || escaped(high)) break
        seen |= low | high
        view.setInt32(at, low, true)
        view.setInt32(at + 4, high, true)
        at += 8
        i += 8
      }
      const stop = Math.min(end, i + 8)
      for (; i < stop; i++) {
        const byte = source[i]!
        seen |= byte
        if (ESCAPES[byte] === 0) target[at++] = byte
        else at = escape(byte, target, at)
      }
    }
    if ((seen & 0x80808080) === 0 || isUtf8(source.subarray(start, end))) this.#bytes = at
    else {
      const valid = Buffer.from(source.toString('utf8', start, end))
      this.#putText(valid, 0, valid.length)
    }
  }

  #reserve(bytes: number): void {
    if (this.#bytes + bytes <= this.#target.length) return
    const grown = Buffer.allocUnsafeSlow(Math.max(this.#bytes + bytes, 2 * this.#target.length))
    this.#target.copy(grown, 0, 0, this.#bytes)
    this.#target = grown
    this.#view = viewOf(grown)
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
}

/**
 * Whether one of the four bytes of `word` is below 0x20, a quote or a backslash. The subtraction borrows into the top bit of
 * a byte that is less than what is subtracted; bytes whose top bit is set anyway are none of these.
 */
function escaped(word: number): boolean {
  const below = (word - 0x20202020) | ((word ^ 0x22222222) - 0x01010101) | ((word ^ 0x5c5c5c5c) - 0x01010101)
  return (below & ~word & 0x80808080) !== 0
}

/** Gives the offset behind it. */
function escape(byte: number, target: Uint8Array, to: number): number {
  let at = to
  target[at++] = BACKSLASH
  const how = ESCAPES[byte]!
  target[at++] = how
  if (how !== 0x75) return at // u
  target[at++] = 0x30
  target[at++] = 0x30
  target[at++] = HEX[byte >> 4]!
  target[at++] = HEX[byte & 15]!
  return at
}
