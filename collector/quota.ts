import { sourceKey, type Origin } from '../model/record.ts'
import { FairBucket } from './fair-bucket.ts'

/** What one agency may send. Absent or 0: no limit. */
export interface Quota {
  eventsPerSecond?: number
  bytesPerSecond?: number
  /** So many seconds' worth may come at once after a quiet time. */
  burstSeconds?: number
}

/** For every agency that has no entry of its own; what an entry does not name is as for every agency. */
export interface QuotaOptions extends Quota {
  agencies?: Readonly<Record<string, Quota>>
}

/** What is done to a sender that is over its agency's quota. */
export type Throttled = 'held' | 'refused' | 'dropped'

/** How often it was done to a sender of an agency since the process began. */
export interface QuotaCounters extends Record<Throttled, number> {
  agency: string
  /** See `sourceKey`; `''` for those beyond what is told apart. */
  source: string
}

const BURST_SECONDS_DEFAULT = 10
/** Addresses can be made up: of an agency's sources those beyond so many that were ever over share one row. */
const COUNTED_MAX = 10_000
/** How long it is believed whose an origin is: a registry may change under a standing connection. */
const BELIEVED_MS = 60_000
/** After this it is asked again at the latest: others may have left more by then. */
const WAIT_MS_MAX = 60_000

interface Buckets {
  events: FairBucket | null
  bytes: FairBucket | null
}

interface Account {
  source: string
  agency: string
  buckets: Buckets
  untilMs: number
}

/**
 * What each agency may send per second, and what its sources get of that. An agency that is over its quota is held up, and
 * nobody else: agencies share nothing here. Whatever is taken is taken whole and may leave a debt, so that the rate is kept
 * whatever the size of a request.
 */
export class Quotas {
  readonly #options: QuotaOptions
  readonly #agencyOf: (origin: Origin) => string
  readonly #now: () => number
  readonly #limited: boolean
  readonly #accounts = new WeakMap<Origin, Account>()
  readonly #buckets = new Map<string, Buckets>()
  readonly #counters = new Map<string, QuotaCounters>()

  /** @param agencyOf whose an origin is, now */
  constructor(
    options: QuotaOptions,
    agencyOf: (origin: Origin) => string,
    now: () => number = () => performance.now(),
  ) {
    this.#options = options
    this.#agencyOf = agencyOf
    this.#now = now
    this.#limited = [options, ...Object.values(options.agencies ?? {})].some(
      ({ eventsPerSecond = 0, bytesPerSecond = 0 }) => eventsPerSecond > 0 || bytesPerSecond > 0,
    )
  }

  /**
   * How many milliseconds the sender is over its quota; 0: what it has may be taken, and is then to be charged.
   * @param how what happens to it if it is over, which is counted
   */
  ask(origin: Origin, how: Throttled): number {
    if (!this.#limited) return 0
    const nowMs = this.#now()
    const { source, agency, buckets } = this.#account(origin, nowMs)
    const waitMs = Math.max(buckets.events?.waitMs(source, nowMs) ?? 0, buckets.bytes?.waitMs(source, nowMs) ?? 0)
    if (waitMs === 0) return 0
    this.#countersOf(agency, source)[how]++
    return Math.min(waitMs, WAIT_MS_MAX)
  }

  /** Counts what was taken; negative: what was given back. */
  charge(origin: Origin, events: number, bytes: number): void {
    if (!this.#limited) return
    const nowMs = this.#now()
    const { source, buckets } = this.#account(origin, nowMs)
    buckets.events?.take(source, events, nowMs)
    buckets.bytes?.take(source, bytes, nowMs)
  }

  counters(): QuotaCounters[] {
    return structuredClone([...this.#counters.values()])
  }

  /**
   * How often a source of an agency was over its quota. Where requests name several streams (`_bulk`) their sender is turned
   * away before these are known: then it is how often the sender was.
   */
  timesOf(agency: string, source: string): number {
    const sender = source.split('/', 2).join('/')
    const counters = this.#counters.get(`${agency} ${source}`) ?? this.#counters.get(`${agency} ${sender}`)
    return counters === undefined ? 0 : counters.held + counters.refused + counters.dropped
  }

  #countersOf(agency: string, source: string): QuotaCounters {
    const key = `${agency} ${source}`
    const known = this.#counters.get(key)
    if (known !== undefined) return known
    if (source !== '' && this.#counters.size >= COUNTED_MAX) return this.#countersOf(agency, '')
    const fresh = { agency, source, held: 0, refused: 0, dropped: 0 }
    this.#counters.set(key, fresh)
    return fresh
  }

  #account(origin: Origin, nowMs: number): Account {
    const known = this.#accounts.get(origin)
    if (known !== undefined && nowMs < known.untilMs) return known
    const agency = this.#agencyOf(origin)
    let buckets = this.#buckets.get(agency)
    if (buckets === undefined) this.#buckets.set(agency, (buckets = this.#open(agency, nowMs)))
    const account = { source: sourceKey(origin), agency, buckets, untilMs: nowMs + BELIEVED_MS }
    this.#accounts.set(origin, account)
    return account
  }

  #open(agency: string, nowMs: number): Buckets {
    const { agencies = {}, ...every } = this.#options
    const own = Object.hasOwn(agencies, agency) ? agencies[agency] : undefined
    const { eventsPerSecond = 0, bytesPerSecond = 0, burstSeconds = BURST_SECONDS_DEFAULT } = { ...every, ...own }
    const bucket = (perSecond: number): FairBucket | null =>
      perSecond > 0 ? new FairBucket(perSecond, perSecond * burstSeconds, nowMs) : null
    return { events: bucket(eventsPerSecond), bytes: bucket(bytesPerSecond) }
  }
}

/** Bytes of all frames. */
export function bytesOf(frames: readonly { bytes: Uint8Array }[]): number {
  return frames.reduce((sum, { bytes }) => sum + bytes.length, 0)
}
