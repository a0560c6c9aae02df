import { spawnSync } from 'node:child_process'
import { appendFileSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import { recordId } from '../../../model/record.ts'
import { segmentName } from '../../../collector/spool/folder.ts'
import { HEADER_BYTES } from '../../../collector/spool/layout.ts'
import { SpoolReader } from '../../../collector/spool/reader.ts'
import { Spool } from '../../../collector/spool/spool.ts'
import { frame, freshFolder, openSpool, ORIGIN, readAll, texts } from './folders.ts'
import { runs } from '../../runs.ts'

const FIRST = segmentName(1)

test('gives back every part of a record as it was', async () => {
  const folder = freshFolder()
  const spool = await openSpool(folder)
  const origin = { input: 'http-ndjson', address: '2001:db8::7', agency: 'sở-y-tế', stream: 'motcua' }
  const bytes = Buffer.from([0x00, 0xff, 0x0a, 0x80])
  expect(await spool.append([{ origin, bytes, senderId: 'lô-1/0', refused: 'oversized' }, frame('')])).toBe(2)
  const [first, second] = await readAll(folder, spool.durableSeq)
  expect(first).toEqual({
    seq: 1,
    receivedAtMs: expect.any(Number),
    origin,
    bytes,
    senderId: 'lô-1/0',
    refused: 'oversized',
  })
  expect(second).toEqual({ seq: 2, receivedAtMs: first!.receivedAtMs, origin: ORIGIN, bytes: Buffer.alloc(0) })
  expect(recordId(spool.id, first!.seq)).toMatch(/^[a-z0-9]{8}-1$/)
})

test('any frames come back in order, however they were appended, cut into segments and read', async () => {
  const batches = fc.array(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 5 }), {
    minLength: 1,
    maxLength: 12,
  })
  await fc.assert(
    fc.asyncProperty(
      batches,
      fc.integer({ min: 1, max: 2000 }),
      fc.integer({ min: 1, max: 4 }),
      async (batches, segmentBytes, recordsMax) => {
        const folder = freshFolder()
        const spool = await Spool.open(folder, { freeBytesMin: 0, freePercentMin: 0, segmentBytes })
        const reader = await SpoolReader.open(folder, 1)
        const read: number[][] = []
        for (const batch of batches) {
          await spool.append(batch.map((bytes) => ({ origin: ORIGIN, bytes })))
          const records = await reader.read({ recordsMax, bytesMax: 500, throughSeq: spool.durableSeq })
          read.push(...records.map(({ bytes }) => Array.from(bytes)))
        }
        for (;;) {
          const records = await reader.read({ recordsMax, bytesMax: 500, throughSeq: spool.durableSeq })
          if (records.length === 0) break
          read.push(...records.map(({ bytes }) => Array.from(bytes)))
        }
        await reader.close()
        await spool.close()
        expect(read).toEqual(batches.flat().map((bytes) => Array.from(bytes)))
      },
    ),
    { numRuns: runs(30) },
  )
})

test('appends made at once resolve in order, each with the position of its own last frame', async () => {
  const spool = await openSpool(freshFolder(), { segmentBytes: 2000 })
  const order: number[] = []
  const appends = Array.from({ length: 200 }, (_, i) =>
    spool.append(Array.from({ length: (i % 3) + 1 }, () => frame(`line ${i}`))).then((seq) => order.push(seq)),
  )
  await Promise.all(appends)
  let last = 0
  expect(order).toEqual(Array.from({ length: 200 }, (_, i) => (last += (i % 3) + 1)))
  expect(spool.durableSeq).toBe(last)
})

test('nothing is called durable before it is, and listeners hear of it', async () => {
  const folder = freshFolder()
  const spool = await openSpool(folder)
  const heard: number[] = []
  const stop = spool.onDurable((seq) => heard.push(seq))
  const append = spool.append([frame('a'), frame('b')])
  expect(spool.durableSeq).toBe(0)
  expect(spool.state()).toMatchObject({
    accepting: true,
    firstSeq: 1,
    pendingBytes: 2 * (HEADER_BYTES + JSON.stringify(ORIGIN).length + 1),
  })
  await append
  stop()
  await spool.append([frame('c')])
  expect(heard).toEqual([2])
  expect(spool.state()).toMatchObject({ durableSeq: 3, pendingBytes: 0, bytes: statSync(join(folder, FIRST)).size })
})

