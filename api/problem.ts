/** One thing wrong with a request, where it stands, as a code with parameters: the sentence is the reader's. */
export interface ProblemPart {
  /** JSON Pointer (RFC 6901) into the body, or `/name` of a query parameter. */
  pointer: string
  code: string
  message: string
  params?: Record<string, unknown>
}

/** Every error the API answers with: code, HTTP status, title. `docs/api.md` lists the same. */
export const PROBLEMS = {
  bad_request: [400, 'The request cannot be read'],
  validation: [400, 'The request does not fit its schema'],
  bad_idempotency_key: [400, 'An Idempotency-Key is 8 to 128 printable characters'],
  bad_cursor: [400, 'The cursor is not one this list gave you'],
  bad_query: [400, 'The search cannot be understood'],
  unauthenticated: [401, 'Log in, or send a token'],
  second_factor_required: [401, 'Send the code of your second factor as well'],
  bad_credentials: [401, 'Wrong name or password'],
  forbidden: [403, 'Your role does not allow this'],
  password_change_required: [403, 'Change your password first'],
  cross_site: [403, 'The request does not come from this site'],
  not_found: [404, 'There is no such thing, or it is not yours to see'],
  method_not_allowed: [405, 'This address does not take that method'],
  already_exists: [409, 'There is one of that name'],
  count_changed: [409, 'They are not as many as you saw'],
  idempotency_unknown: [409, 'A request with this key is under way, or ended half-way'],
  merged: [409, 'Its alerts are in another incident'],
  precondition_failed: [412, 'It has changed since you read it'],
  payload_too_large: [413, 'The request is too large'],
  headers_too_large: [431, 'Address and headers are too large'],
  unsupported_media_type: [415, 'Send another content type'],
  verdict_required: [422, 'Say what it turned out to be: a verdict is required to resolve or close'],
  transition_refused: [422, 'The incident cannot go from its state to that one'],
  idempotency_mismatch: [422, 'This key was used for another request'],
  too_many: [422, 'There is no room for more'],
  bad_legal: [422, 'What the law asks cannot be answered like that'],
  bad_block: [422, 'This cannot be blocked'],
  same_person: [422, 'Another person must approve what you asked for'],
  bad_feed: [422, 'The file is no feed of indicators'],
  bad_notifications: [422, 'Notices cannot be sent like that'],
  bad_webhook: [422, 'The webhook cannot be like that'],
  bad_hold: [422, 'The legal hold cannot be like that'],
  unproved: [409, 'There is no proof of it'],
  bad_exception: [422, 'The exception cannot be like that'],
  bad_bulk: [422, 'That cannot be done for many at once'],
  registry_refused: [422, 'The registry cannot be changed like that'],
  rule_refused: [422, 'The rule cannot be changed like that'],
  merge_refused: [422, 'The incidents cannot be merged or split like that'],
  unknown_assignee: [422, 'There is no such user who may work on this incident'],
  unknown_agency: [422, 'The registry has no such agency'],
  bad_account: [422, 'The account cannot be like that'],
  bad_password: [422, 'That password cannot be taken'],
  query_too_large: [422, 'The search goes over its budget: narrow the time or the terms'],
  precondition_required: [428, 'Send If-Match with the ETag you read'],
  too_many_streams: [429, 'Too many streams are open'],
  rate_limited: [429, 'Too many requests'],
  locked_out: [429, 'Too many wrong passwords: wait'],
  internal: [500, 'Something broke on our side; the log says what'],
  store_unavailable: [503, 'The event store cannot answer now'],
  busy: [503, 'The local database is busy'],
} as const satisfies Record<string, readonly [status: number, title: string]>

export type ProblemCode = keyof typeof PROBLEMS

/** The body of an error, RFC 9457. */
export interface ProblemBody {
  type: string
  title: string
  status: number
  code: ProblemCode
  detail?: string
  errors?: readonly ProblemPart[]
}

/** Thrown by a route to answer with one row of `PROBLEMS`. */
export class Problem extends Error {
  override readonly name = 'Problem'
  readonly code: ProblemCode
  readonly statusCode: number
  readonly errors: readonly ProblemPart[]
  /** Response headers that belong to it: `Allow`, `Retry-After`. */
  readonly headers: Record<string, string>

  constructor(code: ProblemCode, detail = '', more: { errors?: ProblemPart[]; headers?: Record<string, string> } = {}) {
    super(detail)
    this.code = code
    this.statusCode = PROBLEMS[code][0]
    this.errors = more.errors ?? []
    this.headers = more.headers ?? {}
  }

  body(): ProblemBody {
    const [status, title] = PROBLEMS[this.code]
    return {
      type: `urn:vong-gac:problem:${this.code}`,
      title,
      status,
      code: this.code,
      ...(this.message !== '' && { detail: this.message }),
      ...(this.errors.length > 0 && { errors: this.errors }),
    }
  }
}

/** What the framework or a store threw, as a problem. `null`: nobody foresaw it, so it is ours and is to be logged. */
export function problemOf(error: unknown): Problem | null {
  if (error instanceof Problem) return error
  const { code, validation, validationContext, statusCode, name } = error as Partial<FrameworkError>
  if (validation !== undefined) return new Problem('validation', validationContext, { errors: partsOf(validation) })
  if (name === 'StoreError' && code === 'too_large') return new Problem('query_too_large', (error as Error).message)
  if (name === 'StoreError') return new Problem('store_unavailable', code)
  if (typeof code === 'string' && /^SQLITE_(BUSY|FULL|IOERR)/.test(code)) return new Problem('busy', code.toLowerCase())
  if (statusCode === 413) return new Problem('payload_too_large')
  if (statusCode === 415) return new Problem('unsupported_media_type')
  if (statusCode === 404 || statusCode === 414) return new Problem('not_found')
  if (code === 'ECONNRESET' && statusCode === 400) return new Problem('bad_request', 'it ends half-way') // heard by nobody
  if (typeof code === 'string' && code.startsWith('FST_ERR_') && statusCode === 400) {
    return new Problem('bad_request', (error as Error).message)
  }
  return null
}

interface FrameworkError {
  name: string
  code: string
  statusCode: number
  validation: readonly SchemaError[]
  validationContext: string
}

interface SchemaError {
  keyword: string
  instancePath: string
  params: Record<string, unknown>
  message?: string
}

function partsOf(errors: readonly SchemaError[]): ProblemPart[] {
  return errors
    .filter(({ keyword }) => keyword !== 'boolean') // says «schema is false» beside the property that is too much
    .flatMap(({ keyword, instancePath, params, message = '' }) => {
      const names = params['requiredProperties'] ?? params['additionalProperties']
      if (!Array.isArray(names)) return [{ pointer: instancePath, code: keyword, message, params }]
      return names.map((name) => ({ pointer: `${instancePath}/${String(name)}`, code: keyword, message }))
    })
    .slice(0, 20)
}
