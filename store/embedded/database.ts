import { setTimeout as sleep } from 'node:timers/promises'
import type { DuckDBConnection, DuckDBDataChunk, DuckDBValue } from '@duckdb/node-api'
import { DuckDBInstance } from '@duckdb/node-api'
import duckdb, { type PendingState } from '@duckdb/node-bindings'
import { StoreError } from '../store.ts'

/** With the writer and the sealer as many as libuv has threads, so that searches never hold all of them and an append goes on. */
const READERS = 2
/**
 * Threads that call, as far as DuckDB is told. It divides what it groups by how many threads there are, and of millions of groups the smaller
 * parts take two thirds of the time (decision 153); its own threads are one less than a query may take, either way. A store of one thread, which
 * has little memory, tells of one.
 */
const CALLERS = 2
/** How often it is looked whether DuckDB's own threads are done, and for how long: when they have others to serve, somebody takes part. */
const LOOK_MS = 10
const LOOKS = 25
/** How often it is looked whether the searches at work have ended. */
const ALONE_LOOKS = 100

interface Reader {
  connection: DuckDBConnection
  busy: boolean
}

interface QueryOptions {
  signal?: AbortSignal | undefined
  timeoutMs: number
}

/**
 * One open DuckDB file: a connection that writes, one that seals, and a few that read. After a fatal error (a full disk in
 * the middle of a commit) every call fails and the file has to be opened again.
 */
export class Database {
  readonly writer: DuckDBConnection
  readonly sealer: DuckDBConnection
  readonly #instance: DuckDBInstance
  /** Threads that DuckDB has besides those that call it. */
  readonly #ownThreads: number
  readonly #readers: Reader[]
  readonly #waiting: (() => void)[] = []
  /** While no search may begin. */
  #closing: Promise<void> | null = null
  #closed = false

  private constructor(instance: DuckDBInstance, connections: DuckDBConnection[], ownThreads: number) {
    this.#instance = instance
    this.#ownThreads = ownThreads
    this.writer = connections[0]!
    this.sealer = connections[1]!
    this.#readers = connections.slice(2).map((connection) => ({ connection, busy: false }))
  }

  /** @throws {StoreError} */
  static async open(path: string, folder: string, memoryLimit: string, threads: number): Promise<Database> {
    try {
      const callers = threads === 1 ? 1 : CALLERS
      const instance = await DuckDBInstance.create(path, {
        memory_limit: memoryLimit,
        threads: String(threads - 1 + callers),
        external_threads: String(callers),
        temp_directory: `${folder}/spill`,
        // Hot rows leave for a segment soon: copying them into the file first would write them twice. The store checkpoints
        // after each seal.
        checkpoint_threshold: '512MB',
        autoinstall_known_extensions: 'false',
        autoload_known_extensions: 'false',
      })
      const connections: DuckDBConnection[] = []
      for (let i = 0; i < 2 + READERS; i++) connections.push(await instance.connect())
      const [first] = connections
      await first!.run('SET GLOBAL parquet_metadata_cache = true')
      await first!.run(`SET GLOBAL allowed_directories = [${literal(`${folder}/`)}]`)
      await first!.run('SET GLOBAL enable_external_access = false')
      await first!.run('SET GLOBAL lock_configuration = true')
      return new Database(instance, connections, threads - 1)
    } catch (error) {
      throw storeError(error)
    }
  }

  /**
   * All of one SELECT, read on a free connection.
   * @throws {StoreError} cancelled: `signal` fired; too_large: it took longer than `timeoutMs` or more memory than there is.
   */
  async read(sql: string, values: Record<string, DuckDBValue>, options: QueryOptions): Promise<DuckDBDataChunk[]> {
    const { signal, timeoutMs } = options
    const reader = await this.#take(signal)
    let ended: 'cancelled' | 'too_large' | undefined
    const interrupt = (why: 'cancelled' | 'too_large') => (): void => {
      ended ??= why
      reader.connection.interrupt()
    }
    const cancel = interrupt('cancelled')
    const timer = setTimeout(interrupt('too_large'), timeoutMs)
    signal?.addEventListener('abort', cancel)
    try {
      if (signal?.aborted === true) throw new StoreError('cancelled', 'the search was cancelled')
      const result = await reader.connection.run(sql, values)
      return await result.fetchAllChunks()
    } catch (error) {
      if (ended === 'cancelled') throw new StoreError('cancelled', 'the search was cancelled', { cause: error })
      if (ended === 'too_large') {
        throw new StoreError('too_large', `the search took longer than ${timeoutMs / 1000} s; narrow the range`, {
          cause: error,
        })
      }
      throw storeError(error)
    } finally {
      clearTimeout(timer)
      signal?.removeEventListener('abort', cancel)
      reader.busy = false
      this.#waiting.shift()?.()
    }
  }

