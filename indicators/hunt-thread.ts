import { parentPort, workerData } from 'node:worker_threads'
import type { NeverList } from '../detection/indicators/never.ts'
import { loadLines, type KeptLines } from './files.ts'
import type { EcsEvent } from '../model/event.ts'
import { huntedIn } from '../api/indicators/hunted.ts'

/** Holds events that it is sent against one file of indicators. */
export interface HuntTask {
  folder: string
  name: string
  lines: KeptLines
  never: NeverList
}

const { folder, name, lines, never } = workerData as HuntTask
const set = loadLines(folder, name, lines, never)
parentPort!.on('message', (events: readonly EcsEvent[]) => {
  parentPort!.postMessage(huntedIn(set, events))
})
