import { readFileSync, readdirSync, readlinkSync } from 'node:fs'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { deflateSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startProductProcess, type ProductProcess } from '../../bench/product-process.ts'
import type { SpoolRecord } from '../../model/record.ts'
import { ask, converse, everything, mintTokens, open, originalOf, send, settledSpool, type Answer } from './wire.ts'

/*
 * Everything that a network may throw at the product's sockets, at one running product; then the accounts are settled: what
 * was sent is, byte for byte, an event, a dead letter or a counted repeat, and nothing else is there.
 */

const KIB = 1024
const MIB = 1024 * KIB
const FRAME_BYTES_MAX = 64 * KIB
const RECORD_BYTES_MAX = 256 * KIB
const RSS_BYTES_MAX = 1.5 * 1024 * MIB

/** What should be in the spool: as an event, or as a dead letter with that code. */
type Kept = [bytes: Buffer | string, outcome: 'event' | { dead: string }]

const counted = (message: Buffer | string): Buffer => {
  const bytes = Buffer.from(message)
  return Buffer.concat([Buffer.from(`${bytes.length} `), bytes])
}
const line = (name: string, text = 'nội dung'): string =>
  `<38>1 2026-11-20T09:00:00+07:00 motcua-web01 app 1 - - ${name} ${text}`

const oversized = line('over', 'x'.repeat(FRAME_BYTES_MAX)).slice(0, FRAME_BYTES_MAX + 1)
const huge = Buffer.from(line('ten-mebibytes', 'y'.repeat(10 * MIB)))
const exact = line('at the limit', 'z'.repeat(FRAME_BYTES_MAX)).slice(0, FRAME_BYTES_MAX - 9)
const invalid = Buffer.concat([
  Buffer.from(line('not utf-8 ')),
  Buffer.from([0xff, 0xfe, 0xc0, 0x80, 0xed, 0xa0, 0x80]),
])
const withNul = Buffer.from(line('nul', 'a\0<34>1 2026-11-20T09:00:00Z motcua su - - - root\0b'))

