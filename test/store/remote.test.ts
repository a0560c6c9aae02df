import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MessageChannel } from 'node:worker_threads'
import { describe, expect, test } from 'vitest'
import { openEmbedded } from '../../store/embedded/embedded.ts'
import { remoteStore, serveStore } from '../../store/remote.ts'
import type { Store } from '../../store/store.ts'
import { StoreError } from '../../store/store.ts'
import { ALL_TIME, batchOf, sampleEvent } from './sample.ts'
import type { Harness } from './store-contract.ts'
import { storeContract } from './store-contract.ts'

async function remote(): Promise<Harness> {
  const folder = await mkdtemp(join(tmpdir(), 'soc-remote-'))
  return {
    async open() {
      const served = await openEmbedded(folder, { diskReserveBytes: 0 })
      const { port1, port2 } = new MessageChannel()
      serveStore(served, port1)
      const client = remoteStore(port2, 'embedded')
      return {
        ...client,
        async close() {
          await client.close()
          await served.close()
        },
      }
    },
    settle: async () => {},
    remove: () => rm(folder, { recursive: true }),
  }
}

describe('remote', () => {
  storeContract(remote, 20)
})

const EMPTY: Store = {
  engine: 'embedded',
  append: async () => ({ refused: [] }),
  searchEvents: async () => [],
  aggregate: async () => ({ kind: 'histogram', buckets: [] }),
  getEvents: async () => [],
  searchAlerts: async () => [],
  searchDeadLetters: async () => [],
  counts: async () => ({ events: 0, alerts: 0, deadLetters: 0 }),
  stored: async () => [],
  partitions: async () => [],
  drop: async () => undefined,
  files: async () => [],
  fileDigest: async () => null,
  ready: async () => {},
  close: async () => {},
}

function pair(store: Partial<Store>): { client: Store; kill: () => void } {
  const { port1, port2 } = new MessageChannel()
  serveStore({ ...EMPTY, ...store }, port1)
  return { client: remoteStore(port2, 'embedded'), kill: () => port1.close() }
}

test('an error keeps its code and message; what is no StoreError is unavailable', async () => {
  const { client } = pair({
    ready: () => Promise.reject(new StoreError('disk_full', '3 MiB free')),
    counts: () => Promise.reject(new TypeError('a mistake of ours')),
  })
  await expect(client.ready()).rejects.toMatchObject({ name: 'StoreError', code: 'disk_full', message: '3 MiB free' })
  await expect(client.counts('all')).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringContaining('a mistake of ours') as string,
  })
  await client.close()
})

test('what cannot be sent is an error of that call alone', async () => {
  const { client } = pair({})
  await expect(client.append(batchOf(1, 1, { events: [sampleEvent(1, { x: (() => 1) as never })] }))).rejects.toThrow(
    /cloned/,
  )
  await client.ready()
  await client.close()
})

test('aborting reaches the store', async () => {
  const { client } = pair({
    searchEvents: ({ signal }) =>
      new Promise((_, reject) => {
        signal?.addEventListener('abort', () => reject(new StoreError('cancelled', 'told to stop')))
      }),
  })
  const controller = new AbortController()
  const running = client.searchEvents({ scope: 'all', range: ALL_TIME, limit: 1, signal: controller.signal })
  await client.ready() // the search has arrived
  controller.abort()
  await expect(running).rejects.toMatchObject({ code: 'cancelled', message: 'told to stop' })
  await client.close()
})

test('when the other end goes, waiting and later calls are rejected', async () => {
  const { client, kill } = pair({ counts: () => new Promise(() => {}) })
  const waiting = client.counts('all')
  await client.ready()
  kill()
  await expect(waiting).rejects.toMatchObject({ code: 'unavailable' })
  await expect(client.ready()).rejects.toMatchObject({ code: 'unavailable' })
})

test('closing one end leaves the store open and cancels its searches', async () => {
  let closed = false
  let cancelled: () => void
  const done = new Promise<void>((resolve) => (cancelled = resolve))
  const { client } = pair({
    searchEvents: ({ signal }) =>
      new Promise((_, reject) => {
        signal?.addEventListener('abort', () => {
          cancelled()
          reject(new StoreError('cancelled', ''))
        })
      }),
    close: async () => {
      closed = true
    },
  })
  const running = client.searchEvents({ scope: 'all', range: ALL_TIME, limit: 1 })
  const outcome = running.catch((error: unknown) => error)
  await client.ready()
  await client.close()
  expect(await outcome).toMatchObject({ code: 'unavailable' })
  await done
  expect(closed).toBe(false)
})
