import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { request as requestTls } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createGzip, gzipSync } from 'node:zlib'
import { Client } from '@elastic/elasticsearch'
import * as fc from 'fast-check'
import { generate } from 'selfsigned'
import { describe, expect, onTestFinished, test } from 'vitest'
import { cutBulk } from '../../../collector/bulk-body.ts'
import { SpoolError } from '../../../collector/spool/errors.ts'
import { runs } from '../../runs.ts'
import { MAY_MOUNT, mountSmall } from '../spool/folders.ts'
import { dial, run, TOKEN, type Running } from './running.ts'

const KEY = { authorization: `ApiKey ${TOKEN}` }
const NDJSON = { ...KEY, 'content-type': 'application/x-ndjson' }
const base64 = (text: string): string => Buffer.from(text).toString('base64')

interface Item {
  _index: string
  _id: string
  status: number
  result: string
}
interface BulkAnswer {
  errors: boolean
  items: Record<string, Item>[]
}
interface Failure {
  error: { type: string; reason: string; root_cause: object[] }
  status: number
}

interface Intake extends Running {
  url: string
  ask: (method: string, path: string, body?: BodyInit, headers?: Record<string, string>) => Promise<Response>
  bulk: (body: string | Uint8Array, headers?: Record<string, string>, path?: string) => Promise<Response>
}

async function start(options: Record<string, unknown> = {}, more: Parameters<typeof run>[1] = {}): Promise<Intake> {
  const running = await run({ 'elasticsearch-bulk': { port: 0, ...options } }, more)
  const url = `http://127.0.0.1:${running.port}`
  const ask: Intake['ask'] = (method, path, body, headers = KEY) =>
    fetch(url + path, { method, headers, ...(body !== undefined && { body }) })
  return {
    ...running,
    url,
    ask,
    bulk: (body, headers = NDJSON, path = '/_bulk') => ask('POST', path, body as BodyInit, headers),
  }
}

const json = <T>(answer: Response): Promise<T> => answer.json() as Promise<T>

