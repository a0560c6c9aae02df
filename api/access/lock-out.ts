import { LRUCache } from 'lru-cache'

/** Wrong passwords before the first wait. */
const FAILURES_FREE = 5
const WAIT_FIRST_MS = 30_000
const WAIT_LONGEST_MS = 15 * 60_000
/** Failures older than this are forgotten. */
const MEMORY_MS = 24 * 3_600_000
/** Pairs remembered: guesses from outside must not fill the memory, let alone the disk. */
const PAIRS_MAX = 20_000

/**
 * Counts wrong passwords by account and address. From the fifth on each doubles the wait, from 30 seconds up to 15
 * minutes. The address is part of the key because otherwise anyone could lock anyone out.
 */
export class LockOut {
  readonly #failures = new LRUCache<string, { count: number; untilMs: number }>({ max: PAIRS_MAX, ttl: MEMORY_MS })

  /** Milliseconds until this pair may try again; 0 where it may. */
  waitMs(account: string, address: string, nowMs: number): number {
    const found = this.#failures.get(`${account}\0${address}`)
    return found === undefined ? 0 : Math.max(0, found.untilMs - nowMs)
  }

  /** True where this failure starts a wait. */
  failed(account: string, address: string, nowMs: number): boolean {
    const key = `${account}\0${address}`
    const count = (this.#failures.get(key)?.count ?? 0) + 1
    const over = count - FAILURES_FREE
    const waitMs = over < 0 ? 0 : Math.min(WAIT_LONGEST_MS, WAIT_FIRST_MS * 2 ** Math.min(over, 10))
    this.#failures.set(key, { count, untilMs: nowMs + waitMs })
    return waitMs > 0
  }

  succeeded(account: string, address: string): void {
    this.#failures.delete(`${account}\0${address}`)
  }
}
