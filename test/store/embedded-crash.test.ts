import { execFileSync, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { record } from '../../bench/record.ts'
import { openEmbedded } from '../../store/embedded/embedded.ts'
import type { Store } from '../../store/store.ts'
import { StoreError } from '../../store/store.ts'
import { term } from './query/sample-query.ts'
import { ALL_TIME, batchOf, dropBefore, iso, sampleEvent, seqs } from './sample.ts'

const CHILD = fileURLToPath(new URL('append-forever.mjs', import.meta.url))
const KILLS = Number(process.env['KILLS'] ?? 5)
/** A copy of a store that `npm run bench:store` has filled, to be killed once instead of an empty one; its events are younger than all that are appended. */
const FILLED = process.env['FILLED_STORE']
const APPENDED = FILLED === undefined ? ALL_TIME : { ...ALL_TIME, to: '2026-10-01T00:00:00.000Z' }
/** What retention leaves in it. */
const DAYS = 2

async function everySeq(store: Store): Promise<number[]> {
  const found: number[] = []
  const query = { scope: 'all', range: APPENDED, limit: 1_000 } as const
  for (let page = await store.searchEvents(query); page.length > 0;) {
    found.push(...page.map((e) => e['soc.seq']))
    const last = page.at(-1)!
    page = await store.searchEvents({ ...query, after: { timestamp: last['@timestamp'], seq: last['soc.seq'] } })
  }
  return found.reverse()
}

async function everyDeadLetter(store: Store): Promise<number[]> {
  const found: number[] = []
  for (let page = await store.searchDeadLetters({ scope: 'all', limit: 1_000 }); page.length > 0;) {
    found.push(...page.map(({ seq }) => seq))
    page = await store.searchDeadLetters({ scope: 'all', limit: 1_000, beforeSeq: found.at(-1)! })
  }
  return found.reverse()
}

/**
 * Runs the child until it has acknowledged something and `afterMs` have passed, then kills it.
 * @returns the last acknowledgement, and before which day all was said to be gone
 */
async function appendUntilKilled(
  folder: string,
  first: number,
  size: number,
  afterMs: number,
): Promise<{ acknowledged: number; keptFrom: string }> {
  const child = spawn(process.execPath, [CHILD, folder, ...[first, size, 700, DAYS].map(String)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let acknowledged = 0
  let keptFrom = ''
  const lines = createInterface(child.stdout)
  const begun = new Promise<void>((resolve) => {
    lines.on('line', (line) => {
      if (line.includes('-')) keptFrom = line
      else acknowledged = Number(line)
      resolve()
    })
  })
  const ended = new Promise((resolve) => child.on('exit', resolve))
  const read = new Promise((resolve) => lines.on('close', resolve))
  await Promise.race([begun, ended])
  await sleep(afterMs)
  child.kill('SIGKILL')
  await Promise.all([ended, read])
  return { acknowledged, keptFrom }
}

/** As the child gives them times. */
function dayOf(seq: number): string {
  return iso(1_772_413_200_000 + seq * 40_000).slice(0, 10)
}

test(
  'killed at random moments of appending, sealing and retention: what was acknowledged is there, once, but for whole days that went',
  { timeout: 120_000 + KILLS * 10_000 },
  async () => {
    const folder = FILLED ?? (await mkdtemp(join(tmpdir(), 'soc-kill-')))
    const already = await eventsIn(folder)
    const opened: number[] = []
    const moments = Array.from({ length: KILLS }, () => Math.floor(Math.random() * 400))
    let [last, gone] = [0, '']
    for (const [i, afterMs] of moments.entries()) {
      const size = [100, 37, 250][i % 3]!
      // As after a crash of the pipeline: it comes again from an older checkpoint, in batches cut elsewhere.
      const first = Math.max(1, last - 900)
      const { acknowledged, keptFrom } = await appendUntilKilled(folder, first, size, afterMs)
      const begun = performance.now()
      const store = await openEmbedded(folder, { sealRows: 700, diskReserveBytes: 0 })
      opened.push(Math.round(performance.now() - begun))
      const found = await everySeq(store)
      const letters = await everyDeadLetter(store)
      const alerts = await store.searchAlerts({ scope: 'all', limit: 1_000 })
      const counts = await store.counts('all')
      await store.close()
      last = Math.max(...found, ...letters)
      // Of a day that was about to go all is there or nothing is.
      const oldest = dayOf(Math.min(...found, ...letters))
      if (keptFrom !== '') gone = keptFrom
      expect(oldest >= gone).toBe(true)
      const left = seqs(1, last).filter((seq) => dayOf(seq) >= oldest)
      expect(acknowledged).toBeGreaterThanOrEqual(first)
      expect(last).toBeGreaterThanOrEqual(acknowledged)
      const files = await readdir(join(folder, 'segments'), { recursive: true })
      const moment = { afterMs, size, first }
      expect({
        moment,
        found,
        letters,
        alerts: alerts.map(({ seq }) => seq).sort((a, b) => a - b),
        counts,
        unfinished: files.filter((name) => name.endsWith('.tmp')),
      }).toEqual({
        moment,
        found: left.filter((seq) => seq % 50 !== 0),
        letters: left.filter((seq) => seq % 50 === 0),
        alerts: seqs(Math.max(1, last - 99), last).filter((seq) => seq % 10 === 1),
        counts: {
          events: already + found.length,
          deadLetters: letters.length,
          alerts: alerts.length,
          bytes: expect.any(Number) as number,
          bytesByDay: expect.any(Object) as object,
        },
        unfinished: [],
      })
    }
    if (FILLED === undefined) await rm(folder, { recursive: true })
    else record('kill-filled-store', { kills: KILLS, events: already, openedMs: opened.toSorted((a, b) => a - b) })
  },
)

async function eventsIn(folder: string): Promise<number> {
  const store = await openEmbedded(folder, { diskReserveBytes: 0 })
  const { events } = await store.counts('all')
  await store.close()
  return events
}

test('what a crash in the middle of a seal leaves is deleted at the next start, and nothing else', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'soc-left-'))
  const events = seqs(1, 50).map((seq) => sampleEvent(seq))
  const open = () => openEmbedded(folder, { sealRows: 10, diskReserveBytes: 0 })
  let store = await open()
  for (let from = 1; from <= 50; from += 10)
    await store.append(batchOf(from, from + 9, { events: events.slice(from - 1, from + 9) }))
  await expect
    .poll(async () => (await readdir(join(folder, 'segments'), { recursive: true })).length, { timeout: 60_000 })
    .toBeGreaterThan(5)
  await store.close()
  await mkdir(join(folder, 'segments', '2026-01-01'))
  const leftovers = [
    '2026-01-01/000900.parquet.tmp',
    '2026-03-02/000901.parquet',
    '2026-03-02/000902.parquet.tmp',
    'stray',
  ]
  for (const name of leftovers) await writeFile(join(folder, 'segments', name), 'half a file')
  store = await open()
  expect(await everySeq(store)).toEqual(seqs(1, 50))
  await store.close()
  const left = await readdir(join(folder, 'segments'), { recursive: true })
  expect(left.filter((name) => leftovers.includes(name) || name === '2026-01-01')).toEqual([])
  store = await open()
  expect(await everySeq(store)).toEqual(seqs(1, 50))
  await store.close()
  await rm(folder, { recursive: true })
})

