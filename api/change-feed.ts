import { type Change, changesAfter, lastPosition } from '../store/local/changes.ts'
import type { LocalDatabase } from '../store/local/database.ts'

const LOOK_EVERY_MS = 500
const CHANGES_AT_ONCE = 500

type Listener = (changes: readonly Change[]) => void

/**
 * Tells listeners what was written into the history about incidents, by whichever thread or process: it looks twice a second, and
 * not at all while nobody listens.
 */
export class ChangeFeed {
  readonly #db: LocalDatabase
  readonly #listeners = new Set<Listener>()
  #position = 0
  #timer: NodeJS.Timeout | null = null

  constructor(db: LocalDatabase) {
    this.#db = db
  }

  /** Changes after this call. @returns what ends it */
  listen(listener: Listener): () => void {
    if (this.#listeners.size === 0) {
      this.#position = lastPosition(this.#db)
      this.#timer = setInterval(() => this.look(), LOOK_EVERY_MS).unref()
    }
    this.#listeners.add(listener)
    return () => {
      this.#listeners.delete(listener)
      if (this.#listeners.size === 0 && this.#timer !== null) {
        clearInterval(this.#timer)
        this.#timer = null
      }
    }
  }

  /** Looks now. */
  look(): void {
    try {
      for (;;) {
        const { changes, through } = changesAfter(this.#db, this.#position, CHANGES_AT_ONCE)
        this.#position = through
        if (changes.length > 0) for (const listener of this.#listeners) listener(changes)
        if (changes.length < CHANGES_AT_ONCE) return
      }
    } catch {
      // The database is busy or its disk is full: the next look finds the same.
    }
  }
}
