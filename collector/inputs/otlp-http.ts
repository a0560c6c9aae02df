import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http'
import { Type, type Static } from 'typebox'
import type { Frame, Origin } from '../../model/record.ts'
import { FRAME_BYTES_DEFAULT, FRAME_BYTES_MAX } from '../framing.ts'
import { answer as send } from '../http-answer.ts'
import { BodyBudget, ENCODINGS, isKnownEncoding, readBody, type BodyFault } from '../http-body.ts'
import { encodingOf, OVERLOADED, refuseForNow, senderOf, takeFrames, type Later } from '../http-intake.ts'
import { HTTP_LISTENER, serveHttp } from '../http-listener.ts'
import { FRAME_OVERHEAD_BYTES } from '../lane.ts'
import { peerAddress, type Input, type InputContext } from '../input.ts'
import { MalformedRequest, recordsOfJson, recordsOfProtobuf } from '../otlp.ts'
import { TooManyValues } from '../protobuf.ts'
import { senderId } from '../sender-id.ts'
import { streamsOf } from '../streams.ts'

const OPTIONS = Type.Object(
  {
    ...HTTP_LISTENER,
    port: Type.Integer({ minimum: 0, maximum: 65_535, default: 4318 }), // OTLP specification, «OTLP/HTTP default port»
    /** Of one request's body, packed or unpacked. */
    bodyBytesMax: Type.Integer({ minimum: 1024, default: 20 * 1024 * 1024 }), // what an OpenTelemetry Collector takes
    /** Of the records of one request as they are stored, each with its resource and scope. */
    recordsBytesMax: Type.Integer({ minimum: 1024, default: 64 * 1024 * 1024 }),
    /** Of the bodies and records of all requests together. */
    bodiesBytesMax: Type.Integer({ minimum: 1024, default: 256 * 1024 * 1024 }),
    recordsMax: Type.Integer({ minimum: 1, default: 100_000 }),
    frameBytesMax: Type.Integer({ minimum: 480, maximum: FRAME_BYTES_MAX, default: 4 * FRAME_BYTES_DEFAULT }),
  },
  { additionalProperties: false },
)
type Options = Static<typeof OPTIONS>

const PATH = /^\/v1\/logs\/?(?:\?|$)/
const PROTOBUF = 'application/x-protobuf'
const JSON_TYPE = 'application/json'

/** An answer: without a message, that all is durable. */
interface Answer {
  status: number
  message?: string
  headers?: OutgoingHttpHeaders
}

/**
 * OTLP over HTTP, logs only: what OpenTelemetry's SDKs and its Collector send, in protobuf or JSON. A request is taken whole
 * or not at all, and `200` means that all of it is durable. No record is refused for what is in it: its sender would drop it.
 */
