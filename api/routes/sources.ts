import { Type } from 'typebox'
import { listSources } from '../../store/local/sources.ts'
import { asker } from '../access/authenticate.ts'
import { scopeOf } from '../access/policy.ts'
import { pageWithNext, readCursor } from '../cursor.ts'
import { Cursor, exact, limit, pageOf } from '../schemas/types.ts'
import type { ApiServer } from '../server.ts'
import type { Services } from '../services.ts'

const Source = Type.Object({
  source: Type.String(),
  agency: Type.String(),
  system: Type.Optional(Type.String()),
  firstSeen: Type.String(),
  lastSeen: Type.String(),
  events: Type.Integer(),
  deadLetters: Type.Integer(),
  repeats: Type.Integer({ description: 'Records sent again under an identity that was stored before.' }),
  dropped: Type.Integer({ description: 'Lost before the spool, where the protocol cannot wait (UDP).' }),
  bytes: Type.Integer(),
  throttled: Type.Integer({
    description:
      'Since start: times it was held up, turned away (429) or dropped (UDP), its agency being over its quota.',
  }),
})

const Page = exact({ limit: Type.Optional(limit(200, 50)), cursor: Type.Optional(Cursor) })

export function sourceRoutes(app: ApiServer, services: Services): void {
  const { local, cursorSecret, throttled = () => 0 } = services

  app.get(
    '/sources',
    {
      config: { action: 'sources:read' },
      schema: {
        tags: ['sources'],
        summary: 'Who sends, when last, and what became of it: received = events + deadLetters + repeats',
        querystring: Page,
        response: { 200: pageOf(Source) },
      },
    },
    (request) => {
      const principal = asker(request)
      const { limit: size = 50, cursor } = request.query
      const context = { principal: principal.id, query: { list: 'sources' } }
      const [source, agency] = cursor === undefined ? [] : readCursor(cursorSecret, context, cursor)
      const items = listSources(local, {
        scope: scopeOf(principal),
        limit: size + 1,
        ...(source !== undefined && { after: { source: String(source), agency: String(agency) } }),
      })
      const told = items.map((item) => ({ ...item, throttled: throttled(item.agency, item.source) }))
      return pageWithNext(told, size, {
        secret: cursorSecret,
        context,
        keyOf: ({ source: key, agency: owner }) => [key, owner],
      })
    },
  )
}
