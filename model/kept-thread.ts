import { once } from 'node:events'
import { Worker } from 'node:worker_threads'

/** The work took longer than whoever asked for it may take. */
export class ThreadTimeout extends Error {
  override readonly name = 'ThreadTimeout'
}

/** What is asked for comes again soon: a thread that has loaded its code and tables answers several times as fast as a new one. */
const KEPT_MS = 60_000

/**
 * A thread for work that would keep the one that answers everybody: it gets a message, and answers with one, one piece of work after
 * another. It starts with the first piece, and is let go when nothing was asked of it for a while. Where it throws, it ends, whoever
 * asked is told, and the next piece has another.
 */
export class KeptThread<Work, Answer> {
  readonly #script: string | URL
  readonly #keptMs: number
  #last: Promise<unknown> = Promise.resolve()
  #thread: Worker | undefined
  #idle: NodeJS.Timeout | undefined

  /** @param script compiled */
  constructor(script: string | URL, { keptMs = KEPT_MS }: { keptMs?: number | undefined } = {}) {
    this.#script = script
    this.#keptMs = keptMs
  }

  /** @throws {ThreadTimeout} after `msMax` of its own turn; what the thread threw */
  ask(work: Work, msMax?: number): Promise<Answer> {
    const mine = this.#last.then(() => this.#answer(work, msMax))
    this.#last = mine.catch(() => undefined)
    return mine
  }

  async #answer(work: Work, msMax?: number): Promise<Answer> {
    clearTimeout(this.#idle)
    const thread = (this.#thread ??= this.#begin())
    thread.ref()
    thread.postMessage(work)
    try {
      const late = msMax === undefined ? {} : { signal: AbortSignal.timeout(msMax) }
      const [answer] = (await once(thread, 'message', late)) as [Answer]
      return answer
    } catch (error) {
      this.#end()
      throw error instanceof Error && error.name === 'AbortError'
        ? new ThreadTimeout(`not done within ${msMax} ms`)
        : error
    } finally {
      thread.unref()
      this.#idle = setTimeout(() => this.#end(), this.#keptMs).unref()
    }
  }

  #begin(): Worker {
    const thread = new Worker(this.#script)
    // What it still throws after an answer is nobody's: it only ends.
    thread.on('error', () => {
      if (this.#thread === thread) this.#thread = undefined
    })
    return thread
  }

  #end(): void {
    void this.#thread?.terminate()
    this.#thread = undefined
  }
}