  /**
   * Runs a long statement on the sealer, by DuckDB's own threads alone as long as they get on with it. With `run` one of libuv's takes part,
   * and as long as another has the last piece of the work it asks for the next one without a pause: a seal then takes a second core, which
   * ingest needs. Where searches keep DuckDB's threads, seals would fall behind without it, and what is not sealed makes searches slow.
   */
  async seal(sql: string): Promise<void> {
    if (this.#ownThreads < 1) {
      await this.sealer.run(sql)
      return
    }
    const pending = await this.sealer.start(sql)
    // The client's own methods either work on it or wait for it; this one only looks.
    const state = (): PendingState => duckdb.pending_execute_check_state(pending['pending_result'])
    for (let i = 0; i < LOOKS && !duckdb.pending_execution_is_finished(state()); i++) await sleep(LOOK_MS)
    await pending.getResult() // takes part, or tells what it failed of
  }

  /**
   * Does what appends wait for, once no search is at work, or after a second: those that come wait until it is done. Beside two searches a
   * checkpoint took up to five times as long.
   */
  async alone(work: () => Promise<void>): Promise<void> {
    let open = (): void => undefined
    this.#closing = new Promise((resolve) => (open = resolve))
    try {
      for (let i = 0; i < ALONE_LOOKS && this.#readers.some(({ busy }) => busy); i++) await sleep(LOOK_MS)
      await work()
    } finally {
      this.#closing = null
      open()
    }
  }

  async #take(signal: AbortSignal | undefined): Promise<Reader> {
    for (;;) {
      if (this.#closed) throw new StoreError('unavailable', 'the store is closed')
      if (signal?.aborted === true) {
        this.#waiting.shift()?.() // hand the turn on
        throw new StoreError('cancelled', 'the search was cancelled')
      }
      if (this.#closing !== null) {
        await this.#closing
        continue
      }
      const free = this.#readers.find(({ busy }) => !busy)
      if (free !== undefined) {
        free.busy = true
        return free
      }
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve)
        signal?.addEventListener('abort', () => resolve(), { once: true })
      })
    }
  }

  /** Waits for what is running on the readers, then lets go of the file. */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    while (this.#readers.some(({ busy }) => busy)) {
      for (const { busy, connection } of this.#readers) if (busy) connection.interrupt()
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    for (const wake of this.#waiting) wake()
    for (const connection of [this.writer, this.sealer, ...this.#readers.map((r) => r.connection)])
      connection.closeSync()
    this.#instance.closeSync()
  }
}

/** A text as SQL, for the few places that take no parameter: paths of our own folder. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

/** What DuckDB or the file system said, in the contract's terms. */
export function storeError(error: unknown): StoreError {
  if (error instanceof StoreError) return error
  const message = error instanceof Error ? error.message : String(error)
  const options = { cause: error }
  if (/ENOSPC|EDQUOT|No space left|disk quota|not enough (disk )?space|max_temp_directory_size/i.test(message)) {
    return new StoreError('disk_full', `the disk of the store is full: ${message}`, options)
  }
  if (/Out of Memory|pattern too large|maximum expression depth/i.test(message)) {
    return new StoreError(
      'too_large',
      'the search needs more memory than it may take; narrow the range or the terms',
      options,
    )
  }
  if (/INTERRUPT/.test(message)) return new StoreError('cancelled', 'the query was interrupted', options)
  if (/Could not set lock/i.test(message)) {
    return new StoreError('unavailable', `another process has the store open: ${message}`, options)
  }
  if (
    /corrupt|not a valid DuckDB|checksum|Serialization Error|No magic bytes|ENOENT|No files found|snappy|zstd/i.test(
      message,
    )
  ) {
    return new StoreError('corrupt', `the store is damaged: ${message}`, options)
  }
  return new StoreError('unavailable', message, options)
}
