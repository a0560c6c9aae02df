import { rmSync, writeFileSync } from 'node:fs'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import type { Turn } from '../../../collector/conversation.ts'
import { readRelp } from '../../../collector/relp.ts'
import { runs } from '../../runs.ts'
import { MAY_MOUNT, mountSmall } from '../spool/folders.ts'
import { dial, run } from './running.ts'

const RELP = { relp: { port: 0 } }
const LIMIT = 64

const frame = (txnr: number, command: string, data = ''): string => {
  const text = Buffer.from(data).toString('latin1')
  return `${txnr} ${command} ${text.length}${text === '' ? '' : ` ${text}`}\n`
}
const OPEN = frame(
  1,
  'open',
  'relp_version=0\nrelp_software=librelp,1.11.0,http://librelp.adiscon.com\ncommands=syslog',
)
const OFFERED = 'rsp 60 200 OK\nrelp_version=0\nrelp_software=vong-gac\ncommands=syslog\n'
const OK = (txnr: number): string => `${txnr} rsp 6 200 OK\n`

async function read(stream: string, chunkBytes = stream.length): Promise<Turn[]> {
  const bytes = Buffer.from(stream, 'latin1')
  async function* chunks(): AsyncGenerator<Buffer> {
    for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes)
  }
  const turns: Turn[] = []
  for await (const turn of readRelp(chunks(), LIMIT)) turns.push(turn)
  return turns
}

/** What is kept, with the reason where it was refused, and what is answered. */
function told(turns: readonly Turn[]): { kept: string[]; answers: string[] } {
  return {
    kept: turns.flatMap(({ frame }) => (frame ? [`${frame.refused ?? ''}|${frame.bytes.toString('latin1')}`] : [])),
    answers: turns.flatMap(({ answer }) => (answer ? [answer.toString('latin1')] : [])),
  }
}

const LAST = 999_999_999

test.each<[name: string, stream: string, kept: string[], answers: string[]]>([
  [
    'open, two messages, close',
    frame(2, 'syslog', '<13>a\n') + frame(3, 'syslog', '<13>b') + frame(4, 'close'),
    ['|<13>a', '|<13>b'],
    [OK(2), OK(3), OK(4)],
  ],
  ['one LF is the terminator, a second one is content', frame(2, 'syslog', '<13>a\n\n'), ['|<13>a\n'], [OK(2)]],
  [
    'LF, digits and spaces inside are content',
    frame(2, 'syslog', '<13>a\n3 syslog 2 b\n'),
    ['|<13>a\n3 syslog 2 b'],
    [OK(2)],
  ],
  [
    'the length is of octets',
    frame(2, 'syslog', 'đăng nhập\n'),
    [`|${Buffer.from('đăng nhập').toString('latin1')}`],
    [OK(2)],
  ],
  ['bytes that are no text', '2 syslog 3 \0\xff\xfe\n', ['|\0\xff\xfe'], [OK(2)]],
  ['no data is no record, but answered', frame(2, 'syslog') + frame(3, 'syslog', '\n'), [], [OK(2), OK(3)]],
  ['no data, with a space all the same', '2 syslog 0 \n', [], [OK(2)]],
  [
    'after the last number comes the first',
    frame(LAST, 'syslog', 'a') + frame(1, 'syslog', 'b'),
    ['|a', '|b'],
    [OK(LAST), OK(1)],
  ],
  ['exactly the limit', frame(2, 'syslog', 'x'.repeat(LIMIT)), [`|${'x'.repeat(LIMIT)}`], [OK(2)]],
  [
    'over the limit: kept up to it, answered, and the next is whole',
    frame(2, 'syslog', 'x'.repeat(5000)) + frame(3, 'syslog', 'y'),
    [`oversized|${'x'.repeat(LIMIT)}`, '|y'],
    [OK(2), OK(3)],
  ],
  [
    'a command that is not known',
    frame(2, 'starttls', 'x') + frame(3, 'syslog', 'y'),
    ['|y'],
    ['2 rsp 24 500 no such command here\n', OK(3)],
  ],
  ['nothing behind close is heard', frame(2, 'close') + frame(3, 'syslog', 'y'), [], [OK(2)]],
  ['cut off in the data: the sender sends it again', '2 syslog 30 <13>only so far', [], []],
  ['cut off in the head', '2 sysl', [], []],
  ['cut off before the LF', '2 syslog 1 a', [], []],
])('%s', async (_name, stream, kept, answers) => {
  expect(told(await read(OPEN + stream))).toEqual({ kept, answers: [`1 ${OFFERED}`, ...answers] })
})

