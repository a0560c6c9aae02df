import { Type } from 'typebox'
import { covers } from '../../detection/sigma/logsource.ts'
import { accountsOf, correlatedIn, outcomesOf, ruleStretches } from '../../store/local/ledger.ts'
import { asker } from '../access/authenticate.ts'
import { scopeOf } from '../access/policy.ts'
import { Problem } from '../problem.ts'
import { Key, Time, exact, oneOf } from '../schemas/types.ts'
import type { ApiServer } from '../server.ts'
import type { Services } from '../services.ts'
import { refuseEmptyRange, timeOf } from '../time-range.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const HOUR = 'YYYY-MM-DDTHH'.length

const Range = exact({
  from: Type.Optional(Time),
  to: Type.Optional(Time),
})
const WHOLE_HOURS = 'Whole hours of receipt, UTC: the range that was asked for, and what it began and ended in.'

const Hours = { from: Type.String({ description: WHOLE_HOURS }), to: Type.String() }

const contributions = (description: string) => Type.Optional(Type.Integer({ description }))
const CORRELATED = {
  counted: contributions(
    'Contributions that took part: an event in each group it belongs to, or a match of another correlation.',
  ),
  late: contributions(
    'Of them, those further behind their group than the lateness: what they would have stood beside may be forgotten.',
  ),
  truncated: contributions('Of them, those that left a full group before their time.'),
  evicted: contributions('Of them, those of groups that were ended before their time for want of room.'),
  skipped: contributions('Matches without a field that the correlation groups by or measures: they took no part.'),
}

const Completeness = Type.Object({
  ...Hours,
  outcomes: Type.Array(
    Type.Object({
      what: Type.String({
        description:
          '`evaluated`; `unrouted`: evaluated, but of no known log source; `failed`: detection broke on it; `dead:<code>`; `repeat`: sent again; `dropped` before the spool.',
      }),
      records: Type.Integer(),
    }),
  ),
  correlations: Type.Array(Type.Object({ rule: Type.String(), ...CORRELATED }), {
    description: 'Correlations that were offered anything, and what became of that; what is absent is 0.',
  }),
  positions: Type.Optional(
    Type.Object(
      { worked: Type.Integer(), counted: Type.Integer() },
      {
        description: 'Positions of the log worked off, and those with a known end, ever: equal, or something was lost.',
      },
    ),
  ),
})

const RuleCompleteness = Type.Object({
  rule: Type.String(),
  ...Hours,
  events: Type.Integer({ description: "Events of the rule's log source." }),
  evaluated: Type.Integer({ description: 'Of them, those that were held against the rule.' }),
  stretches: Type.Array(
    Type.Object({
      what: oneOf(['evaluated', 'disabled', 'not_in_force', 'failed']),
      hash: Type.Optional(Type.String({ description: "SHA-256 of the rule's text then." })),
      bundle: Type.String({ description: 'Hash of the rules, pipelines and registry in force.' }),
      firstHour: Type.String(),
      lastHour: Type.String(),
      events: Type.Integer(),
    }),
  ),
  correlated: Type.Optional(Type.Object(CORRELATED, { description: 'Of a correlation that was offered anything.' })),
})

export function completenessRoutes(app: ApiServer, { local, rules, clock }: Services): void {
  /** The hours that a range begins and ends in, the end excluded; by default the last 24 hours. */
  const hoursOf = (from: string | undefined, to: string | undefined): { from: string; to: string } => {
    const toMs = timeOf(to, clock() + 1, '/to')
    const fromMs = timeOf(from, toMs - DAY_MS, '/from')
    refuseEmptyRange(fromMs, toMs)
    const last = Math.ceil(toMs / HOUR_MS) * HOUR_MS
    return { from: hour(fromMs), to: hour(last) }
  }

  app.get(
    '/completeness',
    {
      config: { action: 'sources:read' },
      schema: {
        tags: ['completeness'],
        summary: 'What became of every record: accepted = evaluated + unrouted + failed + dead letters + repeats',
        querystring: Range,
        response: { 200: Completeness },
      },
    },
    (request) => {
      const scope = scopeOf(asker(request))
      const hours = hoursOf(request.query.from, request.query.to)
      const outcomes = outcomesOf(local, { ...hours, scope })
      const correlations = correlatedIn(local, { ...hours, scope })
      if (scope !== 'all') return { ...shown(hours), outcomes, correlations } // positions belong to no agency
      const { positions: worked, counted } = accountsOf(local)
      return { ...shown(hours), outcomes, correlations, positions: { worked, counted } }
    },
  )

  app.get(
    '/rules/:id/completeness',
    {
      config: { action: 'rules:read' },
      schema: {
        tags: ['rules', 'completeness'],
        summary:
          "Events of a detection rule's log source, and which version of it they were held against, or why against none",
        params: exact({ id: Key }),
        querystring: Range,
        response: { 200: RuleCompleteness },
      },
    },
    (request) => {
      const { id } = request.params
      const hours = hoursOf(request.query.from, request.query.to)
      const query = { ...hours, scope: scopeOf(asker(request)) }
      const stretches = ruleStretches(local, id, query, covers)
      if (stretches === null && !rules().rules.some((rule) => rule.id === id)) throw new Problem('not_found')
      const events = (what?: string): number =>
        (stretches ?? []).reduce((sum, one) => sum + (what === undefined || one.what === what ? one.events : 0), 0)
      const all = { events: events(), evaluated: events('evaluated'), stretches: stretches ?? [] }
      const [own] = correlatedIn(local, query, id)
      if (own === undefined) return { rule: id, ...shown(hours), ...all }
      const { rule: _, ...correlated } = own
      return { rule: id, ...shown(hours), ...all, correlated }
    },
  )
}

const hour = (ms: number): string => new Date(ms).toISOString().slice(0, HOUR)

const shown = ({ from, to }: { from: string; to: string }): { from: string; to: string } => ({
  from: `${from}:00:00Z`,
  to: `${to}:00:00Z`,
})
