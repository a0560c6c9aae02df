import { createServer } from 'node:net'
import { createSocket } from 'node:dgram'
import { readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { startCollector } from '../../collector/collector.ts'
import { loadInputs, peerAddress } from '../../collector/input.ts'
import { Lane } from '../../collector/lane.ts'
import { Tally } from '../../collector/tally.ts'
import { ROOT } from '../../model/root.ts'
import { frame, freshFolder, openSpool, texts } from './spool/folders.ts'
import { dial, run, serve, TOKEN } from './inputs/running.ts'

test('every file of inputs/ is an input, named as the file', async () => {
  const files = readdirSync(join(ROOT, 'collector/inputs')).map((file) => basename(file, '.ts'))
  expect([...(await loadInputs()).keys()]).toEqual(files.sort())
  expect(files).toContain('syslog-tcp')
})

test('listens on loopback unless told otherwise, on UDP and TCP but not TLS without a certificate', async () => {
  const inputs = await loadInputs()
  const byDefault = [...inputs].filter(([, input]) => input.byDefault).map(([name]) => name)
  expect(byDefault).toEqual(['http-ndjson', 'syslog-tcp', 'syslog-udp'])
  const { collector } = await run({ 'syslog-udp': { port: 0 }, 'syslog-tcp': { port: 0 }, 'http-ndjson': true })
  expect(collector.listening.map(({ input, address }) => [input, address])).toEqual([
    ['syslog-tcp', '127.0.0.1'],
    ['syslog-udp', '127.0.0.1'],
  ])
})

test.each<[name: string, inputs: Record<string, unknown>, message: string]>([
  ['an input that is not there', { 'syslog-relp': true }, 'inputs.syslog-relp: no such input; there are '],
  ['an option that it does not have', { 'syslog-tcp': { porto: 1 } }, 'inputs.syslog-tcp: no such option: porto'],
  ['a wrong value', { 'syslog-tcp': { port: 'x' } }, 'inputs.syslog-tcp.port is "x": must be integer'],
  ['a port out of range', { 'syslog-udp': { port: 70_000 } }, 'inputs.syslog-udp.port is 70000: must be <= 65535'],
  ['TLS without a certificate', { 'syslog-tls': {} }, 'inputs.syslog-tls: certificate, key must be set'],
  [
    'TLS with a certificate that is not there',
    { 'syslog-tls': { certificate: '/nowhere.crt', key: '/nowhere.key' } },
    'inputs.syslog-tls: ENOENT',
  ],
  ['no options at all', { 'syslog-tcp': 'yes' }, 'inputs.syslog-tcp is "yes": must be object'],
])('refuses to start: %s', async (_name, inputs, message) => {
  await expect(run({ 'syslog-udp': false, ...inputs })).rejects.toThrow(message)
})

test('a port in use stops the start, and what had started is closed again', async () => {
  const taken = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => taken.once('listening', resolve))
  onTestFinished(() => void taken.close())
  const { port } = taken.address() as { port: number }
  const free = createSocket('udp4').bind(0, '127.0.0.1')
  await new Promise((resolve) => free.once('listening', resolve))
  const udp = free.address().port
  await new Promise<void>((resolve) => free.close(() => resolve()))
  const spool = await openSpool(freshFolder())
  const start = startCollector({
    spool,
    inputs: { 'syslog-udp': { port: udp }, 'syslog-tcp': { port } },
    authenticate: () => null,
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    stateFolder: freshFolder(),
    agencyOf: () => undefined,
    quotas: {},
  })
  await expect(start).rejects.toThrow(/^inputs\.syslog-tcp: .*EADDRINUSE/)
  const again = createSocket('udp4').bind(udp, '127.0.0.1')
  await new Promise((resolve, reject) => again.once('listening', resolve).once('error', reject))
  await new Promise<void>((resolve) => again.close(() => resolve()))
})

