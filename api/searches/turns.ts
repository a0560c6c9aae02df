import type { FastifyRequest } from 'fastify'
import { Problem } from '../problem.ts'

/** Searches that one asker may have under way; the engine runs few at once, and others wait for them. */
const AT_ONCE = 4

/** Runs searches, few for each asker at once, and cancels those whose client has gone. */
export class SearchTurns {
  readonly #running = new Map<string, number>()

  /** @throws {Problem} `rate_limited` */
  async take<T>(asker: string, request: FastifyRequest, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const running = this.#running.get(asker) ?? 0
    if (running >= AT_ONCE) {
      throw new Problem('rate_limited', `${AT_ONCE} searches are under way`, { headers: { 'retry-after': '1' } })
    }
    this.#running.set(asker, running + 1)
    const closed = new AbortController()
    const close = (): void => closed.abort()
    request.raw.socket.once('close', close)
    try {
      return await work(closed.signal)
    } finally {
      request.raw.socket.off('close', close)
      const left = this.#running.get(asker)! - 1
      if (left === 0) this.#running.delete(asker)
      else this.#running.set(asker, left)
    }
  }
}
