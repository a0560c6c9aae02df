import { Worker } from 'node:worker_threads'
import type { Overlap } from '../detection/overlap.ts'
import type { MutationReport } from './mutation.ts'

/** Without a rule: all rules are held against one another. */
export interface RuleWork {
  rulesFolder: string
  rule?: string
}

/** Work on rules that takes seconds, in threads of its own, one after another: the main thread answers senders. */
export class RuleWorker {
  readonly #rulesFolder: string
  #last: Promise<unknown> = Promise.resolve()

  constructor(rulesFolder: string) {
    this.#rulesFolder = rulesFolder
  }

  async mutate(rule: string): Promise<MutationReport> {
    const [report] = await this.#run<MutationReport[]>({ rulesFolder: this.#rulesFolder, rule })
    return report ?? { rule, path: '', title: '', mutants: 0, survivors: [] } // a correlation has no predicates
  }

  overlaps(): Promise<Overlap[]> {
    return this.#run({ rulesFolder: this.#rulesFolder })
  }

  #run<T>(work: RuleWork): Promise<T> {
    const start = (): Promise<T> =>
      new Promise((resolve, reject) => {
        const worker = new Worker(new URL('work-thread.js', import.meta.url), { workerData: work })
        worker.on('message', (found: T) => resolve(found))
        worker.on('error', reject)
        worker.on('exit', () => reject(new Error('work on the rules ended without a result')))
      })
    const mine = this.#last.then(start)
    this.#last = mine.catch(() => undefined)
    return mine
  }
}
