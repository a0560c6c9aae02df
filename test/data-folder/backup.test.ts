import { mkdtempSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { backupToFolder, type About } from '../../data-folder/backup.ts'
import { restore, verify } from '../../data-folder/restore.ts'
import { parseSums, renderSums } from '../../data-folder/sums.ts'
import { openEmbedded } from '../../store/embedded/embedded.ts'
import type { Store } from '../../store/store.ts'
import { batchOf, sampleEvent, seqs } from '../store/sample.ts'

const ABOUT: About = { format: 1, madeAt: '2026-11-28T00:00:00.000Z', product: '0.1.0', engine: 'embedded' }

function emptyFolder(): string {
  return mkdtempSync(join(tmpdir(), 'vong-gac-backup-'))
}

async function append(store: Store, from: number, count: number): Promise<void> {
  await store.append(
    batchOf(from, from + count - 1, { events: seqs(from, from + count - 1).map((seq) => sampleEvent(seq)) }),
  )
}

/** Until files are listed that hold more than `bytes`; gives how much they hold. */
async function sealed(store: Store, bytes: number): Promise<number> {
  const listed = async (): Promise<number> =>
    Object.values((await store.counts('all')).bytesByDay ?? {}).reduce((sum, each) => sum + each, 0)
  await expect.poll(listed, { timeout: 60_000 }).toBeGreaterThan(bytes)
  return listed()
}

async function eventsIn(folder: string): Promise<number> {
  const store = await openEmbedded(folder, { diskReserveBytes: 0 })
  const { events } = await store.counts('all')
  await store.close()
  return events
}

test('a snapshot of the store at work is the store of one moment; what a backup has already is not copied again', async () => {
  const [folder, backups] = [emptyFolder(), emptyFolder()]
  const store = await openEmbedded(folder, { diskReserveBytes: 0, sealRows: 40 })
  const snapshots = ['2026-11-28T01', '2026-11-28T02'].map((name) => join(emptyFolder(), name))
  await append(store, 1, 100)
  await append(store, 101, 10)
  const before = await sealed(store, 0)
  await store.snapshot!(join(snapshots[0]!, 'events'))
  await append(store, 111, 90)
  await append(store, 201, 10)
  await sealed(store, before)
  await store.snapshot!(join(snapshots[1]!, 'events'))
  await append(store, 211, 5)

  const first = await backupToFolder(snapshots[0]!, backups, ABOUT)
  const second = await backupToFolder(snapshots[1]!, backups, ABOUT)
  expect([first.shared, second.shared > 0]).toEqual([0, true])
  const [shared] = readdirSync(join(second.path, 'events', 'segments'), { recursive: true })
    .map(String)
    .filter((name) => name.endsWith('.parquet'))
    .sort()
  const inode = (backup: string): number => statSync(join(backup, 'events', 'segments', shared!)).ino
  expect(inode(second.path)).toBe(inode(first.path))

  for (const [{ path, sums, files }, events] of [[first, 110] as const, [second, 210] as const]) {
    expect(await verify(path)).toMatchObject({ files, about: ABOUT })
    expect(sums).toMatch(/^[0-9a-f]{64}$/)
    const data = join(emptyFolder(), 'data')
    await restore(path, data, 1)
    expect(await eventsIn(join(data, 'events'))).toBe(events)
  }
  expect((await store.counts('all')).events).toBe(215)
  await store.close()
})

describe('a backup that is not as it was made', () => {
  async function backup(about: Partial<About> = {}): Promise<string> {
    const snapshot = join(emptyFolder(), 'one')
    mkdirSync(join(snapshot, 'spool'), { recursive: true })
    writeFileSync(join(snapshot, 'spool', 'spool.json'), '{}')
    writeFileSync(join(snapshot, 'local.db'), 'x')
    return (await backupToFolder(snapshot, emptyFolder(), { ...ABOUT, ...about })).path
  }

  test.each([
    ['a file more', (path: string) => writeFileSync(join(path, 'more'), ''), /more is no part of the backup/],
    ['a list that is none', (path: string) => writeFileSync(join(path, 'SHA256SUMS'), 'x\n'), /no readable SHA256SUMS/],
    [
      'an entry without its file',
      (path: string) => writeFileSync(join(path, 'SHA256SUMS'), `${'0'.repeat(64)}  gone\n`),
      /is no part|gone is missing/,
    ],
  ])('%s', async (_name, change, message) => {
    const path = await backup()
    change(path)
    const data = join(emptyFolder(), 'data')
    await expect(restore(path, data, 1)).rejects.toThrow(message)
    expect(readdirSync(data)).toEqual([])
  })

  test('a folder of a newer version is not put back; nor one of another format', async () => {
    const snapshot = join(emptyFolder(), 'one')
    mkdirSync(snapshot)
    writeFileSync(join(snapshot, 'version.json'), '{"version":7}')
    const { path } = await backupToFolder(snapshot, emptyFolder(), ABOUT)
    const data = join(emptyFolder(), 'data')
    await expect(restore(path, data, 1)).rejects.toThrow(/version 7; this program knows versions up to 1/)
    expect(readdirSync(data)).toEqual([])
    await expect(restore(await backup({ format: 2 as 1 }), data, 1)).rejects.toThrow(/format 2/)
  })

  test('one interrupted before is begun anew', async () => {
    const data = join(emptyFolder(), 'data')
    mkdirSync(data)
    for (const name of ['restoring', 'half']) writeFileSync(join(data, name), '')
    await restore(await backup(), data, 1)
    expect(readdirSync(data).sort()).toEqual(['local.db', 'spool'])
  })

  test('with a cluster, positions are not given twice: the spool stays aside', async () => {
    const data = join(emptyFolder(), 'data')
    await restore(await backup({ engine: 'elasticsearch' }), data, 1)
    expect(readdirSync(data).sort()).toEqual(['local.db', 'spool-of-backup'])
  })
})

test('any list of hashes reads back; any other text is a list or null, never a throw', () => {
  const path = fc.string({ minLength: 1 }).filter((text) => !/[\n\\]/.test(text))
  const hash = fc.stringMatching(/^[0-9a-f]{64}$/)
  fc.assert(
    fc.property(fc.dictionary(path, hash), (entries) => {
      const sums = new Map(Object.entries(entries))
      expect(parseSums(renderSums(sums))).toEqual(sums)
    }),
  )
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void parseSums(text)))
})