describe('what shippers ask before they send', () => {
  type Step = [method: string, path: string, status: number, answer?: object]
  const acknowledged = { acknowledged: true }
  const root = { version: { number: '8.99.0', build_flavor: 'default' }, tagline: 'You Know, for Search' }
  const licence = { license: { status: 'active', type: 'basic' } }

  test.each<[client: string, steps: Step[]]>([
    [
      'Beats 7.17',
      [
        ['GET', '/', 200, root],
        ['GET', '/_license?human=false', 200, licence],
        ['GET', '/_xpack', 200, { features: { ilm: { available: true, enabled: true } } }],
        ['GET', '/_ilm/policy/winlogbeat', 404],
        ['PUT', '/_ilm/policy/winlogbeat', 200, acknowledged],
        ['HEAD', '/_index_template/winlogbeat-7.17.0', 404],
        ['PUT', '/_index_template/winlogbeat-7.17.0', 200, acknowledged],
        ['HEAD', '/_alias/winlogbeat-7.17.0', 404],
        ['PUT', '/%3Cwinlogbeat-7.17.0-%7Bnow%2Fd%7D-000001%3E', 200, { ...acknowledged, shards_acknowledged: true }],
        ['PUT', '/_ingest/pipeline/filebeat-7.17.0-nginx-access-pipeline', 200, acknowledged],
      ],
    ],
    [
      'Beats 8',
      [
        ['GET', '/', 200, root],
        ['GET', '/_license?human=false', 200, licence],
        ['GET', '/_ilm/policy/winlogbeat', 404],
        ['PUT', '/_ilm/policy/winlogbeat', 200, acknowledged],
        ['PUT', '/_component_template/winlogbeat', 200, acknowledged],
        ['GET', '/_index_template/winlogbeat-8.17.0', 404],
        ['PUT', '/_index_template/winlogbeat-8.17.0', 200, acknowledged],
        ['GET', '/_data_stream/winlogbeat-8.17.0', 404],
        ['PUT', '/_data_stream/winlogbeat-8.17.0', 200, acknowledged],
      ],
    ],
    [
      'Logstash',
      [
        ['HEAD', '/', 200],
        ['GET', '/', 200, root],
        ['GET', '/_license', 200, licence],
        ['HEAD', '/_index_template/ecs-logstash', 404],
        ['PUT', '/_index_template/ecs-logstash', 200, acknowledged],
        ['PUT', '/_template/logstash', 200, acknowledged],
        ['POST', '/_aliases', 200, acknowledged],
      ],
    ],
    [
      'Vector',
      [
        ['GET', '/', 200, root],
        ['GET', '/_cluster/health', 200, { status: 'green' }],
      ],
    ],
    ['rsyslog', [['GET', '/_cat/health', 200]]],
    ['OpenTelemetry', [['GET', '/', 200, root]]],
    [
      'none: nothing can be read, deleted or run',
      [
        ['GET', '/logs/_search', 404],
        ['POST', '/logs/_search', 405],
        ['POST', '/_search', 405],
        ['GET', '/logs/_doc/1', 404],
        ['DELETE', '/logs', 405],
        ['POST', '/_security/api_key', 405],
        ['POST', '/_monitoring/bulk', 405],
        ['POST', '/logs/_update/1', 405],
        ['GET', '/constructor', 404],
        ['PUT', '/logs/_doc', 405],
        ['GET', '/%', 400],
      ],
    ],
  ])('%s', async (_client, steps) => {
    const { ask, spool } = await start()
    for (const [method, path, status, answer] of steps) {
      const got = await ask(method, path, method === 'PUT' ? '{"a":1}' : undefined)
      const where = `${method} ${path}`
      expect([where, got.status, got.headers.get('x-elastic-product')]).toEqual([where, status, 'Elasticsearch'])
      const text = await got.text()
      if (answer !== undefined) expect(JSON.parse(text), where).toMatchObject(answer)
      if (method === 'HEAD') expect(text).toBe('')
      else if (status >= 400)
        expect(JSON.parse(text), where).toMatchObject({ status, error: { reason: expect.any(String) } })
    }
    expect(spool.durableSeq).toBe(0)
  })

  test('the version is a setting', async () => {
    const { ask } = await start({ version: '7.17.28' })
    expect(await json(await ask('GET', '/'))).toMatchObject({ version: { number: '7.17.28' } })
  })

  test('a spool that takes nothing shows in the health', async () => {
    const { ask } = await start({}, { spool: { freePercentMin: 100 } })
    expect(await json(await ask('GET', '/_cluster/health'))).toMatchObject({ status: 'red' })
    expect(await (await ask('GET', '/_cat/health')).text()).toMatch(/^\d+ \d\d:\d\d:\d\d vong-gac red /)
  })
})

test.each<[string, string]>([
  ['ApiKey, our token', `ApiKey ${TOKEN}`],
  ['ApiKey as Beats send `api_key: id:key`', `ApiKey ${base64(`winlogbeat:${TOKEN}`)}`],
  ['Basic', `Basic ${base64(`elastic:${TOKEN}`)}`],
  ['Bearer', `bearer ${TOKEN}`],
])('takes the token as %s', async (_name, authorization) => {
  const { bulk, records } = await start()
  expect((await bulk('{"index":{"_index":"a"}}\n{"x":1}\n', { ...NDJSON, authorization })).status).toBe(200)
  expect((await records())[0]!.origin.agency).toBe('so-y-te')
})

test.each<[string, string | undefined]>([
  ['no credentials', undefined],
  ['a wrong token', 'ApiKey wrong'],
  ['the token as the user', `Basic ${base64(`${TOKEN}:x`)}`],
  ['the token as password without base64', `Basic ${TOKEN}`],
  ['an empty one', `ApiKey ${base64('x:')}`],
  ['another scheme', `Digest ${TOKEN}`],
])('401 for everything, with %s', async (_name, authorization) => {
  const { ask, spool } = await start()
  const headers: Record<string, string> = authorization === undefined ? {} : { authorization }
  for (const [method, path] of [
    ['GET', '/'],
    ['HEAD', '/'],
    ['GET', '/_license'],
    ['PUT', '/_index_template/x'],
    ['GET', '/nothing'],
    ['POST', '/_bulk'],
  ] as const) {
    const answer = await ask(method, path, method === 'POST' ? '{"index":{"_index":"a"}}\n{}\n' : undefined, headers)
    expect([path, answer.status, answer.headers.get('x-elastic-product')]).toEqual([path, 401, 'Elasticsearch'])
    expect(answer.headers.get('www-authenticate')).toMatch(/ApiKey/)
    if (method !== 'HEAD') {
      expect(await json<Failure>(answer)).toMatchObject({ status: 401, error: { type: 'security_exception' } })
    }
  }
  expect(spool.durableSeq).toBe(0)
})

