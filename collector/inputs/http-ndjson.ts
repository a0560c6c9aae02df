import type { IncomingMessage, ServerResponse } from 'node:http'
import { crc32 } from 'node:zlib'
import { Type, type Static } from 'typebox'
import type { Frame, Origin } from '../../model/record.ts'
import { FRAME_BYTES_DEFAULT, FRAME_BYTES_MAX } from '../framing.ts'
import { answer as send } from '../http-answer.ts'
import { BodyBudget, ENCODINGS, isKnownEncoding, readBody, type BodyFault } from '../http-body.ts'
import { bodyKind, cutRecords, type BodyKind } from '../http-records.ts'
import { encodingOf, OVERLOADED, refuseForNow, senderOf, takeFrames, type Later } from '../http-intake.ts'
import type { Input, InputContext } from '../input.ts'

const OPTIONS = Type.Object(
  {
    /** Of one request's body, packed or unpacked. */
    bodyBytesMax: Type.Integer({ minimum: 1024, default: 32 * 1024 * 1024 }),
    /** Of the bodies of all requests together. */
    bodiesBytesMax: Type.Integer({ minimum: 1024, default: 128 * 1024 * 1024 }),
    recordsMax: Type.Integer({ minimum: 1, default: 100_000 }),
    frameBytesMax: Type.Integer({ minimum: 480, maximum: FRAME_BYTES_MAX, default: 4 * FRAME_BYTES_DEFAULT }),
  },
  { additionalProperties: false },
)

const PATH = /^\/ingest(?:\/([^?]*))?(?:\?|$)/
const SOURCE = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/
const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,200}$/

/** An answer that is no success: RFC 9457. `code` is stable, `detail` is for a person. */
interface Problem {
  status: number
  title: string
  code: string
  detail: string
  headers?: Record<string, string>
}

/** A request whose head is in order. */
interface Accepted {
  origin: Origin
  encoding: string
  kind: BodyKind
  key: string | undefined
}

/**
 * `POST /ingest/:source` with lines, NDJSON or a JSON array, on the product's own HTTP server. A request is taken whole or
 * not at all, and `200` means that all of it is durable. With an Idempotency-Key it may be sent again after any failure,
 * and each of its records is stored once.
 */
export default {
  options: OPTIONS,
  byDefault: true,

  start(options, context) {
    const budget = new BodyBudget(options.bodiesBytesMax)
    const running = new Set<Promise<void>>()
    return Promise.resolve({
      listening: [],
      handleHttp(req: IncomingMessage, res: ServerResponse, address: string) {
        const path = PATH.exec(req.url ?? '')
        if (path === null) return false
        const work = handle(req, res, { source: path[1] ?? '', address, options, budget, context })
          .catch((error: unknown) => {
            context.log.error({ input: context.name, error }, 'request failed')
            answer(req, res, problem(500, 'internal', 'Internal Server Error', 'the request could not be handled'))
          })
          .finally(() => running.delete(work))
        running.add(work)
        return true
      },
      async close() {
        await Promise.all(running)
      },
    })
  },
} satisfies Input<typeof OPTIONS>

interface Request {
  source: string
  address: string
  options: Static<typeof OPTIONS>
  budget: BodyBudget
  context: InputContext
}

async function handle(req: IncomingMessage, res: ServerResponse, request: Request): Promise<void> {
  const { options, budget, context } = request
  const accepted = await readHead(req, request)
  if ('status' in accepted) return answer(req, res, accepted)
  const { bodyBytesMax: bytesMax } = options
  const body = await readBody(req, { encoding: accepted.encoding, bytesMax, budget })
  if (body === 'aborted') return
  if (typeof body === 'string') return answer(req, res, bodyProblem(body, options))
  try {
    const frames = cutFrames(body, accepted, options)
    if ('status' in frames) return answer(req, res, frames)
    const through = await takeFrames(frames, accepted.origin, res, context)
    if (typeof through !== 'number') return answer(req, res, laterProblem(through))
    const refused = frames.filter((frame) => frame.refused !== undefined).length
    send(req, res, {
      status: 200,
      headers: { 'content-type': 'application/json' },
      text: JSON.stringify({ accepted: frames.length, refused, through }),
    })
  } finally {
    budget.give(body.length)
  }
}

