import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { decodeMulti, encode, ExtData } from '@msgpack/msgpack'
import * as fc from 'fast-check'
import { expect, onTestFinished, test, vi } from 'vitest'
import type { Turn } from '../../../collector/conversation.ts'
import { readForward, type ForwardOptions } from '../../../collector/forward.ts'
import { BodyBudget } from '../../../collector/http-body.ts'
import { MalformedMsgpack, MsgpackReader, ValueEnd } from '../../../collector/msgpack.ts'
import { SpoolError } from '../../../collector/spool/errors.ts'
import { runs } from '../../runs.ts'
import { dial, run } from './running.ts'

const LIMITS = { frameBytesMax: 480, messageBytesMax: 10_000, unpackedBytesMax: 20_000, recordsMax: 1_000 }

function eventTime(seconds: number, nanos: number): ExtData {
  const bytes = Buffer.alloc(8)
  bytes.writeUInt32BE(seconds)
  bytes.writeUInt32BE(nanos, 4)
  return new ExtData(0, bytes)
}
const pack = (value: unknown): Buffer => Buffer.from(encode(value, { useBigInt64: true }))

async function read(stream: Buffer, more: Partial<ForwardOptions> = {}, chunkBytes = stream.length): Promise<Turn[]> {
  async function* chunks(): AsyncGenerator<Buffer> {
    for (let at = 0; at < stream.length; at += chunkBytes) yield stream.subarray(at, at + chunkBytes)
  }
  const budget = new BodyBudget(1_000_000)
  const turns: Turn[] = []
  for await (const turn of readForward(chunks(), { ...LIMITS, budget, ...more })) turns.push(turn)
  expect(budget.take(1_000_000), 'nothing stays held').toBe(true)
  return turns
}

/** The text of a record, `!code text` where refused, `>chunk` for an acknowledgement. */
function told(turns: readonly Turn[]): string[] {
  return turns.map(({ frame, answer }) => {
    if (answer !== undefined) return `>${([...decodeMulti(answer)][0] as { ack: string }).ack}`
    if (frame === undefined) return ''
    return `${frame.refused === undefined ? '' : `!${frame.refused} `}${frame.bytes.toString()}`
  })
}
const written = (record: string, time = '1778554798'): string =>
  `{"forward":{"tag":"app.a","time":${time},"record":${record}}}`
const T = 1_778_554_798
const packed = (...entries: unknown[]): Buffer => Buffer.concat(entries.map(pack))

test.each<[name: string, messages: unknown[], told: string[]]>([
  ['Message', [['app.a', T, { message: 'một' }]], [written('{"message":"một"}')]],
  ['Message with a chunk', [['app.a', T, { a: 1 }, { chunk: 'c1' }]], [written('{"a":1}'), '>c1']],
  ['EventTime', [['app.a', eventTime(T, 307_000_009), { a: 1 }]], [written('{"a":1}', '"1778554798.307000009"')]],
  [
    'Forward',
    [
      [
        'app.a',
        [
          [T, { a: 1 }],
          [T, { b: 2 }],
        ],
        { chunk: 'c', size: 2 },
      ],
    ],
    [written('{"a":1}'), written('{"b":2}'), '>c'],
  ],
  ['Forward of none', [['app.a', [], { chunk: 'c' }]], ['>c']],
  ['Forward without option', [['app.a', [[T, { a: 1 }]]]], [written('{"a":1}')]],
  ['an option that is nil', [['app.a', [[T, { a: 1 }]], null]], [written('{"a":1}')]],
  [
    'PackedForward, as bytes',
    [['app.a', packed([T, { a: 1 }], [T, { b: 2 }]), { chunk: 'c' }]],
    [written('{"a":1}'), written('{"b":2}'), '>c'],
  ],
  [
    'CompressedPackedForward, of two gzip streams',
    [
      [
        'app.a',
        Buffer.concat([gzipSync(packed([T, { a: 1 }])), gzipSync(packed([T, { b: 2 }]))]),
        { compressed: 'gzip', chunk: 'c' },
      ],
    ],
    [written('{"a":1}'), written('{"b":2}'), '>c'],
  ],
  [
    'metadata of Fluent Bit',
    [['app.a', [[[T, { otlp: 1 }], { a: 1 }]]]],
    ['{"forward":{"tag":"app.a","time":1778554798,"metadata":{"otlp":1},"record":{"a":1}}}'],
  ],
  ['signs of life', [null, ['app.a', T, { a: 1 }], null], [written('{"a":1}')]],
  [
    'what is no entry is kept, refused, and acknowledged',
    [['app.a', [1, [T], [T, 'x'], [T, { a: 1 }, 'more']], { chunk: 'c' }]],
    [
      '!bad_entry {"forward":{"tag":"app.a","entry":1}}',
      '!bad_entry {"forward":{"tag":"app.a","entry":[1778554798]}}',
      `!bad_entry ${written('"x"')}`,
      written('{"a":1}'),
      '>c',
    ],
  ],
  [
    'a record over the limit is kept up to it, and the next is whole',
    [
      [
        'app.a',
        [
          [T, { a: 'x'.repeat(600) }],
          [T, { b: 1 }],
        ],
        { chunk: 'c' },
      ],
    ],
    [`!oversized ${written(`{"a":"${'x'.repeat(600)}"}`).slice(0, 480)}`, written('{"b":1}'), '>c'],
  ],
  [
    'packed entries that break off: kept from there',
    [['app.a', Buffer.concat([packed([T, { a: 1 }]), Buffer.from([0x92, 0x01])]), { chunk: 'c' }]],
    [written('{"a":1}'), '!unframed \ufffd\u0001', '>c'],
  ],
  [
    'what is no gzip is kept, refused and acknowledged: it would come again for ever',
    [['app.a', Buffer.from('no gzip'), { compressed: 'gzip', chunk: 'c' }]],
    ['!bad_encoding no gzip', '>c'],
  ],
])('%s', async (_name, messages, expected) => {
  const stream = packed(...messages)
  expect(told(await read(stream))).toEqual(expected)
  expect(told(await read(stream, {}, 1))).toEqual(expected)
})

