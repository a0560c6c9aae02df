import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { expect, test } from 'vitest'
import { openEmbedded } from '../../store/embedded/embedded.ts'
import type { Store } from '../../store/store.ts'
import { ALL_TIME, sampleEvent } from './sample.ts'

/** How many events there are with this account. */
async function found(store: Store, text: string): Promise<number> {
  const where = { kind: 'match' as const, field: 'user.name', pattern: { kind: 'equals' as const, text } }
  return (await store.searchEvents({ scope: 'all', range: ALL_TIME, where, limit: 10 })).length
}

test('of a store that an older program wrote, spilled rows are found, and files without are known', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'soc-upgrade-'))
  const open = (): Promise<Store> => openEmbedded(folder, { sealRows: 1, diskReserveBytes: 0, threads: 1 })
  const events = [sampleEvent(1), sampleEvent(2, { 'user.name': ['quantri', 'thu-hai'] })]
  let store = await open()
  for (const event of events) {
    const seq = event['soc.seq']
    await store.append({ from: seq, through: seq, events: [event], alerts: [], deadLetters: [] })
  }
  const files = (): Promise<string[]> => readdir(join(folder, 'segments'), { recursive: true })
  await expect.poll(files, { timeout: 20_000 }).toHaveLength(5) // a folder, two files, two filters
  await store.close()

  const instance = await DuckDBInstance.create(join(folder, 'hot.duckdb'))
  const connection = await instance.connect()
  await connection.run('ALTER TABLE segments DROP COLUMN spills')
  await connection.run('UPDATE layout SET version = 2')
  connection.closeSync()
  instance.closeSync()

  store = await open()
  expect(await found(store, 'thu-hai')).toBe(1)
  expect(await found(store, 'quantri')).toBe(2)
  const held = await store.hold!()
  expect(held.segments.toSorted((a, b) => a.minSeq - b.minSeq).map(({ spills }) => spills)).toEqual([false, true])
  await store.release!(held.id)
  await store.close()
  await rm(folder, { recursive: true })
})