test('the receive time never decreases, whatever the clock does', async () => {
  const folder = freshFolder()
  const spool = await openSpool(folder)
  const now = Date.now
  onTestFinished(() => {
    Date.now = now
  })
  for (const ms of [1_000_000, 5_000_000, 2_000_000]) {
    Date.now = () => ms
    await spool.append([frame('x')])
  }
  await spool.close()
  Date.now = () => 3_000_000
  const again = await openSpool(folder)
  await again.append([frame('x')])
  expect((await readAll(folder, 4)).map(({ receivedAtMs }) => receivedAtMs)).toEqual([
    1_000_000, 5_000_000, 5_000_000, 5_000_000,
  ])
})

test('goes on after a restart: same id, next position', async () => {
  const folder = freshFolder()
  const spool = await openSpool(folder, { segmentBytes: 100 })
  await spool.append([frame('one')])
  await spool.append([frame('two')])
  await spool.close()
  await expect(spool.append([frame('late')])).rejects.toMatchObject({ code: 'closed' })
  const again = await openSpool(folder)
  expect(again.id).toBe(spool.id)
  expect(await again.append([frame('three')])).toBe(3)
  expect(await texts(folder, 3)).toEqual(['one', 'two', 'three'])
})

test('a second writer is refused', async () => {
  const folder = freshFolder()
  await openSpool(folder)
  await expect(Spool.open(folder)).rejects.toMatchObject({ code: 'locked' })
})

test('a write cut short at any byte loses only the record it was cutting', async () => {
  const folder = freshFolder()
  const spool = await openSpool(folder)
  await spool.append([frame('first'), frame('second')])
  const before = statSync(join(folder, FIRST)).size
  await spool.append([frame('third, torn')])
  await spool.close()
  const whole = readFileSync(join(folder, FIRST))
  for (let size = before; size < whole.length; size++) {
    writeFileSync(join(folder, FIRST), whole.subarray(0, size))
    const again = await openSpool(folder)
    expect(again.durableSeq, `cut at ${size}`).toBe(2)
    expect(statSync(join(folder, FIRST)).size, `cut at ${size}`).toBe(before)
    expect(await again.append([frame('instead')])).toBe(3)
    expect(await texts(folder, 3)).toEqual(['first', 'second', 'instead'])
    await again.close()
  }
})

test('the whole records of a group that was cut short are kept', async () => {
  const folder = freshFolder()
  const spool = await openSpool(folder)
  await spool.append([frame('one'), frame('two'), frame('three')])
  await spool.close()
  truncateSync(join(folder, FIRST), statSync(join(folder, FIRST)).size - 1)
  expect((await openSpool(folder)).durableSeq).toBe(2)
  expect(await texts(folder, 2)).toEqual(['one', 'two'])
})

test('a bad byte in the last group is a torn write: cut, even where whole records follow in that group', async () => {
  const folder = freshFolder()
  const spool = await openSpool(folder)
  await spool.append([frame('kept')])
  const before = statSync(join(folder, FIRST)).size
  await spool.append([frame('torn'), frame('behind the tear')])
  await spool.close()
  flip(join(folder, FIRST), before + HEADER_BYTES)
  const again = await openSpool(folder)
  expect(again.durableSeq).toBe(1)
  expect(again.state().bytes).toBe(before)
})

test.each([
  ['the last segment', 1_000_000],
  ['an older segment', 150],
])('what was durable and rotted in %s is reported, never passed over', async (_name, segmentBytes) => {
  const folder = freshFolder()
  const spool = await openSpool(folder, { segmentBytes })
  for (const text of ['one', 'two', 'three', 'four', 'five']) await spool.append([frame(text)])
  await spool.close()
  const size = HEADER_BYTES + JSON.stringify(ORIGIN).length + 3
  flip(join(folder, FIRST), size + HEADER_BYTES + 2)
  const again = await openSpool(folder, { segmentBytes })
  expect(await again.append([frame('six')])).toBe(6)

  const reader = await SpoolReader.open(folder, 1)
  const read = () => reader.read({ recordsMax: 100, bytesMax: 1e6, throughSeq: 6 })
  expect((await read()).map(({ seq }) => seq)).toEqual([1])
  await expect(read()).rejects.toMatchObject({
    code: 'corrupt',
    damage: { segment: FIRST, offset: size, seq: 2, resumeSeq: 3 },
  })
  await expect(read()).rejects.toMatchObject({ code: 'corrupt' })
  await reader.close()
  const behind = await readAll(folder, 6, 3)
  expect(behind.map(({ seq, bytes }) => [seq, Buffer.from(bytes).toString()])).toEqual([
    [3, 'three'],
    [4, 'four'],
    [5, 'five'],
    [6, 'six'],
  ])
})

