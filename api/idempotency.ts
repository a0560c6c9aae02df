import { createHash } from 'node:crypto'
import { Readable, Transform, pipeline } from 'node:stream'
import type { FastifyReply } from 'fastify'
import { type KeptAnswer, claimKey, keepAnswer, releaseKey } from '../store/local/idempotency.ts'
import type { Action } from './access/policy.ts'
import { Problem } from './problem.ts'
import type { ApiServer } from './server.ts'
import type { Services } from './services.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The key that this request holds, so that its answer is kept under it. */
    idempotencyKey: string | null
    /** SHA-256 of a body that is a stream, once it has been read to its end. */
    contentDigest: string | null
  }
}

/** Whose answers are kept: of these routes none holds a secret. */
const KEPT: readonly unknown[] = [
  'incidents:comment',
  'incidents:write',
  'incidents:merge',
  'dead_letters:replay',
  'containment:request',
  'containment:approve',
] satisfies Action[]

/**
 * A POST that carries an `Idempotency-Key` and comes again within 24 hours does nothing and has the answer that it had. The key is
 * its sender's own; the same key with another request is refused, and so is one that is under way or died half-way, for nobody
 * knows what it did.
 */
export function idempotency(api: ApiServer, { local, clock }: Services): void {
  api.decorateRequest('idempotencyKey', null)
  api.decorateRequest('contentDigest', null)

  api.addHook('preHandler', async (request, reply) => {
    const key = request.headers['idempotency-key']
    const { principal, body } = request
    if (key === undefined || request.method !== 'POST' || principal === null) return
    if (!KEPT.includes(request.routeOptions.config.action)) return
    if (typeof key !== 'string' || !/^[\x21-\x7E]{8,128}$/.test(key)) throw new Problem('bad_idempotency_key')
    const content = body instanceof Readable ? body : null
    const asked = [
      request.url,
      request.headers['if-match'],
      request.headers['content-length'],
      content === null ? body : null,
      principal.agencies,
    ]
    const digest = createHash('sha256').update(JSON.stringify(asked)).digest('base64url')
    const claim = claimKey(local, { principal: principal.id, key, digest, nowMs: clock() })
    if (claim === 'other_request') throw new Problem('idempotency_mismatch')
    if (claim === 'under_way') throw new Problem('idempotency_unknown')
    if (claim === 'new') {
      request.idempotencyKey = key
      if (content !== null) request.body = digested(content, (whole) => (request.contentDigest = whole))
      return
    }
    if (content !== null && (await digestOf(content, request.routeOptions.bodyLimit ?? 0)) !== claim.content) {
      throw new Problem('idempotency_mismatch')
    }
    return replay(reply, claim)
  })

  api.addHook('onSend', (request, reply, payload, next) => {
    const { idempotencyKey: key, principal, contentDigest: content } = request
    if (key !== null && principal !== null) {
      const streamed = request.body instanceof Readable
      // What our side broke may be tried again; so may what was only in the way, and a file that was refused before all of it came.
      if (reply.statusCode >= 500 || reply.statusCode === 429 || (streamed && content === null)) {
        releaseKey(local, principal.id, key)
      } else {
        const etag = reply.getHeader('etag')
        const body = typeof payload === 'string' ? payload : ''
        keepAnswer(local, principal.id, key, {
          status: reply.statusCode,
          etag: typeof etag === 'string' ? etag : null,
          body,
          content,
        })
      }
    }
    next(null, payload)
  })
}

function replay(reply: FastifyReply, { status, etag, body }: KeptAnswer): FastifyReply {
  if (etag !== null) reply.header('etag', etag)
  const type = status >= 400 ? 'application/problem+json' : 'application/json; charset=utf-8'
  return reply
    .status(status)
    .header('idempotency-replayed', 'true')
    .type(type)
    .serializer((text: string) => text)
    .send(body)
}

/** The same bytes, whose SHA-256 is told when all have gone through. */
function digested(content: Readable, told: (digest: string) => void): Readable {
  const hash = createHash('sha256')
  const through = new Transform({
    transform: (chunk: Buffer, _encoding, done) => {
      hash.update(chunk)
      done(null, chunk)
    },
    flush: (done) => {
      told(hash.digest('base64url'))
      done()
    },
  })
  return pipeline(content, through, () => undefined)
}

/** `null` beyond `bytesMax`: what was kept is not so long. */
async function digestOf(content: Readable, bytesMax: number): Promise<string | null> {
  const hash = createHash('sha256')
  let bytes = 0
  for await (const chunk of content as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > bytesMax) return null
    hash.update(chunk)
  }
  return hash.digest('base64url')
}