test.each<[name: string, stream: string, kept: string]>([
  ['no RELP at all', '<13>Mar  1 08:00:00 web1 app: x\n', '<13>Mar  1 08:00:00 web1 app: x\n'],
  ['a message before open', frame(1, 'syslog', 'a'), '1 syslog 1 a\n'],
  ["number 0, which is the server's", `${OPEN}0 syslog 1 a\n`, '0 syslog 1 a\n'],
  ['a number of ten digits', `${OPEN}1000000000 syslog 1 a\n`, '1000000000 syslog 1 a\n'],
  ['a length of ten digits', `${OPEN}2 syslog 1000000000 a\n`, '2 syslog 1000000000 a\n'],
  ['a length that is none', `${OPEN}2 syslog -1 a\n`, '2 syslog -1 a\n'],
  ['a command of 33 letters', `${OPEN}2 ${'x'.repeat(33)} 1 a\n`, `2 ${'x'.repeat(33)} 1 a\n`],
  ['a command with a digit', `${OPEN}2 sys1og 1 a\n`, '2 sys1og 1 a\n'],
  ['data longer than it says', `${OPEN}2 syslog 1 ab\n`, '\n'],
  ['an endless stream of digits', '1'.repeat(10_000), '1'.repeat(LIMIT)],
])('ends at %s', async (_name, stream, kept) => {
  const turns = await read(stream)
  expect(turns.at(-1)?.fault).toBeTypeOf('string')
  expect(told(turns).kept).toEqual([`unframed|${kept}`])
  expect(told(turns).answers).toHaveLength(stream.startsWith(OPEN) ? 1 : 0)
})

test('however the stream is cut, it says the same', async () => {
  const piece = fc.oneof(
    fc
      .tuple(fc.integer({ min: 1, max: LAST }), fc.string({ unit: 'binary', maxLength: 100 }))
      .map(([txnr, text]) => frame(txnr, 'syslog', text)),
    fc.constantFrom(frame(7, 'close'), frame(8, 'hint', 'x'), OPEN, '9 syslog 5 abc'),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 8 }), fc.integer({ min: 1, max: 40 }), async (pieces, chunkBytes) => {
      const stream = OPEN + pieces.join('')
      // How much of what makes no sense had come is the only thing that may differ.
      const comparable = (turns: Turn[]): unknown => [
        told(turns.filter(({ fault }) => fault === undefined)),
        turns.map(({ fault }) => fault),
      ]
      expect(comparable(await read(stream, chunkBytes))).toEqual(comparable(await read(stream)))
    }),
    { numRuns: runs(200) },
  )
})

test('any bytes: it ends, and does not throw', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'binary' }), fc.integer({ min: 1, max: 9 }), async (text, chunkBytes) => {
      for (const { frame } of await read(OPEN + Buffer.from(text).toString('latin1'), chunkBytes))
        expect(frame?.bytes.length ?? 0).toBeLessThanOrEqual(LIMIT)
    }),
    { numRuns: runs(200) },
  )
})

/** Collects what comes; `until` waits for so many bytes. */
function listen(socket: Socket): { text: () => string; until: (text: string) => Promise<void>; closed: Promise<void> } {
  let heard = ''
  socket.on('data', (bytes) => (heard += bytes.toString('latin1')))
  socket.on('error', () => undefined)
  return {
    text: () => heard,
    until: (text) => expect.poll(() => heard, { timeout: 60_000 }).toContain(text),
    closed: new Promise((resolve) => socket.once('close', () => resolve())),
  }
}

