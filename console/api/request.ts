import { takeEarly } from '../lib/early.ts'
import type { Routes } from './routes.ts'

export type Route = keyof Routes

/** What a route answers when all is well. */
export type Answer<R extends Route> = Routes[R]['answer']

export type Asked<R extends Route> = Omit<Routes[R], 'answer'> & {
  /** Ends the request, and on the server the work that it began. */
  signal?: AbortSignal
  /** The version that was read: the change is refused where it is another by now. */
  ifMatch?: number | undefined
  /** Who asks, where that is no session. */
  token?: string | undefined
  /** Sent again under the same key, the request does nothing twice. */
  idempotencyKey?: string | undefined
}

/** One thing wrong inside a request: where, and as a code with parameters. */
export interface RequestPart {
  pointer: string
  code: string
  params?: Record<string, unknown>
}

/** An answer that was no success (RFC 9457). The code is the server's, or `unreachable` where no answer came. */
export class RequestError extends Error {
  override readonly name = 'RequestError'
  readonly code: string
  /** 0 where no answer came. */
  readonly status: number
  readonly detail: string
  readonly errors: readonly RequestPart[]
  /** Seconds after which the server may be asked again, where it said so. */
  readonly retryAfterSeconds: number | undefined

  constructor(
    code: string,
    more: Partial<Pick<RequestError, 'status' | 'detail' | 'errors' | 'retryAfterSeconds'>> = {},
  ) {
    super(code)
    this.code = code
    this.status = more.status ?? 0
    this.detail = more.detail ?? ''
    this.errors = more.errors ?? []
    this.retryAfterSeconds = more.retryAfterSeconds
  }
}

const endListeners = new Set<() => void>()

/** Calls `listener` whenever the server says that there is no session. */
export function whenSessionEnds(listener: () => void): void {
  endListeners.add(listener)
}

/** Options may be left out where the route asks for nothing. */
type Rest<R extends Route> = object extends Asked<R> ? [asked?: Asked<R>] : [asked: Asked<R>]

/**
 * Asks one route: `request('GET /incidents/{id}', { params: { id } })`.
 * @throws {RequestError} for every answer that is no success, and where none came
 * @throws {DOMException} `AbortError` where `signal` ended it
 */
export async function request<R extends Route>(route: R, ...[asked]: Rest<R>): Promise<Answer<R>> {
  const { signal, ifMatch, idempotencyKey, token, body } = (asked ?? {}) as Loose
  const headers: Record<string, string> = {
    ...(body !== undefined && !(body instanceof Blob) && { 'content-type': 'application/json' }),
    ...(body instanceof Blob && { 'content-type': 'application/octet-stream' }),
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
    ...(ifMatch !== undefined && { 'if-match': `"${ifMatch}"` }),
    ...(idempotencyKey !== undefined && { 'idempotency-key': idempotencyKey }),
  }
  const [address, method] = [addressOf(route, ...([asked] as Rest<R>)), methodOf(route)]
  const early = method === 'GET' && token === undefined ? takeEarly(address) : undefined
  const answer = await (
    early ??
    fetch(address, {
      method,
      headers,
      ...(body !== undefined && { body: body instanceof Blob ? body : JSON.stringify(body) }),
      ...(signal !== undefined && { signal }),
    })
  ).catch((error: unknown) => {
    throw isAbort(error) ? error : new RequestError('unreachable')
  })
  if (!answer.ok) {
    const problem = await problemOf(answer)
    if (problem.code === 'unauthenticated') for (const listener of endListeners) listener()
    throw problem
  }
  if (answer.status === 204) return null
  const json = answer.headers.get('content-type')?.startsWith('application/json') === true
  return (await (json ? answer.json() : answer.blob())) as Answer<R>
}

/** Where the route is, for a link that the browser itself follows: a download, a stream. */
export function addressOf<R extends Route>(route: R, ...[asked]: Rest<R>): string {
  const { params = {}, query = {} } = (asked ?? {}) as Loose
  const path = route.slice(route.indexOf(' ') + 1)
  const filled = path.replaceAll(/\{(\w+)\}/g, (_whole, name: string) => encodeURIComponent(String(params[name])))
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    for (const one of [value].flat()) if (one !== undefined) search.append(name, String(one))
  }
  return `/api/v1${filled}${search.size === 0 ? '' : `?${search}`}`
}

type Scalar = string | number | boolean

/** The options of any route. */
interface Loose {
  params?: Record<string, Scalar>
  query?: Record<string, Scalar | readonly Scalar[] | undefined>
  body?: unknown
  signal?: AbortSignal
  ifMatch?: number
  token?: string
  idempotencyKey?: string
}

function methodOf(route: Route): string {
  return route.slice(0, route.indexOf(' '))
}

function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'AbortError'
}

async function problemOf(answer: Response): Promise<RequestError> {
  const { status, headers } = answer
  const retryAfterSeconds = Number(headers.get('retry-after') ?? Number.NaN)
  // What stands between (a proxy, a half-dead server) may answer anything.
  const problem = ((await answer.json().catch(() => null)) ?? {}) as {
    code?: unknown
    detail?: unknown
    errors?: unknown
  }
  return new RequestError(typeof problem.code === 'string' ? problem.code : `http_${status}`, {
    status,
    ...(typeof problem.detail === 'string' && { detail: problem.detail }),
    ...(Array.isArray(problem.errors) && { errors: problem.errors as RequestPart[] }),
    ...(Number.isFinite(retryAfterSeconds) && { retryAfterSeconds }),
  })
}
