import type { Alert } from '../model/alert.ts'
import type { EcsEvent } from '../model/event.ts'
import type { DeadLetter } from '../model/record.ts'
import type { StoredRecord } from './integrity/leaf.ts'
import type { Aggregated, Aggregation } from './query/aggregate.ts'
import type { Condition, Order } from './query/query.ts'

/**
 * Which agencies a reader may see. Decided in `api/access/`, enforced here, in every engine and every query (law 6): a
 * record of another agency is as if it did not exist, in rows, counts and errors alike.
 */
export type Scope = 'all' | readonly string[]

/** What one stretch of the spool became. Events, alerts and dead letters of a batch become visible together or not at all
 * (embedded), or each create-if-absent (elasticsearch); either way appending a batch again changes nothing (law 3). */
export interface Batch {
  /** First and last spool position covered; every position in between is an event, a dead letter or neither (a duplicate of
   * a sender's id, a control record). Batches of one spool come in order, but after a crash positions come again, in
   * batches cut elsewhere. */
  from: number
  through: number
  events: readonly EcsEvent[]
  /** New alerts and higher versions of known ones. */
  alerts: readonly Alert[]
  deadLetters: readonly DeadLetter[]
  /** Levels that are kept equally long, where some are kept longer than others. Part of the bundle, so that a replay puts every
   * event where it was. */
  classes?: readonly string[]
}

export interface Appended {
  /** Events the engine refused for good (mapping, size), to be dead-lettered by their `soc.seq`. */
  refused: { seq: number; reason: string }[]
}

/** Half-open `[from, to)` on `@timestamp`, ISO UTC. */
export interface TimeRange {
  from: string
  to: string
}

/** The most that one search gives; more is `too_large`. */
export const LIMIT_MAX = 1_000

export interface EventQuery {
  scope: Scope
  range: TimeRange
  /** Absent: every event. */
  where?: Condition
  /** By time, then by position; absent: newest first. */
  order?: Order
  /** At most `LIMIT_MAX`. */
  limit: number
  /** Continue after this event in the same order. */
  after?: { timestamp: string; seq: number }
  signal?: AbortSignal
}

export interface AggregateQuery {
  scope: Scope
  range: TimeRange
  /** Absent: every event. */
  where?: Condition
  aggregation: Aggregation
  signal?: AbortSignal
}

export interface AlertQuery {
  scope: Scope
  ids?: readonly string[]
  /** Only those that stand at one of these positions, so that nothing else need be read. */
  seqs?: readonly number[]
  range?: TimeRange
  /** Id of the rule that raised it. */
  rule?: string
  /** At most `LIMIT_MAX`. */
  limit: number
  /** Continue after this alert; `id` because one record can raise several alerts. */
  after?: { timestamp: string; seq: number; id?: string }
}

/** What retention deletes as a whole: records that came on one day (UTC) about systems of these security levels. */
export interface Partition {
  /** `2026-11-22`. */
  day: string
  /** Digits in order; `0` stands for records of no level, dead letters among them. */
  levels: string
}

export const ALL_LEVELS = '012345'

/** A file of the engine's own that never changes. */
export interface StoreFile extends Partition {
  /** Names it within the store. */
  path: string
  /** Of its bytes when it was written, lower-case hex; absent for files from before digests were taken. */
  sha256?: string
}

export interface StoredQuery {
  /** Day of receipt, UTC. */
  day: string
  /** First and last position. */
  from: number
  through: number
  /** At most so many; where that many come there may be more. */
  limit: number
}

export interface Counts {
  events: number
  alerts: number
  deadLetters: number
  /** Bytes on disk that the engine occupies, where it can tell. */
  bytes?: number
  /** Of them, what the events of each day of receipt (`YYYY-MM-DD`, UTC) take, of all agencies. */
  bytesByDay?: Record<string, number>
}

/** Files of the embedded engine that stay as they are. */
export interface Held {
  id: number
  /** Absolute; paths are relative to it. */
  folder: string
  segments: {
    path: string
    minMs: number
    maxMs: number
    minSeq: number
    maxSeq: number
    rows: number
    day: string
    bytes: number
    /** Of the whole file, hex; `null` of a copy. */
    sha256: string | null
    /** False: the search sees all of every row. */
    spills: boolean
  }[]
}

/**
 * Where events, alerts and dead letters live. Two engines keep this contract and one suite (`test/store/store-contract.ts`)
 * holds them to it.
 * @throws {StoreError} with a stable code, from every method.
 */
export interface Store {
  readonly engine: 'embedded' | 'elasticsearch'
  /** So many batches may be on their way at once, to be stored in any order; absent: one. */
  readonly batchesAtOnce?: number
  /** Durable when it resolves. Idempotent. While the engine is away it rejects with `unavailable` and nothing of the batch
   * need be there; the caller tries the same batch again. A refused event is told again whenever its batch comes again. */
  append(batch: Batch): Promise<Appended>
  /** Newest first, unless another order is asked for. */
  searchEvents(query: EventQuery): Promise<EcsEvent[]>
  /** Counted where the events are, exactly: what `aggregateOf` (`store/query/aggregate.ts`) makes of the events that are meant. */
  aggregate(query: AggregateQuery): Promise<Aggregated>
  /** By `soc.record`. */
  getEvents(ids: readonly string[], scope: Scope): Promise<EcsEvent[]>
  /** Newest first, then by position descending and id ascending, each in its highest version. */
  searchAlerts(query: AlertQuery): Promise<Alert[]>
  /** Newest first by position. */
  searchDeadLetters(query: { scope: Scope; limit: number; beforeSeq?: number }): Promise<DeadLetter[]>
  counts(scope: Scope): Promise<Counts>
  /** Has the engine keep all there is now where another process can read it, until it is let go; absent where any process can ask
   * the engine itself. */
  hold?: (() => Promise<Held>) | undefined
  release?: ((id: number) => Promise<void>) | undefined
  /** The raw lines of events and dead letters by position, just as they are kept: each as often as it is there. */
  stored(query: StoredQuery): Promise<StoredRecord[]>
  /** By which events and dead letters are kept, oldest first. */
  partitions(): Promise<Partition[]>
  /** Deletes partitions as `partitions` gave them. Alerts stay: they are the record of what was found. */
  drop(partitions: readonly Partition[]): Promise<void>
  /** Sealed files; an engine that keeps its files to itself has none. */
  files(): Promise<StoreFile[]>
  /** SHA-256 of a file as it is on the disk now; `null` where there is none. */
  fileDigest(path: string): Promise<string | null>
  /** Resolves when the engine can take a batch now; rejects with the reason. */
  ready(): Promise<void>
  /** Copies all that it keeps, as of one moment, into `folder` on the same disk, which is made. Absent: the engine has backups
   * of its own. */
  snapshot?(folder: string): Promise<void>
  close(): Promise<void>
}

export type StoreErrorCode =
  | 'unavailable' // cannot be reached, or is starting
  | 'disk_full'
  | 'refused' // bad credentials, missing right, foreign index, unsupported version
  | 'too_large' // a query went over its budget
  | 'cancelled'
  | 'corrupt'

export class StoreError extends Error {
  override readonly name = 'StoreError'
  readonly code: StoreErrorCode
  constructor(code: StoreErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
