import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { ROOT } from '../../model/root.ts'
import type { LocalDatabase } from './database.ts'
import type { Figures, FiguresName, FiguresQuery } from './figures.ts'
import type { FromFigures, ToFigures } from './figures-thread.ts'

/** Compiled code, which a thread needs even where the rest runs from its sources. */
const THREAD = join(ROOT, 'dist', 'store', 'local', 'figures-thread.js')

/**
 * Figures over all incidents, made in a thread of their own with a connection of its own: they read every incident of a month, and
 * whoever asks for something else meanwhile does not wait. The thread starts with the first question.
 */
export class FiguresReader {
  readonly #path: string
  readonly #asked = new Map<number, { resolve: (figures: never) => void; reject: (error: Error) => void }>()
  #thread: Worker | null = null
  #exited: Promise<void> = Promise.resolve()
  #last = 0
  #closed = false

  /** @param db kept in a file */
  constructor(db: LocalDatabase) {
    this.#path = (
      db.prepare("SELECT file FROM pragma_database_list WHERE name = 'main'").get() as { file: string }
    ).file
  }

  /** @throws what the database threw, and where the thread ends meanwhile */
  async read<N extends FiguresName>(name: N, query: FiguresQuery<N>): Promise<Figures<N>> {
    if (this.#closed) throw new Error('the figures are closed')
    this.#thread ??= this.#start()
    const thread = this.#thread
    return new Promise((resolve, reject) => {
      const id = ++this.#last
      this.#asked.set(id, { resolve, reject })
      thread.postMessage({ id, name, query })
    })
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#thread?.postMessage('stop' satisfies ToFigures)
    await this.#exited
  }

  #start(): Worker {
    const thread = new Worker(THREAD, { workerData: { path: this.#path } })
    let reason = new Error('the thread of the figures ended')
    thread.on('message', (answer: FromFigures) => {
      const asked = this.#asked.get(answer.id)
      this.#asked.delete(answer.id)
      if ('figures' in answer) asked?.resolve(answer.figures as never)
      else asked?.reject(new Error(answer.failed))
    })
    thread.on('error', (error) => {
      reason = error instanceof Error ? error : new Error(String(error))
    })
    this.#exited = new Promise((resolve) => {
      thread.on('exit', () => {
        this.#thread = null // the next question starts another
        for (const { reject } of this.#asked.values()) reject(reason)
        this.#asked.clear()
        resolve()
      })
    })
    return thread
  }
}
