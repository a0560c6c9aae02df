import { createSocket } from 'node:dgram'
import { connect, type Socket } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { Quotas } from '../../collector/quota.ts'
import type { Origin } from '../../model/record.ts'
import { dial, OTHER_TOKEN, run, serve, TOKEN } from './inputs/running.ts'

/** By address, as a registry has it: 127.0.0.2 and 127.0.0.3 are of one agency, 127.0.0.9 of another. */
const agencyOf = ({ agency, address }: Origin): string | undefined =>
  agency ?? { '127.0.0.2': 'so-y-te', '127.0.0.3': 'so-y-te', '127.0.0.9': 'so-xay-dung' }[address]
/** So little that what is over it stays so while a test runs. */
const TIGHT = { agencies: { 'so-y-te': { eventsPerSecond: 1, burstSeconds: 20 } } }

async function dialFrom(localAddress: string, port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', localAddress })
  onTestFinished(() => void socket.destroy())
  await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject))
  return socket
}

function sendFrom(address: string): (port: number, datagrams: number) => Promise<void> {
  const socket = createSocket('udp4')
  onTestFinished(() => void socket.close())
  const bound = new Promise<void>((resolve) => socket.bind(0, address, () => resolve()))
  return async (port, datagrams) => {
    await bound
    for (let i = 0; i < datagrams; i++) {
      await new Promise((resolve) => socket.send(`<13>datagram ${i}`, port, '127.0.0.1', resolve))
    }
  }
}

const lines = (count: number): string => Array.from({ length: count }, (_, i) => `<13>line ${i}\n`).join('')

function fixed(options: ConstructorParameters<typeof Quotas>[0]): { quotas: Quotas; pass: (ms: number) => void } {
  let nowMs = 0
  const quotas = new Quotas(
    options,
    (origin) => agencyOf(origin) ?? 'unregistered',
    () => nowMs,
  )
  return { quotas, pass: (ms) => void (nowMs += ms) }
}
const from = (address: string): Origin => ({ input: 'syslog-udp', address })

test('without a quota nothing is ever held up', () => {
  const { quotas } = fixed({})
  quotas.charge(from('127.0.0.2'), 1e9, 1e12)
  expect(quotas.ask(from('127.0.0.2'), 'held')).toBe(0)
})

test('an entry of an agency is laid over what holds for every agency; 0 lifts a limit', () => {
  const { quotas, pass } = fixed({
    eventsPerSecond: 10,
    bytesPerSecond: 1_000,
    burstSeconds: 1,
    agencies: { 'so-y-te': { eventsPerSecond: 0 }, 'so-xay-dung': { eventsPerSecond: 1_000, burstSeconds: 100 } },
  })
  quotas.charge(from('127.0.0.2'), 1_000, 100) // no limit of events, and bytes enough
  quotas.charge(from('127.0.0.9'), 90_000, 100)
  quotas.charge(from('192.0.2.1'), 11, 100)
  expect([quotas.ask(from('127.0.0.2'), 'held'), quotas.ask(from('127.0.0.9'), 'held')]).toEqual([0, 0])
  expect(quotas.ask(from('192.0.2.1'), 'held')).toBeGreaterThan(0)
  quotas.charge(from('127.0.0.2'), 1, 5_000)
  expect(quotas.ask(from('127.0.0.2'), 'held')).toBeGreaterThan(3_000)
  pass(10_000)
  expect(quotas.ask(from('127.0.0.2'), 'held')).toBe(0)
})

test('what was done is counted by agency and source; a sender of several streams counts for each', () => {
  const { quotas } = fixed(TIGHT)
  quotas.charge(from('127.0.0.2'), 21, 0)
  for (const how of ['held', 'held', 'refused', 'dropped'] as const) quotas.ask(from('127.0.0.2'), how)
  expect(quotas.counters()).toEqual([
    { agency: 'so-y-te', source: 'syslog-udp/127.0.0.2', held: 2, refused: 1, dropped: 1 },
  ])
  expect(quotas.timesOf('so-y-te', 'syslog-udp/127.0.0.2')).toBe(4)
  expect(quotas.timesOf('so-y-te', 'syslog-udp/127.0.0.2/stream')).toBe(4)
  expect(quotas.timesOf('so-y-te', 'syslog-udp/127.0.0.3')).toBe(0)
  expect(quotas.timesOf('so-xay-dung', 'syslog-udp/127.0.0.2')).toBe(0)
})

