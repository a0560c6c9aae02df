import { Type } from 'typebox'
import type { RuleFile } from '../../detection/types.ts'
import { asker } from '../access/authenticate.ts'
import { refuseUnknownAgencies } from '../access/known-agencies.ts'
import { covers, scopeOf } from '../access/policy.ts'
import type { Budget } from '../backtests/backtest.ts'
import { BacktestJobs, type Backtest } from '../backtests/jobs.ts'
import { overlaid, running } from '../backtests/overlay.ts'
import { checkFilter } from '../exceptions/check.ts'
import { exceptionPath } from '../exceptions/tend.ts'
import { Problem } from '../problem.ts'
import { ruleProblem } from '../schemas/rule-problem.ts'
import { AgencyList, Key, Level, State, Time, Verdict, exact, oneOf } from '../schemas/types.ts'
import type { ApiServer } from '../server.ts'
import type { Services } from '../services.ts'
import { refuseEmptyRange, timeOf } from '../time-range.ts'
import { FilterText } from './exceptions.ts'

/** A release of SigmaHQ's rules is about 6 MB. */
const BODY_BYTES_MAX = 32 * 1024 * 1024
const FILES_MAX = 20_000
/** Of each kind of incident, so many are told. */
const INCIDENTS_TOLD = 200
const DAY_MS = 86_400_000
const DAYS_NORMAL = 30
const DRY_RUN = 'dry-run'

const Pair = Type.Object({ before: Type.Integer(), after: Type.Integer() })
const Count = Type.Integer({ description: 'Of all, also where fewer are told.' })

const Alert = Type.Object({
  id: Type.String(),
  rule: Type.Object({ id: Type.String(), title: Type.String(), titleVi: Type.Optional(Type.String()), level: Level }),
  '@timestamp': Type.String(),
  agency: Type.String(),
  count: Type.Integer(),
  evidence: Type.Array(Type.Object({ record: Type.String(), '@timestamp': Type.String(), original: Type.String() })),
})

const Incident = Type.Object({
  title: Type.String(),
  titleVi: Type.String(),
  level: Level,
  priority: Type.Integer(),
  agency: Type.String(),
  entity: Type.Object({ kind: Type.String(), value: Type.String() }),
  firstEventAt: Type.String(),
  lastEventAt: Type.String(),
  rules: Type.Array(Type.Object({ id: Type.String(), title: Type.String(), titleVi: Type.String() })),
  alerts: Pair,
  was: Type.Optional(Type.Object({ level: Level, priority: Type.Integer() })),
  evidence: Type.Object({ gone: Type.Array(Alert), new: Type.Array(Alert), changed: Type.Array(Alert) }),
})
const Incidents = Type.Object({ total: Count, items: Type.Array(Incident) })

const Result = Type.Object({
  incomplete: Type.Optional(oneOf(['cpu', 'matches'], 'Not all was read: the budget that ended first.')),
  read: Type.Integer({ description: 'Events that the search of the store let through.' }),
  matched: Type.Integer({ description: 'Of them, those that a rule in question matches.' }),
  cpuMs: Type.Integer(),
  alerts: Type.Object({
    before: Type.Integer(),
    after: Type.Integer(),
    gone: Type.Integer(),
    new: Type.Integer(),
    changed: Type.Integer(),
  }),
  appear: Incidents,
  vanish: Incidents,
  change: Incidents,
  unchanged: Type.Integer({
    description: 'Of the incidents about the same hosts, addresses and users, those that stay as they are.',
  }),
  rules: Type.Array(
    Type.Object({
      id: Type.String(),
      title: Type.String(),
      titleVi: Type.Optional(Type.String()),
      level: Level,
      change: oneOf(['added', 'removed', 'changed']),
      alerts: Pair,
      hidden: Pair,
    }),
  ),
  problems: Type.Array(
    Type.Object({
      path: Type.String(),
      ...ruleProblem,
    }),
  ),
  hiddenBy: Type.Array(Type.Object({ filter: Type.String(), rule: Type.String(), events: Type.Integer() })),
  fate: Type.Object(
    {
      alerts: Type.Integer(),
      elsewhere: Type.Integer({ description: 'In no incident.' }),
      total: Count,
      incidents: Type.Array(
        Type.Object({
          id: Type.String(),
          number: Type.Integer(),
          title: Type.String(),
          titleVi: Type.String(),
          state: State,
          verdict: Type.Optional(Verdict),
          agency: Type.String(),
          gone: Type.Integer(),
          alerts: Type.Integer(),
        }),
      ),
      truePositives: Type.Object({ incidents: Type.Integer(), alerts: Type.Integer() }),
    },
    { description: 'Where the alerts that would be gone stand today, and what was decided about them.' },
  ),
})

const Shape = Type.Object({
  id: Type.String(),
  kind: oneOf(['rules', 'exception']),
  from: Type.String(),
  to: Type.String(),
  state: oneOf(['waiting', 'running', 'done', 'failed', 'cancelled']),
  progress: Type.Object({
    done: Type.Number({ description: 'Of `of`.' }),
    of: Type.Number(),
    read: Type.Integer(),
    matched: Type.Integer(),
  }),
  createdAt: Type.String(),
  finishedAt: Type.Optional(Type.String()),
  reason: Type.Optional(Type.String()),
  result: Type.Optional(Result),
})

const Range = { from: Type.Optional(Time), to: Type.Optional(Time) }
const BudgetShape = Type.Optional(
  exact({
    cpuSeconds: Type.Optional(Type.Integer({ minimum: 1, maximum: 7_200, description: 'Default 600.' })),
    matches: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000_000, description: 'Default 100,000.' })),
  }),
)

