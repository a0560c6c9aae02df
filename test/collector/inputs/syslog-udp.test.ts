import { createSocket, type Socket } from 'node:dgram'
import { existsSync } from 'node:fs'
import { expect, onTestFinished, test } from 'vitest'
import { socketDrops } from '../../../collector/socket-drops.ts'
import { run } from './running.ts'

function sender(): Socket {
  const socket = createSocket('udp4')
  onTestFinished(() => void socket.close())
  return socket
}

const send = (socket: Socket, port: number, datagram: string): Promise<void> =>
  new Promise((resolve, reject) =>
    socket.send(Buffer.from(datagram, 'latin1'), port, '127.0.0.1', (error) => (error ? reject(error) : resolve())),
  )

test('one datagram is one message, whatever is in it', async () => {
  const { port, stored, records } = await run({ 'syslog-udp': { port: 0 } })
  const socket = sender()
  const datagrams = [
    '<13>plain',
    '<13>with LF\n',
    '<13>with NUL\0',
    '<13>two\nlines',
    '12 <13>not counted',
    '\xff\xfe\0\x01',
  ]
  for (const datagram of datagrams) await send(socket, port, datagram)
  expect(await stored(6)).toEqual([
    '<13>plain',
    '<13>with LF',
    '<13>with NUL',
    '<13>two\nlines',
    '12 <13>not counted',
    '\xff\xfe\0\x01',
  ])
  expect((await records())[0]!.origin).toEqual({ input: 'syslog-udp', address: '127.0.0.1' })
})

test('a datagram as large as UDP allows comes whole', async () => {
  const { port, stored } = await run({ 'syslog-udp': { port: 0 } })
  const datagram = `<13>${'x'.repeat(65_503)}`
  await send(sender(), port, datagram)
  expect(await stored(1)).toEqual([datagram])
})

test('what cannot wait is dropped and counted: sent = stored + dropped', async () => {
  const { port, stored, spool, collector } = await run(
    { 'syslog-udp': { port: 0, pendingBytesMax: 65_536 } },
    { spool: { freePercentMin: 100, recheckMs: 1_000_000 } },
  )
  expect(spool.state().accepting).toBe(false)
  const socket = sender()
  for (let i = 0; i < 200; i++) await send(socket, port, `<13>${i} ${'x'.repeat(1000)}`)
  await expect.poll(() => collector.counters().sources[0]?.dropped).toBeGreaterThan(130)
  const [dropped] = collector.drops()
  expect(dropped).toEqual({ source: 'syslog-udp/127.0.0.1', count: collector.counters().sources[0]!.dropped })
  expect(collector.drops()).toEqual([])
  // Three quarters of the room, and a datagram with what it costs beside its bytes.
  expect(200 - dropped!.count).toBe(Math.floor((65_536 * 3) / 4 / (1000 + 64 + 6)))
  expect(await stored(0)).toEqual([])
})

test('while the spool is slow, a source that floods leaves room for those that send little', async () => {
  const { port, collector, spool } = await run(
    { 'syslog-udp': { port: 0, pendingBytesMax: 65_536 } },
    { spool: { freePercentMin: 100, recheckMs: 1_000_000 } },
  )
  expect(spool.state().accepting).toBe(false)
  const flood = sender()
  const quiet = createSocket('udp4')
  onTestFinished(() => void quiet.close())
  await new Promise<void>((resolve) => quiet.bind(0, '127.0.0.2', resolve))
  for (let i = 0; i < 200; i++) await send(flood, port, `<13>${i} ${'x'.repeat(1000)}`)
  await expect.poll(() => collector.counters().sources[0]?.dropped).toBeGreaterThan(130)
  for (let i = 0; i < 10; i++) await send(quiet, port, `<13>${i} ${'y'.repeat(1000)}`)
  for (let i = 0; i < 50; i++) await send(flood, port, `<13>${i} ${'x'.repeat(1000)}`)
  await expect.poll(() => collector.counters().sources[0]?.dropped).toBeGreaterThan(180)
  expect(collector.drops().map(({ source }) => source)).toEqual(['syslog-udp/127.0.0.1'])
})

test('a lone datagram of the largest size fits the least room there may be', async () => {
  const { port, stored } = await run({ 'syslog-udp': { port: 0, pendingBytesMax: 65_536 } })
  const datagram = `<13>${'x'.repeat(65_400)}`
  await send(sender(), port, datagram)
  expect(await stored(1)).toEqual([datagram])
})

test.skipIf(!existsSync('/proc/net/udp'))(
  'what the kernel drops is counted too: sent = stored + kernel drops',
  async () => {
    const { port, collector, spool, stored } = await run({ 'syslog-udp': { port: 0, receiveBufferBytes: 4096 } })
    const socket = sender()
    const sent = 300
    // In one turn: the receiver, in this same process, cannot read meanwhile.
    await Promise.all(Array.from({ length: sent }, (_, i) => send(socket, port, `<13>${i} ${'x'.repeat(1000)}`)))
    await send(socket, port, '<13>last')
    const kernel = (): number => collector.counters().inputs[0]!.kernelDrops
    await expect.poll(() => spool.durableSeq + kernel()).toBe(sent + 1)
    expect(kernel()).toBeGreaterThan(0)
    expect(collector.drops()).toEqual([{ source: 'syslog-udp/kernel', count: kernel() }])
    expect(await stored(spool.durableSeq)).toHaveLength(sent + 1 - kernel())
  },
)

test('reads the drops of a port from the table of the kernel', () => {
  const table = `   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
  511: 0100007F:158A 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 81234 2 0000000000000000 17
  512: 00000000:158A 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 81235 2 0000000000000000 3
  901: 00000000:0044 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 81236 2 0000000000000000 99
`
  expect(socketDrops(table, 5514)).toBe(20)
  expect(socketDrops(table, 68)).toBe(99)
  expect(socketDrops(table, 5515)).toBeUndefined()
  expect(socketDrops('', 5514)).toBeUndefined()
})
