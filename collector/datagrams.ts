import { LRUCache } from 'lru-cache'
import type { Frame, Origin } from '../model/record.ts'
import { peerAddress, type InputContext } from './input.ts'
import { FRAME_OVERHEAD_BYTES, Lane } from './lane.ts'

const ORIGINS_MAX = 10_000
const CLOSE_TIMEOUT_MS = 5_000
/** One source may have so many times as much waiting as there is room left: three quarters of all when it is alone. */
const SHARE_OF_ROOM = 3

/**
 * The way into the spool for datagrams, whose senders cannot be told to wait: what does not fit is dropped, and counted for
 * its source. While the spool is slow, a source that floods is held to a share of the room that the others leave, so that
 * there is always some for those that send little.
 */
export class Datagrams {
  readonly #pendingBytesMax: number
  readonly #context: InputContext
  readonly #lane: Lane
  readonly #origins = new LRUCache<string, Origin>({ max: ORIGINS_MAX })
  /** Of each source, what is on its way to the disk. */
  readonly #waiting = new WeakMap<Origin, { bytes: number }>()

  constructor(pendingBytesMax: number, context: InputContext) {
    this.#pendingBytesMax = pendingBytesMax
    this.#context = context
    this.#lane = new Lane(context.spool, context.tally, (durable) => {
      for (const { origin, bytes } of durable) this.#of(origin).bytes -= bytes.length + FRAME_OVERHEAD_BYTES
    })
  }

  originOf(address: string): Origin {
    let origin = this.#origins.get(address)
    if (origin === undefined) {
      origin = { input: this.#context.name, address: peerAddress(address) }
      this.#origins.set(address, origin)
    }
    return origin
  }

  /** Takes the frame, or drops it. Nothing is no message. */
  take(frame: Frame): void {
    const { origin, bytes } = frame
    const { tally, quotas } = this.#context
    if (bytes.length === 0) return
    const waiting = this.#of(origin)
    const cost = bytes.length + FRAME_OVERHEAD_BYTES
    const room = this.#pendingBytesMax - this.#lane.bytes
    const fits = bytes.length <= room && (waiting.bytes === 0 || waiting.bytes + cost <= SHARE_OF_ROOM * (room - cost))
    if (!fits || quotas.ask(origin, 'dropped') > 0) {
      tally.dropped(origin, 1)
      return
    }
    quotas.charge(origin, 1, bytes.length)
    waiting.bytes += cost
    this.#lane.offer([frame])
  }

  /** Resolves when what was taken is durable, or given up. */
  async close(): Promise<void> {
    this.#lane.giveUpAfter(CLOSE_TIMEOUT_MS)
    const lost = await this.#lane.settle()
    if (lost.length === 0) return
    const { name, log } = this.#context
    log.error({ input: name, frames: lost.length }, 'frames lost: the spool did not take them')
  }

  #of(origin: Origin): { bytes: number } {
    let waiting = this.#waiting.get(origin)
    if (waiting === undefined) this.#waiting.set(origin, (waiting = { bytes: 0 }))
    return waiting
  }
}