test('stores documents as they were written, and answers each in its order', async () => {
  const { bulk, records, stored, spool } = await start()
  const answer = await bulk(
    [
      '{"create":{"_index":"logs-a"}}',
      '{"message" : "đăng nhập"}',
      '{"index":{"_index":"logs-b","_id":"k1","_type":"_doc","pipeline":"p"}}',
      '{"broken',
      '',
      '{"delete":{"_index":"logs-a","_id":"x"}}',
      '{"update":{"_index":"logs-a","_id":"x"}}',
      '{"doc":{"a":1}}',
      '{"index":{}}\r',
      '{"crlf":1}\r',
      '',
    ].join('\n'),
    NDJSON,
    '/default/_bulk?filter_path=items.*.error',
  )
  expect(answer.status).toBe(200)
  expect(spool.durableSeq).toBe(5)
  const { errors, items } = await json<BulkAnswer>(answer)
  expect(errors).toBe(false)
  expect(
    items.map(
      (item) =>
        Object.entries(item).map(([name, { _index, _id, status, result }]) => [name, _index, _id, status, result])[0],
    ),
  ).toEqual([
    ['create', 'logs-a', `${spool.id}-1`, 201, 'created'],
    ['index', 'logs-b', 'k1', 201, 'created'],
    ['delete', 'logs-a', 'x', 200, 'noop'],
    ['update', 'logs-a', 'x', 200, 'noop'],
    ['index', 'default', `${spool.id}-5`, 201, 'created'],
  ])
  expect(await stored(5)).toEqual([
    Buffer.from('{"message" : "đăng nhập"}').toString('latin1'),
    '{"broken',
    'not_a_new_record: {"delete":{"_index":"logs-a","_id":"x"}}',
    'not_a_new_record: {"update":{"_index":"logs-a","_id":"x"}}\n{"doc":{"a":1}}',
    '{"crlf":1}',
  ])
  const [first] = await records()
  const origin = { input: 'elasticsearch-bulk', address: '127.0.0.1', agency: 'so-y-te', stream: 'logs-a' }
  expect(first).toEqual({ seq: 1, receivedAtMs: expect.any(Number), origin, bytes: expect.anything() })
})

test.each<[string, string, string, number, string | undefined]>([
  ['POST', '/logs/_doc', 'index', 201, undefined],
  ['POST', '/logs/_doc/k%201', 'index', 201, 'bulk ["logs","k 1"]'],
  ['PUT', '/logs/_doc/k1', 'index', 201, 'bulk ["logs","k1"]'],
  ['PUT', '/logs/_create/k1', 'create', 201, 'bulk ["logs","k1"]'],
])('one document: %s %s', async (method, path, _action, status, senderId) => {
  const { ask, records, stored } = await start()
  const answer = await ask(method, path, '{"a":1}', { ...KEY, 'content-type': 'application/json' })
  expect(answer.status).toBe(status)
  expect(await json(answer)).toMatchObject({ _index: 'logs', result: 'created', _id: expect.any(String) })
  expect(await stored(1)).toEqual(['{"a":1}'])
  expect((await records())[0]!.senderId).toBe(senderId)
})

test('the name of a source holds no slash and no control character, however an index is called', async () => {
  const { bulk, records } = await start()
  await bulk(`{"index":{"_index":"a/b\\n${'x'.repeat(300)}"}}\n{}\n`)
  expect((await records())[0]!.origin.stream).toBe(`a_b_${'x'.repeat(251)}`)
})

test('an `_id` is the identity of a record, for its index; a long one by its digest', async () => {
  const { bulk, records } = await start()
  const long = 'k'.repeat(2000)
  const body = ['a', 'b'].flatMap((index) =>
    ['1', long].map((id) => `{"create":{"_index":"${index}","_id":"${id}"}}\n{"x":1}\n`),
  )
  for (let i = 0; i < 2; i++) {
    const { items } = await json<BulkAnswer>(await bulk(body.join('')))
    expect(items.map(({ create }) => create!.status)).toEqual([201, 201, 201, 201])
  }
  const ids = (await records()).map(({ senderId }) => senderId!)
  expect(ids.slice(4)).toEqual(ids.slice(0, 4))
  expect(new Set(ids).size).toBe(4)
})

