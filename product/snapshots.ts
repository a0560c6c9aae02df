import { dropSnapshots, makeSnapshot } from '../data-folder/snapshot.ts'
import type { Store } from '../store/store.ts'

/** Everything as of now, for `soc backup`; one at a time. What would delete files waits for its end. */
export class Snapshots {
  readonly #dataFolder: string
  #taking = false
  #forget = (): void => undefined

  constructor(dataFolder: string) {
    this.#dataFolder = dataFolder
  }

  /** @returns the folder of the snapshot @throws one is being taken already */
  async take(store: Store): Promise<string> {
    if (this.#taking) throw new Error('a snapshot is being taken already')
    this.#taking = true
    try {
      await dropSnapshots(this.#dataFolder)
      return await makeSnapshot(this.#dataFolder, {
        ...(store.engine === 'embedded' && { copyStore: (folder: string) => store.snapshot!(folder) }),
      })
    } finally {
      this.#taking = false
      this.#forget()
    }
  }

  /** Deletes now, or when a snapshot that has not reached it yet is taken; of several only the newest. */
  forget(forget: () => void): void {
    this.#forget = forget
    if (!this.#taking) forget()
  }

  /** Snapshots that nobody fetched; those older than `olderThanMs` (epoch ms), or all. */
  async tidy(olderThanMs?: number): Promise<void> {
    if (!this.#taking) await dropSnapshots(this.#dataFolder, olderThanMs)
  }
}