test('sources that are made up are counted, and together take up bounded memory', () => {
  const { quotas } = fixed({ eventsPerSecond: 1, burstSeconds: 1 })
  quotas.charge(from('192.0.2.1'), 1, 0)
  for (let i = 0; i < 12_000; i++) expect(quotas.ask(from(`10.0.${i >> 8}.${i & 255}`), 'dropped')).toBeGreaterThan(0)
  const counters = quotas.counters()
  expect(counters.length).toBeLessThan(10_010)
  expect(counters.reduce((sum, { dropped }) => sum + dropped, 0)).toBe(12_000)
})

test('UDP: what is over the quota is dropped and counted for its source, and no other agency loses any', async () => {
  const { port, collector, stored } = await run({ 'syslog-udp': { port: 0 } }, { quotas: TIGHT, agencyOf })
  await sendFrom('127.0.0.9')(port, 50)
  await sendFrom('127.0.0.2')(port, 500)
  await sendFrom('127.0.0.9')(port, 50)
  const frames = (source: string): number =>
    collector.counters().sources.find((row) => row.source === `syslog-udp/${source}`)?.frames ?? 0
  await expect.poll(() => frames('127.0.0.9')).toBe(100)
  const [drops] = collector.drops()
  expect(drops).toMatchObject({ source: 'syslog-udp/127.0.0.2', agency: 'so-y-te' })
  const kept = (await stored(100)).length - 100
  expect(kept).toBeGreaterThanOrEqual(20)
  expect(kept).toBeLessThan(100)
  expect(drops!.count + kept).toBe(500)
  expect(collector.counters().quotas).toMatchObject([{ agency: 'so-y-te', held: 0, refused: 0, dropped: drops!.count }])
})

test('TCP: over the quota it is not read, nothing is lost, and another agency goes on', async () => {
  const quotas = { agencies: { 'so-y-te': { eventsPerSecond: 2_000, burstSeconds: 1 } } }
  const { port, collector, spool, records } = await run({ 'syslog-tcp': { port: 0 } }, { quotas, agencyOf })
  const flood = await dialFrom('127.0.0.2', port)
  flood.end(lines(6_000))
  await expect.poll(() => collector.counters().quotas).toMatchObject([{ agency: 'so-y-te', dropped: 0 }])
  const other = await dialFrom('127.0.0.9', port)
  other.end(lines(1_000))
  await expect.poll(() => spool.durableSeq, { timeout: 60_000 }).toBe(7_000)
  const bytes = (await records()).filter(({ origin }) => origin.address === '127.0.0.2').map((record) => record.bytes)
  expect(Buffer.concat(bytes.map((line) => Buffer.concat([line, Buffer.from('\n')]))).toString()).toBe(lines(6_000))
  expect(collector.drops()).toEqual([])
})

test('TCP: a connection that is held up is let go when it breaks off, and at the end of the program', async () => {
  const { port, collector, stored } = await run({ 'syslog-tcp': { port: 0 } }, { quotas: TIGHT, agencyOf })
  const broken = await dialFrom('127.0.0.2', port)
  broken.write(lines(30))
  await stored(30)
  broken.resetAndDestroy()
  const standing = await dialFrom('127.0.0.3', port)
  standing.write(lines(5))
  await stored(35)
  await collector.close()
  expect(collector.counters().inputs).toMatchObject([{ connectionsOpen: 0 }])
})

