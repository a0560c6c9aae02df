import { createGzip, deflateSync, gzipSync } from 'node:zlib'
import { request } from 'node:http'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { MAY_MOUNT, mountSmall } from '../spool/folders.ts'
import { dial, run, serve, TOKEN, type Running } from './running.ts'

const BEARER = { authorization: `Bearer ${TOKEN}` }
const NDJSON = { ...BEARER, 'content-type': 'application/x-ndjson' }

async function start(
  options: Record<string, unknown> = {},
  more: Parameters<typeof run>[1] = {},
): Promise<
  Running & {
    url: string
    httpPort: number
    post: (body: BodyInit, headers?: Record<string, string>, path?: string) => Promise<Response>
  }
> {
  const running = await run({ 'http-ndjson': options }, more)
  const { url, port } = await serve(running.collector)
  const post = (body: BodyInit, headers: Record<string, string> = NDJSON, path = '/ingest/motcua'): Promise<Response> =>
    fetch(url + path, { method: 'POST', headers, body })
  return { ...running, url, httpPort: port, post }
}

test('answers 200 with the last position when all of it is durable', async () => {
  const { post, spool, records, stored } = await start()
  const answer = await post('{"message":"đăng nhập"}\n{"broken\n\n{"n":3}\r\n')
  expect(answer.status).toBe(200)
  expect(await answer.json()).toEqual({ accepted: 3, refused: 0, through: 3 })
  expect(spool.durableSeq).toBe(3)
  expect(await stored(3)).toEqual([Buffer.from('{"message":"đăng nhập"}').toString('latin1'), '{"broken', '{"n":3}'])
  const origin = { input: 'http-ndjson', address: '127.0.0.1', agency: 'so-y-te', stream: 'motcua' }
  expect((await records())[0]).toEqual({ seq: 1, receivedAtMs: expect.any(Number), origin, bytes: expect.anything() })
})

test.each<[name: string, headers: Record<string, string>, body: string | Buffer, stored: string[]]>([
  [
    'an array, each element as it was written',
    { 'content-type': 'application/json' },
    '[{"a" : 1.0}, {"a":1,"a":2}]',
    ['{"a" : 1.0}', '{"a":1,"a":2}'],
  ],
  ['text', { 'content-type': 'text/plain' }, '<13>one\n<13>two', ['<13>one', '<13>two']],
  [
    'what curl -d sends',
    { 'content-type': 'application/x-www-form-urlencoded' },
    '{"a":1}\n{"b":2}',
    ['{"a":1}', '{"b":2}'],
  ],
  [
    'gzip',
    { 'content-type': 'application/x-ndjson', 'content-encoding': 'gzip' },
    gzipSync('{"a":1}\n{"b":2}'),
    ['{"a":1}', '{"b":2}'],
  ],
  [
    'deflate',
    { 'content-type': 'application/x-ndjson', 'content-encoding': 'deflate' },
    deflateSync('{"a":1}'),
    ['{"a":1}'],
  ],
  ['an ApiKey', { authorization: `ApiKey ${TOKEN}` }, '{"a":1}', ['{"a":1}']],
  ['NUL and invalid UTF-8', { 'content-type': 'text/plain' }, Buffer.from('a\0b\xff\n', 'latin1'), ['a\0b\xff']],
])('takes %s', async (_name, headers, body, expected) => {
  const { post, stored } = await start()
  const answer = await post(typeof body === 'string' ? body : new Uint8Array(body), { ...BEARER, ...headers })
  expect(await answer.json()).toMatchObject({ accepted: expected.length })
  expect(await stored(expected.length)).toEqual(expected)
})

test('a line over the limit is kept up to it, marked, and said', async () => {
  const { post, stored } = await start({ frameBytesMax: 480 })
  expect(await (await post(`{"a":1}\n${'x'.repeat(1000)}\n`)).json()).toEqual({ accepted: 2, refused: 1, through: 2 })
  expect(await stored(2)).toEqual(['{"a":1}', `oversized: ${'x'.repeat(480)}`])
})

