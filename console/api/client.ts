/** An answer that was no success; `code` is the server's, `unreachable`, or `http_<status>`. */
export class RequestError extends Error {
  override readonly name = 'RequestError'
  readonly code: string
  /** What the server says of it for whoever reads a log; for `count_changed`, the count. */
  readonly detail: string
  /** What is wrong inside the request, each with a code and a JSON pointer. */
  readonly parts: readonly ProblemPart[]
  constructor(code: string, detail = '', parts: readonly ProblemPart[] = []) {
    super(code)
    this.code = code
    this.detail = detail
    this.parts = parts
  }
}

export interface ProblemPart {
  pointer: string
  code: string
  message: string
  params?: Record<string, unknown>
}

interface Problem {
  code?: string
  detail?: string
  errors?: ProblemPart[]
}

type Query = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>

interface Ask {
  query?: Query
  /** Sent as JSON; a `Blob` as it is. */
  body?: unknown
  /** The version that was read, for `If-Match`. */
  version?: number
  signal?: AbortSignal
}

const onUnauthenticated = new Set<() => void>()

/** Calls `listener` whenever the server says that there is no session. */
export function whenSessionEnds(listener: () => void): () => void {
  onUnauthenticated.add(listener)
  return () => onUnauthenticated.delete(listener)
}

/** The address of a route with its query; what is undefined or empty is left out, lists are repeated. */
export function addressOf(path: string, query: Query = {}): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    for (const one of Array.isArray(value) ? (value as readonly string[]) : [value]) {
      if (one !== undefined) search.append(name, String(one))
    }
  }
  return `/api/v1${path}${search.size > 0 ? `?${search.toString()}` : ''}`
}

/**
 * Asks a route and gives its answer; `null` where it has none.
 * @throws {RequestError}
 */
export async function ask<T>(method: string, path: string, { query, body, version, signal }: Ask = {}): Promise<T> {
  const isFile = body instanceof Blob
  const answer = await fetch(addressOf(path, query), {
    method,
    headers: {
      ...(body !== undefined && { 'content-type': isFile ? 'application/octet-stream' : 'application/json' }),
      ...(version !== undefined && { 'if-match': `"${version}"` }),
    },
    ...(body !== undefined && { body: isFile ? body : JSON.stringify(body) }),
    ...(signal !== undefined && { signal }),
  }).catch((error: unknown) => {
    if (error instanceof DOMException && error.name === 'AbortError') throw error
    throw new RequestError('unreachable')
  })
  if (answer.ok) return (answer.status === 204 ? null : await answer.json()) as T
  const problem = (await answer.json().catch(() => ({}))) as Problem
  const code = problem.code ?? `http_${answer.status}`
  if (code === 'unauthenticated') for (const listener of onUnauthenticated) listener()
  throw new RequestError(code, problem.detail, problem.errors)
}

export const get = <T>(path: string, query?: Query, signal?: AbortSignal): Promise<T> =>
  ask('GET', path, { ...(query !== undefined && { query }), ...(signal !== undefined && { signal }) })
