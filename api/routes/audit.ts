import { Type } from 'typebox'
import { listHistory, SUBJECTS, verifyChain } from '../../store/local/history.ts'
import { asker } from '../access/authenticate.ts'
import { pageWithNext, readCursor } from '../cursor.ts'
import { Problem } from '../problem.ts'
import { HistoryEntry } from '../schemas/incident.ts'
import { Cursor, Key, exact, limit, oneOf, pageOf } from '../schemas/types.ts'
import type { ApiServer } from '../server.ts'
import type { Services } from '../services.ts'

const Head = Type.Object({ id: Type.Integer(), hash: Type.String() })

/** The whole history, of all agencies: only for who sees all. */
export function auditRoutes(app: ApiServer, services: Services): void {
  const { local, cursorSecret } = services

  app.get(
    '/audit',
    {
      config: { action: 'audit:read' },
      schema: {
        tags: ['audit'],
        summary: 'Who changed what, when, from what, to what; newest first. For who sees all agencies',
        querystring: exact({
          actor: Type.Optional(Key),
          code: Type.Optional(Key),
          kind: Type.Optional(oneOf(SUBJECTS)),
          subject: Type.Optional(Type.String({ minLength: 1, maxLength: 200, description: 'With `kind`: its id.' })),
          limit: Type.Optional(limit(200, 50)),
          cursor: Type.Optional(Cursor),
        }),
        response: {
          200: pageOf(
            Type.Object({
              ...HistoryEntry.properties,
              ...Head.properties,
              subject: Type.Object({ kind: oneOf(SUBJECTS), id: Type.String() }),
            }),
          ),
        },
      },
    },
    (request) => {
      if (asker(request).agencies !== 'all') throw new Problem('forbidden', 'audit:read for all agencies')
      const { limit: size = 50, cursor, actor, code, kind, subject } = request.query
      if (subject !== undefined && kind === undefined) {
        const wrong = { pointer: '/subject', code: 'kind_missing', message: 'a subject is told by its kind and its id' }
        throw new Problem('validation', '', { errors: [wrong] })
      }
      const context = { principal: asker(request).id, query: { list: 'audit', actor, code, kind, subject } }
      const [before] = cursor === undefined ? [] : readCursor(cursorSecret, context, cursor)
      const rows = listHistory(local, {
        limit: size + 1,
        ...(before !== undefined && { before: Number(before) }),
        ...(actor !== undefined && { actor }),
        ...(code !== undefined && { code }),
        ...(kind !== undefined && { kind }),
        ...(subject !== undefined && { subject }),
      })
      return pageWithNext(rows, size, { secret: cursorSecret, context, keyOf: (last) => [last.id] })
    },
  )

  app.get(
    '/audit/verification',
    {
      config: { action: 'audit:read', rateLimit: { max: 6, timeWindow: 60_000 } },
      schema: {
        tags: ['audit'],
        summary: 'Reads the whole history and holds every entry against the chain of hashes',
        querystring: exact({
          id: Type.Optional(Type.Integer({ minimum: 1, description: 'Of a head that was noted elsewhere.' })),
          hash: Type.Optional(Type.String({ pattern: '^[0-9a-f]{64}$' })),
        }),
        response: {
          200: Type.Object({
            ok: Type.Boolean(),
            entries: Type.Integer(),
            head: Head,
            broken: Type.Optional(
              Type.Object({
                id: Type.Integer(),
                what: oneOf(['altered', 'missing', 'cut_off', 'other_head']),
              }),
            ),
          }),
        },
      },
    },
    (request) => {
      if (asker(request).agencies !== 'all') throw new Problem('forbidden', 'audit:read for all agencies')
      const { id, hash } = request.query
      return verifyChain(local, id !== undefined && hash !== undefined ? { id, hash } : undefined)
    },
  )
}
