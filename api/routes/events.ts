import { type TSchema, Type } from 'typebox'
import type { EcsEvent } from '../../model/event.ts'
import { asker } from '../access/authenticate.ts'
import { scopeOf } from '../access/policy.ts'
import { pageWithNext, readCursor } from '../cursor.ts'
import { Problem } from '../problem.ts'
import { Alert } from '../schemas/alert.ts'
import { Cursor, Key, Time, exact, limit, pageOf } from '../schemas/types.ts'
import { parseTerms } from '../search/terms.ts'
import type { ApiServer } from '../server.ts'
import type { Services } from '../services.ts'
import { refuseEmptyRange, timeOf } from '../time-range.ts'

const DAY_MS = 86_400_000

/** A flat object of dotted ECS names, as stored; whatever its parser found. */
const Event: TSchema & { static?: EcsEvent } = Type.Unsafe<EcsEvent>({ type: 'object', additionalProperties: true })

const Query = exact({
  from: Type.Optional(Time),
  to: Type.Optional(Time),
  q: Type.Optional(
    Type.String({ maxLength: 2_000, description: '`field:value field:"two words" word`, all must hold.' }),
  ),
  limit: Type.Optional(limit(200, 50)),
  cursor: Type.Optional(Cursor),
})

export function eventRoutes(app: ApiServer, services: Services): void {
  const { store, cursorSecret, clock } = services

  app.get(
    '/events',
    {
      config: { action: 'events:read' },
      schema: {
        tags: ['events'],
        summary: 'Events of a time range, newest first; by default the last 24 hours',
        querystring: Query,
        response: { 200: pageOf(Event) },
      },
    },
    async (request) => {
      const { from, to, q = '', limit: size = 50, cursor } = request.query
      const principal = asker(request)
      const context = { principal: principal.id, query: { list: 'events', from, to, q } }
      const [timestamp, seq, begin, end] = cursor === undefined ? [] : readCursor(cursorSecret, context, cursor)
      // Without `to` the first page fixes the present; later pages are of the same range.
      const toMs = end === undefined ? timeOf(to, clock() + 1, '/to') : Number(end)
      const fromMs = begin === undefined ? timeOf(from, toMs - DAY_MS, '/from') : Number(begin)
      refuseEmptyRange(fromMs, toMs)
      const parsed = parseTerms(q)
      if ('error' in parsed) {
        const { code, message, position } = parsed.error
        throw new Problem('bad_query', message, { errors: [{ pointer: '/q', code, message, params: { position } }] })
      }
      const closed = new AbortController()
      const close = (): void => closed.abort()
      request.raw.socket.once('close', close)
      try {
        const items = await store.searchEvents({
          scope: scopeOf(principal),
          range: { from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() },
          terms: parsed.terms,
          limit: size + 1,
          signal: closed.signal,
          ...(timestamp !== undefined && { after: { timestamp: String(timestamp), seq: Number(seq) } }),
        })
        return pageWithNext(items, size, {
          secret: cursorSecret,
          context,
          keyOf: (last) => [last['@timestamp'], last['soc.seq'], fromMs, toMs],
        })
      } finally {
        request.raw.socket.off('close', close)
      }
    },
  )

  app.get(
    '/events/:id',
    {
      config: { action: 'events:read' },
      schema: {
        tags: ['events'],
        summary: 'One event, by `soc.record`',
        params: exact({ id: Key }),
        response: { 200: Event },
      },
    },
    async (request) => {
      const [event] = await store.getEvents([request.params.id], scopeOf(asker(request)))
      if (event === undefined) throw new Problem('not_found')
      return event
    },
  )

  app.get(
    '/alerts/:id',
    {
      config: { action: 'incidents:read' },
      schema: {
        tags: ['incidents'],
        summary: 'One alert in its highest version',
        params: exact({ id: Key }),
        response: { 200: Alert },
      },
    },
    async (request) => {
      const [alert] = await store.searchAlerts({ scope: scopeOf(asker(request)), ids: [request.params.id], limit: 1 })
      if (alert === undefined) throw new Problem('not_found')
      return alert
    },
  )
}
