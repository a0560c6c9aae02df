/** Between two hand-outs: what they cost does not grow with the traffic. */
const HAND_OUT_EVERY_MS = 20
/** A source that did not ask for this long gets nothing more, and gives back what it has. */
const IDLE_MS = 10_000
/** A source saves up what comes in this long; what it does not want beyond that is for the others. */
const SAVED_MS = 1_000
const SOURCES_MAX = 1_000
/** Rounds in which what some could not use is given to the others; what is left after them is kept. */
const ROUNDS_MAX = 8

interface Share {
  /** Below 0: a debt, for what was taken as a whole although it was more than there was. */
  balance: number
  askedAtMs: number
}

/**
 * A token bucket that many sources draw on: `perSecond` flow in, and are shared out so that nobody gets less than an equal
 * part unless it wants less, and what one does not want goes to the others in equal parts (max-min fairness). What nobody
 * wants is saved up to `burst`, first come, first served.
 *
 * The clock is the caller's, in milliseconds, and does not go back.
 */
export class FairBucket {
  readonly #perSecond: number
  readonly #burst: number
  readonly #shares = new Map<string, Share>()
  #saved: number
  #handedOutAtMs: number
  /** Sources between which the flow was last divided. */
  #hungry = 1

  constructor(perSecond: number, burst: number, nowMs: number) {
    this.#perSecond = perSecond
    this.#burst = burst
    this.#saved = burst
    this.#handedOutAtMs = nowMs
  }

  /** Milliseconds until there is something for `source`; 0: there is. */
  waitMs(source: string, nowMs: number): number {
    this.#handOut(nowMs)
    const { balance } = this.#shareOf(source, nowMs)
    const missing = -(balance + this.#saved)
    if (missing < 0) return 0
    return Math.max(HAND_OUT_EVERY_MS, Math.ceil((missing / this.#perSecond) * this.#hungry * 1_000))
  }

  /** Takes `count`, whether there is so much or not: what is missing is a debt. A negative count gives back. */
  take(source: string, count: number, nowMs: number): void {
    this.#handOut(nowMs)
    const share = this.#shareOf(source, nowMs)
    share.balance -= count
    if (share.balance >= 0) return
    const drawn = Math.min(this.#saved, -share.balance)
    this.#saved -= drawn
    share.balance += drawn
  }

  #shareOf(source: string, nowMs: number): Share {
    let share = this.#shares.get(source)
    if (share === undefined) {
      // Sources are addresses, and an address can be made up: beyond so many they are one.
      const key = this.#shares.size < SOURCES_MAX ? source : ''
      share = this.#shares.get(key) ?? { balance: 0, askedAtMs: nowMs }
      this.#shares.set(key, share)
    }
    share.askedAtMs = nowMs
    return share
  }

  #handOut(nowMs: number): void {
    const elapsedMs = nowMs - this.#handedOutAtMs
    if (elapsedMs < HAND_OUT_EVERY_MS) return
    this.#handedOutAtMs = nowMs
    let left = (this.#perSecond * elapsedMs) / 1_000
    for (const [source, { balance, askedAtMs }] of this.#shares) {
      if (balance < 0 || nowMs - askedAtMs < IDLE_MS) continue
      left += balance
      this.#shares.delete(source)
    }
    const full = Math.max(1, (this.#perSecond * SAVED_MS) / 1_000 / Math.max(1, this.#shares.size))
    let hungry = [...this.#shares.values()].filter(({ balance }) => balance < full)
    this.#hungry = Math.max(1, hungry.length)
    for (let round = 0; round < ROUNDS_MAX && hungry.length > 0 && left > 0; round++) {
      const part = left / hungry.length
      const still: Share[] = []
      left = 0
      for (const share of hungry) {
        const room = full - share.balance
        share.balance += Math.min(room, part)
        if (room > part) still.push(share)
        else left += part - room
      }
      hungry = still
    }
    this.#saved = Math.min(this.#burst, this.#saved + left)
  }
}