test.each<[name: string, status: number, type: string, headers: Record<string, string>, body: string | Buffer]>([
  ['no body', 400, 'illegal_argument_exception', NDJSON, ''],
  ['a body without its last line end', 400, 'illegal_argument_exception', NDJSON, '{"index":{"_index":"a"}}\n{"x":1}'],
  ['an action without a document', 400, 'illegal_argument_exception', NDJSON, '{"index":{"_index":"a"}}\n'],
  ['what is no action', 400, 'illegal_argument_exception', NDJSON, '{"index":{"_index":"a"}}\n{}\nx\n{}\n'],
  ['an unknown action', 400, 'illegal_argument_exception', NDJSON, '{"read":{"_index":"a"}}\n{}\n'],
  ['two actions in one', 400, 'illegal_argument_exception', NDJSON, '{"index":{"_index":"a"},"create":{}}\n{}\n'],
  ['no index', 400, 'illegal_argument_exception', NDJSON, '{"index":{}}\n{}\n'],
  [
    'an action line as long as a document',
    400,
    'illegal_argument_exception',
    NDJSON,
    `{"index":{"_index":"a"}${' '.repeat(70_000)}}\n{}\n`,
  ],
  ['blank lines only', 400, 'illegal_argument_exception', NDJSON, '\n\n'],
  [
    'text',
    406,
    'media_type_header_exception',
    { ...KEY, 'content-type': 'text/plain' },
    '{"index":{"_index":"a"}}\n{}\n',
  ],
  ['zstd', 415, 'illegal_argument_exception', { ...NDJSON, 'content-encoding': 'zstd' }, 'x'],
  ['gzip that is none', 400, 'illegal_argument_exception', { ...NDJSON, 'content-encoding': 'gzip' }, 'x\n'],
  [
    'gzip that is cut off',
    400,
    'illegal_argument_exception',
    { ...NDJSON, 'content-encoding': 'gzip' },
    gzipSync('{"index":{"_index":"a"}}\n{}\n'.repeat(50)).subarray(0, 40),
  ],
  ['a body over the limit', 413, 'content_too_long_exception', NDJSON, 'x'.repeat(100_001)],
  [
    'a small gzip of a body over the limit',
    413,
    'content_too_long_exception',
    { ...NDJSON, 'content-encoding': 'gzip' },
    gzipSync('x'.repeat(100_001)),
  ],
  ['too many actions', 413, 'illegal_argument_exception', NDJSON, '{"index":{"_index":"a"}}\n{}\n'.repeat(51)],
])('refuses in the words of Elasticsearch, and stores nothing: %s', async (_name, status, type, headers, body) => {
  const { bulk, spool, collector } = await start({ bodyBytesMax: 100_000, recordsMax: 50 })
  const answer = await bulk(typeof body === 'string' ? body : new Uint8Array(body), headers)
  expect([answer.status, answer.headers.get('x-elastic-product')]).toEqual([status, 'Elasticsearch'])
  expect(await json<Failure>(answer)).toMatchObject({ status, error: { type, root_cause: [{ type }] } })
  expect(spool.durableSeq).toBe(0)
  expect(collector.counters().sources).toEqual([])
})

test.each([
  [{}, 'application/json'],
  [
    { 'content-type': 'application/vnd.elasticsearch+x-ndjson;compatible-with=8' },
    'application/vnd.elasticsearch+json;compatible-with=8',
  ],
  [
    { accept: 'application/vnd.elasticsearch+json; compatible-with=9' },
    'application/vnd.elasticsearch+json;compatible-with=9',
  ],
])('speaks the dialect it is spoken to: %j', async (headers, expected) => {
  const { bulk } = await start()
  const answer = await bulk('{"index":{"_index":"a"}}\n{}\n', { ...NDJSON, ...headers })
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, expected])
})

