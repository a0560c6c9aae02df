import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openEmbedded } from '../../store/embedded/embedded.ts'
import { batchOf, sampleAlert, seqs } from './sample.ts'

test('a page of alerts takes memory for its own alone, however much all of them are', { timeout: 60_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'soc-store-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const store = await openEmbedded(folder, { threads: 1, memoryLimit: '128MB', diskReserveBytes: 0 })
  onTestFinished(() => store.close())
  /** 30 KB each; 120 MB in all. */
  const alertAt = (seq: number) =>
    sampleAlert(`a${seq}`, 1, { seq, group: { 'url.original': `${seq} `.repeat(6_000) } })
  for (let from = 1; from < 4_000; from += 250) {
    const alerts = seqs(from, from + 249).map(alertAt)
    await store.append(batchOf(from, from + 249, { alerts }))
  }
  const page = await store.searchAlerts({ scope: 'all', limit: 1_000 })
  expect(page.map(({ seq }) => seq)).toEqual(seqs(3_001, 4_000).toReversed())
})
