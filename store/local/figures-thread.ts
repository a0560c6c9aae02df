import { parentPort, workerData } from 'node:worker_threads'
import { openLocal } from './database.ts'
import { type Overview, type OverviewQuery, overviewOf } from './figures.ts'

/** A question, or the wish that the thread end. */
export type ToFigures = { id: number; query: OverviewQuery } | 'stop'
export type FromFigures = { id: number } & ({ overview: Overview } | { failed: string })

const { path } = workerData as { path: string }
const db = openLocal(path)

parentPort!.on('message', (message: ToFigures) => {
  if (message === 'stop') {
    db.close()
    parentPort!.close()
    return
  }
  const { id, query } = message
  let answer: FromFigures
  try {
    answer = { id, overview: overviewOf(db, query) }
  } catch (error) {
    answer = { id, failed: String(error) }
  }
  parentPort!.postMessage(answer)
})