test('many messages before any answer: each is answered, in order, and close is said', async () => {
  const { port, stored, records, collector } = await run(RELP)
  const socket = await dial(port)
  const { text, closed } = listen(socket)
  const lines = Array.from({ length: 500 }, (_, i) => `<13>dòng ${i}`)
  socket.write(
    OPEN + lines.map((line, i) => frame(i + 2, 'syslog', `${line}\n`)).join('') + frame(502, 'close'),
    'latin1',
  )
  await closed
  expect(text()).toBe(`1 ${OFFERED}${Array.from({ length: 501 }, (_, i) => OK(i + 2)).join('')}0 serverclose 0\n`)
  expect(await stored(500)).toEqual(lines.map((line) => Buffer.from(line).toString('latin1')))
  expect((await records())[0]!.origin).toEqual({ input: 'relp', address: '127.0.0.1' })
  await expect.poll(() => collector.counters().inputs[0]).toMatchObject({ connections: 1, connectionsOpen: 0 })
  expect(collector.counters().sources).toMatchObject([{ frames: 500, dropped: 0, unacknowledged: 0 }])
})

test('a client that sends a byte at a time, and half-closes before its answers', async () => {
  const { port, stored } = await run(RELP)
  const socket = await dial(port)
  const { text, closed } = listen(socket)
  socket.setNoDelay(true)
  for (const byte of Buffer.from(OPEN + frame(2, 'syslog', '<13>xã A\n') + frame(3, 'syslog', '<13>b'), 'latin1'))
    await new Promise<void>((resolve) => socket.write(Buffer.from([byte]), () => setImmediate(resolve)))
  socket.end()
  await closed
  expect(text()).toBe(`1 ${OFFERED}${OK(2)}${OK(3)}0 serverclose 0\n`)
  expect(await stored(2)).toEqual(['<13>xÃ£ A', '<13>b'])
})

test('no answer before the record is durable', async () => {
  const { port, spool } = await run(RELP)
  let release = (): void => undefined
  const held = new Promise<void>((resolve) => (release = resolve))
  const append = spool.append.bind(spool)
  let durableSeq = 0
  vi.spyOn(spool, 'append').mockImplementation(async (frames) => {
    await held
    return (durableSeq = await append(frames))
  })
  const socket = await dial(port)
  const { text, until } = listen(socket)
  socket.on('data', (bytes) => {
    if (bytes.toString('latin1').includes(OK(2))) expect(durableSeq).toBe(1)
  })
  socket.write(OPEN + frame(2, 'syslog', 'a'))
  await expect.poll(() => vi.mocked(spool.append).mock.calls.length).toBe(1)
  await new Promise((resolve) => setTimeout(resolve, 100))
  expect(text().replace(`1 ${OFFERED}`, '')).toBe('')
  release()
  await until(OK(2))
})

test('what makes no sense is kept, and ends the connection', async () => {
  const { port, stored, logged } = await run(RELP)
  const socket = await dial(port)
  const { text, closed } = listen(socket)
  socket.write(`${OPEN + frame(2, 'syslog', 'a')}<13>no frame`)
  await closed
  expect(text()).toContain(OK(2))
  expect(await stored(2)).toEqual(['a', 'unframed: <13>no frame'])
  expect(logged).toEqual([{ level: 'warn', message: 'protocol not kept: connection closed' }])
})

test('a connection that is reset in the middle of a frame: what was whole is stored, and counted if it was not answered', async () => {
  const { port, spool, stored, collector } = await run(RELP)
  const append = spool.append.bind(spool)
  let release = (): void => undefined
  const held = new Promise<void>((resolve) => (release = resolve))
  vi.spyOn(spool, 'append').mockImplementation((frames) => held.then(() => append(frames)))
  const socket = await dial(port)
  const { until } = listen(socket)
  socket.write(OPEN)
  await until(OFFERED)
  socket.write(`${frame(2, 'syslog', 'whole')}3 syslog 30 par`)
  await expect.poll(() => vi.mocked(spool.append).mock.calls.length).toBe(1)
  socket.resetAndDestroy()
  await expect.poll(() => collector.counters().inputs[0]!.connectionsOpen).toBe(0)
  release()
  expect(await stored(1)).toEqual(['whole'])
  await expect.poll(() => collector.counters().sources).toMatchObject([{ frames: 1, unacknowledged: 1, dropped: 0 }])
})