/** Everything that can be refused before a byte of the body is read, the cheapest and the most private first. */
async function readHead(
  req: IncomingMessage,
  { source, address, options, context }: Request,
): Promise<Accepted | Problem> {
  const { headers } = req
  const sender = await senderOf(req, address, context.authenticate)
  if (sender === null) {
    const challenge = { 'www-authenticate': 'Bearer realm="ingest"' }
    return problem(
      401,
      'unauthorized',
      'Unauthorized',
      'send Authorization: Bearer <token>, with a token for ingestion',
      challenge,
    )
  }
  if (req.method !== 'POST') {
    return problem(405, 'method_not_allowed', 'Method Not Allowed', 'records are sent with POST', { allow: 'POST' })
  }
  if (!SOURCE.test(source)) {
    return problem(404, 'bad_source', 'Not Found', 'the path is /ingest/<source>: 1 to 64 of A-Z a-z 0-9 . _ -')
  }
  const encoding = encodingOf(req)
  if (!isKnownEncoding(encoding)) {
    const detail = `Content-Encoding must be one of ${ENCODINGS}, or absent`
    return problem(415, 'unknown_encoding', 'Unsupported Media Type', detail, { 'accept-encoding': ENCODINGS })
  }
  const kind = bodyKind(headers['content-type'])
  if (kind === undefined) {
    const detail = 'Content-Type must be application/x-ndjson, application/json or text/plain'
    return problem(415, 'unknown_media_type', 'Unsupported Media Type', detail)
  }
  const key = headers['idempotency-key']
  if (key !== undefined && (typeof key !== 'string' || !IDEMPOTENCY_KEY.test(key))) {
    return problem(400, 'bad_idempotency_key', 'Bad Request', 'Idempotency-Key must be 1 to 200 printable characters')
  }
  if (Number(headers['content-length'] ?? 0) > options.bodyBytesMax) return bodyProblem('too_large', options)
  const origin: Origin = { input: context.name, address, agency: sender.agency, stream: source }
  const later = refuseForNow(origin, context)
  if (later !== null) return laterProblem(later)
  return { origin, encoding, kind, key }
}

function cutFrames(body: Buffer, { origin, kind, key }: Accepted, options: Static<typeof OPTIONS>): Frame[] | Problem {
  const { recordsMax, frameBytesMax } = options
  const records = cutRecords(body, kind, recordsMax)
  if (records === 'malformed') {
    return problem(400, 'bad_json', 'Bad Request', 'the body begins a JSON array that does not end: nothing was stored')
  }
  if (records === 'too_many') {
    return problem(
      413,
      'too_many_records',
      'Content Too Large',
      `a request holds at most ${recordsMax} records: nothing was stored`,
    )
  }
  return records.map((record, index) => {
    const frame: Frame = { origin, bytes: record }
    if (record.length > frameBytesMax) {
      frame.bytes = record.subarray(0, frameBytesMax)
      frame.refused = 'oversized'
    }
    // The checksum keeps a sender that never changes its key from having its later requests taken for repeats.
    if (key !== undefined) frame.senderId = `${origin.stream}/${key}/${index}/${crc32(record).toString(16)}`
    return frame
  })
}

function bodyProblem(fault: Exclude<BodyFault, 'aborted'>, { bodyBytesMax }: Static<typeof OPTIONS>): Problem {
  if (fault === 'overloaded') return laterProblem(OVERLOADED)
  return fault === 'too_large'
    ? problem(413, fault, 'Content Too Large', `a body is at most ${bodyBytesMax} bytes, unpacked: nothing was stored`)
    : problem(400, fault, 'Bad Request', 'the body is not what its Content-Encoding says: nothing was stored')
}

function laterProblem({ status, code, detail, retryAfterSeconds }: Later): Problem {
  const title = status === 429 ? 'Too Many Requests' : 'Service Unavailable'
  return problem(status, code, title, detail, { 'retry-after': String(retryAfterSeconds) })
}

function problem(
  status: number,
  code: string,
  title: string,
  detail: string,
  headers?: Record<string, string>,
): Problem {
  return { status, code, title, detail, ...(headers && { headers }) }
}

function answer(req: IncomingMessage, res: ServerResponse, { headers, ...body }: Problem): void {
  const text = JSON.stringify({ type: 'about:blank', ...body })
  send(req, res, {
    status: body.status,
    headers: { 'content-type': 'application/problem+json', ...headers },
    text,
  })
}