test.each<
  [name: string, status: number, code: string, headers: Record<string, string>, body: string | Buffer, path?: string]
>([
  ['no token', 401, 'unauthorized', {}, '{}'],
  ['a wrong token', 401, 'unauthorized', { authorization: 'Bearer wrong' }, '{}'],
  ['another scheme', 401, 'unauthorized', { authorization: `Basic ${TOKEN}` }, '{}'],
  [
    'no token, before anything else is looked at',
    401,
    'unauthorized',
    { 'content-encoding': 'zstd' },
    '{}',
    '/ingest/',
  ],
  ['no source', 404, 'bad_source', NDJSON, '{}', '/ingest'],
  ['a source that is a path', 404, 'bad_source', NDJSON, '{}', '/ingest/..%2f..%2fetc'],
  ['zstd', 415, 'unknown_encoding', { ...NDJSON, 'content-encoding': 'zstd' }, '{}'],
  [
    'an encoding named like a method of objects',
    415,
    'unknown_encoding',
    { ...NDJSON, 'content-encoding': 'constructor' },
    '{}',
  ],
  [
    'a form with files',
    415,
    'unknown_media_type',
    { ...BEARER, 'content-type': 'multipart/form-data; boundary=x' },
    '{}',
  ],
  ['an array without an end', 400, 'bad_json', { ...BEARER, 'content-type': 'application/json' }, '[{"a":1},'],
  ['gzip that is none', 400, 'bad_encoding', { ...NDJSON, 'content-encoding': 'gzip' }, '{}'],
  [
    'gzip that is cut off',
    400,
    'bad_encoding',
    { ...NDJSON, 'content-encoding': 'gzip' },
    gzipSync('{"a":1}\n'.repeat(100)).subarray(0, 30),
  ],
  ['a key of 201 characters', 400, 'bad_idempotency_key', { ...NDJSON, 'idempotency-key': 'k'.repeat(201) }, '{}'],
  ['a body over the limit', 413, 'too_large', NDJSON, 'x'.repeat(5000)],
  [
    'a small gzip of a body over the limit',
    413,
    'too_large',
    { ...NDJSON, 'content-encoding': 'gzip' },
    gzipSync('x'.repeat(5000)),
  ],
  ['too many records', 413, 'too_many_records', NDJSON, '1\n'.repeat(51)],
])('refuses with a problem, and stores nothing: %s', async (_name, status, code, headers, body, path) => {
  const { post, spool, collector } = await start({ bodyBytesMax: 4096, recordsMax: 50 })
  const answer = await post(typeof body === 'string' ? body : new Uint8Array(body), headers, path)
  expect(answer.status).toBe(status)
  expect(answer.headers.get('content-type')).toBe('application/problem+json')
  expect(await answer.json()).toEqual({
    type: 'about:blank',
    title: expect.any(String),
    status,
    code,
    detail: expect.any(String),
  })
  expect(spool.durableSeq).toBe(0)
  expect(collector.counters().sources).toEqual([])
})

test('tells how to ask: WWW-Authenticate, Allow, Accept-Encoding', async () => {
  const { post, url } = await start()
  expect((await post('{}', {})).headers.get('www-authenticate')).toMatch(/^Bearer /)
  expect((await post('{}', { ...NDJSON, 'content-encoding': 'zstd' })).headers.get('accept-encoding')).toBe(
    'gzip, deflate',
  )
  const get = await fetch(`${url}/ingest/motcua`, { headers: BEARER })
  expect([get.status, get.headers.get('allow')]).toEqual([405, 'POST'])
})

test('leaves every other path alone', async () => {
  const { url } = await start()
  for (const path of ['/', '/ingestion', '/api/v1/ingest/x'])
    expect(await (await fetch(url + path)).text()).toBe('not the collector')
})

