/*
 * The wire format of Protocol Buffers (protobuf.dev, «Encoding»), read against tables. A message is a row of fields, each
 * opened by a varint: its number, shifted left by 3, and how it is written.
 *   0 varint    1 eight bytes    2 a length and so many bytes    5 four bytes    (3 and 4, groups, are in no message of OTLP)
 * Bytes are read once, nothing is copied but text, and what a table does not name is passed over, as the format asks.
 */

/** How a field's value is understood; a table: a message in it. */
export type Kind = 'text' | 'bytes' | 'hex' | 'bool' | 'int64' | 'uint32' | 'fixed64' | 'fixed32' | 'double'
export interface Field {
  name: string
  kind: Kind | Message
  repeated?: boolean
}
/** Fields by number. */
export interface Message {
  [number: number]: Field
}
export interface Decoded {
  [name: string]: string | number | boolean | Uint8Array | Decoded | (Decoded | string)[]
}

/** More is in it than was allowed for. */
export class TooManyValues extends Error {
  override readonly name = 'TooManyValues'
}

/** How many messages may still be read: each costs many times the two bytes that it may be written in. */
export class Allowance {
  #left: number

  constructor(messagesMax: number) {
    this.#left = messagesMax
  }

  /** @throws {TooManyValues} */
  take(messages = 1): void {
    this.#left -= messages
    if (this.#left < 0) throw new TooManyValues('too many values')
  }
}

/** Not Protocol Buffers, or cut off. */
export class MalformedProtobuf extends Error {
  override readonly name = 'MalformedProtobuf'
}

const VARINT = 0
const EIGHT_BYTES = 1
const LENGTH = 2
const FOUR_BYTES = 5

const WIRE_TYPES: Record<Kind, number> = {
  text: LENGTH,
  bytes: LENGTH,
  hex: LENGTH,
  bool: VARINT,
  int64: VARINT,
  uint32: VARINT,
  fixed64: EIGHT_BYTES,
  fixed32: FOUR_BYTES,
  double: EIGHT_BYTES,
}
/** A message this deep inside others is passed over. Deeper than any JSON that is taken, so that it shows as too deep there. */
const MESSAGES_DEPTH_MAX = 128

/** Goes through the fields of one message. */
export class Fields {
  readonly #bytes: Buffer
  #at = 0
  /** Of the value, in `#bytes`. */
  #start = 0
  #number = 0
  #type = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  get number(): number {
    return this.#number
  }

  /** Written as a length and so many bytes. */
  get isLength(): boolean {
    return this.#type === LENGTH
  }

  /** The bytes of the value; of a varint, the varint. */
  get value(): Buffer {
    return this.#bytes.subarray(this.#start, this.#at)
  }

  /** Moves to the next field; false: there is none. @throws {MalformedProtobuf} */
  next(): boolean {
    if (this.#at === this.#bytes.length) return false
    const tag = this.#varint()
    this.#number = tag >>> 3
    this.#type = tag & 7
    if (this.#number === 0) throw new MalformedProtobuf('a field of number 0')
    if (this.#type === LENGTH) {
      const length = this.#varint()
      this.#start = this.#at
      this.#skip(length)
      return true
    }
    this.#start = this.#at
    if (this.#type === VARINT) this.#varint()
    else if (this.#type === EIGHT_BYTES) this.#skip(8)
    else if (this.#type === FOUR_BYTES) this.#skip(4)
    else throw new MalformedProtobuf(`a field of wire type ${this.#type}`)
    return true
  }

  /** The value as `kind`; undefined where it is written as another. */
  as(kind: Kind): string | number | boolean | Uint8Array | undefined {
    if (WIRE_TYPES[kind] !== this.#type) return undefined
    const value = this.value
    switch (kind) {
      case 'text':
        return value.toString('utf8')
      case 'bytes':
        return value
      case 'hex':
        return value.toString('hex')
      case 'bool':
        return value.some((byte) => (byte & 0x7f) !== 0)
      case 'int64':
        return String(BigInt.asIntN(64, bigVarint(value)))
      case 'uint32':
        return Number(BigInt.asUintN(32, bigVarint(value)))
      case 'fixed64':
        return String(value.readBigUInt64LE())
      case 'fixed32':
        return value.readUInt32LE()
      case 'double':
        return value.readDoubleLE()
    }
  }

  #skip(length: number): void {
    if (length > this.#bytes.length - this.#at) throw new MalformedProtobuf('a field that is cut off')
    this.#at += length
  }

  /** A varint as a number, which is exact up to 2^53: enough for lengths, and for tags of 32 bits. */
  #varint(): number {
    let value = 0
    for (let i = 0, factor = 1; i < 10; i++, factor *= 128) {
      const byte = this.#bytes[this.#at++]
      if (byte === undefined) throw new MalformedProtobuf('a number that is cut off')
      value += (byte & 0x7f) * factor
      if (byte < 0x80) return value
    }
    throw new MalformedProtobuf('a number of more than 10 bytes')
  }
}

function bigVarint(bytes: Buffer): bigint {
  let value = 0n
  for (let i = bytes.length - 1; i >= 0; i--) value = (value << 7n) | BigInt(bytes[i]! & 0x7f)
  return value
}

/**
 * The fields of a message by name. Of one given several times the last counts, unless the table says that it repeats.
 * @throws {MalformedProtobuf | TooManyValues}
 */
export function decode(bytes: Buffer, message: Message, allowance: Allowance, depth = 0): Decoded {
  allowance.take()
  const decoded = Object.create(null) as Decoded
  const fields = new Fields(bytes)
  while (fields.next()) {
    const field = message[fields.number]
    if (field === undefined) continue
    const { name, kind, repeated } = field
    let value: Decoded[string] | undefined
    if (typeof kind === 'string') value = fields.as(kind)
    else if (fields.isLength && depth < MESSAGES_DEPTH_MAX) value = decode(fields.value, kind, allowance, depth + 1)
    if (value === undefined) continue
    if (repeated === true) ((decoded[name] ??= []) as unknown[]).push(value)
    else decoded[name] = value
  }
  return decoded
}