test('records of a chunk are named by chunk, place and content; without a chunk they have no name, and no answer', async () => {
  const turns = await read(
    packed(
      [
        'app.a',
        [
          [T, { a: 1 }],
          [T, { a: 1 }],
        ],
        { chunk: 'c' },
      ],
      ['app.a', T, { a: 1 }],
    ),
  )
  const ids = turns.flatMap(({ frame }) => (frame === undefined ? [] : [frame.senderId]))
  expect(ids).toEqual([
    expect.stringMatching(/^forward c\/0\/[0-9a-f]{1,8}$/),
    expect.stringMatching(/^forward c\/1\/[0-9a-f]{1,8}$/),
    undefined,
  ])
  expect(turns.map(({ unanswered }) => unanswered)).toEqual([undefined, undefined, undefined, true])
  expect(turns[0]!.frame!.stream).toBe('app.a')
  const [again] = await read(packed(['app.a', [[T, { a: 2 }]], { chunk: 'c' }]))
  expect(again!.frame!.senderId).not.toBe(ids[0])
})

const BOMB = gzipSync(Buffer.alloc(10_000_000))
test.each<[name: string, stream: Buffer, fault: RegExp, kept: boolean]>([
  ['another protocol', Buffer.from('<13>hello\n'), /array of 2 to 4/, true],
  ['c1', Buffer.from([0x93, 0xc1]), /MessagePack/, true],
  ['an array of one', pack(['app.a']), /array of 2 to 4/, true],
  ['a tag that is none', pack([1, T, {}]), /tag is text/, true],
  ['a time and no record', pack(['app.a', T]), /without a record/, true],
  ['a message over the limit', pack(['app.a', Buffer.alloc(10_001)]), /more than 10000/, false],
  ['a claim of 4 GiB', Buffer.from([0x92, 0xa1, 0x61, 0xc6, 0xff, 0xff, 0xff, 0xff]), /more than 10000/, false],
  [
    'a claim of 4 billion entries',
    Buffer.from([0x92, 0xa1, 0x61, 0xdd, 0xff, 0xff, 0xff, 0xff]),
    /more than 10000/,
    false,
  ],
  ['claims in claims', Buffer.alloc(200, 0xdd), /more than 10000/, false],
  ['a bomb', pack(['app.a', BOMB, { compressed: 'gzip', chunk: 'c' }]), /unpacks to more than 20000/, false],
  [
    'too many records',
    pack(['app.a', Array.from({ length: 1_001 }, () => 0), { chunk: 'c' }]),
    /more than 1000 rec/,
    false,
  ],
  [
    'too many, packed',
    pack(['app.a', gzipSync(Buffer.alloc(1_001)), { compressed: 'gzip' }]),
    /more than 1000 rec/,
    false,
  ],
  ['another packing', pack(['app.a', Buffer.from('x'), { compressed: 'zstd', chunk: 'c' }]), /only gzip/, false],
])('ends at %s, unanswered', async (name, stream, fault, kept) => {
  const turns = await read(stream, { messageBytesMax: /bomb/.test(name) ? 1_000_000 : 10_000 })
  expect(turns).toHaveLength(1)
  expect(turns[0]!.fault).toMatch(fault)
  expect(turns[0]!.frame?.refused).toBe(kept ? 'unframed' : undefined)
  expect(turns[0]!.answer).toBeUndefined()
})

