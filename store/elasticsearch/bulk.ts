import { setImmediate as otherWork, setTimeout as sleep } from 'node:timers/promises'
import type { Client } from '@elastic/elasticsearch'
import { StoreError } from '../store.ts'
import type { Operation, Target } from './documents.ts'
import { isDiskFull, storeError } from './errors.ts'

export interface BulkOptions {
  /** A request holds at most this much, unless one document alone is larger. */
  requestBytesMax: number
  /** Requests under way at once, of all batches. */
  requestsMax: number
  timeoutMs: number
  /** How long to go on trying what the cluster is too busy for, before the batch is given back as `unavailable`. */
  retryMs: number
}

/** An operation that can never succeed. */
export interface Refusal {
  target: Target
  reason: string
}

/** Operations as they are sent. */
interface Request {
  targets: readonly Target[]
  /** Their lines, one after another. */
  body: Buffer
  /** What `body` is the beginning of, for others when the cluster has read this one; null: a copy, or bytes of it may be on their way still. */
  memory: Buffer | null
  /** Where in `body` each of them ends. */
  ends: readonly number[]
}

interface BulkItem {
  status: number
  error?: { type: string; reason?: string; caused_by?: { reason?: string } }
}

const BACKOFF_FIRST_MS = 100
const BACKOFF_MAX_MS = 5_000

/** How many requests may be under way at once: half as many after the cluster was too busy, then slowly more again. */
export class Gate {
  readonly #max: number
  #limit: number
  #inside = 0
  readonly #waiting: (() => void)[] = []

  constructor(max: number) {
    this.#max = max
    this.#limit = max
  }

