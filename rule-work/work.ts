import type { CheckedDraft, RuleDraft, TriedDraft } from '../api/services.ts'
import type { Overlap } from '../detection/overlap.ts'
import { KeptThread } from '../model/kept-thread.ts'
import type { TryoutSetting } from './draft.ts'
import type { MutationReport } from './mutation.ts'

export type RuleWork = { rulesFolder: string } & (
  | { kind: 'mutate'; rule: string }
  /** All rules are held against one another. */
  | { kind: 'overlaps' }
  | { kind: 'check'; draft: RuleDraft }
  | { kind: 'try'; draft: RuleDraft; lines: readonly string[]; setting: TryoutSetting }
)

/** Somebody waits, and what they wrote may be anything. */
const DRAFT_MS_MAX = 60_000

/** Work on rules that takes seconds, in a thread of its own: the main thread answers senders. */
export class RuleWorker {
  readonly #rulesFolder: string
  readonly #draftMsMax: number
  readonly #thread: KeptThread<RuleWork, unknown>

  /** @param limits how long a draft may take, and how long the thread is kept for more work */
  constructor(
    rulesFolder: string,
    { draftMsMax = DRAFT_MS_MAX, keptMs }: { draftMsMax?: number; keptMs?: number } = {},
  ) {
    this.#rulesFolder = rulesFolder
    this.#draftMsMax = draftMsMax
    this.#thread = new KeptThread(new URL('work-thread.js', import.meta.url), { keptMs })
  }

  async mutate(rule: string): Promise<MutationReport> {
    const [report] = await this.#run<MutationReport[]>({ rulesFolder: this.#rulesFolder, kind: 'mutate', rule })
    return report ?? { rule, path: '', title: '', mutants: 0, survivors: [] } // a correlation has no predicates
  }

  overlaps(): Promise<Overlap[]> {
    return this.#run({ rulesFolder: this.#rulesFolder, kind: 'overlaps' })
  }

  /** @throws {ThreadTimeout} */
  check(draft: RuleDraft): Promise<CheckedDraft> {
    return this.#run({ rulesFolder: this.#rulesFolder, kind: 'check', draft }, this.#draftMsMax)
  }

  /** @throws {ThreadTimeout} */
  tryOut(draft: RuleDraft, lines: readonly string[], setting: TryoutSetting): Promise<TriedDraft> {
    return this.#run({ rulesFolder: this.#rulesFolder, kind: 'try', draft, lines, setting }, this.#draftMsMax)
  }

  #run<T>(work: RuleWork, msMax?: number): Promise<T> {
    return this.#thread.ask(work, msMax) as Promise<T>
  }
}