test('a record written into a message is not taken for one, though the message was torn', async () => {
  const folder = freshFolder()
  const other = freshFolder()
  const forger = await openSpool(other)
  for (let i = 0; i < 4; i++) await forger.append([frame(`forged ${i}`)])
  await forger.close()
  const spool = await openSpool(folder)
  await spool.append([frame('honest')])
  const before = statSync(join(folder, FIRST)).size
  await spool.append([{ origin: ORIGIN, bytes: readFileSync(join(other, FIRST)) }])
  await spool.close()
  flip(join(folder, FIRST), before)
  expect((await openSpool(folder)).durableSeq).toBe(1)
})

test('a segment that is gone is damage, not an end', async () => {
  const folder = freshFolder()
  const spool = await openSpool(folder, { segmentBytes: 1 })
  for (const text of ['one', 'two', 'three']) await spool.append([frame(text)])
  const names = readdirSync(folder).filter((name) => name.endsWith('.log'))
  expect(names).toEqual([segmentName(1), segmentName(2), segmentName(3)])
  await import('node:fs/promises').then(({ unlink }) => unlink(join(folder, segmentName(2))))
  const reader = await SpoolReader.open(folder, 1)
  const options = { recordsMax: 10, bytesMax: 1000, throughSeq: 3 }
  expect(await reader.read(options)).toHaveLength(1)
  await expect(reader.read(options)).rejects.toMatchObject({ code: 'corrupt', damage: { seq: 2, resumeSeq: 3 } })
  await reader.close()
})

test('releases whole segments that were read, and never the one being written', async () => {
  const folder = freshFolder()
  const spool = await openSpool(folder, { segmentBytes: 150 })
  for (let i = 1; i <= 10; i++) await spool.append([frame(`record number ${i}`)])
  const firsts = () =>
    readdirSync(folder)
      .filter((name) => name.endsWith('.log'))
      .map((name) => Number(name.slice(0, -4)))
  const [, second, third] = firsts()
  await spool.releaseThrough(second! - 2)
  expect(firsts()[0]).toBe(1)
  await spool.releaseThrough(third! - 1)
  expect(firsts()[0]).toBe(third)
  expect(spool.state().firstSeq).toBe(third)
  await spool.releaseThrough(10)
  expect(firsts().length).toBeLessThanOrEqual(1)
  expect(await spool.append([frame('after')])).toBe(11)
  await expect(SpoolReader.open(folder, 1)).rejects.toMatchObject({ code: 'missing' })
  await spool.close()
  expect((await openSpool(folder)).durableSeq).toBe(11)
})

test('a reader jumps to its position and keeps in step with the writer', async () => {
  const folder = freshFolder()
  const spool = await openSpool(folder, { segmentBytes: 700 })
  for (let i = 1; i <= 30; i++) await spool.append([frame(`record ${i}`)])
  const reader = await SpoolReader.open(folder, 17)
  const read = () => reader.read({ recordsMax: 100, bytesMax: 1e6, throughSeq: spool.durableSeq })
  expect((await reader.read({ recordsMax: 2, bytesMax: 1e6, throughSeq: 30 })).map(({ seq }) => seq)).toEqual([17, 18])
  expect((await reader.read({ recordsMax: 9, bytesMax: 1e6, throughSeq: 20 })).map(({ seq }) => seq)).toEqual([19, 20])
  expect((await read()).map(({ seq }) => seq)).toEqual([21, 22, 23, 24, 25, 26, 27, 28, 29, 30])
  expect(await read()).toEqual([])
  for (let i = 31; i <= 60; i++) {
    await spool.append([frame(`record ${i}`)])
    expect((await read()).map(({ bytes }) => Buffer.from(bytes).toString())).toEqual([`record ${i}`])
  }
  await reader.close()
  const next = await SpoolReader.open(folder, 61)
  await spool.append([frame('record 61')])
  expect((await next.read({ recordsMax: 1, bytesMax: 1, throughSeq: 61 })).map(({ seq }) => seq)).toEqual([61])
  await next.close()
})

