import { gzipSync } from 'node:zlib'
import * as fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import { MalformedRequest, recordsOfJson, recordsOfProtobuf, type OtlpRecord } from '../../../collector/otlp.ts'
import { TooManyValues } from '../../../collector/protobuf.ts'
import { SpoolError } from '../../../collector/spool/errors.ts'
import { runs } from '../../runs.ts'
import {
  any,
  bytesField,
  logRecord,
  protobuf,
  requestOf,
  text,
  varint,
  type Any,
  type KeyValue,
  type LogRecord,
  type Request,
} from './otlp-request.ts'
import { dial, run, TOKEN, type Running } from './running.ts'

const BYTES_MAX = 4096
const texts = (records: Iterable<OtlpRecord>): string[] => [...records].map((record) => String(record.text))
const ofProtobuf = (body: Buffer): string[] => texts(recordsOfProtobuf(body, BYTES_MAX))
const ofJson = (request: unknown): string[] => texts(recordsOfJson(Buffer.from(JSON.stringify(request))))

const TRACE = '0af7651916cd43dd8448eb211c80319c'

const ROWS: [name: string, record: LogRecord, written: string][] = [
  [
    'all there is',
    {
      timeUnixNano: '1778554798307000001',
      observedTimeUnixNano: '1778554798400000000',
      severityNumber: 17,
      severityText: 'ERROR',
      eventName: 'login',
      body: { stringValue: 'Đăng nhập thất bại "lan"\n' },
      attributes: [text('user.name', 'lan')],
      droppedAttributesCount: 3,
      flags: 1,
      traceId: TRACE,
      spanId: 'b7ad6b7169203331',
    },
    `"timeUnixNano":"1778554798307000001","observedTimeUnixNano":"1778554798400000000","severityNumber":17,"severityText":"ERROR","eventName":"login","body":"Đăng nhập thất bại \\"lan\\"\\n","attributes":{"user.name":"lan"},"droppedAttributesCount":3,"flags":1,"traceId":"${TRACE}","spanId":"b7ad6b7169203331"`,
  ],
  ['no body', { eventName: 'e' }, '"eventName":"e"'],
  ['an empty body', { body: { stringValue: '' } }, '"body":""'],
  ['a body that holds nothing', { body: {} }, '"body":null'],
  ['a truth', { body: { boolValue: true } }, '"body":true'],
  ['an untruth', { body: { boolValue: false } }, '"body":false'],
  ['zero', { body: { intValue: '0' } }, '"body":0'],
  [
    'the largest integer, with all its digits',
    { body: { intValue: '9223372036854775807' } },
    '"body":9223372036854775807',
  ],
  ['the smallest', { body: { intValue: '-9223372036854775808' } }, '"body":-9223372036854775808'],
  ['a double', { body: { doubleValue: -0.25 } }, '"body":-0.25'],
  ['bytes', { body: { bytesValue: 'AP/+' } }, '"body":{"$base64":"AP/+"}'],
  ['no bytes', { body: { bytesValue: '' } }, '"body":{"$base64":""}'],
  [
    'a list of all kinds',
    {
      body: { arrayValue: { values: [{ stringValue: 'a' }, { intValue: '-1' }, {}, { arrayValue: { values: [] } }] } },
    },
    '"body":["a",-1,null,[]]',
  ],
  [
    'a map in a map, a key twice',
    {
      body: {
        kvlistValue: {
          values: [
            { key: 'a', value: { kvlistValue: { values: [{ key: '', value: { doubleValue: 1.5 } }] } } },
            text('a', 'x'),
            text('__proto__', 'y'),
          ],
        },
      },
    },
    '"body":{"a":{"":1.5},"a":"x","__proto__":"y"}',
  ],
  ['ids of nothing are none', { eventName: 'e', traceId: '0'.repeat(32), spanId: '' }, '"eventName":"e"'],
]

test.each(ROWS)('%s: the same from both encodings', (_name, record, written) => {
  const request = requestOf([record])
  expect(ofProtobuf(protobuf(request))).toEqual([`{"otlp":{${written}}}`])
  expect(ofJson(request)).toEqual([`{"otlp":{${written}}}`])
})

