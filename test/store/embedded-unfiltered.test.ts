import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { EcsValue } from '../../model/event.ts'
import { openEmbedded } from '../../store/embedded/embedded.ts'
import { Unfiltered } from '../../store/embedded/unfiltered.ts'
import type { Condition } from '../../store/query/query.ts'
import { term } from './query/sample-query.ts'
import { ALL_TIME, batchOf, sampleEvent, seqs } from './sample.ts'

const hides = (field: string): Condition => ({ kind: 'not', of: term('soc.personal', field) })
const WHERE: Condition = { kind: 'and', of: [hides('source.ip'), hides('user.name')] }

test('what no event of a table has is left out, and asked as soon as one comes', () => {
  const tables = new Unfiltered()
  tables.start('hot_000001')
  const asked = (): Condition | undefined => tables.asked(['hot_000001'], WHERE)[0]!.where
  expect(asked()).toBeUndefined()
  tables.note('hot_000001', new Set(['soc.personal source.ip']))
  expect(asked()).toEqual(hides('source.ip'))
  tables.seal('hot_000001', ['1.parquet'])
  tables.forget('hot_000001')
  expect(asked()).toBe(WHERE)
  const denied = [term('soc.personal', 'source.ip'), term('soc.personal', 'user.name'), term('user.name', 'x')]
  expect(denied.map((one) => tables.isNowhere('1.parquet', one))).toEqual([false, true, false])
  tables.forget('1.parquet')
  expect(tables.isNowhere('1.parquet', denied[1]!)).toBe(false)
})

test('a table in which senders make up fields without end is asked in full', () => {
  const tables = new Unfiltered()
  tables.start('hot_000001')
  tables.note('hot_000001', new Set(seqs(1, 1_001).map((n) => `soc.secret password_${n}`)))
  expect(tables.asked(['hot_000001'], WHERE)[0]!.where).toBe(WHERE)
})

test('events that are not sealed are found where nothing is hidden in the field, before and after the store is opened again', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'soc-tables-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const hidden: EcsValue[] = [
    ['source.ip', 'message'],
    'SOURCE.IP',
    ['user.name'],
    [],
    null,
    [7, { deep: 'source.ip' }],
  ]
  const events = seqs(1, 61).map((seq) => {
    const value = seq === 1 ? undefined : hidden[seq % 10]
    return sampleEvent(seq, value === undefined ? {} : { 'soc.personal': value })
  })
  const open = () => openEmbedded(folder, { diskReserveBytes: 0, threads: 1 })
  let store = await open()
  const found = async (where: Condition): Promise<number> =>
    (await store.searchEvents({ scope: 'all', range: ALL_TIME, where, limit: 100 })).length
  await store.append(batchOf(1, 1, { events: events.slice(0, 1) }))
  expect(await found(WHERE)).toBe(1)
  await store.append(batchOf(2, 61, { events: events.slice(1) }))
  for (let i = 0; i < 2; i++) {
    expect([await found(hides('source.ip')), await found(hides('user.name')), await found(WHERE)]).toEqual([49, 55, 43])
    await store.close()
    store = await open()
  }
  await store.close()
})

test('what is hidden in events that come during a search is not found by it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'soc-tables-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const store = await openEmbedded(folder, { diskReserveBytes: 0, sealRows: 4 })
  const where = hides('source.ip')
  for (let from = 1; from < 40; from += 4) {
    // Into a new table each time, which has hidden nothing so far.
    const events = seqs(from, from + 3).map((seq) => sampleEvent(seq, { 'soc.personal': ['source.ip'] }))
    const appended = store.append(batchOf(from, from + 3, { events }))
    for (let i = 0; i < 3; i++)
      expect(await store.searchEvents({ scope: 'all', range: ALL_TIME, where, limit: 10 })).toEqual([])
    await appended
  }
  await store.close()
})
