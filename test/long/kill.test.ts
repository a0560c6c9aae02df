import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { record } from '../../bench/record.ts'
import { openElasticsearch } from '../../store/elasticsearch/elasticsearch.ts'
import { openEmbedded } from '../../store/embedded/embedded.ts'
import { startElasticsearch } from '../elasticsearch/server.ts'
import { killAndCheck } from '../laws/kill.ts'

const LONG = { timeout: 900_000 }

test('ten kills on the embedded store', LONG, async () => {
  const figures = await killAndCheck({
    kills: 10,
    upMsMax: 4_000,
    openStore: (dataFolder) => openEmbedded(join(dataFolder, 'events')),
  })
  record('kill-embedded', { ...figures })
  expect(figures.kills).toBe(10)
})

test('ten kills on Elasticsearch', LONG, async () => {
  const server = await startElasticsearch()
  try {
    const figures = await killAndCheck({
      kills: 10,
      upMsMax: 4_000,
      environment: {
        SOC_STORE_ENGINE: 'elasticsearch',
        SOC_STORE_NODE: server.url,
        SOC_DATA_FOLDER: mkdtempSync(join(tmpdir(), 'vong-gac-')),
      },
      openStore: () => openElasticsearch({ node: server.url }),
    })
    record('kill-elasticsearch', { ...figures })
    expect(figures.kills).toBe(10)
  } finally {
    await server.stop()
  }
})