test('says nothing before the records are durable', async () => {
  const { bulk, spool } = await start()
  const append = spool.append.bind(spool)
  let open = (): void => undefined
  const gate = new Promise<void>((resolve) => (open = resolve))
  let asked = (): void => undefined
  const reached = new Promise<void>((resolve) => (asked = resolve))
  spool.append = async (frames) => {
    asked()
    await gate // as long as a disk may take
    return append(frames)
  }
  let answered = false
  const answer = bulk('{"index":{"_index":"a"}}\n{"x":1}\n').then((got) => {
    answered = true
    return got
  })
  await reached
  await new Promise((resolve) => setTimeout(resolve, 200))
  expect([answered, spool.durableSeq]).toEqual([false, 0])
  open()
  expect((await answer).status).toBe(200)
  expect(spool.durableSeq).toBe(1)
})

test.each([
  ['overloaded', 429, '1'],
  ['disk_full', 503, '10'],
  ['failed', 503, '10'],
] as const)('a spool that says %s while the body is stored: the whole request %i', async (code, status, retryAfter) => {
  const { bulk, spool, collector } = await start()
  spool.append = () => Promise.reject(new SpoolError(code, 'from the test'))
  const answer = await bulk('{"index":{"_index":"a"}}\n{}\n'.repeat(3))
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([status, retryAfter])
  expect(await json(answer)).not.toHaveProperty('items')
  expect(collector.counters().sources).toEqual([])
})

test('under pressure the whole request is refused before anything is written', async () => {
  const { bulk, spool, records } = await start({}, { spool: { pendingBytesMax: 1000 } })
  const flooding = new AbortController()
  const flood = async (): Promise<void> => {
    const frames = [{ origin: { input: 'flood', address: '' }, bytes: Buffer.alloc(1024 * 1024) }]
    while (!flooding.signal.aborted) await spool.append(frames).catch(() => new Promise(setImmediate))
  }
  const flooded = flood()
  let accepted = 0
  await expect
    .poll(async () => {
      const answer = await bulk('{"index":{"_index":"a"}}\n{}\n'.repeat(2))
      if (answer.status === 200) accepted += 2
      return [answer.status, answer.headers.get('retry-after')]
    })
    .toEqual([429, '1'])
  flooding.abort()
  await flooded
  expect((await records()).filter(({ origin }) => origin.input === 'elasticsearch-bulk')).toHaveLength(accepted)
})

test('bodies beyond what all requests may hold are refused with 429', async () => {
  const { bulk, spool } = await start({ bodiesBytesMax: 1024 })
  expect((await bulk('x'.repeat(2000))).status).toBe(429)
  expect(spool.durableSeq).toBe(0)
  // The refused body has given its share back, and so does each that is stored.
  const body = `{"index":{"_index":"a"}}\n${'x'.repeat(600)}\n`
  for (let i = 0; i < 3; i++) expect((await bulk(body)).status).toBe(200)
})

test.skipIf(!MAY_MOUNT)(
  '503 while the disk is full, 200 when space has returned (needs to mount a tmpfs)',
  async () => {
    const disk = mountSmall(8)
    const filler = join(disk, 'filler')
    const options = { freeBytesMin: 1024 * 1024, recheckMs: 20 }
    const { bulk, spool } = await start({}, { spool: options, folder: join(disk, 'spool') })
    writeFileSync(filler, Buffer.alloc(7 * 1024 * 1024))
    await expect.poll(() => spool.state().accepting).toBe(false)
    const answer = await bulk('{"index":{"_index":"a"}}\n{}\n')
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '10'])
    rmSync(filler)
    await expect.poll(() => spool.state().accepting).toBe(true)
    expect((await bulk('{"index":{"_index":"a"}}\n{}\n')).status).toBe(200)
  },
)

test('a gzip bomb of a gigabyte costs no more than the limit', async () => {
  const { port, spool } = await start({ bodyBytesMax: 1024 * 1024 })
  const before = process.memoryUsage().rss
  const headers = { ...NDJSON, 'content-encoding': 'gzip' }
  const status = await new Promise((resolve, reject) => {
    const req = request({ port, host: '127.0.0.1', path: '/_bulk', method: 'POST', headers }, (res) => {
      res.resume().on('end', () => resolve(res.statusCode))
    })
    req.on('error', reject)
    const bomb = createGzip()
    bomb.pipe(req)
    const zeros = Buffer.alloc(1024 * 1024)
    for (let i = 0; i < 1024; i++) bomb.write(zeros)
    bomb.end()
  })
  expect(status).toBe(413)
  expect(spool.durableSeq).toBe(0)
  expect(process.memoryUsage().rss - before).toBeLessThan(512 * 1024 * 1024)
})

