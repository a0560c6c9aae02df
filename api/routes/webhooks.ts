import { Type } from 'typebox'
import { type HistoryEntry, addHistory } from '../../store/local/history.ts'
import { inTransaction } from '../../store/local/transaction.ts'
import {
  addWebhook,
  deliveriesOf,
  listWebhooks,
  newWebhookSecret,
  redeliver,
  removeWebhook,
  rotateSecret,
  type Webhook,
} from '../../store/local/webhooks.ts'
import { asker } from '../access/authenticate.ts'
import { refuseUnknownAgencies } from '../access/known-agencies.ts'
import { targetOf } from '../webhooks/post.ts'
import { Problem } from '../problem.ts'
import { AgencyList, Key, exact, limit, oneOf } from '../schemas/types.ts'
import type { ApiServer } from '../server.ts'
import type { Services } from '../services.ts'

const WEBHOOKS_MAX = 50
const ById = exact({ id: Key })
const Codes = Type.Array(Type.String({ pattern: '^[a-z_]{1,64}$' }), { maxItems: 50, description: 'Empty: all.' })
const WEBHOOK = {
  id: Type.String(),
  url: Type.String(),
  agencies: AgencyList,
  codes: Type.Array(Type.String()),
  enabled: Type.Boolean(),
  createdAt: Type.String(),
  createdBy: Type.String(),
}
const Secret = Type.String({ description: 'Signs; shown here and nowhere else.' })

/** Who outside is told of changes of incidents: an administrator's business, since it carries records out of the centre. */
export function webhookRoutes(app: ApiServer, services: Services): void {
  const { local, clock, webhookTargets } = services
  const now = (): string => new Date(clock()).toISOString()
  const noted = (actor: string, id: string, code: string, after?: HistoryEntry['after']): void =>
    addHistory(local, [
      { at: now(), actor, subject: { kind: 'webhook', id }, code, params: {}, ...(after !== undefined && { after }) },
    ])

  app.get(
    '/webhooks',
    {
      config: { action: 'webhooks:manage' },
      schema: {
        tags: ['webhooks'],
        summary: 'Webhooks; never their secrets',
        response: { 200: Type.Object({ items: Type.Array(Type.Object(WEBHOOK)) }) },
      },
    },
    () => ({ items: listWebhooks(local).map(shown) }),
  )

  app.post(
    '/webhooks',
    {
      config: { action: 'webhooks:manage' },
      schema: {
        tags: ['webhooks'],
        summary: 'Tell a URL of changes from now on',
        body: exact({
          url: Type.String({ minLength: 1, maxLength: 2_000 }),
          agencies: AgencyList,
          codes: Type.Optional(Codes),
        }),
        response: { 201: Type.Object({ ...WEBHOOK, secret: Secret }) },
      },
    },
    (request, reply) => {
      const { url, agencies, codes = [] } = request.body
      if (targetOf(url, webhookTargets) === null) throw new Problem('bad_webhook', 'url: http(s) to an allowed address')
      refuseUnknownAgencies(services, agencies)
      const secret = newWebhookSecret()
      const { name: createdBy } = asker(request)
      const webhook = inTransaction(local, () => {
        if (listWebhooks(local).length >= WEBHOOKS_MAX)
          throw new Problem('too_many', `at most ${WEBHOOKS_MAX} webhooks`)
        const made = { url, agencies, codes, enabled: true, createdAt: now(), createdBy }
        const added = addWebhook(local, made, secret)
        noted(createdBy, added.id, 'webhook_added', { url, agencies, codes })
        return added
      })
      reply.status(201)
      return { ...shown(webhook), secret }
    },
  )

  app.post(
    '/webhooks/:id/secret',
    {
      config: { action: 'webhooks:manage' },
      schema: {
        tags: ['webhooks'],
        summary: 'A new secret, which signs beside the former one until the next',
        params: ById,
        response: { 200: Type.Object({ secret: Secret }) },
      },
    },
    (request) => {
      const secret = newWebhookSecret()
      inTransaction(local, () => {
        if (!rotateSecret(local, request.params.id, secret)) throw new Problem('not_found')
        noted(asker(request).name, request.params.id, 'webhook_secret_changed')
      })
      return { secret }
    },
  )

  app.delete(
    '/webhooks/:id',
    {
      config: { action: 'webhooks:manage' },
      schema: {
        tags: ['webhooks'],
        summary: 'Remove a webhook with its log',
        params: ById,
        response: { 204: Type.Null() },
      },
    },
    (request, reply) => {
      inTransaction(local, () => {
        if (!removeWebhook(local, request.params.id)) throw new Problem('not_found')
        noted(asker(request).name, request.params.id, 'webhook_removed')
      })
      void reply.status(204).send(null)
    },
  )

  app.get(
    '/webhooks/:id/deliveries',
    {
      config: { action: 'webhooks:manage' },
      schema: {
        tags: ['webhooks'],
        summary: 'What was sent and how it ended, newest first; kept for 30 days',
        params: ById,
        querystring: exact({ limit: Type.Optional(limit(200, 50)) }),
        response: {
          200: Type.Object({
            items: Type.Array(
              Type.Object({
                id: Type.String(),
                webhook: Type.String(),
                at: Type.String(),
                attempts: Type.Integer(),
                state: oneOf(['pending', 'delivered', 'failed']),
                nextAt: Type.Optional(Type.String({ description: 'When a pending one is tried next.' })),
                status: Type.Optional(Type.Integer()),
                error: Type.Optional(Type.String()),
              }),
            ),
          }),
        },
      },
    },
    (request) => ({ items: deliveriesOf(local, request.params.id, request.query.limit ?? 50) }),
  )

  app.post(
    '/webhooks/:id/deliveries/:delivery/redeliver',
    {
      config: { action: 'webhooks:manage' },
      schema: {
        tags: ['webhooks'],
        summary: 'Send one again, under the same id',
        params: exact({ id: Key, delivery: Key }),
        response: { 204: Type.Null() },
      },
    },
    (request, reply) => {
      if (!redeliver(local, request.params.id, request.params.delivery, clock())) throw new Problem('not_found')
      void reply.status(204).send(null)
    },
  )
}

function shown({ agencies, codes, ...rest }: Webhook) {
  return { ...rest, codes: [...codes], agencies: agencies === 'all' ? ('all' as const) : [...agencies] }
}
