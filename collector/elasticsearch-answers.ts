import type { Later } from './http-intake.ts'

/*
 * What shippers ask of an Elasticsearch before they send to it, and what they are told. Nothing here reads a record: to every
 * question about data, templates or policies the answer is that there are none, and what they want to set up is acknowledged
 * and forgotten.
 */

export interface Answer {
  status: number
  /** Text only where a table is asked for (`_cat`). */
  body: object | string
  headers?: Record<string, string>
}

/** What a request wants. */
export type Request =
  | { kind: 'bulk'; index: string | undefined }
  | { kind: 'document'; action: 'index' | 'create'; index: string; id: string | undefined }
  | { kind: 'question'; answer: (about: About) => Answer }

/** What the questions are about. */
export interface About {
  /** As `version.number`: shippers refuse a server older than themselves. */
  version: string
  /** Names this installation. */
  uuid: string
  /** Whether anything can be stored now. */
  accepting: boolean
  nowMs: number
}

const CLUSTER = 'vong-gac'

const QUESTIONS: Record<string, (about: About) => object | string> = {
  '': ({ version, uuid }) => ({
    name: CLUSTER,
    cluster_name: CLUSTER,
    cluster_uuid: uuid,
    version: {
      number: version,
      build_flavor: 'default', // Logstash wants this flavour and the tagline
      build_type: 'tar',
      build_hash: 'unknown',
      build_date: '1970-01-01T00:00:00.000Z',
      build_snapshot: false,
      lucene_version: '9.12.0',
      minimum_wire_compatibility_version: '7.17.0',
      minimum_index_compatibility_version: '7.0.0',
    },
    tagline: 'You Know, for Search',
  }),
  _license: ({ uuid }) => ({ license: { status: 'active', uid: uuid, type: 'basic', issuer: CLUSTER } }),
  _xpack: ({ uuid }) => ({
    build: { hash: 'unknown', date: '1970-01-01T00:00:00.000Z' },
    license: { uid: uuid, type: 'basic', mode: 'basic', status: 'active' },
    // Where it is missing, Beats 7 put the date into the name of the index, and each day would be a source of its own.
    features: { ilm: { available: true, enabled: true } },
    tagline: 'You know, for X',
  }),
  '_cluster/health': ({ accepting }) => ({
    cluster_name: CLUSTER,
    status: accepting ? 'green' : 'red',
    timed_out: false,
    number_of_nodes: 1,
    number_of_data_nodes: 1,
    active_primary_shards: 0,
    active_shards: 0,
    relocating_shards: 0,
    initializing_shards: 0,
    unassigned_shards: 0,
  }),
  '_cat/health': ({ accepting, nowMs }) => {
    const time = new Date(nowMs).toISOString().slice(11, 19)
    return `${Math.floor(nowMs / 1_000)} ${time} ${CLUSTER} ${accepting ? 'green' : 'red'} 1 1 0 0 0 0 0 0 - 100.0%\n`
  },
}

/** What may be set up, and is not: never a path under which a document could be meant. */
const SETTING_UP =
  /^(?:_(?:index_template|component_template|template|ilm\/policy|ingest\/pipeline|data_stream)\/[^/]+|_aliases|[^_/][^/]*(?:\/_(?:alias(?:es)?\/[^/]+|mappings?|settings))?)$/

/** What `method` and `url` ask for. */
export function readRequest(method: string, url: string): Request {
  const question = (answer: Answer | ((about: About) => Answer)): Request => ({
    kind: 'question',
    answer: typeof answer === 'function' ? answer : () => answer,
  })
  const path = url.split('?', 1)[0]!.replace(/^\/+|\/+$/g, '')
  let parts: string[]
  try {
    parts = path.split('/').map(decodeURIComponent)
  } catch {
    return question(failure(400, 'illegal_argument_exception', 'the path is not URL-encoded'))
  }
  const [first = '', second, third] = parts
  const writes = method === 'POST' || method === 'PUT'
  if (writes && path === '_bulk') return { kind: 'bulk', index: undefined }
  if (writes && isIndex(first)) {
    if (second === '_bulk' && parts.length === 2) return { kind: 'bulk', index: first }
    if (second === '_doc' && (parts.length === 3 || (parts.length === 2 && method === 'POST'))) {
      return { kind: 'document', action: 'index', index: first, id: third || undefined }
    }
    if (second === '_create' && parts.length === 3) {
      return { kind: 'document', action: 'create', index: first, id: third || undefined }
    }
  }
  if (method === 'GET' || method === 'HEAD') {
    const known = Object.hasOwn(QUESTIONS, path) ? QUESTIONS[path]! : undefined
    if (known !== undefined) return question((about) => ({ status: 200, body: known(about) }))
    return question(failure(404, 'resource_not_found_exception', 'nothing can be read here: this takes records in'))
  }
  if ((method === 'PUT' || (method === 'POST' && path === '_aliases')) && SETTING_UP.test(path)) {
    return question({
      status: 200,
      body: { acknowledged: true, ...(isIndex(first) && { shards_acknowledged: true, index: first }) },
    })
  }
  const reason = `[${method}] is not understood here: this takes records in with POST /_bulk`
  return question({ ...failure(405, 'illegal_argument_exception', reason), headers: { allow: 'GET, HEAD, POST, PUT' } })
}

function isIndex(name: string): boolean {
  return name !== '' && !name.startsWith('_')
}

/** «No» in Elasticsearch's words. */
export function failure(status: number, type: string, reason: string, headers?: Record<string, string>): Answer {
  const error = { type, reason }
  return { status, body: { error: { root_cause: [error], ...error }, status }, ...(headers && { headers }) }
}

/** «Not now». The whole request, never one item of it: some shippers drop an item that is refused. */
export function laterFailure({ status, detail, retryAfterSeconds }: Later): Answer {
  const type = status === 429 ? 'es_rejected_execution_exception' : 'unavailable_shards_exception'
  return failure(status, type, detail, { 'retry-after': String(retryAfterSeconds) })
}

/** The Content-Type of an answer: as JSON, in the dialect that the client speaks (REST API compatibility, version 7 to 9). */
export function answerType(accept: string | undefined, contentType: string | undefined): string {
  for (const said of [accept, contentType]) {
    const [, version] =
      /application\/vnd\.elasticsearch\+[a-z-]+ *; *compatible-with=([7-9])(?!\d)/i.exec(said ?? '') ?? []
    if (version !== undefined) return `application/vnd.elasticsearch+json;compatible-with=${version}`
  }
  return 'application/json'
}

const BODY_TYPE = /^(?:application\/(?:json|x-ndjson|ndjson|vnd\.elasticsearch\+(?:json|x-ndjson)) *(?:;|$)|$)/i

export function isBodyType(contentType: string | undefined): boolean {
  return BODY_TYPE.test((contentType ?? '').trim())
}
