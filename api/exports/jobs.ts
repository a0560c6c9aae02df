import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createWriteStream, mkdirSync, rmSync } from 'node:fs'
import { rm, stat, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import type { EcsEvent } from '../../model/event.ts'
import { writeParquet } from '../../store/embedded/parquet.ts'
import type { LocalDatabase } from '../../store/local/database.ts'
import { addHistory } from '../../store/local/history.ts'
import { COUNT_SORT, type Condition, type Order } from '../../store/query/query.ts'
import { LIMIT_MAX, type Scope, type Store, StoreError, type TimeRange } from '../../store/store.ts'
import { covers } from '../access/policy.ts'
import { Problem } from '../problem.ts'
import { COLUMNS_NORMAL, csvHead, csvRow, flat, type Format, jsonLine } from './formats.ts'

export interface ExportRequest {
  /** Id and name of who asks; nobody else sees the export. */
  owner: { id: string; name: string }
  scope: Scope
  range: TimeRange
  q: string
  where?: Condition
  order: Order
  /** Columns or fields; absent: whole events, or the usual columns. */
  fields?: readonly string[]
  format: Format
}

export interface Export {
  id: string
  q: string
  from: string
  to: string
  format: Format
  state: 'running' | 'done' | 'failed' | 'cancelled'
  /** Written so far, of `total`, which was counted at the start. */
  events: number
  total: number
  bytes: number
  createdAt: string
  /** When the file goes; set when it is there. */
  expiresAt?: string
  /** Stable code of why it failed. */
  reason?: string
}

/** Limits of one export, and of all. */
const EVENTS_MAX = 1_000_000
const BYTES_MAX = 2 * 1024 ** 3
const RUNNING_MAX = 2
const KEPT_PER_OWNER_MAX = 20
const DISK_RESERVE_BYTES = 1024 ** 3
const LIFE_MS = 60 * 60_000

interface Job {
  view: Export
  owner: ExportRequest['owner']
  scope: Scope
  cancel: AbortController
  work: Promise<void>
  expiry?: NodeJS.Timeout
}

/** Exports in the background: one page of events after the other into a file, which goes after an hour or at the next start. */
export class ExportJobs {
  readonly #folder: string
  readonly #store: Store
  readonly #mask: (event: EcsEvent) => EcsEvent
  readonly #local: LocalDatabase
  readonly #clock: () => number
  readonly #jobs = new Map<string, Job>()

  constructor(options: {
    folder: string
    store: Store
    local: LocalDatabase
    clock: () => number
    /** Hides what is hidden in every event that is written. */
    mask: (event: EcsEvent) => EcsEvent
  }) {
    this.#mask = options.mask
    this.#folder = options.folder
    this.#store = options.store
    this.#local = options.local
    this.#clock = options.clock
    rmSync(this.#folder, { recursive: true, force: true }) // of a former start: nobody can ask for them any more
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 })
  }

  /** @throws {Problem} rate_limited: too many exports of this asker are running or kept */
  start(request: ExportRequest): Export {
    const own = this.#of(request.owner.id)
    if (own.filter(({ view }) => view.state === 'running').length >= RUNNING_MAX || own.length >= KEPT_PER_OWNER_MAX) {
      throw new Problem(
        'rate_limited',
        `at most ${RUNNING_MAX} exports run and ${KEPT_PER_OWNER_MAX} are kept for you at once`,
      )
    }
    const { q, range, format, owner } = request
    const id = randomBytes(12).toString('base64url')
    const createdAt = new Date(this.#clock()).toISOString()
    const view: Export = { id, q, ...range, format, state: 'running', events: 0, total: 0, bytes: 0, createdAt }
    this.#audit(owner, 'export_started', view)
    const job: Job = { view, owner, scope: request.scope, cancel: new AbortController(), work: Promise.resolve() }
    this.#jobs.set(id, job)
    job.work = this.#run(job, request)
    return { ...view }
  }

  list(owner: string): Export[] {
    return this.#of(owner).map(({ view }) => ({ ...view }))
  }

  /** `null` where there is none of that owner. */
  get(owner: string, id: string): Export | null {
    const job = this.#jobs.get(id)
    return job?.owner.id === owner ? { ...job.view } : null
  }

  /**
   * Path of a finished export, which the audit keeps as handed out; `null` where there is none, or where its owner no longer sees
   * all that was written.
   */
  download(owner: ExportRequest['owner'], scope: Scope, id: string): { path: string; format: Format } | null {
    const job = this.#jobs.get(id)
    if (job?.owner.id !== owner.id || job.view.state !== 'done' || !covers(scope, job.scope)) return null
    this.#audit(owner, 'export_downloaded', job.view)
    return { path: this.#path(id), format: job.view.format }
  }

  /** Ends an export and deletes its file. */
  async remove(owner: string, id: string): Promise<boolean> {
    const job = this.#jobs.get(id)
    if (job?.owner.id !== owner) return false
    await this.#discard(job)
    return true
  }

  async close(): Promise<void> {
    await Promise.all([...this.#jobs.values()].map((job) => this.#discard(job)))
  }

  #of(owner: string): Job[] {
    return [...this.#jobs.values()].filter((job) => job.owner.id === owner)
  }

  #path(id: string): string {
    return join(this.#folder, id)
  }

  async #discard(job: Job): Promise<void> {
    job.cancel.abort()
    clearTimeout(job.expiry)
    await job.work
    this.#jobs.delete(job.view.id)
    await rm(this.#path(job.view.id), { force: true })
  }

  /** Never rejects: how it ended is the job's state. */
  async #run(job: Job, request: ExportRequest): Promise<void> {
    const { view, owner } = job
    try {
      await this.#write(job, request)
      view.bytes = (await stat(this.#path(view.id))).size
      this.#audit(owner, 'export_finished', view)
      view.state = 'done'
      view.expiresAt = new Date(this.#clock() + LIFE_MS).toISOString()
      job.expiry = setTimeout(() => void this.#discard(job), LIFE_MS).unref()
    } catch (error) {
      const { code } = error as { code?: string }
      view.state = job.cancel.signal.aborted ? 'cancelled' : 'failed'
      if (view.state === 'failed')
        view.reason = error instanceof StoreError ? error.code : (code ?? 'failed').toLowerCase()
      await rm(this.#path(view.id), { force: true }).catch(() => undefined)
      try {
        this.#audit(owner, `export_${view.state}`, view)
      } catch {
        // The start is on record; a database that is full must not end the program.
      }
    }
  }

  async #write(job: Job, request: ExportRequest): Promise<void> {
    const { view, cancel } = job
    const { scope, range, where, format, fields } = request
    const { signal } = cancel
    const asked = { scope, range, ...(where !== undefined && { where }), signal }
    const counted = await this.#store.aggregate({
      ...asked,
      aggregation: { kind: 'count', by: [], top: 1, sort: COUNT_SORT },
    })
    view.total = counted.kind === 'count' ? (counted.groups[0]?.count ?? 0) : 0
    if (view.total > EVENTS_MAX) throw new StoreError('too_large', `at most ${EVENTS_MAX} events`)

    const columns = fields ?? COLUMNS_NORMAL
    const path = this.#path(view.id)
    const written = format === 'parquet' ? `${path}.rows` : path
    try {
      const line = lineOf(format, columns, fields)
      const file = createWriteStream(written, { mode: 0o600 })
      const broken = once(file, 'error').then(([error]) => Promise.reject(error as Error))
      broken.catch(() => undefined)
      try {
        if (format === 'csv') file.write(csvHead(columns))
        for await (const page of this.#pages(request, signal)) {
          await this.#checkSpace()
          if (!file.write(page.map(line).join(''))) await Promise.race([once(file, 'drain'), broken])
          view.events += page.length
          view.bytes = file.bytesWritten
          if (view.bytes > BYTES_MAX) throw new StoreError('too_large', `at most ${BYTES_MAX} bytes`)
        }
      } finally {
        await Promise.race([new Promise<void>((resolve) => file.end(resolve)), broken])
      }
      if (format === 'parquet') await writeParquet(written, parquetColumns(columns, fields), path)
      signal.throwIfAborted()
    } finally {
      if (written !== path) await rm(written, { force: true })
    }
  }

  async *#pages({ scope, range, where, order }: ExportRequest, signal: AbortSignal): AsyncGenerator<EcsEvent[]> {
    for (let after: { timestamp: string; seq: number } | undefined; ;) {
      const page = await this.#store.searchEvents({
        scope,
        range,
        ...(where !== undefined && { where }),
        order,
        limit: LIMIT_MAX,
        ...(after !== undefined && { after }),
        signal,
      })
      yield page.map(this.#mask)
      const last = page.at(-1)
      if (last === undefined || page.length < LIMIT_MAX) return
      after = { timestamp: last['@timestamp'], seq: last['soc.seq'] }
    }
  }

  async #checkSpace(): Promise<void> {
    const { bavail, bsize } = await statfs(this.#folder)
    if (bavail * bsize < DISK_RESERVE_BYTES) throw new StoreError('disk_full', 'the disk is nearly full')
  }

  #audit({ id, name }: ExportRequest['owner'], code: string, view: Export): void {
    const { q, from, to, format, events, bytes } = view
    const at = new Date(this.#clock()).toISOString()
    const params = { export: view.id, q, from, to, format, events, bytes }
    addHistory(this.#local, [{ at, actor: name, subject: { kind: 'search', id }, code, params }])
  }
}

/** The whole event stands in one more column where no fields were chosen. */
function parquetColumns(columns: readonly string[], fields: readonly string[] | undefined): string[] {
  return fields === undefined ? [...columns, 'event'] : [...columns]
}

function lineOf(
  format: Format,
  columns: readonly string[],
  fields: readonly string[] | undefined,
): (event: EcsEvent) => string {
  switch (format) {
    case 'ndjson':
      return (event) => jsonLine(event, fields)
    case 'csv':
      return (event) => csvRow(event, columns)
    default:
      return (event) => {
        const texts = columns.map((name) => (event[name] === undefined ? null : flat(event[name])))
        return `${JSON.stringify(fields === undefined ? [...texts, JSON.stringify(event)] : texts)}\n`
      }
  }
}