function mountTmpfs(folder: string, size: string): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', folder], { stdio: 'pipe' })
    return true
  } catch {
    return false
  }
}

test('a disk that fills up: disk_full, and when space returns it goes on with nothing lost or doubled', async ({
  skip,
}) => {
  const folder = await mkdtemp(join(tmpdir(), 'soc-full-'))
  if (!mountTmpfs(folder, '48m')) skip('a tmpfs cannot be mounted here')
  try {
    await writeFile(join(folder, 'filler'), Buffer.alloc(24 * 1024 ** 2))
    const store = await openEmbedded(join(folder, 'store'), {
      sealRows: 4_000,
      diskReserveBytes: 0,
      onProblem: () => {},
    })
    let next = 1
    const batch = () => {
      const events = seqs(next, next + 499).map((seq) =>
        sampleEvent(seq, { 'x.noise': randomBytes(400).toString('base64') }),
      )
      return batchOf(next, next + 499, { events })
    }
    const appendUntil = async (positions: number): Promise<unknown> => {
      while (next <= positions) {
        try {
          await store.append(batch())
          next += 500
        } catch (error) {
          return error
        }
      }
      return null
    }
    const error = await appendUntil(1_000_000)
    expect(error).toBeInstanceOf(StoreError)
    expect(error).toMatchObject({ code: 'disk_full' })
    // Still, or soon again: a seal that was under way may have made some room.
    expect(await appendUntil(1_000_000)).toMatchObject({ code: 'disk_full' })
    await rm(join(folder, 'filler'))
    const stuckAt = next
    expect(await appendUntil(stuckAt + 1_999)).toBeNull()
    await store.ready()
    expect(next).toBe(stuckAt + 2_000)
    expect(await everySeq(store)).toEqual(seqs(1, next - 1))
    await store.close()
  } finally {
    execFileSync('umount', ['-l', folder])
    await rm(folder, { recursive: true, force: true })
  }
})

test('appending stops while less than the reserve is free, and ready says so', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'soc-reserve-'))
  await expect(openEmbedded(folder, { diskReserveBytes: Number.MAX_SAFE_INTEGER })).rejects.toMatchObject({
    code: 'disk_full',
  })
  await rm(folder, { recursive: true })
})

test('a second process is told that the store is in use', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'soc-lock-'))
  const store = await openEmbedded(folder)
  const script = `import { openEmbedded } from ${JSON.stringify(join(CHILD, '../../../dist/store/embedded/embedded.js'))}
    try { await openEmbedded(${JSON.stringify(folder)}) } catch (error) { console.log(error.code, error.message) }`
  const said = execFileSync(process.execPath, ['--input-type=module', '-e', script]).toString()
  expect(said).toMatch(/^unavailable another process/)
  await store.close()
  await rm(folder, { recursive: true })
})

test('a search under way when its tables and files go still ends well', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'soc-lease-'))
  const store = await openEmbedded(folder, { sealRows: 200, diskReserveBytes: 0 })
  const day = (seq: number) => `2026-03-0${1 + Math.floor((seq - 1) / 1_000)}`
  const searching: Promise<number>[] = []
  for (let from = 1; from <= 4_000; from += 100) {
    await store.append(
      batchOf(from, from + 99, {
        events: seqs(from, from + 99).map((seq) => sampleEvent(seq, { 'event.ingested': `${day(seq)}T00:00:00.000Z` })),
      }),
    )
    const where = term('', '*failed*ssh2')
    for (let i = 0; i < 3; i++)
      searching.push(
        store.searchEvents({ scope: 'all', range: ALL_TIME, where, limit: 1_000 }).then(({ length }) => length),
      )
    if (from % 1_000 === 901) searching.push(dropBefore(store, day(from)).then(() => 1))
  }
  for (const found of await Promise.all(searching)) expect(found).toBeGreaterThan(0)
  expect((await store.counts('all')).events).toBe(1_000)
  await store.close()
  await rm(folder, { recursive: true })
})
