import { rm, writeFile } from 'node:fs/promises'
import { parentPort, workerData } from 'node:worker_threads'
import { DuckDBInstance } from '@duckdb/node-api'
import { decodeRow, SELECT_COLUMNS } from './columns.ts'
import { literal } from './database.ts'
import { publish } from './files.ts'
import { blocksOf, filterPath, type Identity, openFilter, type Opened, startFilter, type Times } from './filter.ts'
import type { Needed } from './keys.ts'

/** A sealed file to be filtered; `path` is relative to the folder of segments. */
export interface Filtered extends Identity {
  path: string
  rows: number
}

export type ToFilters =
  | { kind: 'ask'; id: number; needed: Needed; segments: Filtered[] }
  /** Makes the filters that are missing, one after another. */
  | { kind: 'make'; segments: Filtered[] }
  /** Of segments that are gone. */
  | { kind: 'forget'; paths: string[] }
  | { kind: 'stop' }

/** Times of the blocks that a segment's filter does not rule out, `null` where there is no filter. */
export type FromFilters =
  | { kind: 'answer'; id: number; times: (Times[] | null)[] }
  | { kind: 'problem'; message: string }

/** Thread shell: makes filters, and asks them meanwhile. */
const { folder } = workerData as { folder: string }
const port = parentPort!
const tell = (message: FromFilters): void => port.postMessage(message)

const opened = new Map<string, Opened>()
const waiting: Filtered[] = []
let making: Promise<void> | null = null
let stopped = false

async function filterOf(segment: Filtered): Promise<Opened | null> {
  const known = opened.get(segment.path)
  if (known !== undefined) return known
  const filter = await openFilter(`${folder}/${filterPath(segment.path)}`, segment)
  if (filter !== null) opened.set(segment.path, filter)
  return filter
}

async function ask(segment: Filtered, needed: Needed): Promise<Times[] | null> {
  const filter = await filterOf(segment)
  if (filter === null) return null
  try {
    const blocks = blocksOf(filter, needed)
    return filter.blocks.filter((_, i) => (blocks & (1 << i)) !== 0)
  } catch {
    opened.delete(segment.path) // gone with its segment, or out of reach: every row is looked at
    return null
  }
}

async function makeAll(): Promise<void> {
  for (let segment = waiting.shift(); segment !== undefined; segment = waiting.shift()) {
    try {
      if ((await filterOf(segment)) === null) await make(segment)
    } catch (error) {
      // A segment may have gone meanwhile; whatever it is, searches do without.
      tell({ kind: 'problem', message: `no filter for ${segment.path}: ${String(error)}` })
    }
  }
  making = null
}

async function make(segment: Filtered): Promise<void> {
  const filter = startFilter(segment.rows)
  const instance = await DuckDBInstance.create(':memory:', {
    memory_limit: '256MB',
    threads: '1',
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  })
  const connection = await instance.connect()
  try {
    const rows = await connection.stream(
      `SELECT ${SELECT_COLUMNS} FROM read_parquet([${literal(`${folder}/${segment.path}`)}])`,
    )
    for (let chunk = await rows.fetchChunk(); chunk !== null && chunk.rowCount > 0; chunk = await rows.fetchChunk()) {
      if (stopped) return
      for (const row of chunk.getRows()) filter.add(decodeRow(row))
    }
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
  const path = `${folder}/${filterPath(segment.path)}`
  try {
    await writeFile(`${path}.tmp`, filter.finish(segment), { mode: 0o600 })
    await publish(`${path}.tmp`, path)
  } catch (error) {
    await rm(`${path}.tmp`, { force: true })
    throw error
  }
}

async function answer({ id, needed, segments }: ToFilters & { kind: 'ask' }): Promise<void> {
  const times: (Times[] | null)[] = []
  for (const segment of segments) times.push(await ask(segment, needed))
  tell({ kind: 'answer', id, times })
}

async function stop(): Promise<void> {
  stopped = true
  waiting.length = 0
  await making
  port.close()
}

port.on('message', (message: ToFilters) => {
  switch (message.kind) {
    case 'ask':
      void answer(message)
      break
    case 'make':
      waiting.push(...message.segments)
      making ??= makeAll()
      break
    case 'forget':
      for (const path of message.paths) opened.delete(path)
      break
    default:
      void stop()
  }
})
