import type { MessagePort } from 'node:worker_threads'
import type { Store, StoreErrorCode } from './store.ts'
import { StoreError } from './store.ts'

/** What can be asked across the port; `close` is not among it, for the thread that opened a store closes it. */
const METHODS = [
  'append',
  'searchEvents',
  'aggregate',
  'getEvents',
  'searchAlerts',
  'searchDeadLetters',
  'counts',
  'hold',
  'release',
  'stored',
  'partitions',
  'drop',
  'files',
  'fileDigest',
  'ready',
  'snapshot',
] as const
type Method = (typeof METHODS)[number]

/** Their query takes a signal. */
const CANCELLED: ReadonlySet<Method> = new Set(['searchEvents', 'aggregate'])

type Question = { id: number; method: Method; args: unknown[] } | { cancel: number }
type Answer = { id: number; value: unknown } | { id: number; error: { code: StoreErrorCode; message: string } }

/** Answers what a `remoteStore` at the other end of `port` asks, until the port closes; searches then under way are cancelled. */
export function serveStore(store: Store, port: MessagePort): void {
  const running = new Map<number, AbortController>()
  const answer = async (id: number, method: Method, args: unknown[]): Promise<void> => {
    const controller = new AbortController()
    running.set(id, controller)
    try {
      if (CANCELLED.has(method)) args = [{ ...(args[0] as object), signal: controller.signal }]
      const call = store[method] as (...args: unknown[]) => Promise<unknown>
      port.postMessage({ id, value: await call.apply(store, args) } satisfies Answer)
    } catch (error) {
      const [code, message] =
        error instanceof StoreError ? [error.code, error.message] : (['unavailable', String(error)] as const)
      port.postMessage({ id, error: { code, message } } satisfies Answer)
    } finally {
      running.delete(id)
    }
  }
  port.on('message', (question: Question) => {
    if ('cancel' in question) running.get(question.cancel)?.abort()
    else void answer(question.id, question.method, question.args)
  })
  port.on('close', () => {
    for (const controller of running.values()) controller.abort()
  })
}

/**
 * The store served at the other end of `port`, which may be in another thread. Errors keep their code and message, an
 * `AbortSignal` reaches the store as a cancel. When either end closes, what is under way and whatever is asked later is
 * rejected with `unavailable`; `close` closes this end and leaves the store itself open.
 * @param engine which engine the other end serves
 */
export function remoteStore(port: MessagePort, engine: Store['engine']): Store {
  const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: StoreError) => void }>()
  let lastId = 0
  let closed = false

  port.on('message', (answer: Answer) => {
    const caller = waiting.get(answer.id)
    waiting.delete(answer.id)
    if (waiting.size === 0) port.unref()
    if ('error' in answer) caller?.reject(new StoreError(answer.error.code, answer.error.message))
    else caller?.resolve(answer.value)
  })
  port.on('close', () => {
    closed = true
    for (const { reject } of waiting.values()) reject(gone())
    waiting.clear()
  })
  port.unref() // an idle store does not keep the program alive

  const ask = async (method: Method, args: unknown[], signal?: AbortSignal): Promise<unknown> => {
    if (closed) throw gone()
    if (signal?.aborted === true) throw new StoreError('cancelled', 'the search was cancelled')
    const id = ++lastId
    const cancel = (): void => port.postMessage({ cancel: id } satisfies Question)
    signal?.addEventListener('abort', cancel, { once: true })
    try {
      return await new Promise((resolve, reject) => {
        waiting.set(id, { resolve, reject })
        port.ref()
        port.postMessage({ id, method, args } satisfies Question)
      })
    } finally {
      signal?.removeEventListener('abort', cancel)
    }
  }
  const asked = Object.fromEntries(METHODS.map((method) => [method, (...args: unknown[]) => ask(method, args)]))
  return {
    ...(asked as Required<Pick<Store, Method>>),
    // A cluster is asked by whoever wants to read it all.
    ...(engine === 'elasticsearch' && { hold: undefined, release: undefined }),
    engine,
    searchEvents: ({ signal, ...query }) => ask('searchEvents', [query], signal) as ReturnType<Store['searchEvents']>,
    aggregate: ({ signal, ...query }) => ask('aggregate', [query], signal) as ReturnType<Store['aggregate']>,
    async close() {
      port.close()
      closed = true
    },
  }
}

function gone(): StoreError {
  return new StoreError('unavailable', 'the thread that holds the store has gone')
}
