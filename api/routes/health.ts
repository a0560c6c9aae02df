import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { authenticate } from '../access/authenticate.ts'
import { may } from '../access/policy.ts'
import { Problem } from '../problem.ts'
import type { ApiServer } from '../server.ts'
import type { Health, Services } from '../services.ts'

const Ready = Type.Object({
  ready: Type.Boolean(),
  checks: Type.Array(Type.Object({ name: Type.String(), ok: Type.Boolean(), reason: Type.Optional(Type.String()) })),
})

/** For what watches the process: outside `/api/v1`, without a login, and therefore without data. */
export function healthRoutes(app: ApiServer, services: Services): void {
  app.get('/livez', { schema: { hide: true } }, (_request, reply) => {
    reply.type('text/plain; charset=utf-8')
    return 'ok\n'
  })

  app.get('/readyz', { schema: { hide: true, response: { 200: Ready, 503: Ready } } }, async (_request, reply) => {
    const { ready, checks } = await services.health()
    return reply.status(ready ? 200 : 503).send({ ready, checks: checks.map(asCode) })
  })

  app.get('/metrics', { schema: { hide: true } }, async (request, reply) => {
    if (!fromThisMachine(request)) {
      const principal = authenticate(request, services)
      if (principal === null) throw new Problem('unauthenticated', '', { headers: { 'www-authenticate': 'Bearer' } })
      if (!may(principal, 'metrics:read')) throw new Problem('forbidden', 'metrics:read')
    }
    reply.type('text/plain; version=0.0.4; charset=utf-8')
    return services.metrics()
  })
}

/** Anyone may ask: a code tells what to look for, a sentence could tell a path or an address. */
function asCode({ name, ok, reason }: Health['checks'][number]) {
  if (reason === undefined) return { name, ok }
  return { name, ok, reason: /^[a-z0-9_]{1,40}$/.test(reason) ? reason : 'failed' }
}

/**
 * A scraper on the machine itself needs no token. The peer must be loopback, must have asked for a loopback name (a page
 * that rebinds its own name to 127.0.0.1 does not), and must not be a proxy that speaks for someone else.
 */
function fromThisMachine({ socket, headers }: FastifyRequest): boolean {
  const peer = (socket.remoteAddress ?? '').replace(/^::ffff:/, '')
  if (!peer.startsWith('127.') && peer !== '::1') return false
  if (headers['x-forwarded-for'] !== undefined || headers.forwarded !== undefined || headers.via !== undefined)
    return false
  return /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/.test(headers.host ?? '')
}
