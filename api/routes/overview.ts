import { Type } from 'typebox'
import { zoneOffset } from '../../model/time-zone.ts'
import { asker } from '../access/authenticate.ts'
import { scopeOf } from '../access/policy.ts'
import { Level, State, Time, Verdict, exact } from '../schemas/types.ts'
import type { ApiServer } from '../server.ts'
import type { Services } from '../services.ts'
import { refuseEmptyRange, timeOf } from '../time-range.ts'

const DAY_MS = 86_400_000
const DAYS = 30
const RULES_MAX = 10

const Mean = Type.Optional(Type.Integer({ description: 'Mean, in milliseconds.' }))
const Count = Type.Integer()

/** What leaders ask: how much is open, where, how fast it is handled, and what it turned out to be. */
export function overviewRoutes(app: ApiServer, services: Services): void {
  const { figures, clock, registry, rules } = services

  app.get(
    '/overview',
    {
      config: { action: 'incidents:read' },
      schema: {
        tags: ['incidents'],
        summary: 'Figures of what is open now, and of what was opened in a time (default the last 30 days)',
        querystring: exact({ from: Type.Optional(Time), to: Type.Optional(Time) }),
        response: {
          200: Type.Object({
            from: Type.String(),
            to: Type.String(),
            open: Type.Array(
              Type.Object({ agency: Type.String(), level: Level, state: State, count: Count, unassigned: Count }),
            ),
            days: Type.Array(Type.Object({ day: Type.String(), level: Level, count: Count })),
            agencies: Type.Array(
              Type.Object({
                agency: Type.String(),
                created: Count,
                acknowledged: Count,
                handled: Count,
                detectMs: Mean,
                acknowledgeMs: Mean,
                resolveMs: Mean,
              }),
            ),
            verdicts: Type.Array(Type.Object({ verdict: Verdict, count: Count })),
            rules: Type.Array(
              Type.Object({
                rule: Type.String(),
                title: Type.Optional(Type.String()),
                titleVi: Type.Optional(Type.String()),
                incidents: Count,
                truePositive: Count,
                falsePositive: Count,
              }),
            ),
          }),
        },
      },
    },
    async (request) => {
      const toMs = timeOf(request.query.to, clock(), '/to')
      const fromMs = timeOf(request.query.from, toMs - DAYS * DAY_MS, '/from')
      refuseEmptyRange(fromMs, toMs)
      const [from, to] = [new Date(fromMs).toISOString(), new Date(toMs).toISOString()]
      const scope = scopeOf(asker(request))
      const known = new Map(rules().rules.map((rule) => [rule.id, rule]))
      const offsetMs = zoneOffset(registry().timeZone)(toMs)
      const found = await figures.read('overview', { scope, from, to, offsetMs, rulesMax: RULES_MAX })
      return {
        from,
        to,
        ...found,
        rules: found.rules.map((row) => {
          const rule = known.get(row.rule)
          return {
            ...row,
            ...(rule !== undefined && { title: rule.title }),
            ...(rule?.titleVi !== undefined && { titleVi: rule.titleVi }),
          }
        }),
      }
    },
  )
}
