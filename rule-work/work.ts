import { Worker } from 'node:worker_threads'
import type { CheckedDraft, RuleDraft, TriedDraft } from '../api/services.ts'
import type { Overlap } from '../detection/overlap.ts'
import type { TryoutSetting } from './draft.ts'
import type { MutationReport } from './mutation.ts'

export type RuleWork = { rulesFolder: string } & (
  | { kind: 'mutate'; rule: string }
  /** All rules are held against one another. */
  | { kind: 'overlaps' }
  | { kind: 'check'; draft: RuleDraft }
  | { kind: 'try'; draft: RuleDraft; lines: readonly string[]; setting: TryoutSetting }
)

/** The work took longer than somebody who waits for it may ask for. */
export class RuleWorkTimeout extends Error {
  override readonly name = 'RuleWorkTimeout'
}

/** Somebody waits, and what they wrote may be anything. */
const DRAFT_MS_MAX = 60_000

/** Work on rules that takes seconds, in threads of its own, one after another: the main thread answers senders. */
export class RuleWorker {
  readonly #rulesFolder: string
  #last: Promise<unknown> = Promise.resolve()

  constructor(rulesFolder: string) {
    this.#rulesFolder = rulesFolder
  }

  async mutate(rule: string): Promise<MutationReport> {
    const [report] = await this.#run<MutationReport[]>({ rulesFolder: this.#rulesFolder, kind: 'mutate', rule })
    return report ?? { rule, path: '', title: '', mutants: 0, survivors: [] } // a correlation has no predicates
  }

  overlaps(): Promise<Overlap[]> {
    return this.#run({ rulesFolder: this.#rulesFolder, kind: 'overlaps' })
  }

  /** @throws {RuleWorkTimeout} */
  check(draft: RuleDraft): Promise<CheckedDraft> {
    return this.#run({ rulesFolder: this.#rulesFolder, kind: 'check', draft }, DRAFT_MS_MAX)
  }

  /** @throws {RuleWorkTimeout} */
  tryOut(draft: RuleDraft, lines: readonly string[], setting: TryoutSetting): Promise<TriedDraft> {
    return this.#run({ rulesFolder: this.#rulesFolder, kind: 'try', draft, lines, setting }, DRAFT_MS_MAX)
  }

  #run<T>(work: RuleWork, msMax?: number): Promise<T> {
    const start = (): Promise<T> =>
      new Promise((resolve, reject) => {
        const worker = new Worker(new URL('work-thread.js', import.meta.url), { workerData: work })
        worker.on('message', (found: T) => resolve(found))
        worker.on('error', reject)
        const late = (): void => {
          reject(new RuleWorkTimeout(`not done within ${msMax} ms`))
          void worker.terminate()
        }
        const timer = msMax === undefined ? undefined : setTimeout(late, msMax)
        worker.on('exit', () => {
          clearTimeout(timer)
          reject(new Error('work on the rules ended without a result'))
        })
      })
    const mine = this.#last.then(start)
    this.#last = mine.catch(() => undefined)
    return mine
  }
}