test('connections together hold no more than their budget', async () => {
  const budget = new BodyBudget(5_000)
  budget.take(4_000)
  async function* chunks(): AsyncGenerator<Buffer> {
    const message = pack(['app.a', T, { a: 'x'.repeat(3_000) }])
    for (let at = 0; at < message.length; at += 500) yield message.subarray(at, at + 500)
  }
  const turns: Turn[] = []
  for await (const turn of readForward(chunks(), { ...LIMITS, budget })) turns.push(turn)
  expect(turns.map(({ fault }) => fault)).toEqual([expect.stringMatching(/hold too much/)])
  expect(budget.take(1_000)).toBe(true)
})

test('a message that is cut off is nothing', async () => {
  const whole = pack(['app.a', T, { a: 1 }, { chunk: 'c' }])
  for (let end = 0; end < whole.length; end++) expect(told(await read(whole.subarray(0, end)))).toEqual([])
})

/** What both sides can say the same way: the library has no negative zero in integers, and no lone surrogates. */
const scalar = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }).filter((n) => !Number.isInteger(n)),
)
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    scalar,
    fc.array(tie('value'), { maxLength: 20 }),
    fc
      .dictionary(fc.string(), tie('value'), { maxKeys: 20, noNullPrototype: true })
      .filter((o) => !('__proto__' in o && Object.hasOwn(o, '__proto__'))),
  ),
}))
const asJson = (v: unknown): string =>
  typeof v === 'bigint'
    ? String(v)
    : Array.isArray(v)
      ? `[${v.map(asJson).join(',')}]`
      : typeof v === 'object' && v !== null
        ? `{${Object.entries(v)
            .map(([k, item]) => `${JSON.stringify(k)}:${asJson(item)}`)
            .join(',')}}`
        : JSON.stringify(v)

test('any values, as the library writes them: their JSON, and where they end', () => {
  fc.assert(
    fc.property(value, fc.uint8Array({ maxLength: 5 }), (sent, behind) => {
      const bytes = pack(sent)
      const reader = new MsgpackReader(bytes)
      expect(reader.json()).toBe(asJson(sent))
      expect(reader.ended).toBe(true)
      expect(new ValueEnd().find(Buffer.concat([bytes, behind]))).toBe(bytes.length)
      const end = new ValueEnd()
      const step = Math.ceil(bytes.length / 20)
      for (let i = 1; i < bytes.length; i += step) expect(end.find(bytes.subarray(0, i))).toBeNull()
      expect(end.find(bytes)).toBe(bytes.length)
    }),
    { numRuns: runs(200) },
  )
})

test.each<[string, number[], string]>([
  ['text of every length', [0xd9, 1, 0x61], '"a"'],
  ['text of 16 and of 32 bits', [0x92, 0xda, 0, 1, 0x61, 0xdb, 0, 0, 0, 1, 0x62], '["a","b"]'],
  ['text that is no UTF-8', [0xa2, 0x61, 0xff], '{"$base64":"Yf8="}'],
  ['bytes', [0xc4, 2, 0, 255], '{"$base64":"AP8="}'],
  ['an extension', [0xd4, 5, 7], '{"$base64":"Bw=="}'],
  ['a float of 32 bits', [0xca, 0x3f, 0x80, 0, 0], '1'],
  ['what JSON cannot say', [0xcb, 0x7f, 0xf8, 0, 0, 0, 0, 0, 0], '"NaN"'],
  ['keys that are no text', [0x82, 1, 2, 0xc3, 3], '{"1":2,"true":3}'],
  ['a key twice', [0x82, 0xa1, 0x61, 1, 0xa1, 0x61, 2], '{"a":1,"a":2}'],
  ['the smallest integer', [0xd3, 0x80, 0, 0, 0, 0, 0, 0, 0], '-9223372036854775808'],
  [
    'small ones',
    [0x96, 0x7f, 0xff, 0xcc, 200, 0xd0, 0x80, 0xd1, 0xff, 0x7f, 0xce, 255, 255, 255, 255],
    '[127,-1,200,-128,-129,4294967295]',
  ],
])('%s', (_name, bytes, json) => {
  expect(new MsgpackReader(Buffer.from(bytes)).json()).toBe(json)
})

