import { execFileSync } from 'node:child_process'
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { loadNormaliser } from '../../../collector/normalise.ts'
import { freshFolder } from '../spool/folders.ts'
import { run, type Running } from './running.ts'

const JOURNALCTL = '/usr/bin/journalctl'
/** Debian's systemd-journal-remote makes journal files of entries, without a running journald. */
const WRITER = [process.env['JOURNAL_REMOTE'] ?? '', '/usr/lib/systemd/systemd-journal-remote'].find(
  (path) => path !== '' && existsSync(path),
)
const ABSENT = [
  ...(existsSync(JOURNALCTL) ? [] : [JOURNALCTL]),
  ...(WRITER === undefined ? ['systemd-journal-remote'] : []),
]

/**
 * A program that behaves as journalctl does, on a file of entries, one a line: from `--after-cursor` on, then whatever is
 * appended, until it is told to stop. `die N` in a file beside it ends it after N entries.
 */
const PROGRAM = `#!${process.execPath}
const { readFileSync, appendFileSync, existsSync } = require('node:fs')
const folder = __dirname
appendFileSync(folder + '/started', process.argv.slice(2).join(' ') + '\\n')
const after = process.argv.find((word) => word.startsWith('--after-cursor='))?.slice(15)
const die = existsSync(folder + '/die') ? Number(readFileSync(folder + '/die', 'utf8')) : Infinity
let at = 0
let told = 0
let found = after === undefined
const look = () => {
  const lines = readFileSync(folder + '/entries', 'utf8').split('\\n').slice(0, -1)
  for (; at < lines.length; at++) {
    if (!found) { found = lines[at].includes('"__CURSOR":"' + after + '"'); continue }
    if (told++ >= die) { process.stderr.write('Failed to iterate through journal: Bad message'); process.exit(1) }
    process.stdout.write(lines[at] + '\\n')
  }
}
look()
setInterval(look, 10)
`

afterEach(() => {
  vi.unstubAllEnvs()
})

interface Fake extends Running {
  folder: string
  /** Where the program and its files are. */
  bin: string
  write: (from: number, to: number, message?: (i: number) => string) => void
  starts: () => string[]
}

async function fake(
  options: Record<string, unknown> = {},
  more: Parameters<typeof run>[1] & { bin?: string } = {},
): Promise<Fake> {
  const { bin = freshFolder(), ...rest } = more
  writeFileSync(join(bin, 'journalctl'), PROGRAM, { mode: 0o755 })
  const path = join(bin, 'entries')
  if (!existsSync(path)) writeFileSync(path, '')
  vi.stubEnv('PATH', `${bin}:${process.env['PATH']}`)
  const write: Fake['write'] = (from, to, message = (i) => `thông báo ${i}`) => {
    for (let i = from; i < to; i++) {
      const entry = {
        MESSAGE: message(i),
        __CURSOR: `s=1;i=${i}`,
        __REALTIME_TIMESTAMP: '1778554798307123',
        PRIORITY: '6',
      }
      appendFileSync(path, `${JSON.stringify(entry)}\n`)
    }
  }
  if (more.bin === undefined) write(0, 3)
  const running = await run({ journal: options }, rest)
  return { ...running, bin, write, starts: () => readFileSync(join(bin, 'started'), 'utf8').trim().split('\n') }
}

const ids = async ({ records }: Running): Promise<string[]> => (await records()).map(({ senderId }) => senderId ?? '')
const numbered = (to: number): string[] => Array.from({ length: to }, (_, i) => `journal/s=1;i=${i}`)

test('everything there is, then what comes; each entry has its cursor for an identity', async () => {
  const journal = await fake()
  await journal.stored(3)
  journal.write(3, 6)
  await journal.stored(6)
  expect(await ids(journal)).toEqual(numbered(6))
  expect(journal.starts()).toEqual(['--output=json --all --quiet --no-pager --follow --no-tail'])
  expect((await journal.records())[0]!.origin).toEqual({ input: 'journal', address: '127.0.0.1' })
})