test('what a reader saw behind the durable end does not count: it may have been cut off and written anew', async () => {
  const folder = freshFolder()
  const spool = await openSpool(folder)
  await spool.append([frame('one')])
  const reader = await SpoolReader.open(folder, 1)
  appendFileSync(join(folder, FIRST), 'a write that failed half way')
  expect(await reader.read({ recordsMax: 10, bytesMax: 1000, throughSeq: 1 })).toHaveLength(1)
  await spool.append([frame('two')]) // over the same bytes
  const [two] = await reader.read({ recordsMax: 10, bytesMax: 1000, throughSeq: 2 })
  expect(Buffer.from(two!.bytes).toString()).toBe('two')
  await reader.close()
})

test('a record larger than what is read at once comes whole', async () => {
  const folder = freshFolder()
  const spool = await openSpool(folder)
  const large = Buffer.alloc(3 * 1024 * 1024 + 7, 'x')
  await spool.append([frame('small'), { origin: ORIGIN, bytes: large }, frame('small')])
  const records = await readAll(folder, 3)
  expect(records.map(({ bytes }) => bytes.length)).toEqual([5, large.length, 5])
  expect(Buffer.from(records[1]!.bytes).equals(large)).toBe(true)
})

test('refuses what cannot be a record, and stays as it was', async () => {
  const spool = await openSpool(freshFolder())
  await expect(spool.append([frame('x', { senderId: 'y'.repeat(2000) })])).rejects.toMatchObject({ code: 'too_large' })
  expect(await spool.append([frame('next')])).toBe(1)
})

test('a bound on what waits: refused while over it, taken again when it has drained', async () => {
  const spool = await openSpool(freshFolder(), { pendingBytesMax: 1000 })
  const first = spool.append([frame('x'.repeat(2000))])
  await expect(spool.append([frame('y')])).rejects.toMatchObject({ code: 'overloaded' })
  expect(spool.state()).toMatchObject({ accepting: false, reason: expect.stringMatching(/^overloaded: /) })
  expect(await first).toBe(1)
  expect(await spool.append([frame('y')])).toBe(2)
})

test.each([
  ['segments without their header', (folder: string) => writeFileSync(join(folder, FIRST), 'x')],
  ['a header that is no JSON', (folder: string) => writeFileSync(join(folder, 'spool.json'), '{')],
  ['a header of another format', (folder: string) => writeFileSync(join(folder, 'spool.json'), '{"format":2}')],
  ['a header without an id', (folder: string) => writeFileSync(join(folder, 'spool.json'), '{"format":1,"salt":1}')],
])('refuses to open: %s', async (_name, spoil) => {
  const folder = freshFolder()
  spoil(folder)
  await expect(Spool.open(folder)).rejects.toMatchObject({ code: 'corrupt' })
})

const prlimit = spawnSync('prlimit', ['--version']).status === 0
test.skipIf(!prlimit)('a failed write ends all acknowledging (needs prlimit)', async () => {
  const limitFileBytes = (limit: string): void => {
    expect(spawnSync('prlimit', ['--pid', String(process.pid), `--fsize=${limit}:`]).status).toBe(0)
  }
  const folder = freshFolder()
  const spool = await openSpool(folder)
  await spool.append([frame('durable')])
  const { size } = statSync(join(folder, FIRST))
  onTestFinished(() => limitFileBytes('unlimited'))
  limitFileBytes('4096') // the kernel refuses the write with EFBIG
  const appends = await Promise.allSettled([spool.append([frame('x'.repeat(8000))]), spool.append([frame('with it')])])
  limitFileBytes('unlimited')
  expect(appends.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  await expect(spool.append([frame('later')])).rejects.toMatchObject({ code: 'failed' })
  expect(spool.state()).toMatchObject({
    accepting: false,
    reason: expect.stringMatching(/^failed: cannot write: EFBIG/),
    durableSeq: 1,
    pendingBytes: 0,
  })
  expect(statSync(join(folder, FIRST)).size).toBe(size)
  await spool.close()
  const again = await openSpool(folder)
  expect(again.durableSeq).toBe(1)
  expect(await again.append([frame('after a restart')])).toBe(2)
})

function flip(path: string, offset: number): void {
  const bytes = readFileSync(path)
  bytes[offset]! ^= 0x10
  writeFileSync(path, bytes)
}

test('a segment that is being begun is not begun once more by a release', async () => {
  const folder = freshFolder()
  const spool = await openSpool(folder, { segmentBytes: 1 })
  await spool.append([frame('a')])
  const second = spool.append([frame('b')]) // begins a segment, since the first one is full
  await Promise.resolve()
  await Promise.resolve()
  await spool.releaseThrough(1)
  expect(await second).toBe(2)
  expect(await spool.append([frame('c')])).toBe(3)
})
