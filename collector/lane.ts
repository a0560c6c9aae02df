import { setTimeout as sleep } from 'node:timers/promises'
import type { Frame } from '../model/record.ts'
import { SpoolError } from './spool/errors.ts'
import type { Spool } from './spool/spool.ts'
import type { Tally } from './tally.ts'

const RETRY_MS = 200
/** What a waiting frame costs beside its bytes. */
export const FRAME_OVERHEAD_BYTES = 64

/**
 * The way into the spool for an input that cannot be told «no»: frames of one connection, in order, one append at a time and
 * everything that came meanwhile in the next. A spool that refuses for now is asked again; nothing that was offered is lost
 * while the process lives, so whoever offers must stop reading, or drop and count, when `bytes` grows.
 */
export class Lane {
  readonly #spool: Spool
  readonly #tally: Tally
  readonly #onProgress: (durable: readonly Frame[]) => void
  readonly #abort = new AbortController()
  #waiting: Frame[] = []
  #sending: readonly Frame[] = []
  #bytes = 0
  #stalled = false
  #running: Promise<void> | null = null

  /** @param onProgress told what has become durable; nothing: the spool has refused it for now */
  constructor(spool: Spool, tally: Tally, onProgress: (durable: readonly Frame[]) => void = () => undefined) {
    this.#spool = spool
    this.#tally = tally
    this.#onProgress = onProgress
  }

  /** Memory that waiting frames take, roughly. */
  get bytes(): number {
    return this.#bytes
  }

  /** The spool has refused the frames at the head. */
  get stalled(): boolean {
    return this.#stalled
  }

  /** Frames offered that are not durable. */
  get waiting(): number {
    return this.#waiting.length + this.#sending.length
  }

  offer(frames: readonly Frame[]): void {
    for (const frame of frames) {
      this.#waiting.push(frame)
      this.#bytes += frame.bytes.length + FRAME_OVERHEAD_BYTES
    }
    this.#running ??= this.#run()
  }

  /** Resolves when all that was offered is durable, or the spool will never take it; gives the frames lost. */
  async settle(): Promise<readonly Frame[]> {
    while (this.#running !== null) await this.#running
    for (const { origin } of this.#waiting) this.#tally.dropped(origin, 1)
    return this.#waiting
  }

  /** From `timeoutMs` on a spool that refuses is not asked again. */
  giveUpAfter(timeoutMs: number): void {
    setTimeout(() => this.#abort.abort(), timeoutMs).unref()
  }

  async #run(): Promise<void> {
    try {
      while (this.#waiting.length > 0) {
        this.#sending = this.#waiting
        this.#waiting = []
        const frames = this.#sending
        const refusal = await this.#send()
        if (refusal === null) this.#onProgress(frames)
        else if (!(await this.#pause(refusal))) return
      }
    } finally {
      this.#running = null
    }
  }

  async #send(): Promise<SpoolError | null> {
    const frames = this.#sending
    try {
      await this.#spool.append(frames)
    } catch (error) {
      this.#waiting = [...frames, ...this.#waiting]
      this.#sending = []
      this.#stalled = true
      this.#onProgress([])
      if (error instanceof SpoolError) return error
      throw error
    }
    this.#sending = []
    this.#stalled = false
    for (const { bytes } of frames) this.#bytes -= bytes.length + FRAME_OVERHEAD_BYTES
    this.#tally.received(frames)
    return null
  }

  /** False: there is no use in asking again. */
  async #pause({ code }: SpoolError): Promise<boolean> {
    if (code !== 'disk_full' && code !== 'overloaded') return false
    try {
      await sleep(RETRY_MS, undefined, { signal: this.#abort.signal })
      return true
    } catch {
      return false
    }
  }
}
