import { Type, type Static } from 'typebox'
import { HEALTH_INPUT, SOURCE_STATES } from '../../model/health.ts'
import { UNREGISTERED } from '../../model/event.ts'
import { healthOfSource } from '../../store/local/source-health.ts'
import { listSources } from '../../store/local/sources.ts'
import { asker } from '../access/authenticate.ts'
import { scopeOf } from '../access/policy.ts'
import { pageWithNext, readCursor } from '../cursor.ts'
import { Cursor, exact, limit, oneOf, pageOf } from '../schemas/types.ts'
import type { ApiServer } from '../server.ts'
import type { Services } from '../services.ts'

const Health = Type.Object({
  state: oneOf(
    SOURCE_STATES,
    '`silent`, `fallen` (volume), `drifting` (clock): there is an alert. `learning`: too new to be judged. `muted`: not expected to send, or under maintenance. `unregistered`: of no agency, never judged.',
  ),
  lagSeconds: Type.Optional(
    Type.Number({ description: 'Receive time less event time of the newest record with a time of its own.' }),
  ),
  clockDriftSeconds: Type.Optional(
    Type.Number({ description: 'Median of half an hour; positive: its clock is ahead.' }),
  ),
  recordsLastHour: Type.Optional(Type.Integer({ description: 'In the last whole hour.' })),
  recordsUsual: Type.Optional(Type.Number({ description: 'Median of that hour of the week, in the weeks before.' })),
  silentAfterSeconds: Type.Optional(
    Type.Number({ description: 'Silence that is told just now; absent while it is not judged.' }),
  ),
})

const Source = Type.Object({
  source: Type.String(),
  agency: Type.String(),
  system: Type.Optional(Type.String()),
  ...Health.properties,
  firstSeen: Type.String(),
  lastSeen: Type.String(),
  events: Type.Integer(),
  deadLetters: Type.Integer(),
  parseFailures: Type.Integer({
    description: 'Records whose content was not understood: dead letters, and events with `error.code`.',
  }),
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

  /** A source of an agency that the watch does not have yet, or no more, is one that it would have to learn. */
  const healthOf = ({ source, agency }: { source: string; agency: string }): Static<typeof Health> => {
    if (agency === UNREGISTERED) return { state: 'unregistered' }
    if (source.startsWith(`${HEALTH_INPUT}/`)) return { state: 'muted' } // what the collector itself says of others
    const health = healthOfSource(local, source, agency)
    if (health === undefined) return { state: 'learning' }
    const { state, lagMs, clockDriftMs, recordsLastHour, recordsUsual, silentAfterMs } = health
    return {
      state,
      ...(lagMs !== undefined && { lagSeconds: lagMs / 1_000 }),
      ...(clockDriftMs !== undefined && { clockDriftSeconds: clockDriftMs / 1_000 }),
      ...(recordsLastHour !== undefined && { recordsLastHour }),
      ...(recordsUsual !== undefined && { recordsUsual }),
      ...(silentAfterMs !== undefined && { silentAfterSeconds: silentAfterMs / 1_000 }),
    }
  }

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
      const told = items.map((item) => ({
        ...item,
        ...healthOf(item),
        throttled: throttled(item.agency, item.source),
      }))
      return pageWithNext(told, size, {
        secret: cursorSecret,
        context,
        keyOf: ({ source: key, agency: owner }) => [key, owner],
      })
    },
  )
}