export default {
  options: OPTIONS,
  byDefault: false,

  start(options, context) {
    const budget = new BodyBudget(options.bodiesBytesMax)
    return serveHttp(
      {
        async handle(req, res) {
          const answer = await answerTo(req, res, { options, budget, context })
          if (answer !== null) reply(req, res, answer)
        },
        fail: (req, res) => reply(req, res, { status: 500, message: 'the request could not be handled' }),
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

/** Null: nobody is there to be answered any more. */
async function answerTo(req: IncomingMessage, res: ServerResponse, work: Work): Promise<Answer | null> {
  const { options, budget, context } = work
  const address = peerAddress(req.socket.remoteAddress)
  const sender = await senderOf(req, address, context.authenticate)
  if (sender === null) {
    const headers = { 'www-authenticate': 'Bearer realm="ingest"' }
    return { status: 401, message: 'send Authorization: Bearer <token>, with a token for ingestion', headers }
  }
  const from: Origin = { input: context.name, address, agency: sender.agency }
  const refusal = refuse(req, from, work)
  if (refusal !== null) return refusal
  const body = await readBody(req, { encoding: encodingOf(req), bytesMax: options.bodyBytesMax, budget })
  if (body === 'aborted') return null
  if (typeof body === 'string') return bodyAnswer(body, options)
  let held = body.length
  try {
    const read = typeOf(req) === JSON_TYPE ? recordsOfJson(body) : recordsOfProtobuf(body, options.frameBytesMax)
    const streamOf = streamsOf(from)
    const frames: Frame[] = []
    let recordsBytes = 0
    for (const { text, service, uid } of read) {
      if (frames.length === options.recordsMax) return tooMuch(`a request holds at most ${options.recordsMax} records`)
      const frame = cut(text, service === undefined ? from : streamOf(service), options.frameBytesMax)
      if (uid !== undefined) frame.senderId = senderId('otlp', uid)
      const bytes = frame.bytes.length + FRAME_OVERHEAD_BYTES
      recordsBytes += bytes
      if (recordsBytes > options.recordsBytesMax) {
        return tooMuch(`the records of a request are at most ${options.recordsBytesMax} bytes, each with its resource`)
      }
      if (!budget.take(bytes)) return later(OVERLOADED)
      held += bytes
      frames.push(frame)
    }
    const through = await takeFrames(frames, from, res, context)
    return typeof through === 'number' ? { status: 200 } : later(through)
  } catch (error) {
    if (error instanceof TooManyValues) return tooMuch('a request holds fewer values')
    if (!(error instanceof MalformedRequest)) throw error
    context.log.warn({ input: context.name, address, reason: error.message }, 'request not understood: sender told so')
    return { status: 400, message: `${error.message}: nothing was stored` }
  } finally {
    budget.give(held)
  }
}

/** Everything that can be refused before a byte of the body is read. */
function refuse(req: IncomingMessage, from: Origin, { options, context }: Work): Answer | null {
  if (!PATH.test(req.url ?? ''))
    return { status: 404, message: 'logs are sent to /v1/logs; nothing else is taken here' }
  if (req.method !== 'POST') return { status: 405, message: 'logs are sent with POST', headers: { allow: 'POST' } }
  if (!isKnownEncoding(encodingOf(req))) {
    const headers = { 'accept-encoding': ENCODINGS }
    return { status: 415, message: `Content-Encoding must be one of ${ENCODINGS}, or absent`, headers }
  }
  const type = typeOf(req)
  if (type !== PROTOBUF && type !== JSON_TYPE) {
    return { status: 415, message: `Content-Type must be ${PROTOBUF} or ${JSON_TYPE}` }
  }
  if (Number(req.headers['content-length'] ?? 0) > options.bodyBytesMax) return bodyAnswer('too_large', options)
  const refusal = refuseForNow(from, context)
  return refusal === null ? null : later(refusal)
}

function typeOf({ headers }: IncomingMessage): string {
  return (headers['content-type'] ?? '').split(';', 1)[0]!.trim().toLowerCase()
}

/** What is not read because of its size is kept as it came, and refused. */
function cut(text: string | Buffer, origin: Origin, frameBytesMax: number): Frame {
  const bytes = Buffer.from(text) // of a record that was not read: only its beginning, and not all of the body
  const whole = typeof text === 'string' && bytes.length <= frameBytesMax
  return whole
    ? { origin, bytes }
    : { origin, bytes: Buffer.from(bytes.subarray(0, frameBytesMax)), refused: 'oversized' }
}

function later({ status, detail, retryAfterSeconds }: Later): Answer {
  return { status, message: detail, headers: { 'retry-after': String(retryAfterSeconds) } }
}

function tooMuch(reason: string): Answer {
  return { status: 413, message: `${reason}: nothing was stored` }
}

function bodyAnswer(fault: Exclude<BodyFault, 'aborted'>, { bodyBytesMax }: Options): Answer {
  if (fault === 'overloaded') return later(OVERLOADED)
  return fault === 'too_large'
    ? tooMuch(`a body is at most ${bodyBytesMax} bytes, unpacked`)
    : { status: 400, message: 'the body is not what its Content-Encoding says: nothing was stored' }
}

/**
 * In the encoding of the request (OTLP specification, «OTLP/HTTP response»): an ExportLogsServiceResponse without
 * `partial_success`, hence empty, or a google.rpc.Status with its `message`, field 2.
 */
function reply(req: IncomingMessage, res: ServerResponse, { status, message, headers }: Answer): void {
  const isJson = typeOf(req) === JSON_TYPE
  const empty = isJson ? '{}' : ''
  const text = message === undefined ? empty : isJson ? JSON.stringify({ message }) : protobufText(2, message)
  send(req, res, { status, headers: { ...headers, 'content-type': isJson ? JSON_TYPE : PROTOBUF }, text })
}

/** A field of text, which is ASCII; cut where its length would take a second byte. */
function protobufText(number: number, text: string): string {
  const short = text.slice(0, 127)
  return String.fromCharCode((number << 3) | 2, short.length) + short
}
