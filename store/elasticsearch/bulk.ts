import { setImmediate as otherWork, setTimeout as sleep } from 'node:timers/promises'
import type { Client } from '@elastic/elasticsearch'
import { StoreError } from '../store.ts'
import type { Operation } from './documents.ts'
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
  operation: Operation
  reason: string
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
  const chunks = chunked(operations, options.requestBytesMax)
  const refused: Refusal[] = []
  // When one fails, the others are handed nothing any more.
  const sender = async (): Promise<void> => {
    for await (const chunk of chunks) refused.push(...(await persist(client, chunk, options)))
  }
  await Promise.all(Array.from({ length: options.concurrency }, sender))
  return refused
}

async function* chunked(operations: Iterable<Operation>, bytesMax: number): AsyncGenerator<Operation[]> {
  let chunk: Operation[] = []
  let bytes = 0
  for (const operation of operations) {
    const size = Buffer.byteLength(operation.lines)
    if (chunk.length > 0 && bytes + size > bytesMax) {
      yield chunk
      await otherWork() // the request before goes out before the next is made
      chunk = []
      bytes = 0
    }
    chunk.push(operation)
    bytes += size
  }
  if (chunk.length > 0) yield chunk
}

async function persist(client: Client, operations: readonly Operation[], options: BulkOptions): Promise<Refusal[]> {
  const giveUpAt = performance.now() + options.retryMs
  const refused: Refusal[] = []
  let open = operations
  for (let delayMs = BACKOFF_FIRST_MS; ; delayMs = Math.min(delayMs * 2, BACKOFF_MAX_MS)) {
    const { retry, refused: now, why } = await once(client, open, options)
    refused.push(...now)
    if (retry.length === 0) return refused
    if (performance.now() + delayMs > giveUpAt) {
      throw new StoreError(
        'unavailable',
        `Elasticsearch did not take ${retry.length} of ${operations.length} documents: ${why}`,
      )
    }
    await sleep(delayMs)
    open = retry
  }
}

/** One request; an answer of 200 can hold refusals, so every item is looked at. */
async function once(
  client: Client,
  operations: readonly Operation[],
  options: BulkOptions,
): Promise<{ retry: Operation[]; refused: Refusal[]; why: string }> {
  const retry: Operation[] = []
  const refused: Refusal[] = []
  let why = ''
  let items: Record<string, BulkItem>[]
  try {
    const answer = await client.transport.request<{ items?: typeof items }>(
      {
        method: 'POST',
        path: '/_bulk',
        querystring: { filter_path: 'items.*.status,items.*.error' },
        bulkBody: operations.map(({ lines }) => lines).join(''),
      },
      { requestTimeout: options.timeoutMs, maxRetries: 0 },
    )
    items = answer.items ?? []
  } catch (error) {
    const failure = storeError(error, 'writing')
    const status = statusOf(error)
    if (status === 429 && failure.code === 'unavailable')
      return { retry: [...operations], refused, why: failure.message }
    // One document that the whole request fails for (too large, an id too long) is found by halving.
    const halve = status === 413 || (status === 400 && failure.message.includes('action_request_validation_exception'))
    if (!halve) throw failure
    if (operations.length === 1)
      return { retry, refused: [{ operation: operations[0]!, reason: failure.message }], why }
    const half = operations.length >> 1
    return {
      retry: [],
      refused: [
        ...(await persist(client, operations.slice(0, half), options)),
        ...(await persist(client, operations.slice(half), options)),
      ],
      why,
    }
  }
  if (items.length !== operations.length) {
    // Something between us and the cluster answered: silence about a document is not «stored».
    throw new StoreError('unavailable', `${items.length} answers came for ${operations.length} documents`)
  }
  for (const [i, item] of items.entries()) {
    const operation = operations[i]!
    const { status, error } = Object.values(item)[0]!
    if (status < 300 || status === 409) continue // 409: it is there already, in this version or a higher one
    const reason =
      [error?.reason, error?.caused_by?.reason].filter((text) => text !== undefined).join(': ') || `status ${status}`
    if (isDiskFull(reason)) throw new StoreError('disk_full', `the cluster's disk is full: ${reason}`)
    if (status === 429 || status >= 500 || status === 404) {
      retry.push(operation)
      why = reason
    } else if (status === 401 || status === 403)
      throw new StoreError('refused', `writing: a right is missing: ${reason}`)
    else refused.push({ operation, reason })
  }
  return { retry, refused, why }
}

function statusOf(error: unknown): number | undefined {
  return typeof error === 'object' && error !== null && 'statusCode' in error ? (error.statusCode as number) : undefined
}