const STREAMS: [name: string, bytes: Buffer | string, kept: Kept[]][] = [
  ['a line at the limit, LF', `${exact}\n`, [[exact, 'event']]],
  [
    'a line of 64 KiB and one byte, and a good one behind it',
    `${oversized}\n${line('behind the oversized')}\n`,
    [
      [oversized.slice(0, -1), { dead: 'oversized' }],
      [line('behind the oversized'), 'event'],
    ],
  ],
  [
    'ten mebibytes in one line, and a good one behind them',
    Buffer.concat([huge, Buffer.from(`\n${line('behind ten mebibytes')}`)]),
    [
      [huge.subarray(0, FRAME_BYTES_MAX), { dead: 'oversized' }],
      [line('behind ten mebibytes'), 'event'],
    ],
  ],
  ['bytes that are no UTF-8', counted(invalid), [[invalid, 'event']]],
  ['a NUL that would forge a line', Buffer.concat([withNul, Buffer.from('\n')]), [[withNul, 'event']]],
  [
    'a 13th month, a 25th hour, a 99th second',
    [13, 25, 99]
      .map(
        (n) =>
          `<34>1 2026-${n === 13 ? 13 : 12}-11T${n === 25 ? 25 : 22}:14:${n === 99 ? 99 : 15}Z h a - - - thời gian ${n}\n`,
      )
      .join(''),
    [
      ['<34>1 2026-13-11T22:14:15Z h a - - - thời gian 13', { dead: 'bad_time' }],
      ['<34>1 2026-12-11T25:14:15Z h a - - - thời gian 25', { dead: 'bad_time' }],
      ['<34>1 2026-12-11T22:14:99Z h a - - - thời gian 99', { dead: 'bad_time' }],
    ],
  ],
  ['a frame that never ends', `400 ${line('never ends')}`, [[line('never ends'), { dead: 'truncated' }]]],
  [
    'a frame of 999999 octets of which 100,000 come',
    `999999 ${line('a million', 'm'.repeat(100_000))}`,
    [[line('a million', 'm'.repeat(100_000)).slice(0, FRAME_BYTES_MAX), { dead: 'oversized' }]],
  ],
  [
    'a count that is too small: what is behind it is no frame',
    `${counted(line('one')).toString()}40 ${line('count of forty')}`,
    [
      [line('one'), 'event'],
      [line('count of forty').slice(0, 40), { dead: 'bad_header' }],
      [line('count of forty').slice(40), { dead: 'unframed' }],
    ],
  ],
  [
    'a count of seven digits',
    `${counted(line('before seven')).toString()}1234567 <34>1 - - - - - - seven`,
    [
      [line('before seven'), 'event'],
      ['1234567 <34>1 - - - - - - seven', { dead: 'unframed' }],
    ],
  ],
  [
    'JSON in syslog that is broken stays a line',
    `${line('json', '{"a":1,"a":2}')}\n${line('deep', `{"a":${'['.repeat(10_000)}`)}\n`,
    [
      [line('json', '{"a":1,"a":2}'), 'event'],
      [line('deep', `{"a":${'['.repeat(10_000)}`), 'event'],
    ],
  ],
  ['nothing but line ends', '\n\r\n\n\0\n', []],
  [
    'a blank, tabs, a lone BOM',
    '  \n\t\n\uFEFF\n',
    [
      ['  ', 'event'],
      ['\t', 'event'],
      ['\uFEFF', 'event'],
    ],
  ],
  [
    'an HTTP request on the syslog port',
    'GET / HTTP/1.1\r\nHost: x\r\n\r\n',
    [
      ['GET / HTTP/1.1', 'event'],
      ['Host: x', 'event'],
    ],
  ],
  [
    'a TLS hello on the syslog port',
    Buffer.from('160301020001', 'hex'),
    [[Buffer.from('160301020001', 'hex'), 'event']],
  ],
  [
    'text that is code elsewhere',
    `${line('code', "'); DROP TABLE events; -- <script>alert(1)</script> ${7*7} %s%n ../../etc/passwd")}\n`,
    [[line('code', "'); DROP TABLE events; -- <script>alert(1)</script> ${7*7} %s%n ../../etc/passwd"), 'event']],
  ],
]

const depth = '{"a":'.repeat(10_000) + '1' + '}'.repeat(10_000)
const wide = JSON.stringify(Object.fromEntries(Array.from({ length: 1_500 }, (_, i) => [`k${i}`, i])))
const long = JSON.stringify({ message: 'l'.repeat(RECORD_BYTES_MAX) })

interface Posted {
  name: string
  status: number
  code?: string
  headers?: Record<string, string>
  body: Buffer | string
  kept?: Kept[]
}

const POSTS: Posted[] = [
  { name: 'an empty body', status: 200, body: '' },
  { name: 'blank lines only', status: 200, body: '\n \r\n\t\n' },
  {
    name: 'good, broken and good lines',
    status: 200,
    headers: { 'content-type': 'application/x-ndjson' },
    body: '{"n":"good 1"}\n{"n":"bad 2"\n{"n":"good 3"}',
    kept: [
      ['{"n":"good 1"}', 'event'],
      ['{"n":"bad 2"', { dead: 'bad_json' }],
      ['{"n":"good 3"}', 'event'],
    ],
  },
  {
    name: 'a key twice',
    status: 200,
    body: '{"user":{"name":"a"},"user":{"name":"root"}}\n{"d":1,"\\u0064":2}',
    kept: [
      ['{"user":{"name":"a"},"user":{"name":"root"}}', { dead: 'duplicate_key' }],
      ['{"d":1,"\\u0064":2}', { dead: 'duplicate_key' }],
    ],
  },
  { name: 'ten thousand levels', status: 200, body: depth, kept: [[depth, { dead: 'too_deep' }]] },
  {
    name: 'an array of ten thousand levels is a line',
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: `[${'['.repeat(10_000)}${']'.repeat(10_000)}]`,
    kept: [[`${'['.repeat(10_000)}${']'.repeat(10_000)}`, 'event']],
  },
  { name: 'more fields than any log has', status: 200, body: wide, kept: [[wide, { dead: 'too_many_fields' }]] },
  {
    name: 'one record of more than 256 KiB',
    status: 200,
    body: long,
    kept: [[long.slice(0, RECORD_BYTES_MAX), { dead: 'oversized' }]],
  },
  {
    name: 'names of an object’s own inside',
    status: 200,
    body: '{"__proto__":{"admin":true},"constructor":{"prototype":{"x":1}},"hasOwnProperty":"h"}',
    kept: [['{"__proto__":{"admin":true},"constructor":{"prototype":{"x":1}},"hasOwnProperty":"h"}', 'event']],
  },
  {
    name: 'a sender that claims our own fields',
    status: 200,
    body: '{"soc.agency":"vp-ubnd","soc":{"record":"zzz","seq":1,"agency":"vp-ubnd"},"event":{"original":"forged","ingested":"1999-01-01T00:00:00Z"}}',
    kept: [
      [
        '{"soc.agency":"vp-ubnd","soc":{"record":"zzz","seq":1,"agency":"vp-ubnd"},"event":{"original":"forged","ingested":"1999-01-01T00:00:00Z"}}',
        'event',
      ],
    ],
  },
  {
    name: 'a lone surrogate and numbers of every kind',
    status: 200,
    body: '{"s":"\\ud800","n":1e999,"m":123456789012345678901234567890,"z":-0}',
    kept: [['{"s":"\\ud800","n":1e999,"m":123456789012345678901234567890,"z":-0}', 'event']],
  },
  {
    name: 'values that are no objects are lines',
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: '[1,null,"x"]',
    kept: [
      ['1', 'event'],
      ['null', 'event'],
      ['"x"', 'event'],
    ],
  },
  {
    name: 'an array without an end',
    status: 400,
    code: 'bad_json',
    headers: { 'content-type': 'application/json' },
    body: '[{"n":"lost 1"},{"n":"lost 2"}',
  },
  {
    name: 'text behind an array',
    status: 400,
    code: 'bad_json',
    headers: { 'content-type': 'application/json' },
    body: '[{"n":"lost 3"}] and more',
  },
  {
    name: 'gzip',
    status: 200,
    headers: { 'content-encoding': 'gzip' },
    body: gzipSync('{"n":"packed"}'),
    kept: [['{"n":"packed"}', 'event']],
  },
  {
    name: 'deflate',
    status: 200,
    headers: { 'content-encoding': 'deflate' },
    body: deflateSync('{"n":"deflated"}'),
    kept: [['{"n":"deflated"}', 'event']],
  },
  {
    name: 'gzip that is none',
    status: 400,
    code: 'bad_encoding',
    headers: { 'content-encoding': 'gzip' },
    body: 'no gzip at all',
  },
  {
    name: 'gzip cut short',
    status: 400,
    code: 'bad_encoding',
    headers: { 'content-encoding': 'gzip' },
    body: gzipSync('{"n":"lost 4"}'.repeat(1_000)).subarray(0, 40),
  },
  {
    name: 'gzip with a wrong checksum',
    status: 400,
    code: 'bad_encoding',
    headers: { 'content-encoding': 'gzip' },
    body: wrongChecksum('{"n":"lost 5"}'),
  },
  {
    name: 'a gzip bomb of 100 MiB',
    status: 413,
    code: 'too_large',
    headers: { 'content-encoding': 'gzip' },
    body: gzipSync(Buffer.alloc(100 * MIB, 0x61)),
  },
  {
    name: 'a bomb in a bomb',
    status: 415,
    code: 'unknown_encoding',
    headers: { 'content-encoding': 'gzip, gzip' },
    body: gzipSync(gzipSync(Buffer.alloc(MIB))),
  },
  { name: 'a body over the limit', status: 413, code: 'too_large', body: Buffer.alloc(33 * MIB, 0x62) },
  {
    name: 'more records than the limit',
    status: 413,
    code: 'too_many_records',
    headers: { 'content-type': 'text/plain' },
    body: 'a\n'.repeat(100_001),
  },
  {
    name: 'an unknown encoding',
    status: 415,
    code: 'unknown_encoding',
    headers: { 'content-encoding': 'br' },
    body: '{}',
  },
  {
    name: 'a form',
    status: 415,
    code: 'unknown_media_type',
    headers: { 'content-type': 'multipart/form-data; boundary=x' },
    body: '--x--',
  },
  {
    name: 'a key of 201 characters',
    status: 400,
    code: 'bad_idempotency_key',
    headers: { 'idempotency-key': 'k'.repeat(201) },
    body: '{}',
  },
  {
    name: 'a wrong token',
    status: 401,
    code: 'unauthorized',
    headers: { authorization: 'Bearer soc_aaaaaaaaaaaaaaaa_bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb' },
    body: '{"n":"lost 6"}',
  },
  {
    name: 'a token that is SQL',
    status: 401,
    code: 'unauthorized',
    headers: { authorization: "Bearer '/**/OR/**/1=1;--" },
    body: '{"n":"lost 7"}',
  },
  {
    name: 'a name and password',
    status: 401,
    code: 'unauthorized',
    headers: { authorization: 'Basic YWRtaW46YWRtaW4=' },
    body: '{"n":"lost 8"}',
  },
]

function wrongChecksum(text: string): Buffer {
  const packed = gzipSync(text)
  packed[packed.length - 8]! ^= 0xff
  return packed
}

const answers = new Map<string, Answer>()
const connections = 500
let product: ProductProcess
let tokens: { api: string; ingest: string }
let spool: SpoolRecord[]
let stored: Awaited<ReturnType<typeof everything>>
/** What became of the record of these bytes, by their latin1 text. */
let outcomes: Map<string, 'event' | { dead: string }>

const post = (options: { headers?: Record<string, string>; body: Buffer | string }, source = 'x'): Promise<Answer> =>
  ask(`${product.url}/ingest/${source}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${tokens.ingest}`, 'content-type': '', ...options.headers },
    body: options.body,
  })

