import { randomBytes } from 'node:crypto'
import type { Client } from '@elastic/elasticsearch'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ElasticsearchStore } from '../../../store/elasticsearch/elasticsearch.ts'
import { openElasticsearch } from '../../../store/elasticsearch/elasticsearch.ts'
import { ALL_TIME, batchOf, sampleAlert, sampleDeadLetter, sampleEvent, seqs } from '../sample.ts'
import { term } from '../query/sample-query.ts'
import type { Harness } from '../store-contract.ts'
import { storeContract } from '../store-contract.ts'
import { connect, remove } from './remove.ts'

const node = process.env['ELASTICSEARCH_URL']

const newPrefix = (): string => `t${randomBytes(6).toString('hex')}`

async function elasticsearch(): Promise<Harness> {
  const prefix = newPrefix()
  return {
    open: () => openElasticsearch({ node: node!, prefix, replicas: 0 }),
    settle: (store) => (store as ElasticsearchStore).refresh(),
    remove: () => remove(prefix),
  }
}

/** Skipped without a server: `npm run test:elasticsearch` starts one. */
describe.skipIf(node === undefined)('elasticsearch', () => {
  storeContract(elasticsearch, 15)
})

describe.skipIf(node === undefined)('elasticsearch alone', () => {
  const prefix = newPrefix()
  let client: Client
  let store: ElasticsearchStore
  beforeAll(async () => {
    client = connect()
    store = await openElasticsearch({ node: node!, prefix, replicas: 0, bulk: { requestBytesMax: 4_096 } })
  })
  afterAll(async () => {
    await store.close()
    await remove(prefix)
    await client.close()
  })

  test('makes one index a day of receiving, mapped explicitly, that hostile fields do not grow', async () => {
    const events = seqs(1, 20).map((seq) =>
      sampleEvent(seq, { [`hostile.${seq}`]: seq, 'event.ingested': `2026-03-0${1 + (seq % 2)}T00:00:00.000Z` }),
    )
    await store.append(batchOf(1, 20, { events }))
    await store.refresh()
    const mappings = await client.indices.getMapping({ index: `${prefix}-events-*` })
    expect(Object.keys(mappings).sort()).toEqual([`${prefix}-events-2026.03.01`, `${prefix}-events-2026.03.02`])
    for (const { mappings: found } of Object.values(mappings)) {
      expect(found.properties!['source.ip']!.type).toBe('ip')
      expect(found.properties!['soc.values']!.type).toBe('flattened')
      expect(Object.keys(found.properties!).filter((name) => name.includes('hostile'))).toEqual([])
    }
    const found = await store.searchEvents({
      scope: 'all',
      range: ALL_TIME,
      where: term('hostile.7', '7'),
      limit: 9,
    })
    expect(found).toEqual([events[6]])
  })

  test('an event is visible within about a second without being asked to refresh', async () => {
    await store.append(batchOf(30, 30, { events: [sampleEvent(30)] }))
    await expect
      .poll(() => store.getEvents([sampleEvent(30)['soc.record']], 'all'), { timeout: 60_000 })
      .toHaveLength(1)
  })

  test('one document larger than a request goes alone; one that the server does not take is refused with its reason', async () => {
    const big = sampleEvent(40, { 'event.original': 'z'.repeat(60_000) })
    const refused = { ...sampleEvent(41), 'soc.record': `${'r'.repeat(600)}-41` } // an _id may have 512 bytes
    const { refused: reasons } = await store.append(batchOf(40, 42, { events: [big, refused, sampleEvent(42)] }))
    expect(reasons).toEqual([{ seq: 41, reason: expect.stringContaining('512') as string }])
    await store.refresh()
    expect(await store.getEvents([big['soc.record'], sampleEvent(42)['soc.record']], 'all')).toHaveLength(2)
  })

  test('what is there already is not written again', async () => {
    const batch = batchOf(50, 52, {
      events: [sampleEvent(50)],
      alerts: [sampleAlert('v', 2)],
      deadLetters: [sampleDeadLetter(51)],
    })
    await store.append(batch)
    await store.refresh()
    const versions = async () =>
      (
        await client.search({
          index: `${prefix}-*`,
          query: { terms: { _id: [sampleEvent(50)['soc.record'], 'v', sampleDeadLetter(51).record] } },
          seq_no_primary_term: true,
        })
      ).hits.hits.map(({ _id, _seq_no }) => [_id, _seq_no])
    const before = await versions()
    expect(before).toHaveLength(3)
    await store.append(batch)
    await store.append(batchOf(50, 50, { alerts: [sampleAlert('v', 1)] }))
    await store.refresh()
    expect(await versions()).toEqual(before)
  })

  test('an index of something else under our names is refused at start, with its name', async () => {
    const foreign = newPrefix()
    await client.indices.create({ index: `${foreign}-events-2020.01.01` })
    await expect(openElasticsearch({ node: node!, prefix: foreign })).rejects.toMatchObject({
      code: 'refused',
      message: expect.stringContaining(`${foreign}-events-2020.01.01`) as string,
    })
    await client.indices.delete({ index: `${foreign}-events-2020.01.01` })
  })

  test('a full disk, as the cluster reports it, is disk_full; it goes on when the block is lifted', async () => {
    await store.append(batchOf(60, 60, { events: [sampleEvent(60)] }))
    await client.indices.putSettings({
      index: `${prefix}-events-*`,
      settings: { 'index.blocks.read_only_allow_delete': true },
    })
    await expect(store.append(batchOf(61, 61, { events: [sampleEvent(61)] }))).rejects.toMatchObject({
      code: 'disk_full',
    })
    await client.indices.putSettings({
      index: `${prefix}-events-*`,
      settings: { 'index.blocks.read_only_allow_delete': null },
    })
    expect(await store.append(batchOf(61, 61, { events: [sampleEvent(61)] }))).toEqual({ refused: [] })
  })
})

test('a prefix that would be a pattern or a path is refused', async () => {
  for (const prefix of ['*', 'a,b', '../x', '', 'A']) {
    await expect(openElasticsearch({ node: 'http://127.0.0.1:1', prefix })).rejects.toMatchObject({ code: 'refused' })
  }
})

test('a cluster that is away is no reason not to start; every call says so with the cause', async () => {
  const store = await openElasticsearch({ node: 'http://127.0.0.1:1' })
  await expect(store.ready()).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringContaining('ECONNREFUSED') as string,
  })
  await expect(store.append(batchOf(1, 1, { events: [sampleEvent(1)] }))).rejects.toMatchObject({ code: 'unavailable' })
  await store.close()
})