test('each record has its own resource and scope, whatever order the fields come in', () => {
  const record = (name: string): LogRecord => ({ eventName: name })
  const request: Request = {
    resourceLogs: [
      {
        resource: { attributes: [text('service.name', 'một cửa'), { key: 'n', value: { intValue: '1' } }] },
        scopeLogs: [
          { scope: { name: 's', version: '1', attributes: [text('k', 'v')] }, logRecords: [record('a'), record('b')] },
          { logRecords: [record('c')] },
        ],
      },
      { scopeLogs: [{ logRecords: [record('d')] }] },
    ],
  }
  const resource = '"resource":{"service.name":"một cửa","n":1}'
  const scope = '"scope":{"name":"s","version":"1","attributes":{"k":"v"}}'
  const expected = [
    `{"otlp":{"eventName":"a",${scope},${resource}}}`,
    `{"otlp":{"eventName":"b",${scope},${resource}}}`,
    `{"otlp":{"eventName":"c",${resource}}}`,
    '{"otlp":{"eventName":"d"}}',
  ]
  expect(ofProtobuf(protobuf(request))).toEqual(expected)
  expect(ofJson(request)).toEqual(expected)
  const scoped = bytesField(2, bytesField(2, logRecord(record('a'))))
  const owner = bytesField(
    1,
    bytesField(1, Buffer.concat([bytesField(1, 'x'), bytesField(2, any({ boolValue: true }))])),
  )
  expect(ofProtobuf(bytesField(1, Buffer.concat([scoped, owner])))).toEqual([
    '{"otlp":{"eventName":"a","resource":{"x":true}}}',
  ])
})

test('what OTLP/JSON allows beside: numbers for 64 bits, names in capitals, what is not known, null', () => {
  const record = {
    timeUnixNano: 1_778_554_798_307_000_000,
    severityNumber: '9',
    body: { intValue: 7 },
    traceId: TRACE.toUpperCase(),
    spanId: null,
    trace_id: 'no name of OTLP/JSON',
    attributes: [{ key: 'd', value: { doubleValue: 'NaN' } }, null, { key: 'none' }],
  }
  expect(ofJson({ resourceLogs: [{ resource: null, scopeLogs: [{ logRecords: [record] }], other: 1 }] })).toEqual([
    `{"otlp":{"timeUnixNano":"1778554798307000000","severityNumber":9,"body":7,"attributes":{"d":"NaN","none":null},"traceId":"${TRACE}"}}`,
  ])
  expect(ofJson({})).toEqual([])
})

test('text that is no UTF-8 is kept as bytes', () => {
  const body = bytesField(5, bytesField(1, Buffer.from([0x61, 0xff])))
  expect(ofProtobuf(bytesField(1, bytesField(2, bytesField(2, body))))).toEqual([
    '{"otlp":{"body":{"$base64":"Yf8="}}}',
  ])
})

test('a record over the limit is given as it came, unread', () => {
  const large = logRecord({ body: { stringValue: 'x'.repeat(BYTES_MAX) } })
  const [record] = recordsOfProtobuf(
    protobuf({
      resourceLogs: [
        {
          resource: { attributes: [text('service.name', 'app')] },
          scopeLogs: [{ logRecords: [{ body: { stringValue: 'x'.repeat(BYTES_MAX) } }] }],
        },
      ],
    }),
    BYTES_MAX,
  )
  expect(record).toEqual({ text: large, service: 'app' })
})

test.each<[string, Buffer]>([
  ['cut off in a length', protobuf(requestOf([{ eventName: 'e' }])).subarray(0, 5)],
  ['field number 0', varint(2)],
  ['a group', varint((1 << 3) | 3)],
  ['a length beyond the end', Buffer.from([0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f])],
  ['an endless number', Buffer.alloc(20, 0xff)],
  ['JSON', Buffer.from('{"resourceLogs":[]}')],
])('no protobuf: %s', (_name, body) => {
  expect(() => ofProtobuf(body)).toThrow(MalformedRequest)
})

test.each<[unknown, RegExp]>([
  [[], /request is no object/],
  [{ resourceLogs: {} }, /resourceLogs is no array/],
  [{ resourceLogs: [1] }, /element of resourceLogs/],
  [{ resourceLogs: [{ resource: 'x' }] }, /resource is no object/],
  [{ resourceLogs: [{ scopeLogs: [{ logRecords: ['x'] }] }] }, /element of logRecords/],
])('no request: %j', (request, reason) => {
  expect(() => ofJson(request)).toThrow(reason)
})

const scalar = fc.oneof(
  fc.string({ unit: 'grapheme' }).map((stringValue): Any => ({ stringValue })),
  fc.boolean().map((boolValue): Any => ({ boolValue })),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((n): Any => ({ intValue: String(n) })),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((doubleValue): Any => ({ doubleValue })),
  fc.uint8Array({ maxLength: 9 }).map((bytes): Any => ({ bytesValue: Buffer.from(bytes).toString('base64') })),
)
const { value } = fc.letrec<{ value: Any }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    scalar,
    fc.array(tie('value'), { maxLength: 4 }).map((values): Any => ({ arrayValue: { values } })),
    fc
      .array(fc.record({ key: fc.string(), value: tie('value') }), { maxLength: 4 })
      .map((values): Any => ({ kvlistValue: { values } })),
  ),
}))

