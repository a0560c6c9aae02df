import { rm, writeFile } from 'node:fs/promises'
import { parentPort, workerData } from 'node:worker_threads'
import { DuckDBInstance } from '@duckdb/node-api'
import type { EcsValue } from '../../model/event.ts'
import { giveWayToIngest } from './give-way.ts'
import { COLUMNS } from './columns.ts'
import { literal } from './database.ts'
import { publish } from './files.ts'
import {
  blocksOf,
  filterPath,
  type Identity,
  openFilter,
  type Opened,
  startFilter,
  type Times,
  timesOf,
} from './filter.ts'
import type { Needed } from './keys.ts'
import { integersOf, textsOf } from './vectors.ts'

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
  /** It can be asked, and takes so much room. */
  | { kind: 'ready'; path: string; bytes: number }
  | { kind: 'problem'; message: string }

/** Thread shell: makes filters, and asks them meanwhile. */
giveWayToIngest()
const { folder } = workerData as { folder: string }
const port = parentPort!
const tell = (message: FromFilters): void => port.postMessage(message)

const opened = new Map<string, Opened>()
const waiting: Filtered[] = []
let making: Promise<void> | null = null
let stopped = false

function filterOf(segment: Filtered): Opened | null {
  const known = opened.get(segment.path)
  if (known !== undefined) return known
  const filter = openFilter(`${folder}/${filterPath(segment.path)}`, segment)
  if (filter !== null) {
    opened.set(segment.path, filter)
    tell({ kind: 'ready', path: segment.path, bytes: filter.fileBytes })
  }
  return filter
}

function ask(segment: Filtered, needed: Needed): Times[] | null {
  const filter = filterOf(segment)
  if (filter === null) return null
  try {
    return timesOf(filter, blocksOf(filter, needed))
  } catch {
    opened.delete(segment.path) // gone with its segment, or out of reach: every row is looked at
    return null
  }
}

/** Columns whose values are looked for; those of times are in the statistics of the files. */
const FIELDS = [...COLUMNS].filter(([name, kind]) => kind !== 'time' && name !== 'soc.seq')
const SELECTED = [
  'epoch_ms("@timestamp")',
  ...['event.original', 'rest', ...FIELDS.map(([name]) => name)].map((name) => `"${name}"`),
].join(', ')

async function makeAll(): Promise<void> {
  for (let segment = waiting.shift(); segment !== undefined; segment = waiting.shift()) {
    try {
      if (filterOf(segment) !== null) continue
      await make(segment)
      filterOf(segment)
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
      `SELECT ${SELECTED} FROM read_parquet([${literal(`${folder}/${segment.path}`)}])`,
    )
    for (let chunk = await rows.fetchChunk(); chunk !== null && chunk.rowCount > 0; chunk = await rows.fetchChunk()) {
      if (stopped) return
      const [times, lines, rests] = [integersOf(chunk, 0), textsOf(chunk, 1), textsOf(chunk, 2)]
      const columns = FIELDS.map(([, kind], i) => (kind === 'text' ? textsOf : integersOf)(chunk, i + 3))
      for (let row = 0; row < chunk.rowCount; row++) {
        filter.begin(times[row]!, lines[row] ?? '')
        // An object of the whole event would be made only to be taken apart.
        for (let i = 0; i < FIELDS.length; i++) filter.field(FIELDS[i]![0], columns[i]![row])
        const rest = rests[row]
        if (typeof rest !== 'string') continue
        const fields = JSON.parse(rest) as Record<string, EcsValue>
        for (const name in fields) filter.field(name, fields[name])
      }
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

function answer({ id, needed, segments }: ToFilters & { kind: 'ask' }): void {
  tell({ kind: 'answer', id, times: segments.map((segment) => ask(segment, needed)) })
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
      answer(message)
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
