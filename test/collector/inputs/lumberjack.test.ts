import { rmSync, writeFileSync } from 'node:fs'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import { deflateSync } from 'node:zlib'
import * as fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import type { Turn } from '../../../collector/conversation.ts'
import { readLumberjack, type LumberjackLimits } from '../../../collector/lumberjack.ts'
import { runs } from '../../runs.ts'
import { MAY_MOUNT, mountSmall } from '../spool/folders.ts'
import { dial, run } from './running.ts'

const LUMBERJACK = { lumberjack: { port: 0 } }
const LIMITS: LumberjackLimits = { frameBytesMax: 64, windowMax: 1000, unpackedBytesMax: 10_000 }

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
const W = (count: number): Buffer => Buffer.concat([Buffer.from('2W'), u32(count)])
const J = (sequence: number, text: string): Buffer => {
  const json = Buffer.from(text)
  return Buffer.concat([Buffer.from('2J'), u32(sequence), u32(json.length), json])
}
const C = (...frames: Buffer[]): Buffer => {
  const packed = deflateSync(Buffer.concat(frames))
  return Buffer.concat([Buffer.from('2C'), u32(packed.length), packed])
}
const packedAs = (packed: Buffer): Buffer => Buffer.concat([Buffer.from('2C'), u32(packed.length), packed])
const A = (sequence: number): Buffer => Buffer.concat([Buffer.from('2A'), u32(sequence)])

async function read(stream: Buffer, chunkBytes = stream.length, limits = LIMITS): Promise<Turn[]> {
  async function* chunks(): AsyncGenerator<Buffer> {
    for (let at = 0; at < stream.length; at += chunkBytes) yield stream.subarray(at, at + chunkBytes)
  }
  const turns: Turn[] = []
  for await (const turn of readLumberjack(chunks(), limits)) turns.push(turn)
  return turns
}

/** `text` of an event, `!code text` of one that was refused, and behind it `>n` what is to be acknowledged, `(n)` interim. */
function told(turns: readonly Turn[]): string[] {
  return turns.map(({ frame, answer, interim }) => {
    const text =
      frame === undefined ? '' : `${frame.refused === undefined ? '' : `!${frame.refused} `}${String(frame.bytes)}`
    const sequence = answer?.readUInt32BE(2)
    return `${text}${sequence === undefined ? '' : interim === true ? `(${sequence})` : `>${sequence}`}`
  })
}

const LONG = `{"a":"${'x'.repeat(200)}"}`

test.each<[name: string, stream: Buffer[], told: string[]]>([
  ['a window', [W(2), J(1, '{"a":1}'), J(2, '{"b":"đăng nhập"}')], ['{"a":1}(1)', '{"b":"đăng nhập"}>2']],
  ['a packed window', [W(2), C(J(1, '{"a":1}'), J(2, '{"b":2}'))], ['{"a":1}(1)', '{"b":2}>2']],
  [
    'packed in parts, and mixed',
    [W(4), C(J(1, '1')), J(2, '2'), C(J(3, '3'), J(4, '4'))],
    ['1(1)', '2(2)', '3(3)', '4>4'],
  ],
  ['packed twice', [W(3), C(J(1, '1'), C(J(2, '2')), J(3, '3'))], ['1(1)', '2(2)', '3>3']],
  ['sequences begin anew in each window', [W(1), J(1, 'a'), W(2), J(1, 'b'), J(2, 'c')], ['a>1', 'b(1)', 'c>2']],
  ["sequences are the client's own", [W(2), J(700, 'a'), J(4_294_967_295, 'b')], ['a(700)', 'b>4294967295']],
  ['what is in an event is not looked at', [W(1), J(1, '{"not json')], ['{"not json>1']],
  ['a window of none', [W(0), W(1), J(1, 'a')], ['a>1']],
  ['a window given up for the next', [W(5), J(1, 'a'), J(2, 'b'), W(1), J(1, 'c')], ['a(1)', 'b(2)', '>2', 'c>1']],
  [
    'an event over the limit: kept up to it, acknowledged, and the next is whole',
    [W(2), J(1, LONG), J(2, 'b')],
    [`!oversized ${LONG.slice(0, 64)}(1)`, 'b>2'],
  ],
  ['the same, packed', [W(2), C(J(1, LONG), J(2, 'b'))], [`!oversized ${LONG.slice(0, 64)}(1)`, 'b>2']],
  ['cut off in an event', [W(2), J(1, 'a'), J(2, 'bcd').subarray(0, -1)], ['a(1)']],
  ['cut off in a head', [W(2), J(1, 'a'), Buffer.from('2')], ['a(1)']],
  ['cut off in a packed frame', [W(1), C(J(1, 'a')).subarray(0, 9)], []],
])('%s', async (_name, stream, expected) => {
  expect(told(await read(Buffer.concat(stream)))).toEqual(expected)
})

