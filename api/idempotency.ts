import { createHash } from 'node:crypto'
import { claimKey, keepAnswer, releaseKey } from '../store/local/idempotency.ts'
import type { Action } from './access/policy.ts'
import { Problem } from './problem.ts'
import type { ApiServer } from './server.ts'
import type { Services } from './services.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The key that this request holds, so that its answer is kept under it. */
    idempotencyKey: string | null
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

  api.addHook('preHandler', (request, reply, next) => {
    const key = request.headers['idempotency-key']
    const { principal } = request
    if (key === undefined || request.method !== 'POST' || principal === null) return next()
    if (!KEPT.includes(request.routeOptions.config.action)) return next()
    if (typeof key !== 'string' || !/^[\x21-\x7E]{8,128}$/.test(key)) throw new Problem('bad_idempotency_key')
    const body =
      request.body !== null && typeof request.body === 'object' && 'pipe' in request.body ? null : request.body
    const asked = [
      request.url,
      request.headers['if-match'],
      request.headers['content-length'],
      body,
      principal.agencies,
    ]
    const digest = createHash('sha256').update(JSON.stringify(asked)).digest('base64url')
    const claim = claimKey(local, { principal: principal.id, key, digest, nowMs: clock() })
    if (claim === 'other_request') throw new Problem('idempotency_mismatch')
    if (claim === 'under_way') throw new Problem('idempotency_unknown')
    if (claim === 'new') {
      request.idempotencyKey = key
      return next()
    }
    if (claim.etag !== null) reply.header('etag', claim.etag)
    const type = claim.status >= 400 ? 'application/problem+json' : 'application/json; charset=utf-8'
    void reply
      .status(claim.status)
      .header('idempotency-replayed', 'true')
      .type(type)
      .serializer((text: string) => text)
      .send(claim.body)
  })

  api.addHook('onSend', (request, reply, payload, next) => {
    const { idempotencyKey: key, principal } = request
    if (key !== null && principal !== null) {
      // What our side broke may be tried again; so may what was only in the way.
      if (reply.statusCode >= 500 || reply.statusCode === 429) releaseKey(local, principal.id, key)
      else {
        const etag = reply.getHeader('etag')
        const body = typeof payload === 'string' ? payload : ''
        keepAnswer(local, principal.id, key, {
          status: reply.statusCode,
          etag: typeof etag === 'string' ? etag : null,
          body,
        })
      }
    }
    next(null, payload)
  })
}