test('nesting without end costs no stack', async () => {
  const deep = Buffer.concat([
    pack('app.a'),
    pack(T),
    Buffer.from([0x81, 0xa1, 0x61]),
    Buffer.alloc(9_000, 0x91),
    Buffer.from([0xc0]),
  ])
  const turns = await read(Buffer.concat([Buffer.from([0x93]), deep]), { frameBytesMax: 100_000 })
  expect(told(turns)[0]).toMatch(/"record":\{"a":\[{40}/)
  expect(turns).toHaveLength(1)
})

test('any bytes, alone, in a message, packed in it, and however they are cut: it ends, and does not throw', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ maxLength: 120 }),
      fc.constantFrom('alone', 'behind', 'inside', 'packed'),
      fc.integer({ min: 1, max: 9 }),
      async (random, where, chunkBytes) => {
        const bytes = Buffer.from(random)
        const head = Buffer.concat([Buffer.from([0x93]), pack('app.a')])
        const stream = {
          alone: bytes,
          behind: Buffer.concat([pack(['app.a', T, {}]), bytes]),
          inside: Buffer.concat([head, bytes]),
          packed: pack(['app.a', gzipSync(bytes), { compressed: 'gzip' }]),
        }[where]
        const turns = await read(stream, {}, chunkBytes)
        for (const { frame } of turns) expect(frame?.bytes.length ?? 0).toBeLessThanOrEqual(LIMITS.frameBytesMax)
        expect(told(turns.filter(({ fault }) => fault === undefined))).toEqual(
          told((await read(stream)).filter(({ fault }) => fault === undefined)),
        )
      },
    ),
    { numRuns: runs(300) },
  )
})

test('a reader of any bytes: JSON or malformed', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      try {
        JSON.parse(new MsgpackReader(Buffer.from(bytes)).json())
      } catch (error) {
        expect(error).toBeInstanceOf(MalformedMsgpack)
      }
    }),
    { numRuns: runs(500) },
  )
})

/** A client of the wire: sends values, and hears values. */
class Client {
  readonly heard: unknown[] = []
  readonly closed: Promise<void>
  readonly #socket: Socket

  constructor(socket: Socket) {
    this.#socket = socket
    socket.on('error', () => undefined)
    socket.on('data', (bytes) => this.heard.push(...decodeMulti(bytes)))
    this.closed = new Promise((resolve) => socket.once('close', () => resolve()))
  }

  send(...values: unknown[]): void {
    this.#socket.write(packed(...values))
  }

  end(): void {
    this.#socket.end()
  }

