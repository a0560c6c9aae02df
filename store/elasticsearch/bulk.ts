import { setImmediate as otherWork, setTimeout as sleep } from 'node:timers/promises'
import type { Client } from '@elastic/elasticsearch'
import { StoreError } from '../store.ts'
import type { Operation, Target } from './documents.ts'
import { isDiskFull, storeError } from './errors.ts'

export interface BulkOptions {
  /** A request holds at most this much, unless one document alone is larger. */
  requestBytesMax: number
  /** Requests under way at once. */
  concurrency: number
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
  /** Where in `body` each of them ends. */
  ends: readonly number[]
}

interface BulkItem {
  status: number
  error?: { type: string; reason?: string; caused_by?: { reason?: string } }
}

const BACKOFF_FIRST_MS = 100
const BACKOFF_MAX_MS = 5_000

/**
 * Does all operations, each at least once and with the effect of once, and gives those refused for good. Durable when it
 * resolves: Elasticsearch answers after the translog is fsynced (`index.translog.durability: request`, its default). They are made
 * out as they are sent, so that the cluster is at work on the first while the next are written.
 * @throws {StoreError} part of it may be done; doing it all again is safe.
 */
export async function bulk(client: Client, operations: Iterable<Operation>, options: BulkOptions): Promise<Refusal[]> {
  const requests = requestsOf(operations, options.requestBytesMax)
  const refused: Refusal[] = []
  // When one fails, the others are handed nothing any more.
  const sender = async (): Promise<void> => {
    for await (const request of requests) {
      refused.push(...(await persist(client, request, options)))
    }
  }
  await Promise.all(Array.from({ length: options.concurrency }, sender))
  return refused
}

/** Cuts operations into requests. Texts are written out where they are sent from: as one text of a megabyte each they were most of what there was to collect. */
async function* requestsOf(operations: Iterable<Operation>, bytesMax: number): AsyncGenerator<Request> {
  let [targets, ends, end]: [Target[], number[], number] = [[], [], 0]
  let body: Buffer = Buffer.alloc(0)
  for (const { kind, seq, id, lines } of operations) {
    const size = Buffer.byteLength(lines)
    if (end + size > body.length) {
      if (targets.length > 0) {
        yield { targets, ends, body: body.subarray(0, end) }
        await otherWork() // the request before goes out before the next is made
      }
      ;[targets, ends, end] = [[], [], 0]
      body = Buffer.allocUnsafe(Math.max(size, bytesMax))
    }
    end += body.write(lines, end)
    targets.push({ kind, seq, id })
    ends.push(end)
  }
  if (targets.length > 0) yield { targets, ends, body: body.subarray(0, end) }
}

/** Some of a request's operations, by their places. */
function some({ targets, body, ends }: Request, places: readonly number[]): Request {
  const parts = places.map((place) => body.subarray(place === 0 ? 0 : ends[place - 1], ends[place]))
  let end = 0
  return {
    targets: places.map((place) => targets[place]!),
    body: Buffer.concat(parts),
    ends: parts.map(({ length }) => (end += length)),
  }
}

async function persist(client: Client, request: Request, options: BulkOptions): Promise<Refusal[]> {
  const giveUpAt = performance.now() + options.retryMs
  const refused: Refusal[] = []
  let open = request
  for (let delayMs = BACKOFF_FIRST_MS; ; delayMs = Math.min(delayMs * 2, BACKOFF_MAX_MS)) {
    const { retry, refused: now, why } = await once(client, open, options)
    refused.push(...now)
    if (retry.length === 0) return refused
    if (performance.now() + delayMs > giveUpAt) {
      throw new StoreError(
        'unavailable',
        `Elasticsearch did not take ${retry.length} of ${request.targets.length} documents: ${why}`,
      )
    }
    await sleep(delayMs)
    if (retry.length < open.targets.length) open = some(open, retry)
  }
}

/** One request; an answer of 200 can hold refusals, so every item is looked at. `retry`: places of those to be tried again. */
async function once(
  client: Client,
  request: Request,
  options: BulkOptions,
): Promise<{ retry: number[]; refused: Refusal[]; why: string }> {
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
        ...(await persist(client, some(request, places.slice(0, half)), options)),
        ...(await persist(client, some(request, places.slice(half)), options)),
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
  return { retry, refused, why }
}

function statusOf(error: unknown): number | undefined {
  return typeof error === 'object' && error !== null && 'statusCode' in error ? (error.statusCode as number) : undefined
}
