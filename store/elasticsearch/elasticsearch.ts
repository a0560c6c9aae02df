import type { TransportRequestOptions } from '@elastic/elasticsearch'
import { Client, Transport } from '@elastic/elasticsearch'
import type { Alert } from '../../model/alert.ts'
import type { EcsEvent, EcsValue } from '../../model/event.ts'
import type { DeadLetter } from '../../model/record.ts'
import { highestVersions, refuseTooLarge, refuseTooManyBuckets, whyRefused } from '../admission.ts'
import { type Aggregated, aggregateOf } from '../query/aggregate.ts'
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
import { LIMIT_MAX, StoreError } from '../store.ts'
import { aggregateIn } from './aggregate.ts'
import type { BulkOptions } from './bulk.ts'
import { bulk, type Cluster, Gate } from './bulk.ts'
import { prepareCluster } from './check.ts'
import type { Operation } from './documents.ts'
import {
  alertOperation,
  deadLetterOperation,
  eventOf,
  EventOperations,
  eventRecord,
  indexDay,
  letterRecord,
  partitionOf,
} from './documents.ts'
import { storeError } from './errors.ts'
import type { Clause } from './terms.ts'
import { clauseOf } from './terms.ts'

export interface ElasticsearchOptions {
  /** `http://127.0.0.1:9200`, `https://es.example:9200` … */
  node: string
  auth?: { apiKey: string } | { username: string; password: string }
  /** PEM of the authority that signed the server's certificate. */
  ca?: string
  /** Every index, and every index template, is named `<prefix>-…`; default `soc`. */
  prefix?: string
  /** Primary shards of a day index; default 1. */
  shards?: number
  /** Copies of each shard on other nodes; default 1 (a single node stays yellow: say 0 there). */
  replicas?: number
  /** A search that takes longer ends with `too_large`; default 30 s. */
  queryTimeoutMs?: number
  bulk?: Partial<BulkOptions>
}

export interface ElasticsearchStore extends Store {
  /** Makes what was appended visible at once, which it otherwise becomes within a second. */
  refresh(): Promise<void>
}

/**
 * The store on a cluster: day indices by receive time, `<prefix>-events-2026.11.22`. A cluster that cannot be reached is no
 * error here but in `ready` and in every call, until it can be.
 * @throws {StoreError} refused: credentials, rights, version, or indices of another product
 */
export async function openElasticsearch(options: ElasticsearchOptions): Promise<ElasticsearchStore> {
  const store = new Elasticsearch(options)
  try {
    await store.prepared()
  } catch (error) {
    if (!(error instanceof StoreError) || error.code !== 'unavailable') {
      await store.close()
      throw error
    }
  }
  return store
}

/** `index.max_result_window` as it is of itself. */
const RESULT_WINDOW = 10_000

interface Hit<T> {
  _source: T
  sort: [number, number, string?]
}

/** Says `application/json` where the client would name its own major version, which the server before it refuses. */
class PlainTransport extends Transport {
  constructor(options: ConstructorParameters<typeof Transport>[0]) {
    const json = 'application/json'
    super({
      ...options,
      vendoredHeaders: { jsonContentType: json, ndjsonContentType: 'application/x-ndjson', accept: json },
    })
  }
}

class Elasticsearch implements ElasticsearchStore {
  readonly engine = 'elasticsearch'
  /** While one waits for its last answers, the next are at work. */
  readonly batchesAtOnce = 3
  readonly #client: Client
  readonly #prefix: string
  readonly #options: ElasticsearchOptions
  readonly #cluster: Cluster
  readonly #queryTimeoutMs: number
  #preparing: Promise<void> | null = null
  #closed = false

