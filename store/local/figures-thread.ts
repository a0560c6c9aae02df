import { parentPort, workerData } from 'node:worker_threads'
import { openLocal } from './database.ts'
import { FIGURES, type Figures, type FiguresName, type FiguresQuery } from './figures.ts'

/** A question, or the wish that the thread end. */
export type ToFigures = { [N in FiguresName]: { id: number; name: N; query: FiguresQuery<N> } }[FiguresName] | 'stop'
export type FromFigures = { id: number } & ({ figures: Figures<FiguresName> } | { failed: string })

const { path } = workerData as { path: string }
const db = openLocal(path)

parentPort!.on('message', (message: ToFigures) => {
  if (message === 'stop') {
    db.close()
    parentPort!.close()
    return
  }
  const { id } = message
  let answer: FromFigures
  try {
    const figures = message.name === 'wall' ? FIGURES.wall(db, message.query) : FIGURES.overview(db, message.query)
    answer = { id, figures }
  } catch (error) {
    answer = { id, failed: String(error) }
  }
  parentPort!.postMessage(answer)
})