const BOMB = packedAs(
  deflateSync(Buffer.concat([Buffer.from('2J'), u32(1), u32(50_000_000), Buffer.alloc(50_000_000, 0x20)])),
)

test.each<[name: string, stream: Buffer[], fault: RegExp, told: string[]]>([
  ['version 1', [Buffer.from('1W\0\0\0\x01')], /version 2/, ['!unframed 1W\0\0\0\x01']],
  ['syslog', [Buffer.from('<13>hello\n')], /version 2/, ['!unframed <13>hello\n']],
  ['a frame that is not known', [W(1), Buffer.from('2Q?')], /no such frame/, ['!unframed 2Q?']],
  ['an acknowledgement from a client', [A(1)], /no such frame/, ['!unframed 2A\0\0\0\x01']],
  ['an event before any window', [J(1, 'a')], /outside of a window/, [`!unframed ${String(J(1, 'a'))}`]],
  [
    'more events than the window',
    [W(1), J(1, 'a'), J(2, 'b')],
    /outside of a window/,
    ['a>1', `!unframed ${String(J(2, 'b'))}`],
  ],
  ['a window beyond the limit', [W(1001)], /1001 events/, ['!unframed \0\0\x03\ufffd']],
  ['a window inside a packed frame', [W(1), C(W(1))], /inside a packed frame/, ['!unframed 2W\0\0\0\x01']],
  ['packed thrice', [W(1), C(C(C(J(1, 'a'))))], /too often/, [expect.stringMatching(/^!unframed 2C/) as string]],
  [
    'what is not packed at all',
    [W(1), packedAs(Buffer.from('no zlib stream'))],
    /cannot be unpacked/,
    ['!unframed \0\0\0\x0e'],
  ],
  ['an empty packed frame', [W(1), packedAs(Buffer.alloc(0))], /cannot be unpacked/, ['!unframed \0\0\0\0']],
  [
    'a zlib stream without its end',
    [W(1), packedAs(deflateSync(J(1, 'abcd')).subarray(0, -4)), W(1)],
    /cannot be unpacked/,
    [expect.anything() as string],
  ],
  [
    'something behind the zlib stream',
    [W(1), packedAs(Buffer.concat([deflateSync(J(1, 'a')), Buffer.from('more')]))],
    /more than one zlib/,
    ['a>1', '!unframed '],
  ],
  [
    'a packed frame that ends in an event',
    [W(1), C(J(1, 'abcd').subarray(0, -1))],
    /within an event/,
    ['!unframed abc'],
  ],
  ['a bomb', [W(1), BOMB], /unpacks to more than 10000/, [expect.stringMatching(/^!unframed /) as string]],
  [
    'a bomb in a packed frame',
    [W(1), C(BOMB)],
    /unpacks to more than 10000/,
    [expect.stringMatching(/^!unframed /) as string],
  ],
])('ends at %s', async (_name, stream, fault, expected) => {
  const turns = await read(Buffer.concat(stream))
  expect(turns.at(-1)!.fault).toMatch(fault)
  expect(told(turns).slice(-expected.length)).toEqual(expected)
  for (const { frame } of turns) expect(frame?.bytes.length ?? 0).toBeLessThanOrEqual(LIMITS.frameBytesMax)
})

test('however the stream is cut, it says the same', async () => {
  const event = fc
    .tuple(fc.nat(0xffff_ffff), fc.string({ unit: 'binary', maxLength: 80 }))
    .map(([sequence, text]) => J(sequence, text))
  const part = fc.oneof(
    event,
    fc.array(event, { maxLength: 5 }).map((events) => C(...events)),
  )
  const window = fc
    .tuple(fc.nat(8), fc.array(part, { maxLength: 5 }))
    .map(([count, parts]) => Buffer.concat([W(count), ...parts]))
  await fc.assert(
    fc.asyncProperty(
      fc.array(window, { maxLength: 4 }),
      fc.integer({ min: 1, max: 60 }),
      async (windows, chunkBytes) => {
        const stream = Buffer.concat(windows)
        // How much of what makes no sense had come is the only thing that may differ.
        const comparable = (turns: Turn[]): unknown => [
          told(turns.filter(({ fault }) => fault === undefined)),
          turns.map(({ fault }) => fault),
        ]
        expect(comparable(await read(stream, chunkBytes))).toEqual(comparable(await read(stream)))
      },
    ),
    { numRuns: runs(150) },
  )
})

