import { Type } from 'typebox'
import { zoneOffset } from '../../model/time-zone.ts'
import { asker } from '../access/authenticate.ts'
import { scopeOf, sees } from '../access/policy.ts'
import { Level } from '../schemas/types.ts'
import type { ApiServer } from '../server.ts'
import type { Services } from '../services.ts'
import { openDeadlines } from './clocks.ts'

const DAY_MS = 86_400_000
const DAYS = 30

const Names = Type.Object({ vi: Type.String(), en: Type.String() })

/** What hangs on the wall of the room: numbers by agency. Nothing that is anybody's, for anybody may read it. */
export function wallRoutes(app: ApiServer, services: Services): void {
  const { figures, clock, registry } = services

  app.get(
    '/wall',
    {
      config: { action: 'wall:read' },
      schema: {
        tags: ['incidents'],
        summary:
          'Figures for a wallboard: open incidents by agency and level, the last 30 days, legal deadlines that passed',
        response: {
          200: Type.Object({
            from: Type.String(),
            to: Type.String(),
            names: Type.Object(Names.properties, { description: 'Of the centre.' }),
            agencies: Type.Array(Type.Object({ key: Type.String(), names: Names }), {
              description: 'That there are now.',
            }),
            open: Type.Array(Type.Object({ agency: Type.String(), level: Level, count: Type.Integer() })),
            days: Type.Array(Type.Object({ day: Type.String(), level: Level, count: Type.Integer() })),
            overdue: Type.Integer({ description: 'Legal deadlines that passed without a report.' }),
          }),
        },
      },
    },
    async (request) => {
      const scope = scopeOf(asker(request))
      const nowMs = clock()
      const [from, to] = [new Date(nowMs - DAYS * DAY_MS).toISOString(), new Date(nowMs).toISOString()]
      const { vi, en, timeZone, agencies } = registry()
      const { open, days } = await figures.read('wall', { scope, from, to, offsetMs: zoneOffset(timeZone)(nowMs) })
      return {
        from,
        to,
        names: { vi, en },
        agencies: [...agencies.values()]
          .filter(({ key, fromMs, toMs }) => sees(scope, key) && fromMs <= nowMs && nowMs < toMs)
          .map((agency) => ({ key: agency.key, names: { vi: agency.vi, en: agency.en } })),
        open: open.map(({ agency, level, count }) => ({ agency, level, count })),
        days,
        overdue: openDeadlines(services, scope).filter(({ state }) => state === 'overdue').length,
      }
    },
  )
}