/** What a change of rules, or an exception, would have done to a time that is stored: jobs, one after the other. */
export function backtestRoutes(app: ApiServer, services: Services): void {
  const { local, clock } = services
  const jobs = new BacktestJobs({ start: services.startBacktest, local, clock })
  app.addHook('onClose', () => jobs.close())
  const config = { action: 'exceptions:write' } as const
  const tags = ['backtests']
  const params = exact({ id: Key })

  const rangeOf = ({ from, to }: { from?: string; to?: string }): { from: string; to: string } => {
    const toMs = timeOf(to, clock(), '/to')
    const fromMs = timeOf(from, toMs - DAYS_NORMAL * DAY_MS, '/from')
    refuseEmptyRange(fromMs, toMs)
    return { from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() }
  }
  const budgetOf = (given: { cpuSeconds?: number; matches?: number } = {}): Budget => ({
    cpuMs: (given.cpuSeconds ?? 600) * 1_000,
    matches: given.matches ?? 100_000,
  })

  app.post(
    '/backtests',
    {
      config,
      bodyLimit: BODY_BYTES_MAX,
      schema: {
        tags,
        summary: 'Hold changed rules and those of now against stored events: which incidents appear, vanish, change',
        body: exact({
          files: Type.Array(exact({ path: Type.String({ minLength: 1, maxLength: 500 }), text: Type.String() }), {
            maxItems: FILES_MAX,
            description: 'Files of the rules folder, by their path below it.',
          }),
          whole: Type.Optional(
            Type.Boolean({ description: 'They are the whole folder: what is not among them is gone.' }),
          ),
          remove: Type.Optional(Type.Array(Key, { maxItems: FILES_MAX, description: 'Paths of files that are gone.' })),
          live: Type.Optional(
            Type.Array(Key, {
              maxItems: 200,
              description: 'Rules that run after the change, whatever their stage and switches: drafts.',
            }),
          ),
          full: Type.Optional(
            Type.Boolean({
              description: 'Run every rule, not only those that differ: for rules that were others meanwhile.',
            }),
          ),
          budget: BudgetShape,
          ...Range,
        }),
        response: { 202: Shape },
      },
    },
    (request, reply) => {
      const principal = asker(request)
      const scope = scopeOf(principal)
      const { files, whole = false, remove = [], live = [], full = false, budget } = request.body
      const range = rangeOf(request.body)
      const job = jobs.add(principal, 'rules', scope, range, () => {
        const before = services.ruleFiles()
        const after = running(overlaid(before, files, { whole, remove }), live)
        return { before, after, full, scope, range, budget: budgetOf(budget) }
      })
      reply.status(202).header('location', `/api/v1/backtests/${job.id}`)
      return shown(job)
    },
  )

  app.post(
    '/exceptions/dry-run',
    {
      config,
      schema: {
        tags,
        summary: 'What an exception would have hidden; nothing is saved',
        body: exact({ filter: FilterText, agencies: AgencyList, budget: BudgetShape, ...Range }),
        response: { 202: Shape },
      },
    },
    async (request, reply) => {
      const principal = asker(request)
      const scope = scopeOf(principal)
      const { filter, agencies, budget } = request.body
      if (!covers(scope, agencies)) throw new Problem('forbidden', 'exceptions for agencies that are not yours')
      refuseUnknownAgencies(services, agencies)
      const range = rangeOf(request.body)
      await checkFilter(filter, services.ruleFiles(), services.rules().rules)
      const exception: RuleFile = { path: exceptionPath(DRY_RUN), text: filter, exception: { id: DRY_RUN, agencies } }
      const job = jobs.add(principal, 'exception', scope, range, () => {
        const before = services.ruleFiles()
        return { before, after: [...before, exception], full: false, scope, range, budget: budgetOf(budget) }
      })
      return reply.status(202).header('location', `/api/v1/backtests/${job.id}`).send(shown(job))
    },
  )

  app.get(
    '/backtests',
    {
      config,
      schema: {
        tags,
        summary: 'Your backtests and dry runs since start, without their results',
        response: { 200: Type.Object({ items: Type.Array(Shape) }) },
      },
    },
    (request) => ({ items: jobs.list(asker(request).id) }),
  )

  app.get(
    '/backtests/:id',
    {
      config,
      schema: {
        tags,
        summary: 'How far one of your backtests is, and what came of it',
        params,
        response: { 200: Shape },
      },
    },
    (request) => {
      const { id, agencies } = asker(request)
      const job = jobs.get(id, request.params.id, agencies)
      if (job === null) throw new Problem('not_found')
      return shown(job)
    },
  )

  app.delete(
    '/backtests/:id',
    {
      config,
      schema: { tags, summary: 'Ends one of your backtests, or forgets it', params, response: { 204: Type.Null() } },
    },
    (request, reply) => {
      if (!jobs.remove(asker(request).id, request.params.id)) throw new Problem('not_found')
      void reply.status(204).send(null)
    },
  )
}

/** The graver first, and no more of each than a page can show. */
function shown({ result, ...job }: Backtest) {
  if (result === undefined) return job
  const { fate } = result
  const some = <T>(items: readonly T[]) => ({ total: items.length, items: items.slice(0, INCIDENTS_TOLD) })
  return {
    ...job,
    result: {
      ...result,
      appear: some(result.appear),
      vanish: some(result.vanish),
      change: some(result.change),
      fate: { ...fate, total: fate.incidents.length, incidents: fate.incidents.slice(0, INCIDENTS_TOLD) },
    },
  }
}
