import { createSocket, type Socket } from 'node:dgram'
import { deflateSync, gzipSync } from 'node:zlib'
import * as fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import { ChunkAssembler } from '../../../collector/gelf-chunks.ts'
import { NulDecoder } from '../../../collector/nul-framing.ts'
import { runs } from '../../runs.ts'
import { dial, run } from './running.ts'

const MESSAGE = '{"version":"1.1","host":"motcua-01","short_message":"Đăng nhập thất bại","_user":"lan"}'
const LIMITS = { sourceBytesMax: 64 * 1024, bytesMax: 256 * 1024 }

function sender(): (port: number, datagram: Buffer) => Promise<void> {
  const socket: Socket = createSocket('udp4')
  onTestFinished(() => void socket.close())
  return (port, datagram) =>
    new Promise((resolve, reject) =>
      socket.send(datagram, port, '127.0.0.1', (error) => (error ? reject(error) : resolve())),
    )
}

/** `message` in `count` chunks. */
function chunk(message: Buffer, count: number, id = 'abcdefgh'): Buffer[] {
  const size = Math.ceil(message.length / count)
  return Array.from({ length: count }, (_, i) =>
    Buffer.concat([
      Buffer.from([0x1e, 0x0f]),
      Buffer.from(id, 'latin1'),
      Buffer.from([i, count]),
      message.subarray(i * size, (i + 1) * size),
    ]),
  )
}

const latin1 = (text: string): string => Buffer.from(text).toString('latin1')

test('UDP: plain, gzip, zlib, and each of them in chunks', async () => {
  const { port, stored, records } = await run({ gelf: { port: 0 } })
  const send = sender()
  const packed = [Buffer.from(MESSAGE), gzipSync(MESSAGE), deflateSync(MESSAGE)]
  for (const bytes of packed) {
    await send(port, bytes)
    for (const part of chunk(bytes, 3, String(bytes[0]).padEnd(8))) await send(port, part)
  }
  expect(await stored(6)).toEqual(Array.from({ length: 6 }, () => latin1(MESSAGE)))
  expect((await records())[0]!.origin).toEqual({ input: 'gelf', address: '127.0.0.1' })
})

test('TCP on the same port: NUL ends a message, and so does the end of the connection', async () => {
  const { port, stored } = await run({ gelf: { port: 0 } })
  ;(await dial(port)).end(`${MESSAGE}\0${MESSAGE}\n\0\0\n\0{"cut":`)
  expect(await stored(3)).toEqual([latin1(MESSAGE), latin1(MESSAGE), '{"cut":'])
})

test.each<[string, Buffer, string]>([
  ['gzip that is none', Buffer.from('1f8b0000', 'hex'), 'bad_encoding'],
  ['gzip that is cut off', gzipSync(MESSAGE).subarray(0, 40), 'bad_encoding'],
  ['a bomb', gzipSync(Buffer.alloc(8 * 1024 * 1024)), 'oversized'],
  ['a chunk without its numbers', Buffer.from('1e0f6162', 'hex'), 'bad_chunk'],
  ['chunk 2 of 2, counted from 0', Buffer.from('1e0f61626364616263640202aa', 'hex'), 'bad_chunk'],
  ['129 chunks', Buffer.from('1e0f61626364616263640081aa', 'hex'), 'bad_chunk'],
  ['more than the limit', Buffer.from('x'.repeat(1000)), 'oversized'],
])('UDP keeps what it cannot take whole, with the reason: %s', async (_name, datagram, refused) => {
  const { port, records, stored } = await run({ gelf: { port: 0, frameBytesMax: 480 } })
  await sender()(port, datagram)
  await stored(1)
  const [record] = await records()
  expect(record!.refused).toBe(refused)
  expect(Buffer.from(record!.bytes)).toEqual(datagram.subarray(0, 480))
})

test('TCP: a message over the limit is kept up to it, and the next one whole', async () => {
  const { port, stored } = await run({ gelf: { port: 0, frameBytesMax: 480 } })
  ;(await dial(port)).end(`${'x'.repeat(2000)}\0ok\0`)
  expect(await stored(2)).toEqual([`oversized: ${'x'.repeat(480)}`, 'ok'])
})

test('a message that lost its place among the chunks of its source is counted as dropped', async () => {
  const { port, collector, stored } = await run({ gelf: { port: 0, sourceChunkBytesMax: 65_536 } })
  const send = sender()
  const large = Buffer.alloc(80_000, 'x')
  const [first] = chunk(large, 2, 'former..')
  const [second, third] = chunk(large, 2, 'latter..')
  for (const part of [first!, second!, third!]) await send(port, part)
  expect(await stored(1)).toEqual([large.toString()])
  expect(collector.drops()).toEqual([{ source: 'gelf/127.0.0.1', count: 1 }])
})

