import type { EcsValue } from '../model/event.ts'
import { wellFormedJson } from './admission.ts'

/** UTF-8 takes three bytes for a unit at most; four for two of them. */
const UNIT_BYTES_MAX = 3
/** A longer text is written by V8: the way there costs as much as so many units do here. */
const LONG_CHARS = 200
/** Enough for most batches. */
const BYTES_FIRST = 1024 ** 2
const [QUOTE, COMMA, BACKSLASH, OPEN, CLOSE, BRACE] = [0x22, 0x2c, 0x5c, 0x5b, 0x5d, 0x7d]
const [SURROGATES, AFTER_SURROGATES] = [0xd800, 0xe000]

/** Small letters for large ones of ASCII. */
const LOWER = Uint8Array.from({ length: 128 }, (_, code) => String.fromCharCode(code).toLowerCase().charCodeAt(0))
const DIGITS = Buffer.from('0123456789abcdef')

/**
 * JSON in UTF-8, one text after another, the same bytes as of `wellFormedJson`. Runs for every field that has no column, and for every
 * field of a document: a text made of parts, laid flat and encoded by V8 cost three times as much, twice that where one word of it was
 * Vietnamese.
 */
export class JsonBytes {
  bytes: Buffer
  /** Where the next byte goes; a text is taken back by setting it to where that began. */
  end = 0

  /** `bytesFirst`: there is more room when it is needed. */
  constructor(bytesFirst = BYTES_FIRST) {
    this.bytes = Buffer.allocUnsafe(bytesFirst)
  }

  byte(byte: number): void {
    this.#room(1)
    this.bytes[this.end++] = byte
  }

  /** What is JSON already, such as a name and its colon. A loop, for it is short. */
  copy(json: Uint8Array): void {
    this.#room(json.length)
    const { bytes } = this
    let { end } = this
    for (let i = 0; i < json.length; i++) bytes[end++] = json[i]!
    this.end = end
  }

  /** @throws {RangeError} the value is nested too deep */
  value(value: EcsValue): void {
    if (typeof value === 'string') this.#text(value)
    else if (typeof value === 'number') this.plain(Number.isFinite(value) ? String(value) : 'null')
    else if (Array.isArray(value) && value.every(isText)) this.#texts(value)
    else this.json(wellFormedJson(value))
  }

  #texts(texts: readonly string[]): void {
    this.byte(OPEN)
    for (let i = 0; i < texts.length; i++) {
      if (i > 0) this.byte(COMMA)
      this.#text(texts[i]!)
    }
    this.byte(CLOSE)
  }

  #text(text: string): void {
    this.byte(QUOTE)
    this.rest(text)
  }

  /** What is left of a text that is begun, and its closing quote. */
  rest(text: string): void {
    if (text.length > LONG_CHARS) return this.json(wellFormedJson(text).slice(1))
    this.#room(text.length * UNIT_BYTES_MAX + 1)
    const { bytes } = this
    let { end } = this
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i)
      if (code < 0x80) {
        if (code < 0x20 || code === QUOTE || code === BACKSLASH) return this.json(wellFormedJson(text).slice(1))
        bytes[end++] = code
      } else if (code < 0x800) {
        bytes[end++] = 0xc0 | (code >> 6)
        bytes[end++] = 0x80 | (code & 0x3f)
      } else {
        if (code >= SURROGATES && code < AFTER_SURROGATES) return this.json(wellFormedJson(text).slice(1))
        bytes[end++] = 0xe0 | (code >> 12)
        bytes[end++] = 0x80 | ((code >> 6) & 0x3f)
        bytes[end++] = 0x80 | (code & 0x3f)
      }
    }
    bytes[end++] = QUOTE
    this.end = end
  }

  /** Text of ASCII, as it is. */
  plain(text: string): void {
    this.#room(text.length)
    const { bytes } = this
    let { end } = this
    for (let i = 0; i < text.length; i++) bytes[end++] = text.charCodeAt(i)
    this.end = end
  }

  /** Eight hexadecimal digits of 32 bits. */
  hex(word: number): void {
    this.#room(8)
    for (let shift = 28; shift >= 0; shift -= 4) this.bytes[this.end++] = DIGITS[(word >>> shift) & 15]!
  }

  /** What another one has from `begin` to `end`. */
  part({ bytes: source }: JsonBytes, begin: number, end: number): void {
    this.#room(end - begin)
    this.end += source.copy(this.bytes, this.end, begin, end)
  }

  /** Whether the text that `lowerText` copied last was ASCII: only then is what was written the text in small letters. */
  isAscii = true

  /** What is left of a text that is begun: the text that stands in another one at `at`, in small letters, for escapes have no large ones. Gives where it ends there. */
  lowerText({ bytes: source, end: sourceEnd }: JsonBytes, at: number): number {
    this.#room(sourceEnd - at)
    const { bytes } = this
    let [to, all] = [this.end, 0]
    let byte = source[++at]!
    while (byte !== QUOTE) {
      if (byte === BACKSLASH) {
        bytes[to++] = byte
        byte = source[++at]!
      }
      all |= byte
      bytes[to++] = LOWER[byte & 0x7f]!
      byte = source[++at]!
    }
    bytes[to++] = QUOTE
    this.end = to
    this.isAscii = all < 0x80
    return at + 1
  }

  /** Where a number, a boolean or null ends that stands at `at` in an object or a list. */
  endOfScalar(at: number): number {
    const { bytes } = this
    while (bytes[at] !== COMMA && bytes[at] !== CLOSE && bytes[at] !== BRACE) at++
    return at
  }

  /** JSON that V8 wrote. */
  json(json: string): void {
    this.#room(json.length * UNIT_BYTES_MAX)
    this.end += this.bytes.write(json, this.end)
  }

  #room(bytes: number): void {
    if (this.end + bytes <= this.bytes.length) return
    const larger = Buffer.allocUnsafe(Math.max(this.bytes.length * 2, this.end + bytes))
    this.bytes.copy(larger, 0, 0, this.end)
    this.bytes = larger
  }
}

function isText(value: EcsValue): value is string {
  return typeof value === 'string'
}