test('any bytes, packed or not: it ends, and does not throw', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ maxLength: 200 }),
      fc.boolean(),
      fc.integer({ min: 1, max: 9 }),
      async (bytes, packed, chunkBytes) => {
        const tail = packed ? C(Buffer.from(bytes)) : Buffer.from(bytes)
        for (const { frame } of await read(Buffer.concat([W(9), tail]), chunkBytes))
          expect(frame?.bytes.length ?? 0).toBeLessThanOrEqual(LIMITS.frameBytesMax)
      },
    ),
    { numRuns: runs(150) },
  )
})

/** What a Beat does with a connection: sends a window, waits for its last acknowledgement, sends the next. */
class Beat {
  readonly heard: number[] = []
  readonly closed: Promise<void>
  readonly #socket: Socket
  #rest = Buffer.alloc(0)
  #read = 0
  #wake: () => void = () => undefined

  constructor(socket: Socket) {
    this.#socket = socket
    socket.on('error', () => undefined)
    this.closed = new Promise((resolve) => socket.once('close', () => resolve()))
    socket.on('data', (bytes) => {
      this.#rest = Buffer.concat([this.#rest, bytes])
      for (; this.#rest.length >= 6; this.#rest = this.#rest.subarray(6)) {
        this.heard.push(this.#rest.toString('latin1', 0, 2) === '2A' ? this.#rest.readUInt32BE(2) : NaN)
      }
      this.#wake()
    })
  }

  async send(events: readonly string[], { pack = true } = {}): Promise<void> {
    const frames = events.map((event, i) => J(i + 1, event))
    this.#socket.write(Buffer.concat([W(events.length), ...(pack ? [C(...frames)] : frames)]))
    await this.acknowledged(events.length)
  }

  /** Waits as Beats do: for this very number; a number beyond it, or one that goes back, is a fault of the server's. */
  async acknowledged(sequence: number): Promise<void> {
    for (let last = 0; last !== sequence;) {
      const next = this.heard[this.#read]
      if (next === undefined) {
        await new Promise<void>((resolve) => (this.#wake = resolve))
        continue
      }
      this.#read++
      if (next === 0) continue
      if (next > last && next <= sequence) last = next
      else throw new Error(`acknowledged ${next} after ${last}, of ${sequence}`)
    }
  }
}

const event = (i: number): string =>
  JSON.stringify({
    '@timestamp': '2026-11-22T01:02:03.004Z',
    agent: { type: 'winlogbeat' },
    message: `Đăng nhập lần ${i} \\ "x"`,
  })

test('windows, packed and plain: every event once, byte for byte, each window acknowledged', async () => {
  const { port, stored, records, collector } = await run(LUMBERJACK)
  const beat = new Beat(await dial(port))
  const events = Array.from({ length: 6_000 }, (_, i) => event(i))
  await beat.send(events.slice(0, 2_048))
  await beat.send(events.slice(2_048, 4_096), { pack: false })
  await beat.send(events.slice(4_096))
  expect(await stored(events.length)).toEqual(events.map((text) => Buffer.from(text).toString('latin1')))
  expect((await records())[0]!.origin).toEqual({ input: 'lumberjack', address: '127.0.0.1' })
  expect(collector.counters().sources).toMatchObject([{ frames: 6_000, dropped: 0, unacknowledged: 0 }])
})

test('windows sent without waiting are each acknowledged to their end', async () => {
  const { port } = await run(LUMBERJACK)
  const socket = await dial(port)
  const beat = new Beat(socket)
  socket.write(Buffer.concat([W(2), J(1, 'a'), J(2, 'b'), W(3), C(J(1, 'c'), J(2, 'd'), J(3, 'e')), W(1), J(1, 'f')]))
  await expect.poll(() => beat.heard.at(-1)).toBe(1)
  expect(beat.heard).toEqual([2, 3, 1])
})

test('a client that sends a byte at a time, and half-closes before its answer', async () => {
  const { port, stored } = await run(LUMBERJACK)
  const socket = await dial(port)
  const beat = new Beat(socket)
  socket.setNoDelay(true)
  for (const byte of Buffer.concat([W(2), C(J(1, '{"a":1}'), J(2, '{"b":2}'))]))
    await new Promise<void>((resolve) => socket.write(Buffer.from([byte]), () => setImmediate(resolve)))
  socket.end()
  await beat.closed
  expect(beat.heard.at(-1)).toBe(2)
  expect(await stored(2)).toEqual(['{"a":1}', '{"b":2}'])
})

test('nothing is acknowledged before it is durable; meanwhile the client is told to wait', async () => {
  const { port, spool } = await run({ lumberjack: { port: 0, keepAliveMs: 100 } })
  let release = (): void => undefined
  const held = new Promise<void>((resolve) => (release = resolve))
  const append = spool.append.bind(spool)
  vi.spyOn(spool, 'append').mockImplementation((frames) => held.then(() => append(frames)))
  const socket = await dial(port)
  const beat = new Beat(socket)
  socket.write(Buffer.concat([W(2), J(1, 'a'), J(2, 'b')]))
  await expect.poll(() => beat.heard.length).toBeGreaterThan(2)
  expect(new Set(beat.heard)).toEqual(new Set([0]))
  expect(spool.durableSeq).toBe(0)
  release()
  await beat.acknowledged(2)
  expect(spool.durableSeq).toBe(2)
})

test('a window that comes slowly is acknowledged as far as it is durable', async () => {
  const { port, stored } = await run(LUMBERJACK)
  const socket = await dial(port)
  const beat = new Beat(socket)
  socket.write(Buffer.concat([W(3), J(1, 'a'), J(2, 'b')]))
  await beat.acknowledged(2)
  socket.write(J(3, 'c'))
  await beat.acknowledged(3)
  expect(await stored(3)).toEqual(['a', 'b', 'c'])
})

test('a connection that is reset in mid-window: what was whole is stored, and counted if it was not acknowledged', async () => {
  const { port, spool, stored, collector } = await run(LUMBERJACK)
  let release = (): void => undefined
  const held = new Promise<void>((resolve) => (release = resolve))
  const append = spool.append.bind(spool)
  vi.spyOn(spool, 'append').mockImplementation((frames) => held.then(() => append(frames)))
  const socket = await dial(port)
  socket.write(Buffer.concat([W(3), J(1, 'a'), J(2, 'b'), J(3, 'never whole').subarray(0, -3)]))
  await expect.poll(() => vi.mocked(spool.append).mock.calls.length).toBe(1)
  socket.resetAndDestroy()
  await expect.poll(() => collector.counters().inputs[0]!.connectionsOpen).toBe(0)
  release()
  expect(await stored(2)).toEqual(['a', 'b'])
  await expect.poll(() => collector.counters().sources).toMatchObject([{ frames: 2, unacknowledged: 2, dropped: 0 }])
})

test('a bomb ends the connection and is counted; the memory it took is its own size', async () => {
  const { port, stored, logged } = await run({ lumberjack: { port: 0, unpackedBytesMax: 1_000_000 } })
  const socket = await dial(port)
  const beat = new Beat(socket)
  socket.write(Buffer.concat([W(1), BOMB]))
  await beat.closed
  expect(beat.heard).toEqual([])
  expect((await stored(1))[0]).toMatch(/^unframed: /)
  expect(logged).toEqual([{ level: 'warn', message: 'protocol not kept: connection closed' }])
})

test('stopping acknowledges what was heard', async () => {
  const { port, collector, stored } = await run(LUMBERJACK)
  const socket = await dial(port)
  const beat = new Beat(socket)
  socket.write(Buffer.concat([W(2), J(1, 'a'), Buffer.from('2J')]))
  await beat.acknowledged(1)
  await collector.close()
  await beat.closed
  expect(await stored(1)).toEqual(['a'])
})

test.skipIf(!MAY_MOUNT)(
  'a full disk: keep-alives, and when space returns the window is stored once and acknowledged (needs to mount a tmpfs)',
  async () => {
    const disk = mountSmall(32)
    const filler = join(disk, 'filler')
    const spool = { freeBytesMin: 1024 * 1024, recheckMs: 20 }
    const input = { lumberjack: { port: 0, keepAliveMs: 100 } }
    const { port, spool: running, stored } = await run(input, { spool, folder: join(disk, 'spool') })
    writeFileSync(filler, Buffer.alloc(31 * 1024 * 1024))
    await expect.poll(() => running.state().accepting).toBe(false)
    const beat = new Beat(await dial(port))
    const events = Array.from({ length: 20_000 }, (_, i) => event(i)) // more than is ever held
    const sent = beat.send(events)
    await expect.poll(() => beat.heard.length).toBeGreaterThan(3)
    expect(new Set(beat.heard)).toEqual(new Set([0]))
    rmSync(filler)
    await sent
    expect(await stored(events.length)).toEqual(events.map((text) => Buffer.from(text).toString('latin1')))
  },
)