beforeAll(async () => {
  product = await startProductProcess()
  tokens = mintTokens(product.dataFolder, 'motcua')
  const { ports } = product

  for (const [, bytes] of STREAMS) await send(ports.syslogTcp, bytes)
  await oneByteAtATime(ports.syslogTcp, counted(line('byte by byte')))
  await datagrams(ports.syslogUdp, [Buffer.from(line('datagram')), Buffer.alloc(0), Buffer.from([0xff, 0x00, 0xfe])])
  for (const { name, headers = {}, body } of POSTS) answers.set(name, await post({ headers, body }))
  const repeated = { headers: { 'idempotency-key': 'once-only' }, body: '{"n":"once"}\n{"n":"for all"}' }
  for (let i = 0; i < 3; i++) answers.set(`repeat ${i}`, await post(repeated))
  await crowd(ports.syslogTcp, ports.http)

  spool = await settledSpool(product.dataFolder)
  stored = await everything(product.url, tokens.api)
  outcomes = new Map<string, 'event' | { dead: string }>([
    ...stored.events.map((event) => [originalOf(event).toString('latin1'), 'event'] as const),
    ...stored.deadLetters.map(
      ({ bytes, code }) => [Buffer.from(bytes, 'base64').toString('latin1'), { dead: code }] as const,
    ),
  ])
})

