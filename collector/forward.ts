import { createHash, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { crc32, gunzip } from 'node:zlib'
import { ByteReader } from './byte-reader.ts'
import type { Turn } from './conversation.ts'
import type { BodyBudget } from './http-body.ts'
import { MalformedMsgpack, MsgpackReader, ValueEnd } from './msgpack.ts'
import { senderId } from './sender-id.ts'

/*
 * Fluent's Forward protocol, version 1.5: values of MessagePack.
 *   [tag, time, record, option?]                 Message
 *   [tag, [[time, record], …], option?]          Forward
 *   [tag, bytes, option?]                        PackedForward: bytes of [time, record], one behind the other, perhaps gzipped
 * A time is seconds, or EventTime: an extension of type 0 with seconds and nanoseconds, 32 bits each. Fluent Bit may say
 * [time, metadata] for it. If the option has a `chunk`, the answer is {"ack": chunk}. nil is a sign of life.
 *
 * Where keys are shared, the server begins with HELO and a nonce, the client answers PING and proves that it knows a key, and
 * the server proves the same with PONG. Both proofs are SHA-512 of the client's salt, the prover's name, the nonce and the key.
 *
 * Each record becomes one text that stands for itself:
 *   {"forward":{"tag":"app.login","time":"1778554798.307000000","metadata":{…},"record":{"message":"…"}}}
 */

export interface ForwardOptions {
  frameBytesMax: number
  /** Of one message, as it comes. */
  messageBytesMax: number
  /** What a packed message may unpack to. */
  unpackedBytesMax: number
  /** In one message. */
  recordsMax: number
  /** Memory that the messages of all connections share. */
  budget: BodyBudget
  handshake?: Handshake
}

export interface Handshake {
  /** Random, and new for each connection. */
  nonce: Buffer
  /** What the server calls itself; a client refuses one that is called like itself. */
  hostname: string
  /** The shared key of each agency. */
  keys: ReadonlyMap<string, string>
}

const PING_BYTES_MAX = 4096
const PROOF_BYTES = 64
const unzip = promisify(gunzip)

/** The conversation cannot go on. What is wrong is wrong with the message, or (`temporary`) only with its size or form here. */
class Fault extends Error {
  readonly temporary: boolean
  constructor(message: string, temporary = false) {
    super(message)
    this.temporary = temporary
  }
}

/**
 * What a client says, and the answers. It ends where the client does, and where the protocol is not kept. A message that is cut
 * off has no answer, and nothing of it is kept; nor of one that is too large or packed in another way: it is not answered, so
 * that its sender keeps it.
 */
export async function* readForward(chunks: AsyncIterable<Buffer>, options: ForwardOptions): AsyncGenerator<Turn> {
  const bytes = new ByteReader(chunks)
  const held = new Held(options.budget)
  let known = options.handshake === undefined
  let message: Buffer | null = null
  try {
    if (options.handshake !== undefined) {
      yield { answer: helo(options.handshake) }
      const ping = await takeMessage(bytes, PING_BYTES_MAX, held)
      if (ping === null) return
      const pong = answerPing(ping, options.handshake)
      yield pong
      if (pong.fault !== undefined) return
      known = true
    }
    for (;;) {
      message = await takeMessage(bytes, options.messageBytesMax, held)
      if (message === null) return
      yield* turnsOf(message, held, options)
      message = null
      held.set(0)
    }
  } catch (error) {
    if (error instanceof MalformedMsgpack || (error instanceof Fault && !error.temporary)) {
      const fault = error instanceof Fault ? error.message : `no MessagePack: ${error.message}`
      const frame = { bytes: (message ?? bytes.held).subarray(0, options.frameBytesMax), refused: 'unframed' }
      yield known && frame.bytes.length > 0 ? { frame, fault } : { fault } // a stranger has no say in what is kept
    } else if (error instanceof Fault) yield { fault: error.message }
    else throw error
  } finally {
    held.set(0)
  }
}

/** What one connection holds of the memory that all share. */
class Held {
  readonly #budget: BodyBudget
  #bytes = 0

  constructor(budget: BodyBudget) {
    this.#budget = budget
  }

  /** @throws {Fault} */
  set(bytes: number): void {
    if (bytes > this.#bytes && !this.#budget.take(bytes - this.#bytes)) {
      throw new Fault('other connections hold too much: the client has to send it again', true)
    }
    if (bytes < this.#bytes) this.#budget.give(this.#bytes - bytes)
    this.#bytes = bytes
  }

  add(bytes: number): void {
    this.set(this.#bytes + bytes)
  }
}

/** The next message; null: there is none any more. It stays held where it makes no sense. */
async function takeMessage(bytes: ByteReader, bytesMax: number, held: Held): Promise<Buffer | null> {
  const end = new ValueEnd()
  for (;;) {
    const length = end.find(bytes.held)
    if ((length ?? end.bytesMin) > bytesMax) throw new Fault(`a message of more than ${bytesMax} bytes`, true)
    if (length !== null) return bytes.take(length)
    held.set(bytes.held.length)
    if (!(await bytes.more())) return null
  }
}

async function* turnsOf(message: Buffer, held: Held, options: ForwardOptions): AsyncGenerator<Turn> {
  const reader = new MsgpackReader(message)
  if (reader.head() === 'nil') return
  const parts = reader.length
  if (reader.type !== 'array' || parts < 2 || parts > 4) throw new Fault('a message is an array of 2 to 4')
  if (reader.head() !== 'text') throw new Fault('a tag is text')
  const tag = reader.value.toString('utf8')
  const start = reader.at
  const kind = reader.peek()
  const isMessage = kind !== 'array' && kind !== 'text' && kind !== 'bytes'
  if (isMessage && parts < 3) throw new Fault('a message without a record')
  reader.skip()
  if (isMessage) reader.skip()
  const option = parts > (isMessage ? 3 : 2) ? readOption(reader) : {}

  const entries = new MsgpackReader(message, start)
  let count = 1
  if (kind === 'array') {
    entries.head()
    count = entries.length
    if (count > options.recordsMax) throw tooMany(options)
  } else if (!isMessage) {
    entries.head()
    const content = await unpacked(entries.value, option, options)
    if (content === null) {
      const packed = { bytes: entries.value.subarray(0, options.frameBytesMax), refused: 'bad_encoding', stream: tag }
      yield { frame: packed, ...promised(option) }
      yield* acknowledged(option)
      return
    }
    held.add(content.length)
    if (!fits(content, options.recordsMax)) throw tooMany(options)
    yield* packedTurns(new MsgpackReader(content), tag, option, options)
    yield* acknowledged(option)
    return
  }
  for (let index = 0; index < count; index++) {
    const content = isMessage ? readMessage(entries) : readEntry(entries)
    yield { frame: frameOf(content, { tag, index, option }, options), ...promised(option) }
  }
  yield* acknowledged(option)
}

/** Entries to the end. What makes no sense from somewhere on is kept from there, and refused. */
function* packedTurns(entries: MsgpackReader, tag: string, option: Option, options: ForwardOptions): Generator<Turn> {
  for (let index = 0; !entries.ended; index++) {
    const start = entries.at
    let frame: Turn['frame']
    try {
      frame = frameOf(readEntry(entries), { tag, index, option }, options)
    } catch (error) {
      if (!(error instanceof MalformedMsgpack)) throw error
      const rest = entries.bytes.subarray(start, start + options.frameBytesMax)
      yield { frame: { bytes: rest, refused: 'unframed', stream: tag }, ...promised(option) }
      return
    }
    yield { frame, ...promised(option) }
  }
}

/** Whether `content` holds no more values than that. */
function fits(content: Buffer, valuesMax: number): boolean {
  const reader = new MsgpackReader(content)
  try {
    for (let left = valuesMax; left > 0 && !reader.ended; left--) reader.skip()
  } catch (error) {
    if (!(error instanceof MalformedMsgpack)) throw error
    return true // behind this nothing is read
  }
  return reader.ended
}

function tooMany({ recordsMax }: ForwardOptions): Fault {
  return new Fault(`a message of more than ${recordsMax} records`, true)
}

interface Option {
  /** As it came: the answer quotes it. */
  chunk?: Buffer
  compressed?: string
}

/** @throws {MalformedMsgpack} */
function readOption(reader: MsgpackReader): Option {
  const option: Option = {}
  if (reader.head() !== 'map') return option
  for (let left = reader.length; left > 0; left--) {
    const name = reader.head() === 'text' ? reader.value.toString('utf8') : ''
    if (reader.type === 'array' || reader.type === 'map') throw new MalformedMsgpack('a key that is no text')
    const type = reader.peek()
    if ((name === 'chunk' || name === 'compressed') && (type === 'text' || type === 'bytes')) {
      reader.head()
      if (name === 'chunk') option.chunk = reader.value
      else option.compressed = reader.value.toString('utf8')
    } else reader.skip()
  }
  return option
}

/** Null: it is not what it claims to be. @throws {Fault} where it is of a size or form that cannot be taken here */
async function unpacked(packed: Buffer, { compressed }: Option, options: ForwardOptions): Promise<Buffer | null> {
  if (compressed === undefined || compressed === 'text') return packed
  if (compressed !== 'gzip') throw new Fault(`packed as ${JSON.stringify(compressed.slice(0, 40))}: only gzip is`, true)
  try {
    return await unzip(packed, { maxOutputLength: options.unpackedBytesMax })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_BUFFER_TOO_LARGE') return null
    throw new Fault(`a message that unpacks to more than ${options.unpackedBytesMax} bytes`, true)
  }
}

/** The members of the text, and whether they are a record's. */
interface Content {
  text: string
  isRecord: boolean
}

/** `[time, record]`. @throws {MalformedMsgpack} */
function readEntry(reader: MsgpackReader): Content {
  const start = reader.at
  if (reader.head() !== 'array' || reader.length < 2) {
    reader.at = start
    return { text: `"entry":${reader.json()}`, isRecord: false }
  }
  const extra = reader.length - 2
  const content = readMessage(reader)
  for (let i = 0; i < extra; i++) reader.skip()
  return content
}

/** `time, record`. @throws {MalformedMsgpack} */
function readMessage(reader: MsgpackReader): Content {
  const time = readTime(reader)
  const isRecord = reader.peek() === 'map'
  return { text: `${time},"record":${reader.json()}`, isRecord }
}

function readTime(reader: MsgpackReader): string {
  const start = reader.at
  const type = reader.head()
  if (type === 'array' && reader.length === 2) {
    const time = readTime(reader)
    return `${time},"metadata":${reader.json()}`
  }
  if (type === 'extension' && reader.length === 8 && reader.bytes[reader.start - 1] === 0) {
    const { value } = reader
    return `"time":"${value.readUInt32BE()}.${String(value.readUInt32BE(4)).padStart(9, '0')}"`
  }
  reader.at = start
  return `"time":${reader.json()}`
}

function frameOf(
  { text, isRecord }: Content,
  { tag, index, option }: { tag: string; index: number; option: Option },
  { frameBytesMax }: ForwardOptions,
): NonNullable<Turn['frame']> {
  const bytes = Buffer.from(`{"forward":{"tag":${JSON.stringify(tag)},${text}}}`)
  const frame: NonNullable<Turn['frame']> = { bytes, stream: tag }
  if (bytes.length > frameBytesMax) {
    frame.bytes = Buffer.from(bytes.subarray(0, frameBytesMax))
    frame.refused = 'oversized'
  } else if (!isRecord) frame.refused = 'bad_entry'
  // The checksum keeps a sender that never changes its chunk from having later ones taken for repeats.
  if (option.chunk !== undefined) {
    frame.senderId = senderId('forward', `${option.chunk.toString('latin1')}/${index}/${crc32(bytes).toString(16)}`)
  }
  return frame
}

function promised({ chunk }: Option): Pick<Turn, 'unanswered'> {
  return chunk === undefined ? { unanswered: true } : {}
}

function* acknowledged({ chunk }: Option): Generator<Turn> {
  if (chunk !== undefined) yield { answer: map([text('ack'), text(chunk)]) }
}

function helo({ nonce }: Handshake): Buffer {
  const options = map([text('nonce'), bin(nonce)], [text('auth'), text('')], [text('keepalive'), Buffer.from([0xc3])])
  return array(text('HELO'), options)
}

/** `["PING", hostname, salt, proof, user, proof of password]`. @throws {MalformedMsgpack | Fault} */
function answerPing(message: Buffer, { nonce, hostname, keys }: Handshake): Turn {
  const reader = new MsgpackReader(message)
  if (reader.head() !== 'array' || reader.length < 4) throw new Fault('a client must begin with PING')
  const [word, client, salt, proof] = Array.from({ length: 4 }, () => {
    const type = reader.head()
    if (type !== 'text' && type !== 'bytes') throw new Fault('a client must begin with PING')
    return reader.value
  })
  if (word?.toString('latin1') !== 'PING') throw new Fault('a client must begin with PING')
  const said = Buffer.from(proof!.toString('latin1'), 'hex')
  for (const [agency, key] of keys) {
    const expected = prove(salt!, client!, nonce, key)
    if (said.length !== PROOF_BYTES || !timingSafeEqual(said, expected)) continue
    const own = prove(salt!, Buffer.from(hostname), nonce, key).toString('hex')
    return { answer: array(text('PONG'), Buffer.from([0xc3]), text(''), text(hostname), text(own)), agency }
  }
  const refusal = array(text('PONG'), Buffer.from([0xc2]), text('shared key mismatch'), text(hostname), text(''))
  return { answer: refusal, fault: 'the client does not know the shared key' }
}

function prove(salt: Buffer, name: Buffer, nonce: Buffer, key: string): Buffer {
  return createHash('sha512').update(salt).update(name).update(nonce).update(key).digest()
}

function array(...items: Buffer[]): Buffer {
  return Buffer.concat([Buffer.from([0x90 | items.length]), ...items])
}

function map(...pairs: [key: Buffer, value: Buffer][]): Buffer {
  return Buffer.concat([Buffer.from([0x80 | pairs.length]), ...pairs.flat()])
}

function text(content: Buffer | string): Buffer {
  const bytes = Buffer.from(content)
  if (bytes.length < 32) return Buffer.concat([Buffer.from([0xa0 | bytes.length]), bytes])
  const head = Buffer.from([0xdb, 0, 0, 0, 0])
  head.writeUInt32BE(bytes.length, 1)
  return Buffer.concat([head, bytes])
}

function bin(bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.from([0xc4, bytes.length]), bytes])
}
