import { strict as assert } from 'node:assert'
import { Client } from '@elastic/elasticsearch'
import type { EcsEvent } from '../model/event.ts'
import { recordId } from '../model/record.ts'
import { EventOperations, indexDay } from '../store/elasticsearch/documents.ts'
import { openElasticsearch } from '../store/elasticsearch/elasticsearch.ts'
import { cpuUs } from './fresh-process.ts'
import { END_MS, eventBatches, SPOOL } from './store-events.ts'

/** Events of one day into indices just like ours, by our store as the pipeline uses it, or their documents, made beforehand, by the client's own helper. */
export interface BulkTask {
  node: string
  prefix: string
  events: number
  by: 'us' | 'helper'
}

export interface BulkFigures {
  eventsPerSecond: number
  /** Of this process. */
  cpuUsPerEvent: number
}

const BATCH = 1_000
/** Sent again and again under new names, so that neither has to fetch what it sends from far away. */
const POOL = 5_000
const SEED = 7
/** As many requests at once as the helper makes by default. */
const HELPER_REQUESTS = 5

const { node, prefix, events: count, by } = JSON.parse(process.argv[2]!) as BulkTask
const pool = [...eventBatches(POOL, BATCH, SEED)]
const at = new Date(END_MS).toISOString()
for (const event of pool.flat()) event['event.ingested'] = at

async function byUs(): Promise<() => Promise<void>> {
  const store = await openElasticsearch({ node, prefix, replicas: 0 })
  let seq = 0
  const sender = async (): Promise<void> => {
    while (seq < count) {
      const events = pool.shift()!
      for (const event of events) named(event, ++seq)
      const [from, through] = [seq - events.length + 1, seq]
      const { refused } = await store.append({ from, through, events, alerts: [], deadLetters: [] })
      assert.deepEqual(refused, [])
      pool.push(events)
    }
  }
  return async () => {
    await Promise.all(Array.from({ length: store.batchesAtOnce! }, sender))
    await store.close()
  }
}

function named(event: EcsEvent, seq: number): void {
  event['soc.seq'] = seq
  event['soc.record'] = recordId(SPOOL, seq)
}

async function byHelper(): Promise<() => Promise<void>> {
  await (await openElasticsearch({ node, prefix, replicas: 0 })).close() // puts the templates there
  const operations = new EventOperations(prefix)
  const index = `${prefix}-events-${indexDay(at.slice(0, 10))}`
  const texts = pool.flat().map((event) => Buffer.from(operations.operation(event).lines).toString().split('\n')[1]!)
  const client = new Client({ node })
  let seq = 0
  async function* documents(): AsyncGenerator<string> {
    for (let i = 0; i < count; i++) yield texts[i % POOL]!
  }
  return async () => {
    const { failed, successful } = await client.helpers.bulk<string>({
      datasource: documents(),
      concurrency: HELPER_REQUESTS,
      onDocument: () => ({ create: { _index: index, _id: recordId(SPOOL, ++seq) } }),
    })
    assert.deepEqual([failed, successful], [0, count])
    await client.close()
  }
}

const send = await (by === 'us' ? byUs() : byHelper())
const [begunAt, cpuAt] = [performance.now(), cpuUs()]
await send()
const figures: BulkFigures = {
  eventsPerSecond: Math.round(count / ((performance.now() - begunAt) / 1_000)),
  cpuUsPerEvent: Math.round(((cpuUs() - cpuAt) / count) * 10) / 10,
}
process.stdout.write(JSON.stringify(figures))