afterAll(() => product.kill())

async function oneByteAtATime(port: number, bytes: Buffer): Promise<void> {
  const socket = await open(port)
  socket.setNoDelay(true)
  for (const byte of bytes) {
    socket.write(Buffer.from([byte]))
    await new Promise((resolve) => setImmediate(resolve))
  }
  socket.resume().end()
  await once(socket, 'close')
}

async function datagrams(port: number, messages: Buffer[]): Promise<void> {
  const socket = createSocket('udp4')
  for (const message of messages) {
    await new Promise<void>((resolve, reject) => {
      socket.send(message, port, '127.0.0.1', (error) => (error ? reject(error) : resolve()))
    })
  }
  await sleep(200) // UDP gives no sign of its arrival
  socket.close()
}

/** Many senders at once, half of them over syslog with a line each, half over HTTP with a request that stops half-way. */
async function crowd(syslog: number, http: number): Promise<void> {
  const half = connections / 2
  const senders = await Promise.all(Array.from({ length: half }, () => open(syslog)))
  const loiterers = await Promise.all(Array.from({ length: half }, () => open(http)))
  loiterers.forEach((socket, i) => {
    socket.write(
      i % 2 === 0
        ? 'GET /api/v1/me HTTP/1.1\r\nHost: x\r\nX-Slow: '
        : 'POST /ingest/x HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\n{"n":',
    )
  })
  answers.set('amid a crowd', await ask(`${product.url}/livez`))
  senders.forEach((socket, i) => socket.resume().end(`${line(`of a crowd, ${i}`)}\n`))
  await Promise.all(senders.map((socket) => once(socket, 'close')))
  for (const socket of loiterers) socket.destroy()
}

