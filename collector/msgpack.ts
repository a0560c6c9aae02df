import { isUtf8 } from 'node:buffer'
import { base64Text } from './base64-text.ts'

/*
 * MessagePack (msgpack.org, spec.md), read from bytes straight into JSON text. A value is a head and what follows: nothing, so
 * many bytes, or so many values. Lengths are the sender's claim: nothing is set aside for them, and values that are not there
 * are found to be missing.
 */

export type MsgpackType = 'nil' | 'bool' | 'integer' | 'float' | 'text' | 'bytes' | 'extension' | 'array' | 'map'

/** Not MessagePack, or cut off. */
export class MalformedMsgpack extends Error {
  override readonly name = 'MalformedMsgpack'
}

/** Values deeper than this are written as null. Parsers refuse a record that is half as deep. */
const DEPTH_MAX = 64

/** Goes through the values of `bytes`. */
export class MsgpackReader {
  readonly bytes: Buffer
  /** Where the next value begins. */
  at: number
  /** Of the value whose head was read. */
  type: MsgpackType = 'nil'
  /** Bytes behind the head, or values in an array, or pairs in a map. */
  length = 0
  /** Behind the head. */
  start = 0

  constructor(bytes: Buffer, at = 0) {
    this.bytes = bytes
    this.at = at
  }

  get ended(): boolean {
    return this.at >= this.bytes.length
  }

  /** Values that follow the head. */
  get children(): number {
    return this.type === 'map' ? 2 * this.length : this.type === 'array' ? this.length : 0
  }

  /**
   * Reads the head of the next value and moves behind the value, or, of an array or a map, behind the head: perhaps beyond the
   * end of the bytes. False: not even the head is there, and nothing has moved.
   * @throws {MalformedMsgpack}
   */
  tryHead(): boolean {
    if (this.at >= this.bytes.length) return false
    const first = this.bytes[this.at]!
    if (first < 0x80 || first >= 0xe0) return this.#head('integer', 0, 0)
    if (first < 0x90) return this.#head('map', 0, first & 0x0f)
    if (first < 0xa0) return this.#head('array', 0, first & 0x0f)
    if (first < 0xc0) return this.#head('text', 0, first & 0x1f)
    switch (first) {
      case 0xc0:
        return this.#head('nil', 0, 0)
      case 0xc2:
      case 0xc3:
        return this.#head('bool', 0, 0)
      case 0xc4:
      case 0xc5:
      case 0xc6:
        return this.#head('bytes', 1 << (first - 0xc4))
      case 0xc7:
      case 0xc8:
      case 0xc9:
        return this.#head('extension', 1 << (first - 0xc7))
      case 0xca:
      case 0xcb:
        return this.#head('float', 0, first === 0xca ? 4 : 8)
      case 0xcc:
      case 0xcd:
      case 0xce:
      case 0xcf:
        return this.#head('integer', 0, 1 << (first - 0xcc))
      case 0xd0:
      case 0xd1:
      case 0xd2:
      case 0xd3:
        return this.#head('integer', 0, 1 << (first - 0xd0))
      case 0xd4:
      case 0xd5:
      case 0xd6:
      case 0xd7:
      case 0xd8:
        return this.#head('extension', 0, 1 << (first - 0xd4))
      case 0xd9:
      case 0xda:
      case 0xdb:
        return this.#head('text', 1 << (first - 0xd9))
      case 0xdc:
      case 0xdd:
        return this.#head('array', first === 0xdc ? 2 : 4)
      case 0xde:
      case 0xdf:
        return this.#head('map', first === 0xde ? 2 : 4)
      default:
        throw new MalformedMsgpack('a value that begins with c1')
    }
  }

  /** The same where all of the value must be there. @throws {MalformedMsgpack} */
  head(): MsgpackType {
    if (!this.tryHead() || this.at > this.bytes.length) throw new MalformedMsgpack('cut off')
    return this.type
  }

