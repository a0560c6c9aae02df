import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { copyStore, differingDays } from '../../store/copy.ts'
import { openEmbedded } from '../../store/embedded/embedded.ts'
import { ALL_LEVELS, type Store } from '../../store/store.ts'
import { batchOf, fillTwoDays, sampleDeadLetter, sampleEvent, withoutBytes } from './sample.ts'

let folder = ''
let [source, target] = [] as unknown as [Store, Store]

const open = (name: string): Promise<Store> => openEmbedded(join(folder, name), { sealRows: 500, diskReserveBytes: 0 })

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'soc-copy-'))
  source = await open('source')
  target = await open('target')
  await fillTwoDays(source)
})

afterEach(async () => {
  for (const store of [source, target]) await store.close()
  rmSync(folder, { recursive: true })
})

const copy = (after = -1, onProgress: (through: number) => void = () => undefined) =>
  copyStore(source, target, { after, classes: [ALL_LEVELS], onProgress })

async function compared(): Promise<[day: string, same: boolean][]> {
  const days: [string, boolean][] = []
  for await (const { from, same } of differingDays(source, target)) days.push([from.day, same])
  return days
}

test('everything is there, field by field; again changes nothing', async () => {
  const counts = withoutBytes(await source.counts('all'))
  expect(await compared()).toEqual([
    ['2026-03-02', false],
    ['2026-03-03', false],
  ])
  expect(await copy()).toEqual({ ...counts, refused: [], moreRefused: 0 })
  expect(withoutBytes(await target.counts('all'))).toEqual(counts)
  expect(await compared()).toEqual([
    ['2026-03-02', true],
    ['2026-03-03', true],
  ])
  await copy()
  expect(withoutBytes(await target.counts('all'))).toEqual(counts)
  expect(await compared()).toEqual([
    ['2026-03-02', true],
    ['2026-03-03', true],
  ])
})

test('broken off anywhere, it goes on where it stood', async () => {
  let through = -1
  const broken = copy(-1, (position) => {
    through = position
    if (position > 1_500) throw new Error('broken off')
  })
  await expect(broken).rejects.toThrow('broken off')
  expect(withoutBytes(await target.counts('all'))).not.toEqual(withoutBytes(await source.counts('all')))
  await copy(through)
  expect(withoutBytes(await target.counts('all'))).toEqual(withoutBytes(await source.counts('all')))
  expect((await compared()).every(([, same]) => same)).toBe(true)
})

test.each([
  ['another field', { events: [sampleEvent(9_000, { 'user.name': 'khac' })] }],
  ['a letter more', { events: [sampleEvent(9_000)], deadLetters: [sampleDeadLetter(9_001)] }],
  ['an event less', {}],
])(
  'a day with %s is not the same',
  async (_name, other) => {
    await copy()
    await source.append(batchOf(9_000, 9_001, { events: [sampleEvent(9_000)] }))
    await target.append(batchOf(9_000, 9_001, other))
    const differing = (await compared()).filter(([, same]) => !same)
    expect(differing).toEqual([['2026-03-02', false]])
  },
  60_000,
)
