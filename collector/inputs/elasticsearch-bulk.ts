import type { IncomingMessage, ServerResponse } from 'node:http'
import { Type, type Static } from 'typebox'
import { recordId, type Frame, type Origin } from '../../model/record.ts'
import { cutBulk, type BulkAction } from '../bulk-body.ts'
import {
  answerType,
  failure,
  isBodyType,
  laterFailure,
  readRequest,
  type Answer,
  type Request,
} from '../elasticsearch-answers.ts'
import { FRAME_BYTES_DEFAULT, FRAME_BYTES_MAX } from '../framing.ts'
import { answer as send } from '../http-answer.ts'
import { BodyBudget, ENCODINGS, isKnownEncoding, readBody, type BodyFault } from '../http-body.ts'
import { encodingOf, OVERLOADED, refuseForNow, senderOf, takeFrames } from '../http-intake.ts'
import { HTTP_LISTENER, serveHttp } from '../http-listener.ts'
import { peerAddress, type Input, type InputContext } from '../input.ts'
import { senderId } from '../sender-id.ts'
import { streamsOf } from '../streams.ts'

const OPTIONS = Type.Object(
  {
    ...HTTP_LISTENER,
    /** Not 9200, where an Elasticsearch of one's own would be. */
    port: Type.Integer({ minimum: 0, maximum: 65_535, default: 9201 }),
    /** The Elasticsearch it claims to be: shippers do not send to one that is older than they are. */
    version: Type.String({ pattern: String.raw`^\d{1,3}\.\d{1,3}\.\d{1,3}$`, default: '8.99.0' }),
    /** Of one request's body, packed or unpacked. */
    bodyBytesMax: Type.Integer({ minimum: 1024, default: 100 * 1024 * 1024 }), // Elasticsearch's http.max_content_length
    /** Of the bodies of all requests together. */
    bodiesBytesMax: Type.Integer({ minimum: 1024, default: 256 * 1024 * 1024 }),
    recordsMax: Type.Integer({ minimum: 1, default: 100_000 }),
    frameBytesMax: Type.Integer({ minimum: 480, maximum: FRAME_BYTES_MAX, default: 4 * FRAME_BYTES_DEFAULT }),
  },
  { additionalProperties: false },
)
type Options = Static<typeof OPTIONS>

const CHALLENGE = { 'www-authenticate': 'ApiKey, Basic realm="ingest", Bearer realm="ingest"' }
const ENCODINGS_TAKEN = { 'accept-encoding': ENCODINGS }

/**
 * What ships to Elasticsearch ships here: `_bulk`, on a listener of its own, for writing only. A request is taken whole or
 * not at all, and its answer comes when all of it is durable. No document is refused for what is in it: a shipper would drop
 * it. A document that has an `_id` is stored once per agency and index.
 */
export default {
  options: OPTIONS,
  byDefault: false,

  start(options, context) {
    const budget = new BodyBudget(options.bodiesBytesMax)
    return serveHttp(
      {
        handle: (req, res) => handle(req, res, { options, budget, context }),
        fail: (req, res) => reply(req, res, failure(500, 'exception', 'the request could not be handled')),
      },
      options,
      context,
    )
  },
} satisfies Input<typeof OPTIONS>

interface Work {
  options: Options
  budget: BodyBudget
  context: InputContext
}

async function handle(req: IncomingMessage, res: ServerResponse, work: Work): Promise<void> {
  const { options, budget, context } = work
  const address = peerAddress(req.socket.remoteAddress)
  const sender = await senderOf(req, address, context.authenticate)
  if (sender === null) {
    const reason = 'missing or unknown credentials: send a token for ingestion as API key, password or bearer token'
    return reply(req, res, failure(401, 'security_exception', reason, CHALLENGE))
  }
  const request = readRequest(req.method ?? '', req.url ?? '')
  const from = { input: context.name, address, agency: sender.agency }
  const refusal = refuse(req, request, from, work)
  if (refusal !== null) return reply(req, res, refusal)
  const encoding = encodingOf(req)
  const body = await readBody(req, { encoding, bytesMax: options.bodyBytesMax, budget })
  if (body === 'aborted') return
  if (typeof body === 'string') return reply(req, res, bodyFailure(body, options))
  try {
    if (request.kind === 'question') {
      const { accepting } = context.spool.state()
      const about = { version: options.version, uuid: context.spool.id, accepting, nowMs: Date.now() }
      return reply(req, res, request.answer(about))
    }
    reply(req, res, await take(request, body, { from, res, ...work }))
  } finally {
    budget.give(body.length)
  }
}