const head = (length: number): string =>
  `POST /_bulk HTTP/1.1\r\nHost: x\r\nAuthorization: ApiKey ${TOKEN}\r\nContent-Type: application/x-ndjson\r\nContent-Length: ${length}\r\n\r\n`

test('a sender that goes away in the middle of a body leaves nothing', async () => {
  const { port, bulk, spool } = await start()
  const socket = await dial(port)
  socket.write(`${head(1000)}{"index":{"_index":"a"}}\n{"x":1}\n{"index":{"_index":"a"}}\n`)
  await new Promise((resolve) => setTimeout(resolve, 50))
  socket.destroy()
  expect((await bulk('{"index":{"_index":"a"}}\n{}\n')).status).toBe(200)
  expect(spool.durableSeq).toBe(1)
})

test('a client that sends one byte at a time is served', async () => {
  const { port, stored } = await start()
  const socket = await dial(port)
  socket.setNoDelay(true)
  const body = '{"index":{"_index":"a"}}\n{"ả":1}\n'
  const answer = new Promise<string>((resolve) => socket.once('data', (data: Buffer) => resolve(data.toString())))
  for (const byte of Buffer.from(head(Buffer.byteLength(body)) + body)) {
    socket.write(Buffer.from([byte]))
    await new Promise(setImmediate)
  }
  expect(await answer).toMatch(/^HTTP\/1.1 200 /)
  expect(await stored(1)).toEqual([Buffer.from('{"ả":1}').toString('latin1')])
})

test('an answer that its sender did not wait for is counted', async () => {
  const { port, spool, collector, stored } = await start()
  const hold = spool.append([{ origin: { input: 'x', address: '' }, bytes: Buffer.alloc(32 * 1024 * 1024) }])
  const socket = await dial(port)
  const body = '{"index":{"_index":"a"}}\n{"x":1}\n'
  socket.write(head(body.length) + body, () => socket.resetAndDestroy())
  await hold
  expect((await stored(2))[1]).toBe('{"x":1}')
  await expect.poll(() => collector.counters().sources[0]?.unacknowledged).toBe(1)
})

test('whatever the documents are, there are as many items, in their order, as records', async () => {
  const { bulk, records, spool } = await start()
  const document = fc.string({ unit: fc.constantFrom('{', '}', '"', 'a', 'ả', ' ', '\\', '\0'), maxLength: 20 })
  const action = fc.record({
    name: fc.constantFrom('create', 'index', 'update', 'delete'),
    index: fc.constantFrom('a', 'b', 'nhật ký'),
    id: fc.option(fc.string({ minLength: 1 }), { nil: undefined }),
    document,
  })
  await fc.assert(
    fc.asyncProperty(fc.array(action, { minLength: 1, maxLength: 20 }), async (actions) => {
      const before = spool.durableSeq
      const body = actions.map(({ name, index, id, document: text }) => {
        const line = JSON.stringify({ [name]: { _index: index, _id: id } })
        return name === 'delete' ? `${line}\n` : `${line}\n${text}\n`
      })
      const answer = await bulk(body.join(''))
      expect(answer.status).toBe(200)
      const { items } = await json<BulkAnswer>(answer)
      expect(items.map((item) => Object.keys(item)[0])).toEqual(actions.map(({ name }) => name))
      const named = items.flatMap((item) => Object.values(item)).map(({ _index: index }) => index)
      expect(named).toEqual(actions.map(({ index }) => index))
      expect(items.every((item) => Object.values(item)[0]!.status < 300)).toBe(true)
      const stored = (await records()).slice(before)
      expect(stored.map(({ origin }) => origin.stream)).toEqual(actions.map(({ index }) => index))
      expect(
        stored.map(({ bytes }) => Buffer.from(bytes).toString()).filter((_, i) => actions[i]!.name === 'index'),
      ).toEqual(actions.filter(({ name }) => name === 'index').map((one) => one.document))
    }),
    { numRuns: runs(30) },
  )
})

