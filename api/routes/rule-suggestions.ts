import { Type } from 'typebox'
import { fold } from '../../detection/sigma/fold.ts'
import { asker } from '../access/authenticate.ts'
import { scopeOf } from '../access/policy.ts'
import { Problem } from '../problem.ts'
import { Key, exact, oneOf } from '../schemas/types.ts'
import { SearchTurns } from '../searches/turns.ts'
import type { ApiServer } from '../server.ts'
import type { Services } from '../services.ts'
import { exceptionsFor } from '../tuning/exception.ts'
import { contributionsOf, groupName, judgedEvents, judgedOf } from '../tuning/judged.ts'
import { thresholdFor } from '../tuning/threshold.ts'

const DAY_MS = 86_400_000

const Numbers = { noise: Type.Integer(), open: Type.Integer() }

const Exceptions = Type.Array(
  Type.Object({
    conditions: Type.Array(Type.Object({ field: Type.String(), value: Type.String() })),
    hides: Type.Object(Numbers, {
      description: 'Of the alerts looked at: benign or false, and undecided. None that was true.',
    }),
    of: Type.Object({ ...Numbers, threat: Type.Integer() }),
    filter: Type.String({
      description: 'A Sigma filter document, to be looked at and put into the rules folder by a person.',
    }),
  }),
)

const Threshold = Type.Object({
  now: Type.Number(),
  suggested: Type.Optional(
    Type.Number({
      description: 'The least at which no more than `alertsPerDay` come and every group judged true still does.',
    }),
  ),
  alertsPerDay: Type.Number(),
  days: Type.Number(),
  complete: Type.Boolean({ description: 'False: there were more events than are looked at; the newest were.' }),
  peaks: Type.Object(
    { p50: Type.Number(), p90: Type.Number(), p99: Type.Number(), max: Type.Number() },
    { description: 'Over groups: the most that one window of theirs held.' },
  ),
  steps: Type.Array(
    Type.Object({
      threshold: Type.Number(),
      groups: Type.Integer({ description: 'That reach it.' }),
      alerts: Type.Integer({ description: 'That would have come.' }),
    }),
  ),
})

/** Suggestions from what was seen. Nothing is ever applied by itself. */
export function ruleSuggestionRoutes(app: ApiServer, services: Services): void {
  const { local, store, clock } = services
  const turns = new SearchTurns()

  app.get(
    '/rules/:id/suggestions',
    {
      config: { action: 'rules:tune' },
      schema: {
        tags: ['rules'],
        summary:
          'Exceptions that would hide what was judged benign and nothing that was true; a threshold from what was seen',
        params: exact({ id: Key }),
        querystring: exact({
          days: Type.Optional(
            Type.Integer({ minimum: 1, maximum: 90, default: 30, description: 'Looked back; default 30.' }),
          ),
          alertsPerDay: Type.Optional(
            Type.Integer({
              minimum: 1,
              maximum: 1_000,
              default: 5,
              description: 'That a threshold may let through; default 5.',
            }),
          ),
        }),
        response: {
          200: Type.Object({
            alerts: Type.Integer({ description: 'That were looked at, the newest.' }),
            exceptions: Exceptions,
            threshold: Type.Optional(Threshold),
          }),
        },
      },
    },
    (request) => {
      const { days = 30, alertsPerDay = 5 } = request.query
      const principal = asker(request)
      const { rules } = services.rules()
      const rule = rules.find(({ id }) => id === request.params.id)
      if (rule === undefined) throw new Problem('not_found')
      const nowMs = clock()
      const range = { from: new Date(nowMs - days * DAY_MS).toISOString(), to: new Date(nowMs + 1).toISOString() }
      const desk = { local, store, scope: scopeOf(principal), range }
      return turns.take(principal.id, request, async () => {
        const alerts = await judgedOf(desk, rule.id)
        if (rule.kind === 'detection') {
          const exceptions = await exceptionsFor(rule, await judgedEvents(desk, alerts))
          return { alerts: alerts.length, exceptions }
        }
        const found = await contributionsOf(desk, rule, services.filesOf(rule.id))
        if (found === null) return { alerts: alerts.length, exceptions: [] }
        const { timespanMs, threshold: now, contributions, complete } = found
        const threats = new Set(
          alerts
            .filter(({ as }) => as === 'threat')
            .map(({ alert: { agency, group } }) => groupName(agency, Object.values(group).map(fold))),
        )
        const suggestion = thresholdFor(contributions, { timespanMs, now, days, alertsPerDay, threats })
        return { alerts: alerts.length, exceptions: [], threshold: { ...suggestion, complete } }
      })
    },
  )

  app.get(
    '/rules/overlaps',
    {
      config: { action: 'rules:tune' },
      schema: {
        tags: ['rules'],
        summary: 'Rules all of whose matches another rule has as well, proven from their predicates',
        response: {
          200: Type.Object({
            items: Type.Array(
              Type.Object({ rule: Type.String(), other: Type.String(), kind: oneOf(['duplicate', 'shadowed']) }),
            ),
          }),
        },
      },
    },
    async () => ({ items: await services.overlaps() }),
  )
}