test('a gzip bomb of a gigabyte costs no more than the limit', async () => {
  const { httpPort, spool } = await start({ bodyBytesMax: 1024 * 1024 })
  const before = process.memoryUsage().rss
  const headers = { ...NDJSON, 'content-encoding': 'gzip' }
  const answer = await new Promise<{ status: number; body: string }>((resolve, reject) => {
    const req = request({ port: httpPort, host: '127.0.0.1', path: '/ingest/x', method: 'POST', headers }, (res) => {
      let body = ''
      res
        .on('data', (chunk: Buffer) => (body += chunk.toString()))
        .on('end', () => resolve({ status: res.statusCode!, body }))
    })
    req.on('error', reject)
    const bomb = createGzip()
    bomb.pipe(req)
    const zeros = Buffer.alloc(1024 * 1024)
    for (let i = 0; i < 1024; i++) bomb.write(zeros)
    bomb.end()
  })
  expect(answer).toMatchObject({ status: 413, body: expect.stringContaining('too_large') })
  expect(spool.durableSeq).toBe(0)
  expect(process.memoryUsage().rss - before).toBeLessThan(512 * 1024 * 1024)
})

/** A body without a Content-Length, in these pieces. */
function pieces(...bodies: Uint8Array[]): RequestInit {
  const body = new ReadableStream({
    start(controller) {
      for (const one of bodies) controller.enqueue(one)
      controller.close()
    },
  })
  return { method: 'POST', body, duplex: 'half' } as RequestInit
}

test('an upload that is far too large reads its answer all the same', async () => {
  const { url } = await start({ bodyBytesMax: 4096 })
  const upload = pieces(...Array.from({ length: 64 }, () => new Uint8Array(65_536)))
  expect((await fetch(`${url}/ingest/x`, { ...upload, headers: NDJSON })).status).toBe(413)
})

test('packed bytes count too: an endless gzip of nothing ends at the limit', async () => {
  const { url } = await start({ bodyBytesMax: 4096 })
  const nothing = new Uint8Array(gzipSync(''))
  const upload = pieces(...Array.from({ length: 1 + 4096 / nothing.length }, () => nothing))
  const answer = await fetch(`${url}/ingest/x`, { ...upload, headers: { ...NDJSON, 'content-encoding': 'gzip' } })
  expect(answer.status).toBe(413)
})

test('a body that is refused half way gives its share back', async () => {
  const { url, post } = await start({ bodyBytesMax: 4096, bodiesBytesMax: 1024 })
  for (let i = 0; i < 3; i++) {
    const upload = pieces(new Uint8Array(600), new Uint8Array(5000))
    expect((await fetch(`${url}/ingest/x`, { ...upload, headers: NDJSON })).status).toBe(413)
  }
  expect((await post('x'.repeat(600))).status).toBe(200)
})

test('the same key, sent again, gives the same ids; another body under that key gives others', async () => {
  const { post, records } = await start()
  const keyed = { ...NDJSON, 'idempotency-key': 'lo-2026-03-01' }
  await post('{"a":1}\n{"a":1}', keyed)
  await post('{"a":1}\n{"a":1}', { ...keyed, 'content-encoding': 'identity' })
  await post('{"a":2}\n{"a":3}', keyed)
  await post('{"a":1}', keyed, '/ingest/other')
  await post('{"a":1}')
  const ids = (await records()).map(({ senderId }) => senderId)
  expect(ids.slice(2, 4)).toEqual(ids.slice(0, 2))
  expect(new Set(ids.slice(0, 7)).size).toBe(5)
  expect(ids[7]).toBeUndefined()
})