test('any values: the same from both encodings, and JSON', () => {
  fc.assert(
    fc.property(value, fc.array(fc.record({ key: fc.string(), value }), { maxLength: 5 }), (body, attributes) => {
      const request = requestOf([{ body, attributes }], attributes)
      const written = texts(recordsOfProtobuf(protobuf(request), 1_000_000))
      expect(ofJson(request)).toEqual(written)
      expect(() => void JSON.parse(written[0]!)).not.toThrow()
    }),
    { numRuns: runs(200) },
  )
})

test('any bytes, and any damage: records or a reason, never another error', () => {
  const whole = protobuf(requestOf([ROWS[0]![1], ROWS[11]![1]], [text('service.name', 'a')]))
  const damaged = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 4 }).map((changes) => {
    const bytes = Buffer.from(whole)
    for (const [at, byte] of changes) bytes[at] = byte
    return bytes
  })
  fc.assert(
    fc.property(
      fc.oneof(
        damaged,
        fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
      ),
      (bytes) => {
        for (const read of [recordsOfProtobuf(bytes, BYTES_MAX), recordsOfJson(bytes)]) {
          try {
            for (const record of read) if (typeof record.text === 'string') JSON.parse(record.text)
          } catch (error) {
            expect(error).toBeInstanceOf(MalformedRequest)
          }
        }
      },
    ),
    { numRuns: runs(500) },
  )
})

test('any JSON in the place of a record: a text, which is JSON', () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.constantFrom('body', 'attributes', 'traceId', 'timeUnixNano', 'flags'), fc.jsonValue()),
      (record) => {
        const [written] = ofJson({ resourceLogs: [{ scopeLogs: [{ logRecords: [record] }] }] })
        expect(() => void JSON.parse(written!)).not.toThrow()
      },
    ),
    { numRuns: runs(300) },
  )
})

