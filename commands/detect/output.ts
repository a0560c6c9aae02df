import type { Writable } from 'node:stream'

const HELD_UNITS_MAX = 1 << 16

/** Lines to a stream, many at a time. */
export class Output {
  readonly #stream: Writable
  #held = ''

  constructor(stream: Writable) {
    this.#stream = stream
    // What goes wrong comes to `flush`; told a second time, to nobody, it would end the process.
    if (stream.listenerCount('error') === 0) stream.on('error', () => {})
  }

  write(line: string): void {
    this.#held += `${line}\n`
  }

  /** Whether it is time to `flush`. */
  get isFull(): boolean {
    return this.#held.length > HELD_UNITS_MAX
  }

  /**
   * Waits until the reader has taken what is held.
   * @returns false once nobody reads any more
   * @throws what else went wrong with the stream
   */
  async flush(): Promise<boolean> {
    if (this.#held === '') return true
    const text = this.#held
    this.#held = ''
    const error = await new Promise<Error | null | undefined>((resolve) => this.#stream.write(text, resolve))
    if (!error) return true
    if ('code' in error && (error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED')) return false
    throw error
  }
}