test('chunks in any order, twice, and among those of others give each message once', () => {
  const message = fc.record({
    bytes: fc.uint8Array({ minLength: 1, maxLength: 400 }),
    count: fc.integer({ min: 1, max: 128 }),
  })
  fc.assert(
    fc.property(fc.array(message, { minLength: 1, maxLength: 6 }), fc.infiniteStream(fc.nat()), (messages, random) => {
      const lost: string[] = []
      const assembler = new ChunkAssembler({ sourceBytesMax: 1e6, bytesMax: 1e6 }, (source) => lost.push(source))
      const parts = messages
        .flatMap(({ bytes, count }, i) =>
          chunk(Buffer.from(bytes), count, String(i).padEnd(8)).map((part) => ({ part, i })),
        )
        .map((entry) => ({ ...entry, order: random.next().value as number }))
        .sort((a, b) => a.order - b.order)
      const whole = new Map<number, Buffer>()
      for (const { part, i } of parts) {
        const once = assembler.add(part, 'a', 1, 0)
        if (once.kind === 'message') {
          expect(whole.has(i)).toBe(false)
          whole.set(i, once.bytes)
        } else expect(assembler.add(part, 'a', 1, 0)).toEqual({ kind: 'waiting' })
      }
      expect([...whole].sort(([a], [b]) => a - b).map(([, bytes]) => bytes.toString('hex'))).toEqual(
        messages.map(({ bytes }) => Buffer.from(bytes).toString('hex')),
      )
      expect([lost, assembler.bytes]).toEqual([[], 0])
    }),
    { numRuns: runs(200) },
  )
})

test('any datagrams at any time: memory stays below the limits, and every message begun is whole, waits or is lost', () => {
  const datagram = fc.record({
    source: fc.constantFrom('a', 'b', 'c'),
    id: fc.constantFrom('11111111', '22222222', '33333333'),
    number: fc.integer({ min: 0, max: 5 }),
    count: fc.integer({ min: 0, max: 5 }),
    size: fc.integer({ min: 0, max: 60_000 }),
    waitMs: fc.constantFrom(0, 0, 0, 2_000),
  })
  fc.assert(
    fc.property(fc.array(datagram, { maxLength: 60 }), (datagrams) => {
      let lost = 0
      let whole = 0
      let nowMs = 0
      const assembler = new ChunkAssembler(LIMITS, () => lost++)
      for (const { source, id, number, count, size, waitMs } of datagrams) {
        nowMs += waitMs
        const bytes = Buffer.concat([
          Buffer.from(`\x1e\x0f${id}`, 'latin1'),
          Buffer.from([number, count]),
          Buffer.alloc(size),
        ])
        if (assembler.add(bytes, source, 1, nowMs).kind === 'message') whole++
        expect(assembler.bytes).toBeLessThanOrEqual(LIMITS.bytesMax)
      }
      assembler.clear()
      expect(assembler.bytes).toBe(0)
      expect(lost + whole).toBeLessThanOrEqual(datagrams.length)
    }),
    { numRuns: runs(200) },
  )
})

test('one source cannot push out the chunks of another', () => {
  const lost: string[] = []
  const assembler = new ChunkAssembler(LIMITS, (source) => lost.push(source))
  const [first, second] = chunk(Buffer.from(MESSAGE), 2)
  assembler.add(first!, 'quiet', 1, 0)
  for (let i = 0; i < 100; i++) assembler.add(chunk(Buffer.alloc(60_000), 2, String(i).padEnd(8))[0]!, 'loud', 1, 0)
  expect(assembler.add(second!, 'quiet', 1, 0)).toEqual({ kind: 'message', bytes: Buffer.from(MESSAGE) })
  expect(lost.length).toBeGreaterThan(90)
  expect(new Set(lost)).toEqual(new Set(['loud']))
})

test('many sources together keep to the limit of all: the oldest message goes first', () => {
  const lost: string[] = []
  const assembler = new ChunkAssembler(LIMITS, (source) => lost.push(source))
  for (let i = 0; i < 10; i++) {
    assembler.add(chunk(Buffer.alloc(100_000), 2)[0]!, `source ${i}`, 1, 0)
    expect(assembler.bytes).toBeLessThanOrEqual(LIMITS.bytesMax)
  }
  expect(lost).toEqual(['source 0', 'source 1', 'source 2', 'source 3', 'source 4'])
})

test('five seconds, and it is lost', () => {
  const lost: string[] = []
  const assembler = new ChunkAssembler(LIMITS, (source) => lost.push(source))
  const [first, second] = chunk(Buffer.from(MESSAGE), 2)
  assembler.add(first!, 'a', 1, 0)
  assembler.expire(4_999)
  expect(lost).toEqual([])
  expect(assembler.add(second!, 'a', 1, 5_000)).toEqual({ kind: 'waiting' })
  expect(lost).toEqual(['a'])
})

test('NUL framing does not depend on how the stream was cut', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'ả', '\n', '\r', '{') })
  fc.assert(
    fc.property(fc.array(text), fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1 }), (messages, sizes) => {
      const stream = Buffer.from(messages.map((message) => `${message}\0`).join(''))
      const whole = new NulDecoder(12)
      const expected = [...whole.push(stream), ...whole.end()]
      const pieces = new NulDecoder(12)
      const frames = []
      for (let at = 0, i = 0; at < stream.length; i++) {
        const size = sizes[i % sizes.length]!
        frames.push(...pieces.push(stream.subarray(at, at + size)))
        at += size
      }
      frames.push(...pieces.end())
      const show = (list: typeof expected): string[] =>
        list.map(({ bytes, refused }) => `${refused} ${bytes.toString('hex')}`)
      expect(show(frames)).toEqual(show(expected))
      expect(frames.every(({ bytes }) => bytes.length <= 12)).toBe(true)
    }),
    { numRuns: runs(300) },
  )
})