/** Everything that can be refused before a byte of the body is read. */
function refuse(req: IncomingMessage, request: Request, from: Origin, { options, context }: Work): Answer | null {
  const { headers } = req
  if (!isKnownEncoding(encodingOf(req))) {
    const reason = `Content-Encoding must be one of ${ENCODINGS}, or absent`
    return failure(415, 'illegal_argument_exception', reason, ENCODINGS_TAKEN)
  }
  if (Number(headers['content-length'] ?? 0) > options.bodyBytesMax) return bodyFailure('too_large', options)
  if (request.kind === 'question') return null
  if (!isBodyType(headers['content-type'])) {
    const reason = 'Content-Type must be application/x-ndjson or application/json'
    return failure(406, 'media_type_header_exception', reason)
  }
  const later = refuseForNow(from, context)
  return later === null ? null : laterFailure(later)
}

/** Stores what the request brings, and says so; nothing is said before it is durable. */
async function take(
  request: Exclude<Request, { kind: 'question' }>,
  body: Buffer,
  { from, res, options, context }: Work & { from: Origin; res: ServerResponse },
): Promise<Answer> {
  const actions =
    request.kind === 'document'
      ? oneAction(request, body)
      : cutBulk(body, { index: request.index, actionsMax: options.recordsMax })
  if ('fault' in actions) {
    const { fault, reason } = actions
    return failure(fault === 'too_many' ? 413 : 400, 'illegal_argument_exception', `${reason}: nothing was stored`)
  }
  const startedAt = performance.now()
  const frames = framesOf(actions, from, options.frameBytesMax)
  const through = await takeFrames(frames, from, res, context)
  if (typeof through !== 'number') return laterFailure(through)
  const items = actions.map((action, i) => itemOf(action, through - frames.length + 1 + i, context.spool.id))
  if (request.kind === 'document') return { status: 201, body: items[0]!.item }
  const took = Math.round(performance.now() - startedAt)
  return { status: 200, body: { took, errors: false, items: items.map(({ name, item }) => ({ [name]: item })) } }
}

function oneAction(
  { action, index, id }: Extract<Request, { kind: 'document' }>,
  bytes: Buffer,
): [BulkAction] | { fault: 'malformed'; reason: string } {
  if (bytes.length === 0) return { fault: 'malformed', reason: 'request body is required' }
  return [{ action, index, bytes, ...(id !== undefined && { id }) }]
}

function framesOf(actions: readonly BulkAction[], from: Origin, frameBytesMax: number): Frame[] {
  const streamOf = streamsOf(from)
  return actions.map(({ action, index, id, bytes }) => {
    const frame: Frame = { origin: streamOf(index), bytes }
    // A log is not changed behind the back of its evidence; the request to do so is kept with the reason.
    if (action === 'update' || action === 'delete') frame.refused = 'not_a_new_record'
    else if (id !== undefined) frame.senderId = senderId('bulk', JSON.stringify([index, id]))
    if (bytes.length > frameBytesMax) {
      frame.bytes = bytes.subarray(0, frameBytesMax)
      frame.refused = 'oversized'
    }
    return frame
  })
}

/** A document that has no `_id` is named by its position. Nothing says «409»: some shippers take it for a failure. */
function itemOf(
  { action, index, id }: BulkAction,
  seq: number,
  spoolId: string,
): { name: BulkAction['action']; item: object } {
  const item = { _index: index, _id: id ?? recordId(spoolId, seq), _version: 1, _seq_no: seq, _primary_term: 1 }
  const isNew = action === 'create' || action === 'index'
  const shards = { total: 1, successful: 1, failed: 0 }
  return {
    name: action,
    item: { ...item, result: isNew ? 'created' : 'noop', _shards: shards, status: isNew ? 201 : 200 },
  }
}

function bodyFailure(fault: Exclude<BodyFault, 'aborted'>, { bodyBytesMax }: Options): Answer {
  if (fault === 'overloaded') return laterFailure(OVERLOADED)
  return fault === 'too_large'
    ? failure(
        413,
        'content_too_long_exception',
        `a body is at most ${bodyBytesMax} bytes, unpacked: nothing was stored`,
      )
    : failure(400, 'illegal_argument_exception', 'the body is not what its Content-Encoding says: nothing was stored')
}

/** Every answer says `X-Elastic-Product`: without it clients since 7.14 take the server for something else, and stop. */
function reply(req: IncomingMessage, res: ServerResponse, { status, body, headers }: Answer): void {
  const plain = typeof body === 'string'
  const type = plain ? 'text/plain; charset=UTF-8' : answerType(req.headers.accept, req.headers['content-type'])
  send(req, res, {
    status,
    headers: { ...headers, 'x-elastic-product': 'Elasticsearch', 'content-type': type },
    text: plain ? body : JSON.stringify(body),
  })
}
