import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { inTransaction } from '../../store/local/transaction.ts'
import { asker } from '../access/authenticate.ts'
import { etagOf, requireMatch, visibleIncident } from '../access/incident.ts'
import { type Deed, type Outcome, mergeIncidents, splitIncident, unmergeIncident } from '../incidents/merge.ts'
import { Problem } from '../problem.ts'
import { Incident } from '../schemas/incident.ts'
import { IfMatch, Key, exact } from '../schemas/types.ts'
import type { ApiServer } from '../server.ts'
import type { Services } from '../services.ts'

const ById = exact({ id: Key })
const Both = Type.Object({ source: Incident, target: Incident })

/** Alerts that change their incident: by people, recorded, and to be undone. */
export function incidentMergeRoutes(app: ApiServer, services: Services): void {
  const { local, clock } = services

  const deed = (request: FastifyRequest): Deed => ({
    actor: asker(request).name,
    at: new Date(clock()).toISOString(),
  })

  /** What came out, or a problem that takes the transaction back. */
  const done = <T extends object>(outcome: Outcome<T>): T => {
    if ('refused' in outcome) throw new Problem('merge_refused', outcome.refused)
    return outcome
  }

  app.post(
    '/incidents/:id/merge',
    {
      config: { action: 'incidents:merge' },
      schema: {
        tags: ['incidents'],
        summary: 'Take the alerts of another incident of the same agency into this one',
        params: ById,
        headers: IfMatch,
        body: exact({ source: Key }),
        response: { 200: Both },
      },
    },
    (request, reply) => {
      const both = inTransaction(local, () => {
        const target = visibleIncident(services, request, request.params.id)
        requireMatch(request, target.incident)
        const source = visibleIncident(services, request, request.body.source)
        return done(mergeIncidents(local, source, target, deed(request)))
      })
      reply.header('etag', etagOf(both.target))
      return both
    },
  )

  app.post(
    '/incidents/:id/unmerge',
    {
      config: { action: 'incidents:merge' },
      schema: {
        tags: ['incidents'],
        summary: 'Give a merged incident its alerts back',
        params: ById,
        headers: IfMatch,
        response: { 200: Both },
      },
    },
    (request, reply) => {
      const both = inTransaction(local, () => {
        const source = visibleIncident(services, request, request.params.id)
        requireMatch(request, source.incident)
        return done(unmergeIncident(local, source, deed(request)))
      })
      reply.header('etag', etagOf(both.source))
      return both
    },
  )

  app.post(
    '/incidents/:id/split',
    {
      config: { action: 'incidents:merge' },
      schema: {
        tags: ['incidents'],
        summary: 'Take some alerts, by id or by rule, out into an incident of their own',
        params: ById,
        headers: IfMatch,
        body: exact({
          alerts: Type.Optional(Type.Array(Key, { minItems: 1, maxItems: 500 })),
          rules: Type.Optional(Type.Array(Key, { minItems: 1, maxItems: 100 })),
        }),
        response: { 200: Both },
      },
    },
    (request, reply) => {
      const { alerts: alertIds, rules } = request.body
      if (alertIds === undefined && rules === undefined) throw new Problem('merge_refused', 'nothing_moves')
      const both = inTransaction(local, () => {
        const source = visibleIncident(services, request, request.params.id)
        requireMatch(request, source.incident)
        const chosen = { ...(alertIds !== undefined && { alertIds }), ...(rules !== undefined && { rules }) }
        return done(splitIncident(local, source, chosen, deed(request)))
      })
      reply.header('etag', etagOf(both.source))
      return both
    },
  )
}