test('under pressure the whole request is refused before anything is written', async () => {
  const { post, spool, records } = await start({}, { spool: { pendingBytesMax: 1000 } })
  const flooding = new AbortController()
  const flood = async (): Promise<void> => {
    const frames = [{ origin: { input: 'flood', address: '' }, bytes: Buffer.alloc(1024 * 1024) }]
    while (!flooding.signal.aborted) await spool.append(frames).catch(() => new Promise(setImmediate))
  }
  const flooded = flood()
  let accepted = 0
  await expect
    .poll(async () => {
      const answer = await post('{}')
      if (answer.status === 200) accepted++
      return [answer.status, answer.headers.get('retry-after')]
    })
    .toEqual([429, '1'])
  flooding.abort()
  await flooded
  expect((await records()).filter(({ origin }) => origin.input === 'http-ndjson')).toHaveLength(accepted)
  expect((await post('{}')).status).toBe(200)
})

test('bodies beyond what all requests may hold are refused with 429 and Retry-After', async () => {
  const { post, spool } = await start({ bodiesBytesMax: 1024 })
  const answer = await post('x'.repeat(2000))
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([429, '1'])
  expect(await answer.json()).toMatchObject({ code: 'overloaded' })
  expect(spool.durableSeq).toBe(0)
  expect((await post('y')).status).toBe(200) // the refused body has given its share back
})

test('a body that is stored gives its share back', async () => {
  const { post } = await start({ bodiesBytesMax: 1024 })
  for (let i = 0; i < 3; i++) expect((await post('x'.repeat(600))).status).toBe(200)
})

test('a spool that refuses is said before the body is read', async () => {
  const { httpPort } = await start({}, { spool: { freePercentMin: 100 } })
  const socket = await dial(httpPort)
  socket.write(`POST /ingest/x HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${TOKEN}\r\nContent-Length: 1000\r\n\r\n`)
  const answer = await new Promise((resolve) => socket.once('data', (data: Buffer) => resolve(data.toString())))
  expect(answer).toMatch(/^HTTP\/1.1 503 /)
})

test('an answer that its sender did not wait for is counted', async () => {
  const { httpPort, spool, collector, stored } = await start()
  const hold = spool.append([{ origin: { input: 'x', address: '' }, bytes: Buffer.alloc(32 * 1024 * 1024) }])
  const socket = await dial(httpPort)
  const head = `POST /ingest/x HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${TOKEN}\r\nContent-Length: 7\r\n\r\n`
  socket.write(`${head}{"a":1}`, () => socket.resetAndDestroy())
  await hold
  expect((await stored(2))[1]).toBe('{"a":1}')
  await expect.poll(() => collector.counters().sources[0]?.unacknowledged).toBe(1)
})

test.skipIf(!MAY_MOUNT)(
  '503 while the disk is full, 200 when space has returned (needs to mount a tmpfs)',
  async () => {
    const disk = mountSmall(8)
    const filler = join(disk, 'filler')
    const spool = { freeBytesMin: 1024 * 1024, recheckMs: 20 }
    const { post, spool: running } = await start({}, { spool, folder: join(disk, 'spool') })
    writeFileSync(filler, Buffer.alloc(7 * 1024 * 1024))
    await expect.poll(() => running.state().accepting).toBe(false)
    const answer = await post('{}')
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '10'])
    expect(await answer.json()).toMatchObject({ code: 'disk_full' })
    rmSync(filler)
    await expect.poll(() => running.state().accepting).toBe(true)
    expect(await (await post('{}')).json()).toMatchObject({ through: 1 })
  },
)

test('a sender that goes away in the middle of a body leaves nothing', async () => {
  const { httpPort, post, spool } = await start()
  const socket = await dial(httpPort)
  socket.write(
    `POST /ingest/x HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${TOKEN}\r\nContent-Length: 1000\r\n\r\n{"a":1}\n`,
  )
  await new Promise((resolve) => setTimeout(resolve, 50))
  socket.destroy()
  expect(await (await post('{"b":2}')).json()).toEqual({ accepted: 1, refused: 0, through: 1 })
  expect(spool.durableSeq).toBe(1)
})
