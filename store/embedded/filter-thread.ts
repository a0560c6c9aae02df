import { setImmediate as otherWork } from 'node:timers/promises'
import { parentPort, workerData } from 'node:worker_threads'
import { giveWayToIngest } from './give-way.ts'
import { blocksOfEach, filterPath, type Identity, openFilter, type Opened, type Times, timesOf } from './filter.ts'
import type { Needed } from './keys.ts'

/** A sealed file to be filtered; `path` is relative to the folder of segments. */
export interface Filtered extends Identity {
  path: string
  rows: number
}

export type ToFilters =
  | { kind: 'ask'; id: number; needed: Needed; denied: Needed[]; segments: Filtered[] }
  /** Makes the filters that are missing, one after another. */
  | { kind: 'make'; segments: Filtered[] }
  /** Of segments that are gone. */
  | { kind: 'forget'; paths: string[] }
  | { kind: 'stop' }

/** What a segment's filter tells. */
export interface Asked {
  /** Times of the blocks that it does not rule out, `null` where there is no filter or it rules none out. */
  times: Times[] | null
  /** What of the denied it rules out everywhere, a bit for each. */
  nowhere: number
}

export type FromFilters =
  | { kind: 'answer'; id: number; answers: Asked[] }
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

function ask(segment: Filtered, needed: Needed, denied: readonly Needed[]): Asked {
  const filter = filterOf(segment)
  if (filter === null) return { times: null, nowhere: 0 }
  try {
    const [blocks = 0, ...others] = blocksOfEach(filter, [needed, ...denied])
    const times = timesOf(filter, blocks)
    return {
      times: times.length === filter.blocks.length ? null : times,
      nowhere: others.reduce((bits, own, i) => (own === 0 ? bits | (1 << i) : bits), 0),
    }
  } catch {
    opened.delete(segment.path) // gone with its segment, or out of reach: every row is looked at
    return { times: null, nowhere: 0 }
  }
}

async function makeAll(): Promise<void> {
  for (let segment = waiting.shift(); segment !== undefined; segment = waiting.shift()) {
    try {
      await otherWork() // who asks meanwhile does not wait for more than one
      if (filterOf(segment) !== null) continue
      // Loaded where there is something to make: with the database, it takes longer to load than all that it takes to ask.
      const { makeFilter } = await import('./make-filter.ts')
      await makeFilter(folder, segment, () => stopped)
      filterOf(segment)
    } catch (error) {
      // A segment may have gone meanwhile; whatever it is, searches do without.
      tell({ kind: 'problem', message: `no filter for ${segment.path}: ${String(error)}` })
    }
  }
  making = null
}

function answer({ id, needed, denied, segments }: ToFilters & { kind: 'ask' }): void {
  tell({ kind: 'answer', id, answers: segments.map((segment) => ask(segment, needed, denied)) })
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
