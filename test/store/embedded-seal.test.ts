import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import type { EcsEvent } from '../../model/event.ts'
import { openEmbedded } from '../../store/embedded/embedded.ts'
import { LIMIT_MAX, type Store, type StoreError } from '../../store/store.ts'
import { queryOf } from './query/sample-query.ts'
import { ALL_TIME, batchOf, sampleEvent, seqs } from './sample.ts'

const work = mkdtempSync(join(tmpdir(), 'soc-seal-'))
afterAll(() => rmSync(work, { recursive: true }))

const ROWS = 3_000
const [DAY, FIRST] = ['2026-03-02', '2026-03-02/000001.parquet']
const events: EcsEvent[] = seqs(1, ROWS).map((seq) =>
  sampleEvent(seq, { 'event.ingested': `${DAY}T01:00:00.000Z`, 'organization.name': 'Sở Khoa học và Công nghệ' }),
)
const append = (store: Store): Promise<unknown> => store.append(batchOf(1, ROWS, { events }))
const paths = async (store: Store): Promise<string[]> => ((await store.files?.()) ?? []).map(({ path }) => path)
/** All of them, as many at once as a store gives, in order. */
async function stored(store: Store): Promise<EcsEvent[]> {
  const found: EcsEvent[] = []
  for (let from = 0; from < ROWS; from += LIMIT_MAX) {
    const [first, next] = [events[from]!, events[from + LIMIT_MAX]]
    const range = { from: first['@timestamp'], to: next?.['@timestamp'] ?? ALL_TIME.to }
    found.push(...(await store.searchEvents({ scope: 'all', range, limit: LIMIT_MAX, order: 'oldest' })))
  }
  expect((await store.counts('all')).events).toBe(ROWS)
  return found
}

// The one thread that calls DuckDB is all there is, or those that DuckDB has besides do the whole of it.
describe.each([1, 2, 3])('with %i threads', (threads) => {
  test('a seal comes to its end, and every event is in its file as it was', async () => {
    const store = await openEmbedded(join(work, `whole-${threads}`), { sealRows: ROWS, diskReserveBytes: 0, threads })
    await append(store)
    await expect.poll(() => paths(store), { timeout: 30_000 }).toEqual([FIRST])
    expect(await stored(store)).toEqual(events)
    await store.close()
  })

  test('a seal that fails is told of, and loses nothing', async () => {
    const folder = join(work, `fails-${threads}`)
    const problems: StoreError[] = []
    const options = {
      sealRows: ROWS,
      diskReserveBytes: 0,
      threads,
      onProblem: (error: StoreError) => problems.push(error),
    }
    const store = await openEmbedded(folder, options)
    // Now, since what is left over is swept when a store is opened.
    await mkdir(join(folder, 'segments', `${FIRST}.tmp`), { recursive: true })
    await append(store)
    await expect.poll(() => problems.length, { timeout: 30_000 }).toBeGreaterThan(0)
    expect(await paths(store)).toEqual([])
    expect(await stored(store)).toEqual(events)
    await store.close()
  })

  test('closed in the middle of a seal, the store has everything once when it is opened again', async () => {
    const folder = join(work, `closed-${threads}`)
    const options = { sealRows: ROWS, diskReserveBytes: 0, threads }
    let store = await openEmbedded(folder, options)
    await append(store)
    await store.close()
    store = await openEmbedded(folder, options)
    await append(store)
    expect(await stored(store)).toEqual(events)
    await store.close()
  })
})

// DuckDB refuses to fold its log into the file while a search is at a table; that is nobody's trouble, and the log must not grow for ever.
test('while searches are always at work, seals go on without complaint and the log is folded into the file', async () => {
  const folder = join(work, 'busy')
  const problems: string[] = []
  const store = await openEmbedded(folder, {
    sealRows: ROWS,
    diskReserveBytes: 0,
    onProblem: ({ message }) => problems.push(message),
  })
  const { where } = queryOf('not nowhere') // of every row, since no filter tells
  const ending = new AbortController()
  let asked = 0
  const asker = async (): Promise<void> => {
    for (; !ending.signal.aborted; asked++)
      await store.searchEvents({ scope: 'all', range: ALL_TIME, ...(where && { where }), limit: LIMIT_MAX })
  }
  const askers = [asker(), asker(), asker()]
  const SEALS = 12
  for (let i = 0; i < SEALS; i++) {
    const from = i * ROWS
    const some = seqs(from + 1, from + ROWS).map((seq) =>
      sampleEvent(seq, { 'event.ingested': `${DAY}T01:00:00.000Z` }),
    )
    await store.append(batchOf(from + 1, from + ROWS, { events: some }))
  }
  await expect.poll(async () => (await paths(store)).length, { timeout: 30_000 }).toBe(SEALS)
  ending.abort()
  await Promise.all(askers)
  await expect
    .poll(() => statSync(join(folder, 'hot.duckdb.wal'), { throwIfNoEntry: false })?.size ?? 0, { timeout: 30_000 })
    .toBeLessThan(64 * 1024)
  expect(asked).toBeGreaterThan(0)
  expect(problems).toEqual([])
  expect((await store.counts('all')).events).toBe(SEALS * ROWS)
  await store.close()
})