test('nesting without end costs no stack, and what is left of it is too deep for the parser', () => {
  let deep = any({ boolValue: true })
  for (let i = 0; i < 2_000; i++) deep = bytesField(5, bytesField(1, deep))
  const [record] = recordsOfProtobuf(bytesField(1, bytesField(2, bytesField(2, bytesField(5, deep)))), 1e9)
  expect(String(record!.text)).toMatch(/^\{"otlp":\{"body":\[{40}/)
  expect(() => ofJson(JSON.parse(`{"resourceLogs":${'['.repeat(1_000)}${']'.repeat(1_000)}}`))).toThrow(
    MalformedRequest,
  )
  const nested = Buffer.from(`{"resourceLogs":${'['.repeat(500_000)}`)
  expect(() => texts(recordsOfJson(nested))).toThrow(MalformedRequest)
})

test.each<[string, Buffer, (body: Buffer) => Iterable<OtlpRecord>]>([
  ['resources of nothing', Buffer.alloc(400_000, Buffer.from([0x0a, 0])), (b) => recordsOfProtobuf(b, BYTES_MAX)],
  [
    'attributes of nothing',
    bytesField(1, bytesField(2, bytesField(2, Buffer.alloc(4_100_000, Buffer.from([0x32, 0]))))),
    (b) => recordsOfProtobuf(b, 1e9),
  ],
  ['objects of nothing', Buffer.from(`{"resourceLogs":[${'{},'.repeat(1_000_000)}{}]}`), recordsOfJson],
])('more values than any sender has are refused: %s', (_name, body, read) => {
  expect(() => texts(read(body))).toThrow(TooManyValues)
})

const PROTOBUF = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/x-protobuf' }
const JSON_TYPE = { ...PROTOBUF, 'content-type': 'application/json; charset=utf-8' }

interface Intake extends Running {
  url: string
  post: (body: Buffer | string, headers?: Record<string, string>, path?: string) => Promise<Response>
}

async function start(options: object = {}, more: Parameters<typeof run>[1] = {}): Promise<Intake> {
  const running = await run({ 'otlp-http': { port: 0, ...options } }, more)
  const url = `http://127.0.0.1:${running.port}`
  return {
    ...running,
    url,
    post: (body, headers = PROTOBUF, path = '/v1/logs') =>
      fetch(url + path, { method: 'POST', headers, body: body as BodyInit }),
  }
}

const REQUEST = requestOf(
  [{ body: { stringValue: 'một' } }, { body: { stringValue: 'hai' } }],
  [text('service.name', 'a/b')],
)

test('both encodings, packed and plain: durable, answered empty in the encoding they came in', async () => {
  const { post, records, spool } = await start()
  const json = JSON.stringify(REQUEST)
  const sent: [Buffer | string, Record<string, string>][] = [
    [protobuf(REQUEST), PROTOBUF],
    [gzipSync(protobuf(REQUEST)), { ...PROTOBUF, 'content-encoding': 'gzip' }],
    [json, JSON_TYPE],
    [gzipSync(json), { ...JSON_TYPE, 'content-encoding': 'gzip' }],
  ]
  for (const [i, [body, headers]] of sent.entries()) {
    const answer = await post(body, headers)
    expect(answer.status).toBe(200)
    expect(spool.durableSeq).toBe(2 * (i + 1))
    expect(answer.headers.get('content-type')).toBe(i < 2 ? 'application/x-protobuf' : 'application/json')
    expect(await answer.text(), 'partial_success is not set').toBe(i < 2 ? '' : '{}')
  }
  const stored = await records()
  expect(new Set(stored.map(({ bytes }) => Buffer.from(bytes).toString()))).toEqual(
    new Set([
      '{"otlp":{"body":"một","resource":{"service.name":"a/b"}}}',
      '{"otlp":{"body":"hai","resource":{"service.name":"a/b"}}}',
    ]),
  )
  expect(stored[0]!.origin).toEqual({ input: 'otlp-http', address: '127.0.0.1', agency: 'so-y-te', stream: 'a_b' })
})

test('a record with a uid is named by it', async () => {
  const { post, records } = await start()
  await post(protobuf(requestOf([{ attributes: [text('log.record.uid', '01ARZ3NDEKTSV4RRFFQ69G5FAV')] }, {}])))
  expect((await records()).map(({ senderId }) => senderId)).toEqual(['otlp 01ARZ3NDEKTSV4RRFFQ69G5FAV', undefined])
})

test('nothing in it: 200, and nothing is stored', async () => {
  const { post, spool } = await start()
  expect((await post(Buffer.alloc(0))).status).toBe(200)
  expect((await post('{}', JSON_TYPE)).status).toBe(200)
  expect(spool.durableSeq).toBe(0)
})

test('records over the limit are kept up to it and told apart, and the others are whole', async () => {
  const { post, records } = await start({ frameBytesMax: 480 })
  const long = { body: { stringValue: 'x'.repeat(600) } }
  // Short on the wire, long with its resource.
  const request = requestOf([long, { body: { stringValue: 'y' } }], [])
  request.resourceLogs.push({
    resource: { attributes: [text('k', 'z'.repeat(470))] },
    scopeLogs: [{ logRecords: [{ body: { stringValue: 'record first' } }] }],
  })
  for (const [body, headers] of [
    [protobuf(request), PROTOBUF] as const,
    [JSON.stringify(request), JSON_TYPE] as const,
  ]) {
    expect((await post(body, headers)).status).toBe(200)
  }
  const stored = await records()
  expect(stored.map(({ refused, bytes }) => [refused, bytes.length <= 480])).toEqual(
    Array.from({ length: 2 }, () => [
      ['oversized', true],
      [undefined, true],
      ['oversized', true],
    ]).flat(),
  )
  expect(Buffer.from(stored[2]!.bytes).toString()).toMatch(/^\{"otlp":\{"body":"record first","resource":/)
})

type Refused = [name: string, status: number, body: Buffer | string, headers: Record<string, string>, path?: string]

test.each<Refused>([
  ['no token', 401, protobuf(REQUEST), { 'content-type': 'application/x-protobuf' }],
  ['a wrong token', 401, protobuf(REQUEST), { ...PROTOBUF, authorization: 'Bearer x' }],
  ['traces', 404, protobuf(REQUEST), PROTOBUF, '/v1/traces'],
  ['metrics', 404, protobuf(REQUEST), PROTOBUF, '/v1/metrics'],
  ['another type', 415, protobuf(REQUEST), { ...PROTOBUF, 'content-type': 'text/plain' }],
  ['another encoding', 415, protobuf(REQUEST), { ...PROTOBUF, 'content-encoding': 'zstd' }],
  ['no gzip', 400, protobuf(REQUEST), { ...PROTOBUF, 'content-encoding': 'gzip' }],
  ['no protobuf', 400, 'xyz', PROTOBUF],
  ['no JSON', 400, 'xyz', JSON_TYPE],
  ['too large', 413, Buffer.alloc(5_000, 0x0a), PROTOBUF],
  ['too large, packed', 413, gzipSync(Buffer.alloc(50_000_000)), { ...PROTOBUF, 'content-encoding': 'gzip' }],
  ['too many', 413, protobuf(requestOf(Array.from({ length: 11 }, () => ({})))), PROTOBUF],
  [
    'a large resource for every small record',
    413,
    protobuf(
      requestOf(
        Array.from({ length: 10 }, () => ({})),
        [text('k', 'x'.repeat(900))],
      ),
    ),
    PROTOBUF,
  ],
])('refused whole, with a reason, in its encoding: %s', async (_name, status, body, headers, path) => {
  const { post, spool } = await start({ bodyBytesMax: 4096, recordsMax: 10, recordsBytesMax: 8192 })
  const answer = await post(body, headers, path)
  expect(answer.status).toBe(status)
  const json = headers['content-type']!.startsWith('application/json')
  expect(answer.headers.get('content-type')).toBe(json ? 'application/json' : 'application/x-protobuf')
  const said = Buffer.from(await answer.arrayBuffer())
  const message = json ? (JSON.parse(said.toString()) as { message: string }).message : said.subarray(2).toString()
  expect(message).toMatch(/^[\x20-\x7e]{10,127}$/)
  if (!json) expect([...said.subarray(0, 2)]).toEqual([0x12, message.length])
  expect(spool.durableSeq).toBe(0)
  expect(answer.headers.get('retry-after')).toBeNull()
})

test('only POST', async () => {
  const { url } = await start()
  const answer = await fetch(`${url}/v1/logs`, { headers: PROTOBUF })
  expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST'])
})

test.each([
  ['overloaded', 429, '1'],
  ['disk_full', 503, '10'],
  ['failed', 503, '10'],
] as const)('a spool that refuses (%s) is said so as the sender understands it', async (code, status, after) => {
  const { post, spool } = await start()
  vi.spyOn(spool, 'append').mockRejectedValue(new SpoolError(code, ''))
  const answer = await post(protobuf(REQUEST))
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([status, after])
})

test('over the quota: 429 before anything is stored', async () => {
  const { post, spool } = await start({}, { quotas: { eventsPerSecond: 1, burstSeconds: 1 } })
  expect((await post(protobuf(REQUEST))).status).toBe(200)
  const answer = await post(protobuf(REQUEST))
  expect(answer.status).toBe(429)
  expect(Number(answer.headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
  expect(spool.durableSeq).toBe(2)
})

test('200 is said after the disk has it, and counted where nobody hears it', async () => {
  const { port, spool, collector } = await start()
  let release = (): void => undefined
  const held = new Promise<void>((resolve) => (release = resolve))
  const append = spool.append.bind(spool)
  vi.spyOn(spool, 'append').mockImplementation((frames) => held.then(() => append(frames)))
  const socket = await dial(port)
  let heard = ''
  socket.on('data', (bytes) => (heard += bytes.toString()))
  const body = protobuf(REQUEST)
  const head = `POST /v1/logs HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${TOKEN}\r\ncontent-type: application/x-protobuf\r\n`
  socket.write(Buffer.concat([Buffer.from(`${head}content-length: ${body.length}\r\n\r\n`), body]))
  await expect.poll(() => vi.mocked(spool.append).mock.calls.length).toBe(1)
  expect([heard, spool.durableSeq]).toEqual(['', 0])
  socket.resetAndDestroy()
  await expect.poll(() => collector.counters().inputs[0]!.connectionsOpen).toBe(0)
  release()
  await expect.poll(() => collector.counters().sources).toMatchObject([{ frames: 2, unacknowledged: 2 }])
})

const KEYS: KeyValue[] = [text('service.name', 'app')]
test('requests at once from one sender are each stored once', async () => {
  const { post, stored } = await start()
  const sent = Array.from({ length: 20 }, (_, i) =>
    requestOf(
      Array.from({ length: 50 }, (__, j) => ({ body: { stringValue: `${i}-${j}` } })),
      KEYS,
    ),
  )
  const answers = await Promise.all(sent.map((request) => post(protobuf(request))))
  expect(answers.map(({ status }) => status)).toEqual(sent.map(() => 200))
  const bodies = (await stored(1_000)).map((line) => (JSON.parse(line) as { otlp: { body: string } }).otlp.body)
  expect(new Set(bodies).size).toBe(1_000)
})