  /** Type of the next value, which stays the next. @throws {MalformedMsgpack} */
  peek(): MsgpackType {
    const at = this.at
    const type = this.head()
    this.at = at
    return type
  }

  /** Of text, bytes or an extension, whose head was read. */
  get value(): Buffer {
    return this.bytes.subarray(this.start, this.start + this.length)
  }

  /** Moves behind the next value, whatever is in it. @throws {MalformedMsgpack} */
  skip(): void {
    for (let left = 1; left > 0; left--) {
      this.head()
      left += this.children
    }
  }

  /**
   * The JSON of the next value: integers with all their digits, bytes and text that is no UTF-8 as `{"$base64":"…"}`, a number
   * that JSON cannot say as its name, pairs of a map in their order, keys that are no text as their JSON.
   * @throws {MalformedMsgpack}
   */
  json(depth = 0): string {
    if (depth > DEPTH_MAX) {
      this.skip()
      return 'null'
    }
    const first = this.bytes[this.at]
    switch (this.head()) {
      case 'nil':
        return 'null'
      case 'bool':
        return first === 0xc3 ? 'true' : 'false'
      case 'integer':
        return this.#integer(first!)
      case 'float': {
        const number = first === 0xca ? this.bytes.readFloatBE(this.start) : this.bytes.readDoubleBE(this.start)
        return Number.isFinite(number) ? `${number}` : `"${number}"`
      }
      case 'text':
        return isUtf8(this.value) ? JSON.stringify(this.value.toString('utf8')) : base64Text(this.value)
      case 'bytes':
      case 'extension':
        return base64Text(this.value)
      case 'array': {
        const items: string[] = []
        for (let left = this.length; left > 0; left--) items.push(this.json(depth + 1))
        return `[${items.join(',')}]`
      }
      case 'map': {
        const pairs: string[] = []
        for (let left = this.length; left > 0; left--) {
          const key = this.json(depth + 1)
          pairs.push(`${key.startsWith('"') ? key : JSON.stringify(key)}:${this.json(depth + 1)}`)
        }
        return `{${pairs.join(',')}}`
      }
    }
  }

  /** @param lengthBytes so many bytes behind the first one say the length; 0: `length` does */
  #head(type: MsgpackType, lengthBytes: number, length = 0): boolean {
    const extra = type === 'extension' ? 1 : 0 // the extension's own type, behind the length
    const start = this.at + 1 + lengthBytes + extra
    if (start > this.bytes.length) return false
    this.type = type
    this.length = lengthBytes === 0 ? length : this.bytes.readUIntBE(this.at + 1, lengthBytes)
    this.start = start
    this.at = type === 'array' || type === 'map' ? start : start + this.length
    return true
  }

  #integer(first: number): string {
    const { bytes, start, length } = this
    if (length === 0) return String(first < 0x80 ? first : first - 0x100)
    const signed = first >= 0xd0
    if (length === 8) return String(signed ? bytes.readBigInt64BE(start) : bytes.readBigUInt64BE(start))
    return String(signed ? bytes.readIntBE(start, length) : bytes.readUIntBE(start, length))
  }
}

/** Finds the end of a value in bytes that are still coming; each head is looked at once. */
export class ValueEnd {
  #left = 1
  /** Up to here the heads are known; perhaps beyond the bytes that there are. */
  #at = 0

  /** Bytes that the value has at the least. */
  get bytesMin(): number {
    return this.#at + this.#left
  }

  /** Length of the value that `bytes` begins with; null: more must come. @throws {MalformedMsgpack} */
  find(bytes: Buffer): number | null {
    const reader = new MsgpackReader(bytes, this.#at)
    while (this.#left > 0 && reader.tryHead()) {
      this.#left += reader.children - 1
      this.#at = reader.at
    }
    return this.#left === 0 && this.#at <= bytes.length ? this.#at : null
  }
}
