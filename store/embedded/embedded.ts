import { mkdir, rm, stat, statfs } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Alert } from '../../model/alert.ts'
import type { EcsEvent } from '../../model/event.ts'
import type { DeadLetter } from '../../model/record.ts'
import { refuseTooLarge } from '../admission.ts'
import type { Aggregated } from '../query/aggregate.ts'
import type { Condition } from '../query/query.ts'
import type { StoredRecord } from '../integrity/leaf.ts'
import type {
  AggregateQuery,
  AlertQuery,
  Appended,
  Batch,
  Counts,
  EventQuery,
  Partition,
  Scope,
  Store,
  StoredQuery,
  StoreFile,
} from '../store.ts'
import { ALL_LEVELS, StoreError } from '../store.ts'
import type { Plan } from './append.ts'
import { planAppend, writePlan } from './append.ts'
import { afterCondition, Parameters, rangeCondition, rangeMs, scopeCondition } from './conditions.ts'
import { eventsOf } from './columns.ts'
import { Database, storeError } from './database.ts'
import { digestOf, sweep } from './files.ts'
import { filterPath } from './filter.ts'
import { Filters } from './filters.ts'
import { copyHot, HELD, type Held } from './held.ts'
import { Leases } from './leases.ts'
import { deletionsOf, partitionsOf, storedRecords } from './partitions.ts'
import type { Segment, View } from './schema.ts'
import { createHot, hotName, levelsOfPath, newestFirst, prepareSchema } from './schema.ts'
import { recordSegments, writeSegments } from './seal.ts'
import { copyDatabase, linkSegments } from './snapshot.ts'
import type { Reader, Statement } from './search.ts'
import { valuesIn } from './unfiltered.ts'
import { eventsByRecord, searchEvents } from './search.ts'
import { aggregate } from './aggregate.ts'

export interface EmbeddedOptions {
  /** What DuckDB may take of memory; default `1GB`. */
  memoryLimit?: string
  /** Threads of a query or a seal; default 2. */
  threads?: number
  /** A hot table is sealed when it holds this many rows (default 131,072) … */
  sealRows?: number
  /** … or about this many bytes (default 128 MiB). */
  sealBytes?: number
  /** Appending stops with `disk_full` while less than this is free, so that there is room to end in order; default 256 MiB. */
  diskReserveBytes?: number
  /** A search that takes longer ends with `too_large`; default 30 s. */
  queryTimeoutMs?: number
  /** Levels that are kept equally long, by which rows are sealed apart; default one class of all. Each level is in one. */
  classes?: readonly string[]
  /** Told of what failed in the background and will be tried again (a seal, a checkpoint). */
  onProblem?: (error: StoreError) => void
}

const SEAL_RETRY_MS = 10_000
/** How often it is tried to fold the write-ahead log into the file while a long search is at a table, and how far apart; the next seal tries again. */
const CHECKPOINT_TRIES = 5
const CHECKPOINT_PAUSE_MS = 1_000

/**
 * Opens, or makes, the store in `folder`: `hot.duckdb` with the rows of the last minutes, alerts and dead letters, and
 * `segments/<receive day>/*.parquet` with everything older. One process at a time.
 * @throws {StoreError} unavailable: another process has it open; corrupt; disk_full; refused: a newer program wrote it.
 */
export async function openEmbedded(folder: string, options: EmbeddedOptions = {}): Promise<Store> {
  const store = new EmbeddedStore(resolve(folder), options)
  try {
    await store.ready()
  } catch (error) {
    await store.close() // whoever tries again must not find another store at work on the same file
    throw error
  }
  return store
}

class EmbeddedStore implements Store {
  readonly engine = 'embedded'
  readonly #folder: string
  readonly #options: Required<Omit<EmbeddedOptions, 'onProblem'>> & Pick<EmbeddedOptions, 'onProblem'>
  #database: Database | null = null
  #closed = false
  #view: View = { hot: [], segments: [] }
  #positions = new Map<string, number>()
  #nextHot = 1
  /** Rows and bytes of the last table of `#view.hot`, the one that is appended to. */
  #hotSize = { rows: 0, bytes: 0 }
  readonly #filters: Filters
  readonly #leases = new Leases()
  /** Whatever writes to the file does so in turn. */
  readonly #writing = new Turn()
  /** Sealing and retention, which must not meet; each takes turns in `#writing` inside. */
  readonly #upkeep = new Turn()
  readonly #background = new Set<Promise<void>>()
  readonly #holds = new Map<number, () => Promise<void>>()
  #lastHold = 0
  #retry: NodeJS.Timeout | undefined