test('a body that is cut anywhere is refused, or is its whole actions', () => {
  const body = Buffer.from(
    '{"index":{"_index":"a"}}\n{"ả":1}\n\n{"delete":{"_index":"a","_id":"1"}}\n{"create":{}}\n{}\n',
  )
  const options = { index: 'b', actionsMax: 10 }
  const whole = cutBulk(body, options)
  if ('fault' in whole) throw new Error(whole.reason)
  for (let end = 0; end <= body.length; end++) {
    const actions = cutBulk(body.subarray(0, end), options)
    if (!('fault' in actions)) expect(whole.slice(0, actions.length)).toEqual(actions)
  }
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const actions = cutBulk(Buffer.from(bytes), options)
      expect('fault' in actions ? actions.reason : actions).toBeTruthy()
    }),
    { numRuns: runs(300) },
  )
})

test('the official client takes it for an Elasticsearch: helpers.bulk stores 5,000 documents', async () => {
  const { url, spool, records } = await start()
  const client = new Client({ node: url, auth: { apiKey: TOKEN }, compression: true })
  onTestFinished(() => client.close())
  expect((await client.info()).version.number).toBe('8.99.0')
  const documents = Array.from({ length: 5000 }, (_, n) => ({
    '@timestamp': '2026-11-20T02:00:00Z',
    message: `dòng ${n}`,
  }))
  const { total, failed, successful } = await client.helpers.bulk({
    datasource: documents,
    flushBytes: 50_000,
    onDocument: (document) => ({ create: { _index: 'logs-app', _id: document.message } }),
  })
  expect([total, failed, successful, spool.durableSeq]).toEqual([5000, 0, 5000, 5000])
  const stored = (await records()).map(
    ({ bytes }) => (JSON.parse(Buffer.from(bytes).toString()) as { message: string }).message,
  )
  expect(new Set(stored)).toEqual(new Set(documents.map(({ message }) => message)))
  await client.index({ index: 'logs-app', document: { message: 'một' } })
  await expect(client.search({ index: 'logs-app' })).rejects.toMatchObject({ statusCode: 404 })
})

describe('where it listens', () => {
  test('in clear only on this machine', async () => {
    await expect(run({ 'elasticsearch-bulk': { port: 0, host: '0.0.0.0' } })).rejects.toThrow(/loopback/)
    await expect(run({ 'elasticsearch-bulk': { port: 0, certificate: '/x' } })).rejects.toThrow(/go together/)
  })

  test('over TLS, with certificates that are read again on demand', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'vong-gac-bulk-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const certificate = join(folder, 'server.crt')
    const key = join(folder, 'server.key')
    const write = async (name: string): Promise<void> => {
      const pair = await generate([{ name: 'commonName', value: name }], { keySize: 2048 })
      writeFileSync(certificate, pair.cert)
      writeFileSync(key, pair.private)
    }
    await write('first')
    const { port, collector, stored } = await run({
      'elasticsearch-bulk': { port: 0, host: '0.0.0.0', certificate, key },
    })
    const post = (): Promise<[number | undefined, string]> =>
      new Promise((resolve, reject) => {
        const options = {
          port,
          host: '127.0.0.1',
          path: '/a/_bulk',
          method: 'POST',
          headers: NDJSON,
          agent: false as const,
        }
        const req = requestTls({ ...options, rejectUnauthorized: false }, (res) => {
          const { CN } = (res.socket as import('node:tls').TLSSocket).getPeerCertificate().subject
          res.resume().on('end', () => resolve([res.statusCode, String(CN)]))
        })
        req.on('error', reject).end('{"index":{}}\n{"x":1}\n')
      })
    expect(await post()).toEqual([200, 'first'])
    writeFileSync(certificate, 'not a certificate')
    await expect(collector.reloadCertificates()).rejects.toThrow(/elasticsearch-bulk/)
    await write('second')
    await collector.reloadCertificates()
    expect(await post()).toEqual([200, 'second'])
    expect(await stored(2)).toHaveLength(2)
  })
})

test('stops while a sender dawdles', async () => {
  const { port, collector, spool } = await start()
  const socket = await dial(port)
  socket.on('error', () => undefined)
  socket.write(`${head(1000)}{"index"`)
  await expect.poll(() => collector.counters().inputs[0]!.connectionsOpen).toBe(1)
  await collector.close()
  expect(spool.durableSeq).toBe(0)
})