  async answers(count: number): Promise<unknown[]> {
    while (this.heard.length < count) await once(this.#socket, 'data')
    return this.heard
  }
}

const FORWARD = { forward: { port: 0 } }

test('every mode over a socket: each record once, acknowledged with its chunk, its tag the stream', async () => {
  const { port, stored, records, collector } = await run(FORWARD)
  const client = new Client(await dial(port))
  client.send(
    ['app.a', T, { a: 1 }, { chunk: 'm' }],
    [
      'app/b',
      [
        [T, { b: 1 }],
        [T, { b: 2 }],
      ],
      { chunk: 'f' },
    ],
    ['app.a', gzipSync(packed([T, { c: 1 }])), { chunk: 'p', compressed: 'gzip' }],
    ['app.a', T, { d: 1 }],
  )
  expect(await client.answers(3)).toEqual([{ ack: 'm' }, { ack: 'f' }, { ack: 'p' }])
  const lines = (await stored(5)).map((line) => (JSON.parse(line) as { forward: { record: object } }).forward.record)
  expect(lines).toEqual([{ a: 1 }, { b: 1 }, { b: 2 }, { c: 1 }, { d: 1 }])
  const streams = (await records()).map(({ origin }) => origin)
  expect(streams[1]).toEqual({ input: 'forward', address: '127.0.0.1', stream: 'app_b' })
  expect(collector.counters().sources.map(({ source, frames }) => [source, frames])).toEqual([
    ['forward/127.0.0.1/app.a', 3],
    ['forward/127.0.0.1/app_b', 2],
  ])
})

test('nothing is acknowledged before it is durable', async () => {
  const { port, spool } = await run(FORWARD)
  let release = (): void => undefined
  const held = new Promise<void>((resolve) => (release = resolve))
  const append = spool.append.bind(spool)
  vi.spyOn(spool, 'append').mockImplementation((frames) => held.then(() => append(frames)))
  const client = new Client(await dial(port))
  client.send(['app.a', [[T, { a: 1 }]], { chunk: 'c' }])
  await expect.poll(() => vi.mocked(spool.append).mock.calls.length).toBe(1)
  expect([client.heard, spool.durableSeq]).toEqual([[], 0])
  release()
  expect(await client.answers(1)).toEqual([{ ack: 'c' }])
  expect(spool.durableSeq).toBe(1)
})

test('what nobody will send again and the spool does not take is counted as lost; what will be is not', async () => {
  const { port, spool, collector } = await run(FORWARD)
  vi.spyOn(spool, 'append').mockRejectedValue(new SpoolError('failed', ''))
  const first = new Client(await dial(port))
  first.send([
    'app.a',
    [
      [T, { a: 1 }],
      [T, { a: 2 }],
    ],
  ])
  await first.closed
  const second = new Client(await dial(port))
  second.send([
    'app.b',
    [
      [T, { a: 1 }],
      [T, { a: 2 }],
    ],
    { chunk: 'c' },
  ])
  await second.closed
  expect(second.heard).toEqual([])
  expect(collector.drops()).toEqual([{ source: 'forward/127.0.0.1/app.a', count: 2 }])
})

test('a client that half-closes hears its acknowledgement', async () => {
  const { port, stored } = await run(FORWARD)
  const client = new Client(await dial(port))
  client.send(['app.a', T, { a: 1 }, { chunk: 'c' }])
  client.end()
  await client.closed
  expect(client.heard).toEqual([{ ack: 'c' }])
  expect(await stored(1)).toHaveLength(1)
})

const sha = (...parts: (string | Buffer)[]): string =>
  parts.reduce((hash, part) => hash.update(part), createHash('sha512')).digest('hex')

function keyFiles(keys: Record<string, string>): Record<string, string> {
  const folder = mkdtempSync(join(tmpdir(), 'vong-gac-keys-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return Object.fromEntries(
    Object.entries(keys).map(([agency, key]) => {
      writeFileSync(join(folder, agency), `${key}\n`)
      return [agency, join(folder, agency)]
    }),
  )
}

test('shared keys: both sides prove that they know one, and it says whose the records are', async () => {
  const sharedKeys = keyFiles({ 'so-y-te': 'khoá một', 'so-xay-dung': 'khoá hai' })
  const { port, records, collector, logged } = await run({ forward: { port: 0, sharedKeys } })
  const greet = async (key: string): Promise<{ client: Client; nonce: Buffer }> => {
    const client = new Client(await dial(port))
    const [[word, options]] = (await client.answers(1)) as [
      [string, { nonce: Buffer; auth: string; keepalive: boolean }],
    ]
    expect([word, options.auth, options.keepalive]).toEqual(['HELO', '', true])
    const nonce = Buffer.from(options.nonce)
    const salt = Buffer.from('0123456789abcdef')
    client.send(['PING', 'web1', salt, sha(salt, 'web1', nonce, key), '', ''])
    const [, [pong, good, , hostname, proof]] = (await client.answers(2)) as [
      unknown,
      [string, boolean, string, string, string],
    ]
    expect([pong, hostname]).toEqual(['PONG', 'vong-gac'])
    expect(proof).toBe(good ? sha(salt, 'vong-gac', nonce, key) : '')
    expect(good).toBe(key.startsWith('khoá'))
    return { client, nonce }
  }
  const [one, two] = [await greet('khoá một'), await greet('khoá hai')]
  expect(one.nonce).not.toEqual(two.nonce)
  one.client.send(['app.a', T, { a: 1 }, { chunk: 'c' }])
  two.client.send(['app.a', T, { a: 1 }, { chunk: 'c' }])
  await Promise.all([one.client.answers(3), two.client.answers(3)])
  const agencies = (await records()).map(({ origin: { agency, stream } }) => [agency, stream])
  expect(new Set(agencies.map(String))).toEqual(new Set(['so-y-te,app.a', 'so-xay-dung,app.a']))

  const stranger = await greet('another')
  await stranger.client.closed
  const hasty = new Client(await dial(port))
  hasty.send(['app.a', T, { a: 1 }, { chunk: 'c' }])
  await hasty.closed
  expect(hasty.heard).toHaveLength(1)
  expect(await records(), 'a stranger puts nothing into the log, refused or not').toHaveLength(2)
  expect(logged.map(({ message }) => message)).toEqual(
    Array.from({ length: 2 }, () => 'protocol not kept: connection closed'),
  )

  writeFileSync(sharedKeys['so-y-te']!, 'khoá ba')
  await collector.reloadCertificates()
  await greet('khoá ba')
})

test('a shared key that is empty or not there: it does not start', async () => {
  await expect(run({ forward: { port: 0, sharedKeys: keyFiles({ a: '' }) } })).rejects.toThrow(/is empty/)
  await expect(run({ forward: { port: 0, sharedKeys: { a: '/none' } } })).rejects.toThrow(/ENOENT/)
})