test('stopping answers what was heard, and tells the client', async () => {
  const { port, collector, stored } = await run(RELP)
  const socket = await dial(port)
  const { text, until, closed } = listen(socket)
  socket.write(`${OPEN + frame(2, 'syslog', 'a')}3 syslog 9 in the m`)
  await until(OK(2))
  await collector.close()
  await closed
  expect(text()).toBe(`1 ${OFFERED}${OK(2)}0 serverclose 0\n`)
  expect(await stored(1)).toEqual(['a'])
})

test('more connections than allowed are turned away and counted', async () => {
  const { port, collector } = await run({ relp: { port: 0, connectionsMax: 1 } })
  await dial(port)
  const second = await dial(port)
  await listen(second).closed
  expect(collector.counters().inputs[0]).toMatchObject({ connectionsOpen: 1, connectionsRefused: 1 })
})

test.each([
  [{ certificate: 'a.pem' }, /certificate and key go together/],
  [{ clientCa: 'a.pem' }, /clientCa needs certificate and key/],
])('%o is refused', async (options, message) => {
  await expect(run({ relp: { port: 0, ...options } })).rejects.toThrow(message)
})

test.skipIf(!MAY_MOUNT)(
  'a full disk: no answers and soon no reading; when space returns all is stored once, in order, and answered (needs to mount a tmpfs)',
  async () => {
    const disk = mountSmall(32)
    const filler = join(disk, 'filler')
    const spool = { freeBytesMin: 1024 * 1024, recheckMs: 20 }
    const { port, spool: running, stored, collector } = await run(RELP, { spool, folder: join(disk, 'spool') })
    writeFileSync(filler, Buffer.alloc(31 * 1024 * 1024))
    await expect.poll(() => running.state().accepting).toBe(false)
    const socket = await dial(port)
    const { text, until } = listen(socket)
    const lines = Array.from({ length: 100_000 }, (_, i) => `<13>line ${i} of a flood: ${'x'.repeat(80)}`)
    socket.write(OPEN + lines.map((line, i) => frame(i + 2, 'syslog', line)).join(''), 'latin1')
    await until(OFFERED)
    await new Promise((resolve) => setTimeout(resolve, 500))
    expect(text()).toBe(`1 ${OFFERED}`)
    expect(socket.writableLength).toBeGreaterThan(0) // the sender still has what it could not get rid of
    rmSync(filler)
    await until(OK(100_001))
    expect(await stored(lines.length)).toEqual(lines)
    expect(collector.counters().sources).toMatchObject([{ frames: lines.length, dropped: 0, unacknowledged: 0 }])
  },
)

test.skipIf(!MAY_MOUNT)(
  'a sender that goes while the disk is full has to send again: nothing is stored twice (needs to mount a tmpfs)',
  async () => {
    const disk = mountSmall(8)
    const filler = join(disk, 'filler')
    const spool = { freeBytesMin: 1024 * 1024, recheckMs: 20 }
    const { port, spool: running, stored, logged, collector } = await run(RELP, { spool, folder: join(disk, 'spool') })
    writeFileSync(filler, Buffer.alloc(7 * 1024 * 1024))
    await expect.poll(() => running.state().accepting).toBe(false)
    const first = await dial(port)
    const heard = listen(first)
    first.write(OPEN + frame(2, 'syslog', 'a'))
    await heard.until(OFFERED)
    first.resetAndDestroy()
    await expect
      .poll(() => logged.map(({ message }) => message))
      .toEqual(['not stored and not answered: the sender has to send again'])
    rmSync(filler)
    await expect.poll(() => running.state().accepting).toBe(true)
    const again = await dial(port)
    const answers = listen(again)
    again.write(OPEN + frame(2, 'syslog', 'a'))
    await answers.until(OK(2))
    expect(await stored(1)).toEqual(['a'])
    expect(collector.counters().sources).toMatchObject([{ frames: 1, dropped: 0 }])
  },
)