const latin1 = (bytes: Buffer | string): string => Buffer.from(bytes).toString('latin1')

describe('over TCP', () => {
  test.each(STREAMS)('%s', (_name, _bytes, kept) => {
    expect(kept.map(([bytes]) => outcomes.get(latin1(bytes)))).toEqual(kept.map(([, outcome]) => outcome))
  })
  test('one byte at a time', () => expect(outcomes.get(latin1(line('byte by byte')))).toBe('event'))
  test(`${connections / 2} senders at once`, () => {
    const there = Array.from({ length: connections / 2 }, (_, i) => outcomes.get(latin1(line(`of a crowd, ${i}`))))
    expect(there.filter((outcome) => outcome === 'event')).toHaveLength(connections / 2)
    expect(answers.get('amid a crowd')?.status).toBe(200)
  })
})

test('over UDP', () => {
  expect(outcomes.get(latin1(line('datagram')))).toBe('event')
  expect(outcomes.get(Buffer.from([0xff, 0x00, 0xfe]).toString('latin1'))).toBe('event')
})

describe('over HTTP', () => {
  test.each(POSTS.map((posted) => [posted.name, posted] as const))('%s', (name, { status, code, kept = [] }) => {
    const answer = answers.get(name)!
    expect(answer.status).toBe(status)
    if (status === 200) {
      expect(JSON.parse(answer.text)).toMatchObject({ accepted: kept.length })
    } else {
      expect(answer.headers['content-type']).toBe('application/problem+json')
      expect(JSON.parse(answer.text)).toMatchObject({ status, code })
    }
    expect(kept.map(([bytes]) => outcomes.get(latin1(bytes)))).toEqual(kept.map(([, outcome]) => outcome))
  })
  test('nothing of a refused request is there', () => {
    expect([...outcomes.keys()].filter((bytes) => bytes.includes('lost '))).toEqual([])
  })
  test('a sender’s claims about itself change nothing of ours', () => {
    const claimed = stored.events.find((event) => event['event.original'].includes('forged'))!
    expect(claimed['soc.agency']).toBe('motcua')
    expect(claimed['soc.record']).toMatch(/-\d+$/)
    expect(claimed['event.ingested'].slice(0, 4)).not.toBe('1999')
  })
})

