import { createHash } from 'node:crypto'
import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  existsSync,
  fstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import * as fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { loadNormaliser } from '../../../collector/normalise.ts'
import type { SpoolRecord } from '../../../model/record.ts'
import { runs } from '../../runs.ts'
import { freshFolder, MAY_MOUNT, mountSmall } from '../spool/folders.ts'
import { run, type Running } from './running.ts'

interface Following extends Running {
  /** Of the folder of logs. */
  path: (name: string) => string
  append: (name: string, text: string) => void
}

/** Follows `pattern` in a fresh folder of logs, or in one of a former run, with its spool. */
async function follow(
  pattern: string,
  more: { options?: Record<string, unknown>; entry?: object; logs?: string } & Parameters<typeof run>[1] = {},
): Promise<Following> {
  const { options = {}, entry = {}, logs = freshFolder(), ...rest } = more
  const files = [{ path: join(logs, pattern), ...entry }]
  const running = await run({ file: { files, pollMs: 10, lineTimeoutMs: 60_000, ...options } }, rest)
  const path = (name: string): string => join(logs, name)
  return { ...running, path, append: (name, text) => appendFileSync(path(name), text) }
}

/** What remains when records that repeat an identity are left out, as the pipeline does. */
function distinct(records: readonly SpoolRecord[]): string[] {
  const ids = new Set<string>()
  return records.flatMap(({ senderId, bytes }) => {
    expect(senderId).toMatch(/^file\//)
    if (ids.has(senderId!)) return []
    ids.add(senderId!)
    return [Buffer.from(bytes).toString()]
  })
}

describe('one file', () => {
  test('what was there, what is appended, and what appears later', async () => {
    const logs = freshFolder()
    writeFileSync(join(logs, 'a.log'), 'một\nhai\r\n')
    const { append, stored, records, path } = await follow('*.log', { logs })
    await stored(2)
    append('a.log', 'ba\n\nbốn')
    append('b.log', 'khác\n')
    await stored(4)
    append('a.log', ' và năm\n')
    await stored(5)
    const all = await records()
    expect(all.map(({ bytes }) => Buffer.from(bytes).toString()).sort()).toEqual(
      ['một', 'hai', 'ba', 'khác', 'bốn và năm'].sort(),
    )
    expect(all[0]!.origin).toEqual({ input: 'file', address: '127.0.0.1', stream: path('a.log'), path: path('a.log') })
  })

  test('records of several lines: each with what goes on with it, the last when nothing followed', async () => {
    const entry = { begins: String.raw`^\d{4}-\d\d-\d\d ` }
    const { append, stored, records } = await follow('*.log', { entry, options: { lineTimeoutMs: 200 } })
    append('a.log', '2026-05-12 lỗi\n\tat a.B\n\n\tat a.C\n2026-05-12 xong\n')
    await stored(2)
    const all = await records()
    expect(all.map(({ bytes }) => Buffer.from(bytes).toString())).toEqual([
      '2026-05-12 lỗi\n\tat a.B\n\n\tat a.C',
      '2026-05-12 xong',
    ])
  })

  test.each([
    [{ begins: '(?=x)' }, /no RE2 expression/],
    [{ begins: 'a', continues: 'b' }, /either begins or continues/],
  ])('%j is refused', async (entry, reason) => {
    await expect(follow('*.log', { entry })).rejects.toThrow(reason)
  })

  test('the stream and the agency that the configuration names; the event says which file', async () => {
    const entry = { stream: 'nginx', agency: 'so-y-te' }
    const { append, stored, records, collector, path } = await follow('*.log', { entry })
    append('access.log', 'x\n')
    append('error.log', 'y\n')
    await stored(2)
    const [record] = await records()
    expect(record!.origin).toMatchObject({ stream: 'nginx', agency: 'so-y-te' })
    expect(collector.counters().sources).toMatchObject([{ source: 'file/127.0.0.1/nginx', frames: 2 }])
    const normalise = await loadNormaliser({ spoolId: 's', timeZone: 'Asia/Ho_Chi_Minh', enrich: () => undefined })
    expect(normalise(record!)).toMatchObject({ event: { 'log.file.path': path('access.log') } })
  })

  test('a last line without LF is held until nothing followed it for a while', async () => {
    const { append, stored, records } = await follow('a.log', { options: { lineTimeoutMs: 100 } })
    append('a.log', 'dòng\nkhông hết')
    await stored(2)
    append('a.log', ' cả dòng\n')
    await stored(3)
    expect(distinct(await records())).toEqual(['dòng', 'không hết', ' cả dòng'])
  })

  test('a line over the limit is kept up to it, however it comes', async () => {
    const { append, stored } = await follow('a.log', { options: { frameBytesMax: 480 } })
    append('a.log', 'x'.repeat(300))
    append('a.log', 'x'.repeat(700_000))
    await stored(1)
    append('a.log', `${'x'.repeat(700_000)}\ny\n`)
    expect(await stored(2)).toEqual([`oversized: ${'x'.repeat(480)}`, 'y'])
  })

  test('any bytes', async () => {
    const { path, stored, records } = await follow('a.log')
    const bytes = Buffer.from(Array.from({ length: 4_096 }, (_, i) => (i * 7) % 256))
    writeFileSync(path('a.log'), Buffer.concat([bytes, Buffer.from('\nend\n')]))
    const lines = bytes.toString('latin1').split('\n').length + 1
    await stored(lines)
    expect(Buffer.from((await records())[1]!.bytes)).toEqual(
      bytes.subarray(bytes.indexOf(10) + 1, bytes.indexOf(10, bytes.indexOf(10) + 1)),
    )
  })

  test('begun at its end where that is asked, what appears later at its start', async () => {
    const logs = freshFolder()
    writeFileSync(join(logs, 'whole.log'), 'cũ\n')
    writeFileSync(join(logs, 'cut.log'), 'cũ\nnửa dòng')
    const { append, stored, records, folder } = await follow('*.log', { logs, options: { from: 'end' } })
    await expect.poll(() => existsSync(join(folder, 'inputs', 'file.json'))).toBe(true) // it has looked
    append('new.log', 'mới\n')
    await stored(1)
    append('whole.log', 'tiếp\n')
    append('cut.log', ' cũ\ntiếp nữa\n')
    await stored(3)
    expect((await records()).map(({ bytes }) => Buffer.from(bytes).toString()).sort()).toEqual([
      'mới',
      'tiếp',
      'tiếp nữa',
    ])
  })

  test('how much is not read yet is told', async () => {
    const quotas = { eventsPerSecond: 1, burstSeconds: 1 }
    const { append, stored, collector } = await follow('a.log', { quotas })
    append('a.log', 'x\n'.repeat(10))
    await stored(10)
    append('a.log', 'x\n'.repeat(1_000))
    await expect.poll(() => collector.counters().inputs).toMatchObject([{ input: 'file', backlogBytes: 2_000 }])
    await expect.poll(() => collector.counters().quotas).toMatchObject([{ agency: 'unregistered', dropped: 0 }])
  })
})

describe('rotation', () => {
  test('renamed to a name that no pattern covers: read to its end, then the new one', async () => {
    const { append, stored, records, path } = await follow('a.log')
    append('a.log', '1\n')
    await stored(1)
    renameSync(path('a.log'), path('a.log.1'))
    append('a.log.1', '2\n')
    append('a.log', '3\n')
    append('a.log.1', '4\n')
    await stored(4)
    expect(distinct(await records()).sort()).toEqual(['1', '2', '3', '4'])
    expect(new Set((await records()).map(({ origin }) => origin.path)), 'it keeps its name').toEqual(
      new Set([path('a.log')]),
    )
  })

  test('deleted while it is still written', async () => {
    const { append, stored, path, collector } = await follow('a.log')
    append('a.log', '1\n')
    await stored(1)
    const { openSync, writeSync, closeSync } = await import('node:fs')
    const writer = openSync(path('a.log'), 'a')
    rmSync(path('a.log'))
    writeSync(writer, '2\n')
    closeSync(writer)
    expect(await stored(2)).toEqual(['1', '2'])
    append('a.log', '3\n')
    expect(await stored(3)).toEqual(['1', '2', '3'])
    await collector.close()
  })

  test('truncated, also where it has grown beyond its former size at the next look', async () => {
    const { append, stored, path, logged } = await follow('a.log')
    append('a.log', 'cũ 1\ncũ 2\n')
    await stored(2)
    truncateSync(path('a.log'))
    append('a.log', 'mới 1\n')
    await stored(3)
    writeFileSync(path('a.log'), 'thay 1\nthay 2\nthay 3\n')
    expect((await stored(6)).slice(2)).toEqual(
      ['mới 1', 'thay 1', 'thay 2', 'thay 3'].map((text) => Buffer.from(text).toString('latin1')),
    )
    expect(logged.filter(({ message }) => message.includes('truncated')).length).toBe(2)
  })

  test('copied and truncated, the copy covered by the pattern too: what only the copy holds is read, and nothing twice', async () => {
    const line = (i: number): string => `dòng thứ ${i} ${'.'.repeat(100)}`
    const { append, stored, records, path } = await follow('a.log*')
    append('a.log', Array.from({ length: 20 }, (_, i) => `${line(i)}\n`).join(''))
    await stored(20)
    append('a.log', `${line(20)}\n`)
    copyFileSync(path('a.log'), path('a.log.1'))
    truncateSync(path('a.log'))
    append('a.log', `${line(21)}\n`)
    await stored(22)
    expect(distinct(await records()).sort()).toEqual(Array.from({ length: 22 }, (_, i) => line(i)).sort())
  })

  test('packed files are left alone, by name and by content', async () => {
    const { path, append, stored, logged } = await follow('*')
    writeFileSync(path('a.log.2.gz'), gzipSync('cũ\n'))
    writeFileSync(path('a.log.3'), gzipSync('cũ\n'))
    append('a.log', 'x\n')
    expect(await stored(1)).toEqual(['x'])
    await expect.poll(() => logged.length).toBe(1)
  })
})

describe('what cannot be read', () => {
  test.skipIf(process.getuid?.() === 0)('is told once, and read when it can be', async () => {
    const { append, path, stored, logged } = await follow('a.log')
    append('a.log', 'x\n')
    chmodSync(path('a.log'), 0)
    await expect.poll(() => logged.filter(({ level }) => level === 'warn').length).toBe(1)
    chmodSync(path('a.log'), 0o600)
    expect(await stored(1)).toEqual(['x'])
  })

  test('a link is told once, and not followed', async () => {
    const { append, path, stored, logged } = await follow('*.log')
    writeFileSync(path('secret'), 'root:x:0\n')
    symlinkSync(path('secret'), path('planted.log'))
    await expect.poll(() => logged.length).toBe(1)
    append('a.log', '1\n')
    await stored(1)
    append('a.log', '2\n')
    expect(await stored(2)).toEqual(['1', '2'])
    expect(logged.length).toBe(1)
    rmSync(path('planted.log'))
    append('planted.log', '3\n')
    expect(await stored(3)).toEqual(['1', '2', '3'])
  })

  test('a name without wildcards that is not there is told: it may be misspelt', async () => {
    const { append, logged, stored } = await follow('a.log')
    await expect.poll(() => logged).toMatchObject([{ level: 'warn' }])
    append('a.log', 'x\n')
    expect(await stored(1)).toEqual(['x'])
  })

  test.each([
    ['a relative path', { files: [{ path: 'a.log' }] }, 'is no absolute path'],
    ['a folder', { files: [{ path: '/var/log/**' }] }, "must end with a file's name"],
    ['** beside letters', { files: [{ path: '/var/log/a**/x.log' }] }, 'stand alone'],
    ['no files', { files: [] }, 'inputs.file.files'],
    ['nothing', {}, 'files must be set'],
    ['a stream with a slash', { files: [{ path: '/a', stream: 'a/b' }] }, 'inputs.file.files'],
  ])('refuses to start: %s', async (_name, options, message) => {
    await expect(run({ file: options })).rejects.toThrow(message)
  })

  test('a state that does not read back stops the start: to begin anew would store everything twice', async () => {
    const folder = freshFolder()
    mkdirSync(join(folder, 'inputs'))
    writeFileSync(join(folder, 'inputs', 'file.json'), '{"version":1,"files":[{}]}')
    await expect(follow('a.log', { folder })).rejects.toThrow('does not say how far was read')
  })
})

describe('backpressure', () => {
  test.runIf(MAY_MOUNT)(
    'a full disk: nothing is read, nothing is lost, and it goes on when there is room',
    async () => {
      const folder = mountSmall(8)
      const { append, stored, spool } = await follow('a.log', {
        folder,
        spool: { freeBytesMin: 4 * 1024 * 1024, recheckMs: 20 },
      })
      append('a.log', 'trước\n')
      await stored(1)
      writeFileSync(join(folder, 'fill'), Buffer.alloc(6 * 1024 * 1024))
      await expect.poll(() => spool.state().accepting).toBe(false)
      append('a.log', 'sau\n')
      rmSync(join(folder, 'fill'))
      expect((await stored(2)).map((text) => Buffer.from(text, 'latin1').toString())).toEqual(['trước', 'sau'])
    },
  )

  test('many files are read in turns, more than may be open at once', async () => {
    const logs = freshFolder()
    for (let i = 0; i < 400; i++) writeFileSync(join(logs, `${i}.log`), `${i}\n`.repeat(50))
    const { stored, records, append } = await follow('*.log', { logs })
    await stored(20_000)
    append('399.log', 'cuối\n')
    await stored(20_001)
    expect(new Set(distinct(await records()).map((text) => text)).size).toBe(401)
  })
})

/** A log file as its writer and its rotation treat it, and the collector that follows it, which may crash. */
type Step =
  | { do: 'append'; lines: number }
  | { do: 'part' }
  | { do: 'rotate' }
  | { do: 'catch up' }
  | { do: 'truncate' }
  | { do: 'restart'; crash: boolean }

const NOTHING = { bytes: 0, digest: createHash('sha256').digest('base64url').slice(0, 22) }

interface State {
  files: { id: string; inode: string; offset: number; skipping: boolean; head: object; tail: object }[]
}

/**
 * What a crash leaves: of each file the position that was written down some time before it. Only that a file is followed was
 * written down before anything of it was stored.
 */
function crashed(former: string, last: string): string {
  const before = (JSON.parse(former) as State).files
  const { files, ...rest } = JSON.parse(last) as State
  const begun = { offset: 0, skipping: false, head: NOTHING, tail: NOTHING }
  return JSON.stringify({
    ...rest,
    files: files.map((file) => ({
      ...file,
      ...(before.find(({ id, inode }) => id === file.id && inode === file.inode) ?? begun),
    })),
  })
}

async function live(pattern: string, steps: readonly Step[]): Promise<{ written: string[]; read: string[] }> {
  const [logs, folder] = [freshFolder(), freshFolder()]
  const log = join(logs, 'a.log')
  const state = join(folder, 'inputs', 'file.json')
  const written: string[] = []
  let part = ''
  const write = (text: string): void => appendFileSync(log, text)
  const lineUp = (): void => {
    written.push(`${part}dòng ${written.length}`)
    write(`dòng ${written.length - 1}\n`)
    part = ''
  }
  writeFileSync(log, '')
  let following = await follow(pattern, { logs, folder })
  const caughtUp = async (): Promise<void> => {
    if (part !== '') lineUp()
    await expect
      .poll(async () => new Set(distinct(await following.records())).size, { interval: 5, timeout: 60_000 })
      .toBe(written.length)
  }
  for (const step of steps) {
    if (step.do === 'append') for (let i = 0; i < step.lines; i++) lineUp()
    else if (step.do === 'part') {
      const begun = `phần ${written.length} `
      part += begun
      write(begun)
    } else if (step.do === 'catch up') await caughtUp()
    else if (step.do === 'rotate') {
      if (part !== '') lineUp()
      // Without the rotated names in the pattern only the last one is found again.
      if (pattern === 'a.log') await caughtUp()
      for (let n = 8; n > 0; n--) if (existsSync(`${log}.${n}`)) renameSync(`${log}.${n}`, `${log}.${n + 1}`)
      renameSync(log, `${log}.1`)
      writeFileSync(log, '')
    } else if (step.do === 'truncate') {
      await caughtUp()
      truncateSync(log)
    } else {
      const former = existsSync(state) ? readFileSync(state, 'utf8') : '{"files":[]}'
      if (step.crash) for (let i = 0; i < 3; i++) lineUp()
      if (step.crash) await new Promise((resolve) => setTimeout(resolve, 15))
      await following.collector.close()
      await following.spool.close()
      if (step.crash) writeFileSync(state, crashed(former, readFileSync(state, 'utf8')))
      for (let i = 0; i < 2; i++) lineUp()
      following = await follow(pattern, { logs, folder })
    }
  }
  await caughtUp()
  const read = distinct(await following.records())
  await following.collector.close()
  await following.spool.close()
  return { written, read }
}

test.each(['a.log', 'a.log*'])(
  'any life of %s: every line exactly once',
  async (pattern) => {
    const step = fc.oneof<fc.Arbitrary<Step>[]>(
      fc.record({ do: fc.constant('append' as const), lines: fc.integer({ min: 1, max: 40 }) }),
      fc.constant({ do: 'part' }),
      fc.constant({ do: 'rotate' }),
      fc.constant({ do: 'catch up' }),
      fc.constant({ do: 'truncate' }),
      fc.record({ do: fc.constant('restart' as const), crash: fc.boolean() }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
        const { written, read } = await live(pattern, steps)
        expect(read.toSorted()).toEqual(written.toSorted())
      }),
      { numRuns: runs(12), interruptAfterTimeLimit: 60_000 },
    )
  },
  120_000,
)