test('RELP: over the quota an answer waits, and comes', async () => {
  const quotas = { agencies: { 'so-y-te': { eventsPerSecond: 100, burstSeconds: 1 } } }
  const { port, collector, stored } = await run({ relp: { port: 0 } }, { quotas, agencyOf })
  const socket = await dialFrom('127.0.0.2', port)
  let answers = ''
  socket.on('data', (chunk) => void (answers += chunk.toString()))
  const count = 150
  const message = (i: number): string => `${i + 2} syslog 5 <13>a\n`
  socket.write('1 open 14 relp_version=0\n')
  for (let i = 0; i < count; i += 50) {
    socket.write(Array.from({ length: 50 }, (_, k) => message(i + k)).join(''))
    await expect.poll(() => answers.match(/ rsp 6 200 OK\n/g)?.length ?? 0, { timeout: 60_000 }).toBe(i + 50)
  }
  socket.write(message(count))
  await stored(count + 1)
  expect(collector.counters().quotas).toMatchObject([{ agency: 'so-y-te', refused: 0, dropped: 0 }])
})

test('HTTP: over the quota a request is answered 429 before anything of it is stored', async () => {
  const { collector, spool } = await run({ 'http-ndjson': true }, { quotas: TIGHT })
  const { url } = await serve(collector)
  const post = (token: string, count: number): Promise<Response> =>
    fetch(`${url}/ingest/motcua`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'text/plain' },
      body: lines(count),
    })
  expect((await post(TOKEN, 500)).status).toBe(200) // a request is taken whole
  const answer = await post(TOKEN, 1)
  expect(answer.status).toBe(429)
  expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
  expect(await answer.json()).toMatchObject({ code: 'over_quota', status: 429 })
  expect((await post(OTHER_TOKEN, 500)).status).toBe(200)
  expect(spool.durableSeq).toBe(1_000)
  expect(collector.counters().quotas).toMatchObject([{ agency: 'so-y-te', held: 0, refused: 1, dropped: 0 }])
  expect(collector.throttled('so-y-te', 'http-ndjson/127.0.0.1/motcua')).toBe(1)
})

test('HTTP: of two requests that come in together the second is refused after its body, whole', async () => {
  const { collector, spool } = await run({ 'http-ndjson': true }, { quotas: TIGHT })
  const { port } = await serve(collector)
  const begin = async (count: number): Promise<{ finish: () => Promise<string> }> => {
    const body = lines(count)
    const socket = await dial(port)
    socket.write(
      `POST /ingest/motcua HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer ${TOKEN}\r\n` +
        `Content-Type: text/plain\r\nContent-Length: ${body.length}\r\n\r\n${body.slice(0, -1)}`,
    )
    return {
      finish: () =>
        new Promise((resolve) => {
          let answer = ''
          socket.on('data', (chunk) => void (answer += chunk.toString()))
          socket.on('end', () => resolve(answer.slice(0, 12)))
          socket.write('\n')
        }),
    }
  }
  const [first, second] = [await begin(500), await begin(500)]
  expect(await first.finish()).toBe('HTTP/1.1 200')
  expect(await second.finish()).toBe('HTTP/1.1 429')
  expect(spool.durableSeq).toBe(500)
})

test('_bulk: over the quota the whole request is refused as Elasticsearch does it', async () => {
  const { port, spool } = await run({ 'elasticsearch-bulk': { port: 0 } }, { quotas: TIGHT })
  const bulk = (token: string): Promise<Response> =>
    fetch(`http://127.0.0.1:${port}/_bulk`, {
      method: 'POST',
      headers: { authorization: `ApiKey ${token}`, 'content-type': 'application/x-ndjson' },
      body: '{"create":{"_index":"logs"}}\n{"message":"a"}\n'.repeat(100),
    })
  expect((await bulk(TOKEN)).status).toBe(200)
  const answer = await bulk(TOKEN)
  expect([answer.status, Number(answer.headers.get('retry-after')) > 0]).toEqual([429, true])
  expect(await answer.json()).toMatchObject({ error: { type: 'es_rejected_execution_exception' }, status: 429 })
  expect((await bulk(OTHER_TOKEN)).status).toBe(200)
  expect(spool.durableSeq).toBe(200)
})