  constructor(options: ElasticsearchOptions) {
    const prefix = options.prefix ?? 'soc'
    if (!/^[a-z][a-z0-9-]{0,62}$/.test(prefix)) {
      throw new StoreError('refused', `prefix '${prefix}': lower-case letters, digits and '-', beginning with a letter`)
    }
    this.#prefix = prefix
    this.#options = options
    this.#queryTimeoutMs = options.queryTimeoutMs ?? 30_000
    this.#client = new Client({
      node: options.node,
      Transport: PlainTransport,
      ...(options.auth === undefined ? {} : { auth: options.auth }),
      ...(options.ca === undefined ? {} : { tls: { ca: options.ca } }),
      requestTimeout: this.#queryTimeoutMs + 5_000,
      maxRetries: 0, // the caller tries again, and knows better when
      enableMetaHeader: false, // tell the cluster nothing about this machine
    })
    const bulkOptions = {
      requestBytesMax: 1024 ** 2,
      requestsMax: 8,
      timeoutMs: 60_000,
      retryMs: 30_000,
      ...options.bulk,
    }
    this.#cluster = { client: this.#client, options: bulkOptions, gate: new Gate(bulkOptions.requestsMax), spare: [] }
  }

  /** Resolves when the cluster has been checked and has the templates; tried again after a failure. */
  async prepared(): Promise<void> {
    if (this.#closed) throw new StoreError('unavailable', 'the store is closed')
    const { shards = 1, replicas = 1 } = this.#options
    this.#preparing ??= prepareCluster(this.#client, this.#prefix, { shards, replicas })
    try {
      await this.#preparing
    } catch (error) {
      this.#preparing = null
      throw storeError(error, 'checking the cluster')
    }
  }

  async append(batch: Batch): Promise<Appended> {
    await this.prepared()
    const refused: Appended['refused'] = []
    const { deadLetters, alerts } = batch
    // An alert never comes before its events.
    const refusals = [
      ...(await bulk(this.#cluster, this.#eventOperations(batch, refused))),
      ...(await bulk(
        this.#cluster,
        deadLetters.map((letter) => deadLetterOperation(this.#prefix, letter)),
      )),
      ...(await bulk(
        this.#cluster,
        highestVersions(alerts).map((alert) => alertOperation(this.#prefix, alert)),
      )),
    ]
    for (const { target, reason } of refusals) {
      if (target.kind !== 'event')
        throw new StoreError('refused', `Elasticsearch refused ${target.kind} ${target.id}: ${reason}`)
      refused.push({ seq: target.seq, reason })
    }
    return { refused }
  }

  *#eventOperations({ events, classes }: Batch, refused: Appended['refused']): Generator<Operation> {
    const operations = new EventOperations(this.#prefix)
    for (const event of events) {
      try {
        const reason = whyRefused(event)
        if (reason === null) yield operations.operation(event, classes)
        else refused.push({ seq: event['soc.seq'], reason })
      } catch {
        refused.push({ seq: event['soc.seq'], reason: 'the event is nested too deep to be written as JSON' })
      }
    }
  }

  async searchEvents(query: EventQuery): Promise<EcsEvent[]> {
    refuseTooLarge(query)
    if (query.limit <= 0 || isEmpty(query.scope)) return []
    const { after, order = 'newest', signal } = query
    const hits = await this.#search<Record<string, EcsValue>>('events-*', eventFilter(query), {
      sort: order === 'newest' ? ['-@timestamp', '-soc.seq'] : ['@timestamp', 'soc.seq'],
      limit: query.limit,
      ...(after !== undefined && { after: [Date.parse(timeOf(after.timestamp)), after.seq] }),
      ...(signal !== undefined && { signal }),
    })
    return hits.map(({ _source }) => eventOf(_source))
  }

  async aggregate(query: AggregateQuery): Promise<Aggregated> {
    refuseTooLarge(query)
    const { aggregation, range, scope, signal } = query
    if (aggregation.kind === 'histogram') refuseTooManyBuckets(range, aggregation.intervalMs)
    if (isEmpty(scope)) return aggregateOf([], aggregation)
    const deadline = performance.now() + this.#queryTimeoutMs
    return aggregateIn(aggregation, async (aggs, filter = []) => {
      if (performance.now() > deadline) throw this.#tooSlow()
      return this.#ask('events-*', [...eventFilter(query), ...filter], { size: 0, ...aggs }, signal)
    })
  }

  async getEvents(ids: readonly string[], scope: Scope): Promise<EcsEvent[]> {
    if (ids.length === 0 || isEmpty(scope)) return []
    const unique = [...new Set(ids)]
    const byRecord = new Map<string, EcsEvent>()
    for (let at = 0; at < unique.length; at += LIMIT_MAX) {
      const values = unique.slice(at, at + LIMIT_MAX)
      const filter = [...scoped(scope, 'soc.agency'), { terms: { 'soc.record': values } }]
      const sort = ['-@timestamp', '-soc.seq']
      const hits = await this.#search<Record<string, EcsValue>>('events-*', filter, { sort, limit: values.length })
      for (const { _source } of hits) {
        const event = eventOf(_source)
        byRecord.set(event['soc.record'], event)
      }
    }
    return unique.flatMap((id) => byRecord.get(id) ?? [])
  }

  async searchAlerts(query: AlertQuery): Promise<Alert[]> {
    refuseTooLarge(query)
    if (query.limit <= 0 || isEmpty(query.scope) || query.ids?.length === 0) return []
    const filter: Clause[] = scoped(query.scope, 'agency')
    if (query.ids !== undefined) filter.push({ terms: { id: query.ids } })
    if (query.seqs !== undefined) filter.push({ terms: { seq: query.seqs } })
    if (query.rule !== undefined) filter.push({ term: { 'rule.id': query.rule } })
    if (query.range !== undefined) {
      filter.push({ range: { '@timestamp': { gte: timeOf(query.range.from), lt: timeOf(query.range.to) } } })
    }
    const { after } = query
    // Without an id the whole record's alerts are passed over: '\uffff' sorts behind every id.
    const key = after === undefined ? undefined : [Date.parse(timeOf(after.timestamp)), after.seq, after.id ?? '\uffff']
    const page = { sort: ['-@timestamp', '-seq', 'id'], limit: query.limit, ...(key !== undefined && { after: key }) }
    return (await this.#search<Alert>('alerts', filter, page)).map(({ _source }) => _source)
  }

  async searchDeadLetters(query: { scope: Scope; limit: number; beforeSeq?: number }): Promise<DeadLetter[]> {
    refuseTooLarge(query)
    if (query.limit <= 0 || isEmpty(query.scope)) return []
    const filter: Clause[] = scoped(query.scope, 'agency')
    if (query.beforeSeq !== undefined) filter.push({ range: { seq: { lt: query.beforeSeq } } })
    const page = { sort: ['-seq'], limit: query.limit }
    return (await this.#search<DeadLetter>('dead-letters-*', filter, page)).map(({ _source }) => _source)
  }

  /** One page; a minus before a field of `sort` is descending. */
  async #search<T>(
    indices: string,
    filter: readonly Clause[],
    { sort, limit, after, signal }: { sort: readonly string[]; limit: number; after?: unknown[]; signal?: AbortSignal },
  ): Promise<Hit<T>[]> {
    const body = {
      size: limit,
      sort: sort.map((field) => {
        const name = field.replace(/^-/, '')
        const order = name === field ? 'asc' : 'desc'
        if (name === '@timestamp') return { [name]: { order, unmapped_type: 'date', format: 'epoch_millis' } }
        return { [name]: { order, unmapped_type: name === 'id' ? 'keyword' : 'long' } }
      }),
      ...(after === undefined ? {} : { search_after: after }),
    }
    return (await this.#ask<{ hits: { hits: Hit<T>[] } }>(indices, filter, body, signal)).hits.hits
  }

  /** Partial answers are errors: one that leaves out a shard would say that nothing was there. */
  async #ask<T>(
    indices: string,
    filter: readonly Clause[],
    body: Record<string, unknown>,
    signal: AbortSignal | undefined,
  ): Promise<T> {
    const answer = await this.#request<T & { timed_out: boolean }>(
      'searching',
      {
        method: 'POST',
        path: `/${this.#prefix}-${indices}/_search`,
        querystring: { ignore_unavailable: true, allow_no_indices: true, allow_partial_search_results: false },
        body: {
          timeout: `${this.#queryTimeoutMs}ms`,
          track_total_hits: false,
          query: { bool: { filter } },
          ...body,
        },
      },
      signal === undefined ? {} : { signal },
    )
    if (answer.timed_out) throw this.#tooSlow()
    return answer
  }

  #tooSlow(): StoreError {
    return new StoreError('too_large', `the search took longer than ${this.#queryTimeoutMs / 1000} s; narrow the range`)
  }

  async #request<T>(
    doing: string,
    request: { method: string; path: string; querystring?: Record<string, unknown>; body?: Record<string, unknown> },
    options: TransportRequestOptions = {},
  ): Promise<T> {
    await this.prepared()
    try {
      return await this.#client.transport.request<T>(request, options)
    } catch (error) {
      throw storeError(error, doing)
    }
  }

  async counts(scope: Scope): Promise<Counts> {
    if (isEmpty(scope)) return { events: 0, alerts: 0, deadLetters: 0 }
    const count = async (indices: string, agency: string): Promise<number> => {
      const { count: found } = await this.#request<{ count: number }>('counting', {
        method: 'POST',
        path: `/${this.#prefix}-${indices}/_count`,
        querystring: { ignore_unavailable: true, allow_no_indices: true },
        body: { query: { bool: { filter: scoped(scope, agency) } } },
      })
      return found
    }
    const [events, alerts, deadLetters, stats] = await Promise.all([
      count('events-*', 'soc.agency'),
      count('alerts', 'agency'),
      count('dead-letters-*', 'agency'),
      this.#request<{ _all?: { total?: { store?: { size_in_bytes?: number } } } }>('counting', {
        method: 'GET',
        path: `/${this.#prefix}-*/_stats/store`,
        querystring: { filter_path: '_all.total.store.size_in_bytes' },
      }),
    ])
    const { _all: total } = stats
    return { events, alerts, deadLetters, bytes: total?.total?.store?.size_in_bytes ?? 0 }
  }

  async stored({ day, from, through, limit }: StoredQuery): Promise<StoredRecord[]> {
    const ends = `-${indexDay(day)}*`
    await this.refresh(ends)
    const page = async <T>(indices: string, seq: string): Promise<T[]> => {
      // One request, for positions are not unique here: what was put there by hand comes, too.
      const body = { size: Math.min(limit, RESULT_WINDOW), sort: [{ [seq]: { order: 'asc', unmapped_type: 'long' } }] }
      const filter = [{ range: { [seq]: { gte: from, lte: through } } }]
      const { hits } = await this.#ask<{ hits: { hits: Hit<T>[] } }>(`${indices}${ends}`, filter, body, undefined)
      return hits.hits.map(({ _source }) => _source)
    }
    const events = await page<Record<string, EcsValue>>('events', 'soc.seq')
    const letters = await page<DeadLetter>('dead-letters', 'seq')
    return [...events.map((source) => eventRecord(eventOf(source))), ...letters.map(letterRecord)]
      .sort((a, b) => a.seq - b.seq)
      .slice(0, limit)
  }

  async partitions(): Promise<Partition[]> {
    return (await this.#indices()).map(({ day, levels }) => ({ day, levels }))
  }

  async drop(partitions: readonly Partition[]): Promise<void> {
    const names = new Set(partitions.map(({ day, levels }) => `${day} ${levels}`))
    for (const { name, day, levels } of await this.#indices()) {
      if (!names.has(`${day} ${levels}`)) continue
      await this.#request('deleting a day', {
        method: 'DELETE',
        path: `/${name}`,
        querystring: { ignore_unavailable: true },
      })
    }
  }

  /** Indices of days, oldest first. */
  async #indices(): Promise<(Partition & { name: string })[]> {
    const indices = await this.#request<Record<string, unknown>>('listing indices', {
      method: 'GET',
      path: `/${this.#prefix}-events-*,${this.#prefix}-dead-letters-*`,
      querystring: { filter_path: '*.settings.index.uuid', expand_wildcards: 'all', allow_no_indices: true },
    })
    return Object.keys(indices)
      .flatMap((name) => partitionOf(name, this.#prefix) ?? [])
      .sort((a, b) => (a.day < b.day || (a.day === b.day && a.levels < b.levels) ? -1 : 1))
  }

  /** The cluster keeps its files to itself. */
  files(): Promise<StoreFile[]> {
    return Promise.resolve([])
  }

  fileDigest(): Promise<null> {
    return Promise.resolve(null)
  }

  async ready(): Promise<void> {
    const { status } = await this.#request<{ status: string }>('asking for health', {
      method: 'GET',
      path: `/_cluster/health/${this.#prefix}-*`,
      querystring: { filter_path: 'status', expand_wildcards: 'all' },
    })
    if (status === 'red')
      throw new StoreError('unavailable', `shards of ${this.#prefix}-* are not assigned: the cluster is red`)
  }

  async refresh(ends = '-*'): Promise<void> {
    await this.#request('refreshing', {
      method: 'POST',
      path: `/${this.#prefix}${ends === '-*' ? ends : `-*${ends}`}/_refresh`,
      querystring: { ignore_unavailable: true, allow_no_indices: true },
    })
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    await this.#client.close()
  }
}

function isEmpty(scope: Scope): boolean {
  return scope !== 'all' && scope.length === 0
}

function eventFilter({ scope, range, where }: Pick<EventQuery, 'scope' | 'range' | 'where'>): Clause[] {
  return [
    ...scoped(scope, 'soc.agency'),
    { range: { '@timestamp': { gte: timeOf(range.from), lt: timeOf(range.to) } } },
    ...(where === undefined ? [] : [clauseOf(where)]),
  ]
}

function scoped(scope: Scope, field: string): Clause[] {
  return scope === 'all' ? [] : [{ terms: { [field]: scope } }]
}

function timeOf(text: string): string {
  const ms = Date.parse(text)
  if (Number.isNaN(ms)) throw new StoreError('refused', `not a time: '${text.slice(0, 50)}'`)
  return new Date(ms).toISOString()
}
