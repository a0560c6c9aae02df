import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parentPort, workerData, type MessagePort } from 'node:worker_threads'
import { readGrouping } from '../api/incidents/grouping-file.ts'
import { loadBundle } from './bundle.ts'
import { SpoolReader } from '../collector/spool/reader.ts'
import type { Config } from '../config.ts'
import { openEventStore } from './event-store.ts'
import { loadIndicators } from '../indicators/files.ts'
import { runPipeline, type PipelineReport } from './pipeline.ts'
import { openLocal } from '../store/local/database.ts'
import { serveStore } from '../store/remote.ts'
import { StoreError, type Store } from '../store/store.ts'

/** Thread shell: opens what the pipeline works on, serves the store to the main thread, and runs until told to stop. */
export interface ThreadData {
  config: Config
  spoolId: string
  storePort: MessagePort
  durableSeq: number
}

export type ToThread = { kind: 'durable'; seq: number } | { kind: 'stop' }
export type FromThread = PipelineReport | { kind: 'opening'; reason: string } | { kind: 'open' } | { kind: 'stopped' }

const DAY_MS = 86_400_000
const OPEN_RETRY_MS = 2_000

const { config, spoolId, storePort, durableSeq } = workerData as ThreadData
const port = parentPort!
const tell = (message: FromThread): void => port.postMessage(message)

let durable = durableSeq
let stopped = false
let wake: () => void = () => undefined
port.on('message', (message: ToThread) => {
  if (message.kind === 'durable') durable = message.seq
  else stopped = true
  wake()
})

/**
 * What is away at start, or has no room, is waited for: meanwhile the spool takes what comes. So is a cluster that lets nobody
 * in: a key that ran out must not stop the taking in of logs. Null if stopped before.
 */
async function openStore(): Promise<Store | null> {
  const passing = new Set(['unavailable', 'disk_full', ...(config.store.engine === 'embedded' ? [] : ['refused'])])
  const isStopped = (): boolean => stopped
  while (!isStopped()) {
    try {
      return await openEventStore(config, (problem) => tell({ kind: 'trouble', message: String(problem) }))
    } catch (error) {
      if (!(error instanceof StoreError) || !passing.has(error.code)) throw error
      tell({ kind: 'opening', reason: `${error.code}: ${error.message}` })
      await sleep(OPEN_RETRY_MS)
    }
  }
  return null
}

const local = openLocal(join(config.dataFolder, 'local.db'))
const store = await openStore()
if (store) {
  serveStore(store, storePort)
  tell({ kind: 'open' })
  await runPipeline(
    {
      spoolId,
      latenessMs: config.detection.latenessMs,
      grouping: readGrouping(config.incidents.grouping, config.incidents.lookBackMs),
      correlation: {
        latenessByAgency: new Map(Object.entries(config.detection.latenessByAgency)),
        bytesMax: config.detection.correlationBytesMax,
      },
      rememberSenderIdsMs: config.senderIds.days * DAY_MS,
      loadBundle: (hash) => loadBundle(join(config.dataFolder, 'bundles'), hash),
      integrityFolder: join(config.dataFolder, 'integrity'),
      loadIndicators: (hash) => loadIndicators(join(config.dataFolder, 'indicators'), hash),
    },
    {
      openReader: (seq) => SpoolReader.open(join(config.dataFolder, 'spool'), seq),
      store,
      local,
      durable: () => durable,
      moreDurable: (seq, waitMsMax) =>
        new Promise((resolve) => {
          if (durable > seq || stopped) return resolve()
          wake = resolve
          if (waitMsMax !== undefined) setTimeout(resolve, waitMsMax)
        }),
      stopped: () => stopped,
      report: tell,
    },
  )
  await store.close()
}
local.close()
tell({ kind: 'stopped' })
storePort.close() // an open port keeps the thread alive
port.close()