test('a program that ends is started again, behind the last entry that is stored', async () => {
  const bin = freshFolder()
  writeFileSync(join(bin, 'die'), '2')
  const journal = await fake({ units: ['ssh.service', 'nginx.service'], stream: 'soc-01', agency: 'so-y-te' }, { bin })
  journal.write(0, 5)
  await journal.stored(5)
  expect(await ids(journal)).toEqual(numbered(5))
  const starts = journal.starts()
  expect(starts[0]).toBe(
    '--output=json --all --quiet --no-pager --follow --no-tail --unit=ssh.service --unit=nginx.service',
  )
  expect(starts[1]).toContain('--after-cursor=s=1;i=1')
  expect(
    journal.logged.filter(({ message }) => message.includes('started again')).length,
    'the same reason is told once',
  ).toBe(1)
  expect((await journal.records())[0]!.origin).toMatchObject({ stream: 'soc-01', agency: 'so-y-te' })
})

test('after a restart it goes on; after a crash it may repeat, under the same identities', async () => {
  const folder = freshFolder()
  const first = await fake({}, { folder })
  await first.stored(3)
  const state = join(folder, 'inputs', 'journal.json')
  const former = readFileSync(state, 'utf8')
  first.write(3, 5)
  await first.stored(5)
  await first.collector.close()
  await first.spool.close()
  expect(JSON.parse(readFileSync(state, 'utf8'))).toEqual({ version: 1, cursor: 's=1;i=4' })
  first.write(5, 6)
  const second = await fake({}, { folder, bin: first.bin })
  await second.stored(6)
  expect(await ids(second)).toEqual(numbered(6))
  await second.collector.close()
  await second.spool.close()
  writeFileSync(state, former)
  const third = await fake({}, { folder, bin: first.bin })
  third.write(6, 7)
  await expect.poll(async () => new Set(await ids(third)).size).toBe(7)
  expect((await ids(third)).length).toBeGreaterThan(7)
})

test('from the end: only what is written from the first start on, wherever it stopped', async () => {
  const [folder, bin] = [freshFolder(), freshFolder()]
  const first = await fake({ from: 'end' }, { folder, bin })
  await expect.poll(() => first.starts()[0]).toMatch(/./) // the file is there before its line is
  const since = /--since=@\d+\.\d{3}/.exec(first.starts()[0]!)?.[0]
  expect(since).toBeDefined()
  await first.collector.close()
  await first.spool.close()
  const second = await fake({ from: 'end' }, { folder, bin })
  await expect.poll(() => second.starts().length).toBe(2)
  expect(second.starts()[1]).toContain(since)
})

test('an entry over the limit is kept up to it, and the next whole', async () => {
  const journal = await fake({ frameBytesMax: 480 })
  journal.write(3, 4, () => 'x'.repeat(2_000))
  journal.write(4, 5)
  const texts = await journal.stored(5)
  expect(texts[3]).toMatch(/^oversized: \{"MESSAGE":"x+$/)
  expect((await ids(journal)).slice(3)).toEqual(['', 'journal/s=1;i=4'])
})

test('over the quota of its agency it waits, and loses nothing', async () => {
  const quotas = { agencies: { 'so-y-te': { eventsPerSecond: 200, burstSeconds: 1 } } }
  const journal = await fake({ agency: 'so-y-te' }, { quotas })
  for (let i = 0; i < 3; i++) {
    journal.write(3 + i * 150, 3 + (i + 1) * 150)
    await journal.stored(3 + i * 150)
  }
  await journal.stored(453)
  expect(await ids(journal)).toEqual(numbered(453))
  expect(journal.collector.counters().quotas).toMatchObject([{ agency: 'so-y-te', dropped: 0 }])
})

test('a machine without the program is told once, and asked again', async () => {
  vi.stubEnv('PATH', freshFolder())
  const { logged } = await run({ journal: true })
  await expect.poll(() => logged).toMatchObject([{ level: 'warn' }])
})

test('nothing of it outlives the collector', async () => {
  const journal = await fake()
  await journal.stored(3)
  await journal.collector.close()
  const running = readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid)) return false
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(join(journal.bin, 'journalctl'))
    } catch {
      return false // ended meanwhile
    }
  })
  expect(running).toEqual([])
})