describe('accounts (law 2)', () => {
  test('every position of the spool is a control record, an event, a dead letter or a repeat', () => {
    const sum = (field: 'events' | 'deadLetters' | 'repeats' | 'dropped'): number =>
      stored.sources.reduce((total, source) => total + source[field], 0)
    const controls = spool.filter(({ origin }) => origin.input === 'control').length
    expect(controls).toBeGreaterThan(0)
    expect(sum('repeats')).toBe(4)
    expect({ events: sum('events'), deadLetters: sum('deadLetters'), dropped: sum('dropped') }).toEqual({
      events: stored.events.length,
      deadLetters: stored.deadLetters.length,
      dropped: 0,
    })
    expect(controls + sum('events') + sum('deadLetters') + sum('repeats')).toBe(spool.at(-1)!.seq)
  })
  test('the exact bytes come back, each at its own position', () => {
    const bySeq = new Map(spool.map(({ seq, bytes }) => [seq, Buffer.from(bytes)]))
    const wrong = [
      ...stored.events.map((event) => [event['soc.seq'], originalOf(event)] as const),
      ...stored.deadLetters.map(({ seq, bytes }) => [seq, Buffer.from(bytes, 'base64')] as const),
    ].filter(([seq, bytes]) => !bySeq.get(seq)?.equals(bytes))
    expect(wrong).toEqual([])
  })
  test('nothing is there that nobody sent', () => {
    const sent = [...STREAMS.flatMap(([, , kept]) => kept), ...POSTS.flatMap(({ kept = [] }) => kept)].length
    const others = 1 + 2 + 2 + connections / 2 // byte by byte, datagrams, first of the repeated, the crowd
    expect(stored.events.length + stored.deadLetters.length).toBe(sent + others)
  })
})