  constructor(folder: string, options: EmbeddedOptions) {
    if (/[*?[\]{}]/.test(folder))
      throw new StoreError('refused', `the store's folder may not hold any of *?[]{}: ${folder}`)
    this.#folder = folder
    this.#options = {
      memoryLimit: '1GB',
      threads: 2,
      sealRows: 131_072,
      sealBytes: 128 * 1024 ** 2,
      diskReserveBytes: 256 * 1024 ** 2,
      queryTimeoutMs: 30_000,
      classes: [ALL_LEVELS],
      ...options,
    }
    this.#filters = new Filters(this.#segments, (message) => {
      this.#options.onProblem?.(new StoreError('unavailable', message))
    })
  }

  get #segments(): string {
    return join(this.#folder, 'segments')
  }

  async append(batch: Batch): Promise<Appended> {
    return this.#writing.take(async () => {
      const database = await this.#open()
      await this.#checkSpace()
      const plan = planAppend(batch, this.#positions)
      const { rows, alerts, deadLetters, positions, refused } = plan
      if (rows.count + alerts.length + deadLetters.length + positions.size > 0) await this.#write(database, plan)
      return { refused }
    })
  }

  async #write(database: Database, plan: Plan): Promise<void> {
    const hot = this.#view.hot.at(-1)!
    this.#filters.unfiltered.note(hot, plan.rows.denied)
    await this.#transaction(database, () => writePlan(database.writer, hot, plan))
    for (const [spool, seq] of plan.positions) this.#positions.set(spool, seq)
    this.#hotSize.rows += plan.rows.count
    this.#hotSize.bytes += plan.rows.bytes
    if (this.#hotSize.rows < this.#options.sealRows && this.#hotSize.bytes < this.#options.sealBytes) return
    try {
      await this.#startHot(database)
      this.#inBackground(this.#sealAll())
    } catch (error) {
      this.#options.onProblem?.(storeError(error)) // the batch is there; the next one tries again
    }
  }

  /** All of `work` or nothing. After an error that the file does not survive, the next call opens it again. */
  async #transaction(database: Database, work: () => Promise<void>): Promise<void> {
    try {
      await database.writer.run('BEGIN')
      await work()
      await database.writer.run('COMMIT')
    } catch (error) {
      try {
        await database.writer.run('ROLLBACK')
      } catch {
        // COMMIT itself failed: there is nothing to roll back.
      }
      await this.#dropIfBroken(database)
      throw storeError(error)
    }
  }

  async #dropIfBroken(database: Database): Promise<void> {
    try {
      await database.writer.run('SELECT count(*) FROM layout')
    } catch {
      if (this.#database === database) this.#database = null
      await database.close()
    }
  }

  async #startHot(database: Database): Promise<void> {
    const name = hotName(this.#nextHot)
    await createHot(database.writer, name)
    this.#filters.unfiltered.start(name)
    this.#nextHot++
    this.#view = { ...this.#view, hot: [...this.#view.hot, name] }
    this.#hotSize = { rows: 0, bytes: 0 }
  }

  /** Inside a turn of `#writing`: the open file, opened (again) where it is not. */
  async #open(): Promise<Database> {
    if (this.#closed) throw new StoreError('unavailable', 'the store is closed')
    if (this.#database !== null) return this.#database
    const { memoryLimit, threads } = this.#options
    let database: Database | undefined
    try {
      await mkdir(this.#segments, { recursive: true, mode: 0o700 })
      database = await Database.open(join(this.#folder, 'hot.duckdb'), this.#folder, memoryLimit, threads)
      const { view, positions, nextHot } = await prepareSchema(database.writer, this.#segments)
      await sweep(this.#segments, filesOf(view.segments))
      await rm(join(this.#folder, 'spill'), { recursive: true, force: true })
      if (this.#holds.size === 0) await rm(join(this.#folder, HELD), { recursive: true, force: true })
      for (const hot of view.hot) {
        this.#filters.unfiltered.start(hot)
        this.#filters.unfiltered.note(hot, await valuesIn(database.writer, hot))
      }
      this.#view = view
      this.#positions = positions
      this.#nextHot = nextHot
      const current = view.hot.at(-1)
      if (current === undefined) await this.#startHot(database)
      else {
        const size = await database.writer.runAndReadAll(
          `SELECT count(*), coalesce(sum(strlen("event.original") + coalesce(strlen("rest"), 0) + 200), 0) FROM ${current}`,
        )
        const [rows, bytes] = size.getRows()[0]!.map(Number)
        this.#hotSize = { rows: rows!, bytes: bytes! }
      }
    } catch (error) {
      await database?.close()
      throw storeError(error)
    }
    this.#database = database
    this.#filters.make(this.#view.segments)
    this.#inBackground(this.#sealAll())
    return database
  }

  async #checkSpace(): Promise<void> {
    const { bavail, bsize } = await statfs(this.#folder)
    if (bavail * bsize >= this.#options.diskReserveBytes) return
    const [free, reserve] = [bavail * bsize, this.#options.diskReserveBytes].map((n) => Math.floor(n / 1024 ** 2))
    throw new StoreError('disk_full', `${free} MiB free where the store is, ${reserve} MiB are kept in reserve`)
  }

  /** Seals every table but the one that is appended to. */
  async #sealAll(): Promise<void> {
    await this.#upkeep.take(async () => {
      for (let hot = this.#sealable(); hot !== undefined; hot = this.#sealable()) await this.#seal(hot)
    })
  }

  #sealable(): string | undefined {
    // Without an open file there is nothing to seal with: whoever opens it again starts the next round.
    return this.#database === null || this.#closed || this.#view.hot.length < 2 ? undefined : this.#view.hot[0]
  }

  async #seal(hot: string): Promise<void> {
    const database = this.#database
    if (database === null) return
    const sealed = await writeSegments(database, hot, this.#segments, this.#options.classes)
    await this.#writing.take(async () => {
      if (this.#database !== database) return
      await this.#transaction(database, () => recordSegments(database.writer, hot, sealed))
      this.#view = {
        hot: this.#view.hot.filter((name) => name !== hot),
        segments: newestFirst([...this.#view.segments, ...sealed]),
      }
      this.#filters.unfiltered.seal(
        hot,
        sealed.map(({ path }) => path),
      )
      this.#filters.make(sealed)
    })
    this.#inBackground(this.#discard(database, hot))
  }

  /** Drops a sealed table once nobody reads it, and folds what is left of the write-ahead log into the file. */
  async #discard(database: Database, hot: string): Promise<void> {
    await this.#leases.readersOfNow()
    this.#filters.unfiltered.forget(hot)
    await this.#writing.take(async () => {
      if (this.#database !== database || this.#closed) return // dropped when the file is next opened
      await this.#transaction(database, async () => {
        await database.writer.run(`DROP TABLE ${hot}`)
        await database.writer.run('DELETE FROM sealed WHERE name = $1', [hot])
      })
    })
    for (let i = 0; i < CHECKPOINT_TRIES && !(await this.#checkpoint(database)); i++) await sleep(CHECKPOINT_PAUSE_MS)
  }

  /** @returns false where a search is at a table just now: DuckDB then refuses, and the log grows until it is asked at a better time */
  async #checkpoint(database: Database): Promise<boolean> {
    try {
      // In a turn of `#upkeep`, too: DuckDB refuses to checkpoint beside a COPY.
      await this.#upkeep.take(() =>
        database.alone(() =>
          this.#writing.take(async () => {
            if (this.#database !== database || this.#closed) return
            try {
              await database.writer.run('CHECKPOINT')
            } catch (error) {
              await this.#dropIfBroken(database) // on a full disk
              throw error
            }
          }),
        ),
      )
      return true
    } catch (error) {
      if (!String(error).includes('other write transactions active')) throw error
      return this.#closed
    }
  }

  #inBackground(work: Promise<void>): void {
    const settled = work
      .catch((error: unknown) => {
        if (this.#closed) return
        this.#options.onProblem?.(storeError(error))
        this.#retry ??= setTimeout(() => {
          this.#retry = undefined
          this.#inBackground(this.#sealAll())
        }, SEAL_RETRY_MS).unref()
      })
      .finally(() => this.#background.delete(settled))
    this.#background.add(settled)
  }

  /** Runs reads against one view of tables and files, which stay until it ends. */
  async #reading<T>(signal: AbortSignal | undefined, work: (view: View, read: Reader) => Promise<T>): Promise<T> {
    if (this.#closed) throw new StoreError('unavailable', 'the store is closed')
    const database = this.#database
    if (database === null) throw new StoreError('unavailable', 'the store is being opened again')
    const end = this.#leases.take()
    try {
      const timeoutMs = this.#options.queryTimeoutMs
      const chunks = (...select: Statement) => database.read(...select, { signal, timeoutMs })
      return await work(this.#view, {
        rows: async (...select) => (await chunks(...select)).flatMap((chunk) => chunk.getRows()),
        events: async (...select) => (await chunks(...select)).flatMap(eventsOf),
      })
    } finally {
      end()
    }
  }

  async searchEvents(query: EventQuery): Promise<EcsEvent[]> {
    refuseTooLarge(query)
    return this.#reading(query.signal, (view, read) =>
      this.#untilKnown(view, query.where, () => searchEvents(view, this.#segments, query, read, this.#filters)),
    )
  }

  async aggregate(query: AggregateQuery): Promise<Aggregated> {
    refuseTooLarge(query)
    return this.#reading(query.signal, (view, read) =>
      this.#untilKnown(view, query.where, () => aggregate(view, this.#segments, query, read, this.#filters)),
    )
  }

  /** Asks again where events came meanwhile with a value that was taken to be nowhere: what is hidden in them must not be found. */
  async #untilKnown<T>(view: View, where: Condition | undefined, ask: () => Promise<T>): Promise<T> {
    const left = (): string => JSON.stringify(this.#filters.unfiltered.asked(view.hot, where))
    for (;;) {
      const before = left()
      const found = await ask()
      if (left() === before) return found
    }
  }

  async getEvents(ids: readonly string[], scope: Scope): Promise<EcsEvent[]> {
    const keys = ids.flatMap((id) => {
      const [, spool, seq] = /^(.+)-(\d{1,15})$/s.exec(id) ?? []
      return spool === undefined || `${Number(seq)}` !== seq ? [] : [{ spool, seq: Number(seq) }]
    })
    return this.#reading(undefined, (view, read) => eventsByRecord(view, this.#segments, keys, scope, read))
  }

  async searchAlerts(query: AlertQuery): Promise<Alert[]> {
    refuseTooLarge(query)
    const parameters = new Parameters()
    const scope = scopeCondition(query.scope, 'agency', parameters)
    if (scope === null || query.ids?.length === 0) return []
    const where = [scope]
    if (query.ids !== undefined) where.push(`id IN (${query.ids.map((id) => parameters.add(id)).join(', ')})`)
    if (query.seqs !== undefined) {
      if (query.seqs.length === 0) return []
      where.push(`seq IN (${query.seqs.map((seq) => parameters.add(BigInt(Math.trunc(seq)))).join(', ')})`)
    }
    if (query.range !== undefined) where.push(rangeCondition(rangeMs(query.range), 'ts', parameters))
    if (query.rule !== undefined) where.push(`rule = ${parameters.add(query.rule)}`)
    if (query.after !== undefined) {
      const { timestamp, seq, id } = query.after
      where.push(afterCondition(timestamp, seq, ['ts', 'seq'], parameters, id === undefined ? {} : { tie: ['id', id] }))
    }
    const sql = firstRows('alerts', where.join(' AND '), 'ts DESC, seq DESC, id', query.limit)
    return this.#reading(undefined, async (_, read) =>
      (await read.rows(sql, parameters.values)).map(([json]) => JSON.parse(String(json)) as Alert),
    )
  }

  async searchDeadLetters(query: { scope: Scope; limit: number; beforeSeq?: number }): Promise<DeadLetter[]> {
    refuseTooLarge(query)
    const parameters = new Parameters()
    const scope = scopeCondition(query.scope, 'agency', parameters)
    if (scope === null) return []
    const before =
      query.beforeSeq === undefined ? 'true' : `seq < ${parameters.add(BigInt(Math.trunc(query.beforeSeq)))}`
    const sql = firstRows('dead_letters', `${scope} AND ${before}`, 'seq DESC, record', query.limit)
    return this.#reading(undefined, async (_, read) =>
      (await read.rows(sql, parameters.values)).map(([json]) => JSON.parse(String(json)) as DeadLetter),
    )
  }

  async counts(scope: Scope): Promise<Counts> {
    const parameters = new Parameters()
    const condition = scopeCondition(scope, 'agency', parameters)
    if (condition === null) return { events: 0, alerts: 0, deadLetters: 0 }
    return this.#reading(undefined, async (view, read) => {
      // Files by the view, not by the manifest: a seal that ends meanwhile must not count twice.
      const listed = new Set(view.segments.map(({ path }) => path))
      const sealed = await read.rows(
        `SELECT path, sum("rows") FROM segment_agencies WHERE ${condition} GROUP BY path`,
        parameters.values,
      )
      const hot = view.hot.map(
        (name) => `(SELECT count(*) FROM (SELECT "soc.agency" AS agency FROM ${name}) WHERE ${condition})`,
      )
      const [numbers] = await read.rows(
        `SELECT ${hot.join(' + ')}, (SELECT count(*) FROM alerts WHERE ${condition}), (SELECT count(*) FROM dead_letters WHERE ${condition})`,
        parameters.values,
      )
      const [events = 0, alerts = 0, deadLetters = 0] = numbers!.map(Number)
      const inFiles = sealed.reduce((sum, [path, rows]) => sum + (listed.has(String(path)) ? Number(rows) : 0), 0)
      const days = bytesByDay(view.segments, (segment) => segment.bytes + this.#filters.bytesOf(segment))
      const bytes = Object.values(days).reduce((sum, each) => sum + each, await this.#fileBytes())
      return { events: events + inFiles, alerts, deadLetters, bytes, bytesByDay: days }
    })
  }

  async #fileBytes(): Promise<number> {
    const sizes = await Promise.all(
      ['hot.duckdb', 'hot.duckdb.wal'].map(async (name) => {
        try {
          return (await stat(join(this.#folder, name))).size
        } catch {
          return 0 // no log right after a checkpoint
        }
      }),
    )
    return sizes.reduce((a, b) => a + b)
  }

  async stored(query: StoredQuery): Promise<StoredRecord[]> {
    return this.#reading(undefined, (view, read) => storedRecords(view, this.#segments, query, read))
  }

  async partitions(): Promise<Partition[]> {
    const { classes } = this.#options
    return this.#reading(undefined, (view, read) => partitionsOf(view, classes, read))
  }

  async drop(partitions: readonly Partition[]): Promise<void> {
    const names = new Set(partitions.map(({ day, levels }) => `${day} ${levels}`))
    await this.#upkeep.take(() =>
      this.#writing.take(async () => {
        const database = await this.#open()
        const dropped = this.#view.segments.filter(({ day, path }) => names.has(`${day} ${levelsOfPath(path)}`))
        await this.#transaction(database, async () => {
          for (const partition of partitions) {
            for (const statement of deletionsOf(partition, this.#view.hot, this.#options.classes)) {
              await database.writer.run(statement.sql, statement.values)
            }
          }
          for (const { path } of dropped) {
            await database.writer.run('DELETE FROM segments WHERE path = $1', [path])
            await database.writer.run('DELETE FROM segment_agencies WHERE path = $1', [path])
          }
        })
        this.#view = { ...this.#view, segments: this.#view.segments.filter((segment) => !dropped.includes(segment)) }
        this.#inBackground(this.#unlink(dropped.map(({ path }) => path)))
      }),
    )
  }

  async files(): Promise<StoreFile[]> {
    return this.#view.segments.map(({ path, day, sha256 }) => {
      return { path, day, levels: levelsOfPath(path), ...(sha256 !== null && { sha256 }) }
    })
  }

  async fileDigest(path: string): Promise<string | null> {
    // A path of the manifest or of the chain, which may have been written to: nothing but a segment is read.
    return /^\d{4}-\d\d-\d\d\/\d+(?:-\d+)?\.parquet$/.test(path) ? digestOf(join(this.#segments, path)) : null
  }

  /** Deletes files that the manifest no longer lists; those a crash leaves are deleted when the store is next opened. */
  async #unlink(paths: readonly string[]): Promise<void> {
    if (paths.length === 0) return
    this.#filters.forget([...paths])
    await this.#leases.readersOfNow()
    await this.#upkeep.take(async () => {
      const files = paths.flatMap((path) => [path, filterPath(path)])
      await Promise.all(files.map((path) => rm(join(this.#segments, path), { force: true })))
      const { segments } = this.#view
      const unfinished = segments.map(({ path }) => `${filterPath(path)}.tmp`)
      await sweep(this.#segments, new Set([...filesOf(segments), ...unfinished]))
    })
  }

  /**
   * All events there are now, for a process of its own to read: sealed files, which stay until they are let go, and a copy of
   * what is not sealed yet.
   */
  async hold(): Promise<Held> {
    return this.#upkeep.take(async () => {
      const database = await this.#writing.take(() => this.#open())
      const id = ++this.#lastHold
      const view = this.#view
      const end = this.#leases.take()
      const copies: Segment[] = []
      try {
        await mkdir(join(this.#folder, HELD), { recursive: true, mode: 0o700 })
        for (const hot of view.hot)
          copies.push(...(await copyHot(database.sealer, hot, this.#segments, `${id}-${hot}`)))
      } catch (error) {
        end()
        throw storeError(error)
      }
      this.#holds.set(id, async () => {
        end()
        await Promise.all(copies.map(({ path }) => rm(join(this.#segments, path), { force: true })))
      })
      return { id, folder: this.#segments, segments: [...view.segments, ...copies] }
    })
  }

  /** Lets go of what `hold` gave. */
  async release(id: number): Promise<void> {
    const end = this.#holds.get(id)
    this.#holds.delete(id)
    await end?.()
  }

  async ready(): Promise<void> {
    await this.#writing.take(async () => {
      await this.#open()
      await this.#checkSpace()
    })
  }

  /** Appends wait while the database is copied; sealed files are linked beside them, and kept from retention that long. */
  async snapshot(folder: string): Promise<void> {
    const { listed, end } = await this.#writing.take(async () => {
      await this.#open()
      await copyDatabase(this.#folder, folder)
      return { listed: new Set(this.#view.segments.map(({ path }) => path)), end: this.#leases.take() }
    })
    try {
      await linkSegments(this.#segments, join(folder, 'segments'), listed)
    } finally {
      end()
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    clearTimeout(this.#retry)
    this.#database?.sealer.interrupt()
    await Promise.all([...this.#holds.keys()].map((id) => this.release(id)))
    while (this.#background.size > 0) await Promise.all(this.#background)
    await this.#filters.close()
    await this.#writing.take(async () => {
      await this.#database?.close()
      this.#database = null
    })
  }
}

/** Callers one after another. */
class Turn {
  #last: Promise<unknown> = Promise.resolve()

  async take<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#last.then(work, work)
    this.#last = mine.catch(() => undefined)
    return mine
  }
}

/** The first rows of a table, whole: told by their keys alone, since to sort takes memory for all that is sorted. */
function firstRows(table: string, where: string, order: string, limit: number): string {
  const first = `SELECT rowid FROM ${table} WHERE ${where} ORDER BY ${order} LIMIT ${Math.trunc(limit)}`
  return `SELECT json FROM ${table} WHERE rowid IN (${first}) ORDER BY ${order}`
}

/** What may lie below the folder of segments. */
function filesOf(segments: readonly Segment[]): Set<string> {
  return new Set(segments.flatMap(({ path }) => [path, filterPath(path)]))
}

function bytesByDay(segments: readonly Segment[], bytesOf: (segment: Segment) => number): Record<string, number> {
  const days: Record<string, number> = {}
  for (const segment of segments) days[segment.day] = (days[segment.day] ?? 0) + bytesOf(segment)
  return days
}