test('everything that inputs took in is in the spool, counted per source', async () => {
  const { collector, stored } = await run({ 'syslog-udp': { port: 0 }, 'syslog-tcp': { port: 0 }, 'http-ndjson': true })
  const { url } = await serve(collector)
  const port = (input: string): number => collector.listening.find((place) => place.input === input)!.port
  const tcp = await dial(port('syslog-tcp'))
  tcp.end('<13>over TCP\n')
  await stored(1)
  const udp = createSocket('udp4')
  onTestFinished(() => void udp.close())
  udp.send('<13>over UDP', port('syslog-udp'), '127.0.0.1')
  await stored(2)
  await fetch(`${url}/ingest/web`, {
    method: 'POST',
    headers: { authorization: `Bearer ${TOKEN}` },
    body: '{"over":"HTTP"}',
  })
  expect(await stored(3)).toEqual(['<13>over TCP', '<13>over UDP', '{"over":"HTTP"}'])
  const sources = collector.counters().sources.map(({ source, frames, bytes }) => [source, frames, bytes])
  expect(sources).toEqual([
    ['syslog-tcp/127.0.0.1', 1, 12],
    ['syslog-udp/127.0.0.1', 1, 12],
    ['http-ndjson/127.0.0.1/web', 1, 15],
  ])
  expect(collector.drops()).toEqual([])
})

test('after close nobody is let in, and nothing that was let in is lost', async () => {
  const { collector, spool, stored } = await run({ 'syslog-tcp': { port: 0 } })
  const { port } = collector.listening[0]!
  const socket = await dial(port)
  socket.on('error', () => undefined)
  socket.write('<13>a\n'.repeat(10_000))
  await stored(1)
  await collector.close()
  const taken = spool.durableSeq
  expect(
    (await stored(taken)).every(
      (text) => ['<13>a', 'truncated: <13>a'].includes(text) || text.startsWith('truncated: '),
    ),
  ).toBe(true)
  await expect(dial(port)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
})

test('frames that the spool refuses for a while are stored in the order they came', async () => {
  const folder = freshFolder()
  const spool = await openSpool(folder, { pendingBytesMax: 100 })
  const tally = new Tally()
  const lane = new Lane(spool, tally)
  const first = spool.append([frame('x'.repeat(200))])
  lane.offer([frame('a'), frame('b')])
  lane.offer([frame('c')])
  await expect.poll(() => lane.stalled).toBe(true)
  await first
  expect(await lane.settle()).toEqual([])
  expect((await texts(folder, 4)).slice(1)).toEqual(['a', 'b', 'c'])
  expect([lane.bytes, tally.sources()[0]!.frames]).toEqual([0, 3])
})

test('frames that the spool will never take are given up on request, and counted as lost', async () => {
  const spool = await openSpool(freshFolder(), { freePercentMin: 100 })
  const tally = new Tally()
  const lane = new Lane(spool, tally)
  lane.offer([frame('a'), frame('b')])
  lane.giveUpAfter(0)
  expect(await lane.settle()).toHaveLength(2)
  expect(tally.drops()).toEqual([{ source: 'syslog-tcp/192.0.2.7', count: 2 }])
})

test('sources that are made up do not fill the memory', () => {
  const tally = new Tally()
  for (let i = 0; i < 12_000; i++) {
    const origin = { input: 'syslog-udp', address: `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}` }
    tally.received([{ origin, bytes: Buffer.alloc(1) }])
    tally.dropped(origin, 1)
  }
  const sources = tally.sources()
  expect(sources).toHaveLength(10_001)
  expect(sources.find(({ source }) => source === 'syslog-udp/other')).toMatchObject({ frames: 2000, dropped: 2000 })
  expect(tally.drops().reduce((sum, { count }) => sum + count, 0)).toBe(12_000)
})

test.each([
  ['192.0.2.7', '192.0.2.7'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['fe80::1%eth0', 'fe80::1'],
  ['2001:db8::1', '2001:db8::1'],
  [undefined, ''],
])('the address of a peer %s is %s', (address, expected) => expect(peerAddress(address)).toBe(expected))
