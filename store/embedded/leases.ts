/**
 * Lets readers finish with what is about to go. A reader holds a lease while it uses the tables and files it saw when it
 * began; what was taken out of sight since is destroyed when the last of those readers has ended.
 */
export class Leases {
  readonly #readers = new Set<symbol>()
  readonly #retired: { readers: Set<symbol>; resolve: () => void }[] = []

  /** @returns the function that ends the lease */
  take(): () => void {
    const reader = Symbol('reader')
    this.#readers.add(reader)
    return () => {
      this.#readers.delete(reader)
      for (const entry of this.#retired) entry.readers.delete(reader)
      this.#settle()
    }
  }

  /** Resolves when every reader of this moment has ended; later ones do not delay it. */
  async readersOfNow(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#retired.push({ readers: new Set(this.#readers), resolve })
      this.#settle()
    })
  }

  #settle(): void {
    for (let i = this.#retired.length - 1; i >= 0; i--) {
      if (this.#retired[i]!.readers.size === 0) this.#retired.splice(i, 1)[0]!.resolve()
    }
  }
}