test('renamed while nobody looked, twice over: found by its inode, and by the pattern that covers it', async () => {
  const { written, read } = await live('a.log*', [
    { do: 'append', lines: 5 },
    { do: 'catch up' },
    { do: 'rotate' },
    { do: 'append', lines: 5 },
    { do: 'restart', crash: true },
    { do: 'rotate' },
    { do: 'rotate' },
    { do: 'append', lines: 5 },
  ])
  expect(read.toSorted()).toEqual(written.toSorted())
})

test('renamed to another name in its folder between two runs: what was not read of it is read', async () => {
  const [logs, folder] = [freshFolder(), freshFolder()]
  const first = await follow('a.log', { logs, folder })
  first.append('a.log', '1\n')
  await first.stored(1)
  await first.collector.close()
  await first.spool.close()
  first.append('a.log', '2\n')
  renameSync(first.path('a.log'), first.path('a.log-20261123'))
  first.append('a.log', '3\n')
  const second = await follow('a.log', { logs, folder })
  expect((await second.stored(3)).toSorted()).toEqual(['1', '2', '3'])
})

test('another file under the inode of a former one is another file', async () => {
  const [logs, folder] = [freshFolder(), freshFolder()]
  const first = await follow('*.log', { logs, folder })
  first.append('a.log', 'cũ 1\ncũ 2\n')
  await first.stored(2)
  await first.collector.close()
  await first.spool.close()
  const { ino } = statSync(first.path('a.log'))
  // What an inode given anew looks like, whether this file system would give it or not.
  writeFileSync(first.path('a.log'), 'mới 1\nmới 2\nmới 3\n')
  renameSync(first.path('a.log'), first.path('b.log'))
  expect(statSync(first.path('b.log')).ino).toBe(ino)
  const second = await follow('*.log', { logs, folder })
  await second.stored(5)
  expect(distinct(await second.records())).toEqual(['cũ 1', 'cũ 2', 'mới 1', 'mới 2', 'mới 3'])
})

test('truncated and written past where it was, between two reads of it', async () => {
  const { append, stored, records, path } = await follow('a.log')
  append('a.log', 'cũ 1\n')
  await stored(1)
  const { ino } = statSync(path('a.log'))
  const anew = ['mới 1', 'mới 2', 'mới 3']
  const probe = await open(path('a.log'))
  const handles = Object.getPrototypeOf(probe) as FileHandle
  await probe.close()
  const { read } = handles
  // What is read of the former content is given back only when the new one stands there.
  const spy = vi.spyOn(handles, 'read').mockImplementation(async function (this: FileHandle, ...args: unknown[]) {
    const result = await Reflect.apply(read, this, args)
    if (result.bytesRead > 0 && fstatSync(this.fd).ino === ino) {
      spy.mockRestore()
      writeFileSync(path('a.log'), `${anew.join('\n')}\n`)
    }
    return result
  } as FileHandle['read'])
  utimesSync(path('a.log'), new Date(), new Date()) // so that it is looked at again
  await stored(4)
  expect(distinct(await records())).toEqual(['cũ 1', ...anew])
})