test.each([
  ['a folder that is no absolute path', { directory: 'log' }, 'inputs.journal.directory'],
  ['a unit that would be an option', { units: ['--vacuum-size=1'] }, 'inputs.journal.units'],
])('refuses to start: %s', async (_name, options, message) => {
  await expect(run({ journal: options })).rejects.toThrow(message)
})

/** Writes entries as `journalctl --output=export` does, and has a journal file made of them. */
function makeJournal(path: string, from: number, to: number): void {
  const entries = Array.from({ length: to - from }, (_, k) => {
    const i = from + k
    const words = {
      __REALTIME_TIMESTAMP: `${1_778_554_798_000_000 + i * 1_000}`,
      __MONOTONIC_TIMESTAMP: `${i * 1_000}`,
      _BOOT_ID: '4fd2c8a6e3f74dd9a3c9f9c1e6b0a111',
      _MACHINE_ID: '0123456789abcdef0123456789abcdef',
      _HOSTNAME: 'motcua-01',
      _TRANSPORT: 'syslog',
      PRIORITY: '6',
      SYSLOG_FACILITY: '10',
      SYSLOG_IDENTIFIER: 'sshd',
      _PID: `${1_000 + i}`,
      _UID: '0',
    }
    const text = Object.entries(words).map(([name, value]) => `${name}=${value}\n`)
    const message = Buffer.from(
      `Failed password for lan from 203.0.113.9 port ${10_000 + i} ssh2${i % 7 === 0 ? '\nđuôi \u0001' : ''}`,
    )
    const length = Buffer.alloc(8)
    length.writeBigUInt64LE(BigInt(message.length))
    return Buffer.concat([Buffer.from(text.join('')), Buffer.from('MESSAGE\n'), length, message, Buffer.from('\n\n')])
  })
  execFileSync(WRITER!, ['-o', path, '-'], { input: Buffer.concat(entries), stdio: ['pipe', 'ignore', 'ignore'] })
}

test.skipIf(ABSENT.length > 0)(
  `a real journal, through the real journalctl${ABSENT.length > 0 ? ` (absent: ${ABSENT.join(', ')})` : ''}`,
  async () => {
    const directory = join(freshFolder(), 'journal')
    mkdirSync(directory)
    const folder = freshFolder()
    makeJournal(join(directory, 'system.journal'), 0, 3_000)
    const first = await run({ journal: { directory } }, { folder })
    await first.stored(3_000)
    makeJournal(join(directory, 'system.journal'), 3_000, 4_000)
    await first.stored(4_000)
    await first.collector.close()
    await first.spool.close()
    // Rotated while it is away.
    renameSync(join(directory, 'system.journal'), join(directory, 'system@0005.journal'))
    makeJournal(join(directory, 'system.journal'), 4_000, 5_000)
    const second = await run({ journal: { directory } }, { folder })
    await second.stored(5_000)
    const records = await second.records()
    expect(new Set(records.map(({ senderId }) => senderId)).size).toBe(5_000)
    const normalise = await loadNormaliser({ spoolId: 's', timeZone: 'Asia/Ho_Chi_Minh', enrich: () => undefined })
    const ports = records.map((record, i) => {
      const result = normalise(record)
      expect(result, `entry ${i}`).toMatchObject({
        kind: 'event',
        event: {
          'event.dataset': 'system.auth',
          'process.name': 'sshd',
          'process.pid': 1_000 + i,
          'host.name': 'motcua-01',
        },
      })
      return result.kind === 'event' ? result.event['message'] : undefined
    })
    expect(ports[7]).toBe('Failed password for lan from 203.0.113.9 port 10007 ssh2\nđuôi \u0001')
  },
  60_000,
)