  async enter(): Promise<void> {
    if (this.#inside + 1 <= this.#limit) this.#inside++
    else await new Promise<void>((admit) => this.#waiting.push(admit))
  }

  leave(): void {
    this.#inside--
    for (; this.#inside + 1 <= this.#limit && this.#waiting.length > 0; this.#inside++) this.#waiting.shift()!()
  }

  tooBusy(): void {
    this.#limit = Math.max(1, Math.floor(this.#limit / 2))
  }

  taken(): void {
    this.#limit = Math.min(this.#max, this.#limit + 1 / this.#limit)
  }
}

/** Where batches go, and what they share. */
export interface Cluster {
  client: Client
  options: BulkOptions
  gate: Gate
  /** Memory of requests that were answered: new memory for each was most of what there was to collect. */
  spare: Buffer[]
}

/**
 * Does all operations, each at least once and with the effect of once, and gives those refused for good. Durable when it
 * resolves: Elasticsearch answers after the translog is fsynced (`index.translog.durability: request`, its default). They are made
 * out as they are sent, so that the cluster is at work on the first while the next are written.
 * @throws {StoreError} part of it may be done; doing it all again is safe.
 */
export async function bulk(cluster: Cluster, operations: Iterable<Operation>): Promise<Refusal[]> {
  const { gate } = cluster
  const refused: Refusal[] = []
  const failures: unknown[] = []
  const send = async (request: Request): Promise<void> => {
    try {
      refused.push(...(await persist(cluster, request)))
    } catch (error) {
      failures.push(error)
    } finally {
      gate.leave()
    }
  }
  const sent: Promise<void>[] = []
  for (const request of requestsOf(operations, cluster)) {
    await gate.enter()
    if (failures.length > 0) {
      gate.leave()
      break
    }
    sent.push(send(request))
    await otherWork() // it goes out before the next is made
  }
  await Promise.all(sent)
  if (failures.length > 0) throw failures[0]
  return refused
}

/** Cuts operations into requests. */
function* requestsOf(operations: Iterable<Operation>, { options, spare }: Cluster): Generator<Request> {
  const { requestBytesMax } = options
  let [targets, ends, end]: [Target[], number[], number] = [[], [], 0]
  let memory: Buffer = Buffer.alloc(0)
  for (const { kind, seq, id, lines } of operations) {
    if (end + lines.length > memory.length) {
      if (targets.length > 0) yield { targets, ends, body: memory.subarray(0, end), memory }
      ;[targets, ends, end] = [[], [], 0]
      const large = lines.length > requestBytesMax
      memory = (large ? undefined : spare.pop()) ?? Buffer.allocUnsafeSlow(Math.max(lines.length, requestBytesMax))
    }
    memory.set(lines, end)
    end += lines.length
    targets.push({ kind, seq, id })
    ends.push(end)
  }
  if (targets.length > 0) yield { targets, ends, body: memory.subarray(0, end), memory }
}

/** Some of a request's operations, by their places. */
function some({ targets, body, ends }: Request, places: readonly number[]): Request {
  const parts = places.map((place) => body.subarray(place === 0 ? 0 : ends[place - 1], ends[place]))
  let end = 0
  return {
    targets: places.map((place) => targets[place]!),
    body: Buffer.concat(parts),
    ends: parts.map(({ length }) => (end += length)),
    memory: null,
  }
}

async function persist(cluster: Cluster, request: Request): Promise<Refusal[]> {
  const { options, gate } = cluster
  const giveUpAt = performance.now() + options.retryMs
  const refused: Refusal[] = []
  let open = request
  for (let delayMs = BACKOFF_FIRST_MS; ; delayMs = Math.min(delayMs * 2, BACKOFF_MAX_MS)) {
    const { retry, refused: now, why } = await once(cluster, open)
    refused.push(...now)
    if (retry.length === 0) {
      gate.taken()
      return refused
    }
    gate.tooBusy()
    if (performance.now() + delayMs > giveUpAt) {
      throw new StoreError(
        'unavailable',
        `Elasticsearch did not take ${retry.length} of ${request.targets.length} documents: ${why}`,
      )
    }
    await sleep(delayMs)
    open = retry.length < open.targets.length ? some(open, retry) : { ...open, memory: null }
  }
}

/** One request; an answer of 200 can hold refusals, so every item is looked at. `retry`: places of those to be tried again. */
async function once(cluster: Cluster, request: Request): Promise<{ retry: number[]; refused: Refusal[]; why: string }> {
  const { client, options, spare } = cluster
  const { targets } = request
  const retry: number[] = []
  const refused: Refusal[] = []
  let why = ''
  let items: Record<string, BulkItem>[]
  try {
    const answer = await client.transport.request<{ items?: typeof items }>(
      {
        method: 'POST',
        path: '/_bulk',
        querystring: { filter_path: 'items.*.status,items.*.error' },
        bulkBody: request.body,
      },
      { requestTimeout: options.timeoutMs, maxRetries: 0 },
    )
    items = answer.items ?? []
  } catch (error) {
    const failure = storeError(error, 'writing')
    const status = statusOf(error)
    if (status === 429 && failure.code === 'unavailable')
      return { retry: [...targets.keys()], refused, why: failure.message }
    // One document that the whole request fails for (too large, an id too long) is found by halving.
    const halve = status === 413 || (status === 400 && failure.message.includes('action_request_validation_exception'))
    if (!halve) throw failure
    if (targets.length === 1) return { retry, refused: [{ target: targets[0]!, reason: failure.message }], why }
    const [places, half] = [[...targets.keys()], targets.length >> 1]
    return {
      retry: [],
      refused: [
        ...(await persist(cluster, some(request, places.slice(0, half)))),
        ...(await persist(cluster, some(request, places.slice(half)))),
      ],
      why,
    }
  }
  if (items.length !== targets.length) {
    // Something between us and the cluster answered: silence about a document is not «stored».
    throw new StoreError('unavailable', `${items.length} answers came for ${targets.length} documents`)
  }
  for (const [place, item] of items.entries()) {
    const { status, error } = Object.values(item)[0]!
    if (status < 300 || status === 409) continue // 409: it is there already, in this version or a higher one
    const reason =
      [error?.reason, error?.caused_by?.reason].filter((text) => text !== undefined).join(': ') || `status ${status}`
    if (isDiskFull(reason)) throw new StoreError('disk_full', `the cluster's disk is full: ${reason}`)
    if (status === 429 || status >= 500 || status === 404) {
      retry.push(place)
      why = reason
    } else if (status === 401 || status === 403)
      throw new StoreError('refused', `writing: a right is missing: ${reason}`)
    else refused.push({ target: targets[place]!, reason })
  }
  if (retry.length === 0 && request.memory?.length === options.requestBytesMax) spare.push(request.memory)
  return { retry, refused, why }
}

function statusOf(error: unknown): number | undefined {
  return typeof error === 'object' && error !== null && 'statusCode' in error ? (error.statusCode as number) : undefined
}
