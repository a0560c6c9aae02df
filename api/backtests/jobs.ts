import { randomBytes } from 'node:crypto'
import type { LocalDatabase } from '../../store/local/database.ts'
import { addHistory } from '../../store/local/history.ts'
import type { Scope } from '../../store/store.ts'
import { covers } from '../access/policy.ts'
import { Problem } from '../problem.ts'
import type { Answer, Progress, Question } from './backtest.ts'
import { fateOf, type Fate } from './fate.ts'

/** A backtest under way: in a process of its own, at low priority. */
export interface Running {
  answer: Promise<Answer>
  /** Ends it; `answer` rejects. */
  cancel(): void
}

/** Starts a backtest. */
export type StartBacktest = (question: Question, onProgress: (progress: Progress) => void) => Running

export interface Backtest {
  id: string
  kind: 'rules' | 'exception'
  from: string
  to: string
  state: 'waiting' | 'running' | 'done' | 'failed' | 'cancelled'
  progress: Progress
  createdAt: string
  finishedAt?: string
  /** Why it failed. */
  reason?: string
  result?: Answer & { fate: Fate }
}

interface Job {
  view: Backtest
  owner: { id: string; name: string }
  question: () => Question
  scope: Scope
  running?: Running
}

const KEPT_PER_OWNER_MAX = 20
const WAITING_MAX = 20

/** Backtests, one after the other: a machine that takes in logs has no more to give. They are gone when the program stops. */
export class BacktestJobs {
  readonly #jobs = new Map<string, Job>()
  readonly #start: StartBacktest
  readonly #local: LocalDatabase
  readonly #clock: () => number
  #turn: Promise<void> = Promise.resolve()

  constructor(options: { start: StartBacktest; local: LocalDatabase; clock: () => number }) {
    this.#start = options.start
    this.#local = options.local
    this.#clock = options.clock
  }

  /** @throws {Problem} rate_limited: too many wait */
  add(
    owner: Job['owner'],
    kind: Backtest['kind'],
    scope: Scope,
    range: { from: string; to: string },
    question: () => Question,
  ): Backtest {
    if ([...this.#jobs.values()].filter(({ view }) => !isOver(view)).length >= WAITING_MAX) {
      throw new Problem('rate_limited', `at most ${WAITING_MAX} backtests wait`)
    }
    const own = [...this.#jobs.values()].filter((job) => job.owner.id === owner.id)
    for (const { view } of own.slice(0, Math.max(0, own.length - KEPT_PER_OWNER_MAX + 1))) {
      if (isOver(view)) this.#jobs.delete(view.id)
    }
    const id = randomBytes(12).toString('hex')
    const view: Backtest = {
      id,
      kind,
      ...range,
      state: 'waiting',
      progress: { done: 0, of: 1, read: 0, matched: 0 },
      createdAt: this.#now(),
    }
    const job: Job = { view, owner, question, scope }
    this.#note(job, 'backtest_started')
    this.#jobs.set(id, job)
    this.#turn = this.#turn.then(() => this.#run(job))
    return view
  }

  /** Without their results. */
  list(owner: string): Omit<Backtest, 'result'>[] {
    const own = [...this.#jobs.values()].filter((job) => job.owner.id === owner)
    return own.map(({ view: { id, kind, from, to, state, progress, createdAt, finishedAt, reason } }) => ({
      id,
      kind,
      from,
      to,
      state,
      progress,
      createdAt,
      ...(finishedAt !== undefined && { finishedAt }),
      ...(reason !== undefined && { reason }),
    }))
  }

  /** Null where there is none of that owner, or where they no longer see all that it is about. */
  get(owner: string, id: string, scope: Scope): Backtest | null {
    const job = this.#jobs.get(id)
    return job?.owner.id === owner && covers(scope, job.scope) ? job.view : null
  }

  /** Ends one that is not over, and forgets one that is. */
  remove(owner: string, id: string): boolean {
    const job = this.#jobs.get(id)
    if (job?.owner.id !== owner) return false
    if (isOver(job.view)) this.#jobs.delete(id)
    else this.#cancel(job)
    return true
  }

  async close(): Promise<void> {
    for (const job of this.#jobs.values()) if (!isOver(job.view)) this.#cancel(job)
    await this.#turn
  }

  #cancel(job: Job): void {
    job.view.state = 'cancelled'
    job.running?.cancel()
  }

  /** Never rejects: how it ended is its state. */
  async #run(job: Job): Promise<void> {
    const { view } = job
    if (view.state !== 'waiting') return
    view.state = 'running'
    try {
      job.running = this.#start(job.question(), (progress) => {
        view.progress = progress
      })
      const answer = await job.running.answer
      const fate = await fateOf(this.#local, answer.gone, job.scope)
      view.result = { ...answer, fate }
      if (!isCancelled(view)) view.state = 'done'
    } catch (error) {
      if (!isCancelled(view)) {
        view.state = 'failed'
        view.reason = error instanceof Error ? error.message : String(error)
      }
    }
    view.finishedAt = this.#now()
    try {
      this.#note(job, `backtest_${view.state}`)
    } catch {
      // Its start is on record; a database that is full must not end the program.
    }
  }

  #now(): string {
    return new Date(this.#clock()).toISOString()
  }

  #note({ view, owner }: Job, code: string): void {
    const { id, kind, from, to } = view
    const entry = { actor: owner.name, subject: { kind: 'search' as const, id: owner.id }, code }
    addHistory(this.#local, [{ at: this.#now(), ...entry, params: { backtest: id, kind, from, to } }])
  }
}

/** Read anew: another turn may have changed it. */
function isCancelled({ state }: Backtest): boolean {
  return state === 'cancelled'
}

function isOver({ state, finishedAt }: Backtest): boolean {
  return state !== 'waiting' && (state !== 'running' || finishedAt !== undefined)
}