describe('junk on the HTTP port', () => {
  const smuggled = 'GET /api/v1/openapi.json HTTP/1.1\r\nHost: x\r\n\r\n'
  test.each([
    [
      'Content-Length and Transfer-Encoding',
      `POST /ingest/x HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${smuggled}`,
      400,
    ],
    [
      'two Content-Lengths',
      `POST /ingest/x HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab`,
      400,
    ],
    [
      'chunked, but not last',
      'POST /ingest/x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n',
      400,
    ],
    [
      'a chunk size that is none',
      'POST /api/v1/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
      400,
    ],
    ['no Host', 'GET /livez HTTP/1.1\r\n\r\n', 400],
    ['a header of 20 KiB', `GET /livez HTTP/1.1\r\nHost: x\r\nX-Long: ${'h'.repeat(20 * KIB)}\r\n\r\n`, 431],
    ['a path of 20 KiB', `GET /${'p'.repeat(20 * KIB)} HTTP/1.1\r\nHost: x\r\n\r\n`, 431],
    ['a NUL in a header', 'GET /livez HTTP/1.1\r\nHost: x\r\nX: a\0b\r\n\r\n', 400],
    ['no HTTP at all', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 400],
    ['syslog', '<34>1 2026-11-20T09:00:00Z h a - - - hello\n', 400],
  ])('%s', async (_name, bytes, status) => {
    const said = await converse(product.ports.http, Buffer.from(bytes, 'latin1'))
    expect(said.match(/^HTTP\/1\.1 \d{3}/gm)).toEqual([`HTTP/1.1 ${status}`])
  })
  test('what stands in the body of a refused request is never a request', async () => {
    const padding = 'a'.repeat(100_000)
    const body = `${smuggled}${padding}`
    const said = await converse(
      product.ports.http,
      `POST /ingest/x HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    )
    expect(said.match(/^HTTP\/1\.1 \d{3}/gm)).toEqual(['HTTP/1.1 401'])
  })
  test.each([
    ['GET', '/ingest/../api/v1/sources', 401],
    ['GET', '/api/v1/../../etc/passwd', 404],
    ['GET', '/%2e%2e/%2e%2e/etc/passwd', 404],
    ['GET', '/%00', 404],
    ['GET', '/%', 400],
    ['GET', '//ingest/x', 404],
    ['TRACE', '/livez', 405],
    ['PROPFIND', '/', 405],
    ['OPTIONS', '*', 404],
    ['POST', 'http://evil.example/ingest/x', 404],
    ['POST', '/ingest/', 401],
    ['POST', '/ingest/..%2f..%2fetc', 401],
  ])('%s %s: %d', async (method, target, status) => {
    const said = await converse(
      product.ports.http,
      `${method} ${target} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n`,
    )
    expect(said.slice(0, 12)).toBe(`HTTP/1.1 ${status}`)
    expect(said.toLowerCase()).toContain('content-type: application/problem+json')
  })
  test('a bad source is said to be one, to those with a token', async () => {
    const answer = await post({ body: '{}' }, '..%2f..')
    expect(answer.status).toBe(404)
    expect(JSON.parse(answer.text)).toMatchObject({ code: 'bad_source' })
  })
})

describe('as it comes, the product', () => {
  test('listens on loopback only', () => {
    const places = listening(product.pid)
    expect(new Set(places.map(({ port }) => port))).toEqual(new Set(Object.values(product.ports)))
    expect(places.filter(({ address }) => !address.startsWith('127.'))).toEqual([])
  })
  test.each([
    'sources',
    'events/search',
    'events/aggregate',
    'events/x',
    'incidents',
    'rules',
    'dead-letters',
    'agencies',
    'tokens',
    'users',
    'me',
  ])('tells nobody about /api/v1/%s', async (path) => {
    const answer = await ask(`${product.url}/api/v1/${path}`)
    expect(answer.status).toBe(401)
    expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/)
    expect(JSON.parse(answer.text)).toMatchObject({ status: 401, code: 'unauthenticated' })
  })
  test('takes no token for shipping logs where logs are read', async () => {
    const answer = await ask(`${product.url}/api/v1/events/search`, {
      headers: { authorization: `Bearer ${tokens.ingest}` },
    })
    expect(answer.status).toBe(401)
  })
  test.each([
    ['a page that rebinds its name', { host: 'rebound.example' }, 401],
    ['a proxy', { 'x-forwarded-for': '203.0.113.9' }, 401],
    ['this machine', {}, 200],
  ])('/metrics to %s', async (_name, headers, status) => {
    expect((await ask(`${product.url}/metrics`, { headers })).status).toBe(status)
  })
  test('opens them to a token with the scope', async () => {
    const headers = { host: 'rebound.example', authorization: `Bearer ${tokens.api}` }
    expect((await ask(`${product.url}/metrics`, { headers })).text).toContain('soc_')
  })
})

describe('after all that', () => {
  test('it is ready', async () => {
    const answer = await ask(`${product.url}/readyz`)
    expect(answer.status, answer.text).toBe(200)
  })
  test('it never took more memory than it may', () => {
    const [, kib] = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${product.pid}/status`, 'utf8'))!
    expect(Number(kib) * KIB).toBeLessThan(RSS_BYTES_MAX)
  })
  test('it had nothing to say of failures of its own', () => {
    expect(
      product
        .output()
        .split('\n')
        .filter((said) => /"level":(50|60)/.test(said)),
    ).toEqual([])
  })
  test('it stops in order, however many requests stand half sent', async () => {
    const loiterers = await Promise.all(Array.from({ length: 20 }, () => open(product.ports.http)))
    loiterers.forEach((socket, i) => {
      socket.write(
        i % 2 === 0
          ? 'GET /livez HTTP/1.1\r\nHost: x\r\nX-Slow: '
          : `POST /ingest/x HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${tokens.ingest}\r\nContent-Length: 99\r\n\r\n{"n":`,
      )
    })
    await sleep(100)
    expect(await Promise.race([product.stop(), sleep(60_000, 'still running')]), product.output()).toBe(0)
    for (const socket of loiterers) socket.destroy()
  })
})

/** Where the process listens, by the kernel's own tables; connected sockets left out. */
function listening(pid: number): { address: string; port: number }[] {
  const inodes = new Set(
    readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      try {
        return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? []
      } catch {
        return [] // closed meanwhile
      }
    }),
  )
  return ['tcp', 'tcp6', 'udp', 'udp6'].flatMap((table) =>
    readFileSync(`/proc/${pid}/net/${table}`, 'latin1')
      .split('\n')
      .slice(1)
      .map((row) => row.trim().split(/\s+/))
      .filter(
        ([, , , state, , , , , , inode]) => inodes.has(inode ?? '') && (state === '0A' || table.startsWith('udp')),
      )
      .map(([, place = '']) => {
        const [hex = '', port = ''] = place.split(':')
        const bytes = hex.match(/../g)!.map((byte) => parseInt(byte, 16))
        return { address: hex.length === 8 ? bytes.toReversed().join('.') : hex, port: parseInt(port, 16) }
      }),
  )
}
