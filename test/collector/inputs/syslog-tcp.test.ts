import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { MAY_MOUNT, mountSmall } from '../spool/folders.ts'
import { dial, run } from './running.ts'

const TCP = { 'syslog-tcp': { port: 0 } }

test('both framings, each on its own connection, with the peer and not the HOSTNAME as its origin', async () => {
  const { port, stored, records, collector } = await run(TCP)
  const lines = await dial(port)
  lines.end('<38>Mar  1 08:00:00 web1 sshd[7]: one\n<38>Mar  1 08:00:01 web1 sshd[7]: last, without LF')
  await stored(2)
  const counted = await dial(port)
  counted.end('7 <13>ab\n8 <13>\xff\xfe\0!', 'latin1')
  expect((await stored(4)).slice(2)).toEqual(['<13>ab', '<13>\xff\xfe\0!'])
  expect((await records()).map(({ origin }) => origin)).toEqual(
    Array.from({ length: 4 }, () => ({ input: 'syslog-tcp', address: '127.0.0.1' })),
  )
  await expect.poll(() => collector.counters().inputs[0]).toMatchObject({ connections: 2, connectionsOpen: 0 })
  expect(collector.counters().sources).toMatchObject([
    { source: 'syslog-tcp/127.0.0.1', frames: 4, dropped: 0, unacknowledged: 0 },
  ])
})

test('a client that sends a byte at a time', async () => {
  const { port, stored } = await run(TCP)
  const socket = await dial(port)
  socket.setNoDelay(true)
  for (const byte of Buffer.from('9 <13>xã A9 <13>xã B')) {
    await new Promise<void>((resolve) => socket.write(Buffer.from([byte]), () => setImmediate(resolve)))
  }
  expect(await stored(2)).toEqual(['<13>xã A', '<13>xã B'].map((text) => Buffer.from(text).toString('latin1')))
})

test('a line that never ends is cut at the limit while it still comes, and the next one is whole', async () => {
  const { port, stored } = await run({ 'syslog-tcp': { port: 0, frameBytesMax: 480 } })
  const socket = await dial(port)
  for (let i = 0; i < 100; i++) socket.write('x'.repeat(1000))
  expect(await stored(1)).toEqual([`oversized: ${'x'.repeat(480)}`])
  socket.write('\n<13>next\n')
  expect((await stored(2))[1]).toBe('<13>next')
})

test('a counted frame that is cut off is kept and marked', async () => {
  const { port, stored } = await run(TCP)
  ;(await dial(port)).end('100 <13>only so far')
  expect(await stored(1)).toEqual(['truncated: <13>only so far'])
})

test('counts that make no sense end the connection, and what came is kept', async () => {
  const { port, stored, logged } = await run(TCP)
  const socket = await dial(port)
  const closed = new Promise((resolve) => socket.once('close', resolve))
  socket.on('error', () => undefined)
  socket.write('6 <13>ab<13>no count\n')
  await closed
  expect(await stored(2)).toEqual(['<13>ab', 'unframed: <13>no count\n'])
  expect(logged).toEqual([{ level: 'warn', message: 'octet counts make no sense: connection closed' }])
})

test('a connection that is reset is counted with what its sender cannot know to have arrived', async () => {
  const { port, stored, collector } = await run(TCP)
  const socket = await dial(port)
  socket.write('<13>whole\n<13>par')
  await stored(1)
  socket.resetAndDestroy()
  expect(await stored(2)).toEqual(['<13>whole', '<13>par'])
  expect(collector.counters().sources).toMatchObject([{ frames: 2, unacknowledged: 1 }])
})

test.skipIf(!MAY_MOUNT)(
  'a full disk stops the reading; when space returns all is stored, in order (needs to mount a tmpfs)',
  async () => {
    const disk = mountSmall(32)
    const filler = join(disk, 'filler')
    const spool = { freeBytesMin: 1024 * 1024, recheckMs: 20 }
    const { port, spool: running, stored, collector } = await run(TCP, { spool, folder: join(disk, 'spool') })
    writeFileSync(filler, Buffer.alloc(31 * 1024 * 1024))
    await expect.poll(() => running.state().accepting).toBe(false)
    const lines = Array.from({ length: 200_000 }, (_, i) => `<13>line ${i} of a flood: ${'x'.repeat(40)}`)
    const socket = await dial(port)
    socket.write(`${lines.join('\n')}\n`)
    await expect.poll(() => !running.state().accepting && socket.bytesWritten > 0).toBe(true)
    await new Promise((resolve) => setTimeout(resolve, 500))
    expect(socket.writableLength).toBeGreaterThan(0) // the sender still has what it could not get rid of
    expect(running.durableSeq).toBe(0)
    rmSync(filler)
    socket.end()
    expect(await stored(lines.length)).toEqual(lines)
    expect(collector.counters().sources).toMatchObject([{ frames: lines.length, dropped: 0 }])
  },
)

test.skipIf(!MAY_MOUNT)(
  'what a sender had sent before it vanished from a paused connection is not lost (needs to mount a tmpfs)',
  async () => {
    const disk = mountSmall(8)
    const filler = join(disk, 'filler')
    const spool = { freeBytesMin: 1024 * 1024, recheckMs: 20 }
    const { port, spool: running, stored, collector } = await run(TCP, { spool, folder: join(disk, 'spool') })
    writeFileSync(filler, Buffer.alloc(7 * 1024 * 1024))
    await expect.poll(() => running.state().accepting).toBe(false)
    const lines = Array.from({ length: 20 }, (_, i) => `<13>line ${i}`)
    const socket = await dial(port)
    for (const line of lines)
      await new Promise<void>((resolve) => socket.write(`${line}\n`, () => setTimeout(resolve, 2)))
    await new Promise((resolve) => setTimeout(resolve, 100)) // read into this process, not yet into the spool
    socket.resetAndDestroy()
    await expect.poll(() => collector.counters().inputs[0]!.connectionsOpen).toBe(0)
    rmSync(filler)
    expect(await stored(lines.length)).toEqual(lines)
  },
)

test('more connections than allowed are turned away and counted', async () => {
  const { port, collector, stored } = await run({ 'syslog-tcp': { port: 0, connectionsMax: 1 } })
  const first = await dial(port)
  first.write('<13>one\n')
  await stored(1)
  const second = await dial(port)
  await new Promise((resolve) => second.once('close', resolve))
  expect(collector.counters().inputs[0]).toMatchObject({ connectionsOpen: 1, connectionsRefused: 1 })
})

test('closing keeps what had been read, and marks the line it breaks off in', async () => {
  const { port, collector, stored } = await run(TCP)
  const socket = await dial(port)
  socket.on('error', () => undefined)
  socket.write('<13>whole\n<13>in the midd')
  await stored(1)
  await collector.close()
  expect(await stored(2)).toEqual(['<13>whole', 'truncated: <13>in the midd'])
})
