import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { copyStore, differingDays } from '../../../store/copy.ts'
import { openElasticsearch } from '../../../store/elasticsearch/elasticsearch.ts'
import { openEmbedded } from '../../../store/embedded/embedded.ts'
import { ALL_LEVELS, type Store } from '../../../store/store.ts'
import { fillTwoDays, withoutBytes } from '../sample.ts'

const node = process.env['ELASTICSEARCH_URL']

/** Skipped without a server: `npm run test:elasticsearch` starts one. */
describe.skipIf(node === undefined)('a copy', () => {
  test('to the cluster and back is the same, day by day', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'soc-copy-'))
    const open = (name: string): Promise<Store> => openEmbedded(join(folder, name), { diskReserveBytes: 0 })
    const [first, last] = [await open('first'), await open('last')]
    const prefix = `t${randomBytes(6).toString('hex')}`
    const cluster = await openElasticsearch({ node: node!, prefix, replicas: 0 })
    await fillTwoDays(first)
    const counts = withoutBytes(await first.counts('all'))
    for (const [from, to] of [
      [first, cluster],
      [first, cluster], // again
      [cluster, last],
    ] as const) {
      const { refused } = await copyStore(from, to, { after: -1, classes: [ALL_LEVELS], onProgress: () => undefined })
      expect(refused).toEqual([])
      await cluster.refresh()
      expect(withoutBytes(await to.counts('all'))).toEqual(counts)
      const days: [string, boolean][] = []
      for await (const day of differingDays(from, to)) days.push([day.from.day, day.same])
      expect(days).toEqual([
        ['2026-03-02', true],
        ['2026-03-03', true],
      ])
    }
    await cluster.drop(await cluster.partitions())
    for (const store of [first, last, cluster]) await store.close()
    rmSync(folder, { recursive: true })
  }, 600_000)
})
