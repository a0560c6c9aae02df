import { Type } from 'typebox'
import { addHistory } from '../../store/local/history.ts'
import { agenciesOf, getIncidents, matchingIncidents } from '../../store/local/incidents.ts'
import { type Job, addJob, getJob, jobResults, setJobState, unfinishedJobs } from '../../store/local/jobs.ts'
import { inTransaction } from '../../store/local/transaction.ts'
import { asker } from '../access/authenticate.ts'
import { userMay } from '../access/incident.ts'
import { scopeOf } from '../access/policy.ts'
import { workOff } from '../incidents/bulk.ts'
import type { Decision } from '../incidents/lifecycle.ts'
import { Problem } from '../problem.ts'
import { Key, Level, State, Verdict, exact, oneOf } from '../schemas/types.ts'
import type { ApiServer } from '../server.ts'
import type { Services } from '../services.ts'

const INCIDENTS_MAX = 100_000

const JobShape = Type.Object({
  id: Type.String(),
  state: oneOf(['running', 'done', 'undoing', 'undone']),
  at: Type.String(),
  finishedAt: Type.Optional(Type.String()),
  total: Type.Integer(),
  remaining: Type.Integer({ description: 'Still to be done.' }),
  results: Type.Record(Type.String(), Type.Integer(), {
    description: 'changed, unchanged, undone, changed_since, or the code of why not.',
  }),
})

const Filter = exact({
  state: Type.Optional(Type.Array(State)),
  level: Type.Optional(Type.Array(Level)),
  agency: Type.Optional(Key),
  assignee: Type.Optional(Type.String({ maxLength: 100, description: 'A user; empty: nobody.' })),
  q: Type.Optional(Type.String({ maxLength: 200 })),
})

/** One decision about all incidents that fit a filter, as a job that says how far it is and can be undone. */
export function bulkRoutes(app: ApiServer, services: Services): void {
  const { local, clock } = services
  const now = (): string => new Date(clock()).toISOString()

  const running = new Set<Promise<void>>()
  let stopping = false
  // Before the database is closed under it.
  app.addHook('onClose', async () => {
    stopping = true
    await Promise.allSettled(running)
  })

  /** Runs beside the requests; a failure (a full disk) leaves the rest for the next start. */
  const start = (job: Job<Decision>): void => {
    const failed = (error: unknown): void => app.log.error({ error, job: job.id }, 'a bulk job stopped half-way')
    const work = workOff(local, job, now, () => stopping)
      .catch(failed)
      .finally(() => running.delete(work))
    running.add(work)
  }
  app.addHook('onReady', (done) => {
    for (const job of unfinishedJobs<Decision>(local)) start(job)
    done()
  })

  const shown = ({ id, state, at, finishedAt }: Job<Decision>) => {
    const { '': remaining = 0, ...results } = jobResults(local, id)
    const total = Object.values(results).reduce((sum, n) => sum + n, remaining)
    return { id, state, at, ...(finishedAt !== undefined && { finishedAt }), total, remaining, results }
  }

  /** A job is its maker's alone. */
  const mine = (id: string, principal: string): Job<Decision> => {
    const job = getJob<Decision>(local, id)
    if (job === null || job.principal !== principal) throw new Problem('not_found')
    return job
  }

  app.post(
    '/incidents/bulk',
    {
      config: { action: 'incidents:merge' },
      schema: {
        tags: ['incidents'],
        summary: 'Decide about all incidents that fit a filter, or about those named; answered at once with a job',
        body: exact({
          filter: Type.Optional(Filter),
          ids: Type.Optional(Type.Array(Key, { minItems: 1, maxItems: 500 })),
          expected: Type.Optional(
            Type.Integer({ minimum: 0, description: 'How many the asker saw: refused where they are others by now.' }),
          ),
          change: exact({
            state: Type.Optional(State),
            verdict: Type.Optional(Type.Union([Verdict, Type.Null()])),
            assignee: Type.Optional(Type.Union([Type.String({ minLength: 1, maxLength: 100 }), Type.Null()])),
          }),
        }),
        response: { 202: JobShape },
      },
    },
    (request, reply) => {
      const principal = asker(request)
      const scope = scopeOf(principal)
      const { filter, ids, expected, change } = request.body
      if ((filter === undefined) === (ids === undefined)) throw new Problem('bad_bulk', 'either filter or ids')
      if ((change.state === 'resolved' || change.state === 'closed') && !change.verdict) {
        throw new Problem('verdict_required')
      }
      const job = inTransaction(local, () => {
        const found =
          ids === undefined
            ? matchingIncidents(local, {
                scope,
                ...(filter?.state !== undefined && { states: filter.state }),
                ...(filter?.level !== undefined && { levels: filter.level }),
                ...(filter?.agency !== undefined && { agency: filter.agency }),
                ...(filter?.assignee !== undefined && { assignee: filter.assignee === '' ? null : filter.assignee }),
                ...(filter?.q !== undefined && { text: filter.q }),
              })
            : getIncidents(local, ids, scope).map(({ id }) => id)
        if (ids !== undefined && found.length < new Set(ids).size) throw new Problem('not_found')
        if (expected !== undefined && expected !== found.length) throw new Problem('count_changed', `${found.length}`)
        if (found.length > INCIDENTS_MAX) throw new Problem('too_many', `at most ${INCIDENTS_MAX} incidents`)
        const { assignee } = change
        if (typeof assignee === 'string') {
          for (const agency of agenciesOf(local, found)) {
            if (!userMay(services, assignee, 'incidents:write', { agency })) throw new Problem('unknown_assignee')
          }
        }
        const at = now()
        const added = addJob(local, { principal: principal.id, actor: principal.name, at, decision: change }, found)
        addHistory(local, [
          {
            at,
            actor: principal.name,
            subject: { kind: 'job', id: added.id },
            code: 'bulk_started',
            params: { incidents: found.length },
            after: { ...change, ...(filter !== undefined && { filter }) },
          },
        ])
        return added
      })
      start(job)
      reply.status(202).header('location', `/api/v1/jobs/${job.id}`)
      return shown(job)
    },
  )

  app.get(
    '/jobs/:id',
    {
      config: { action: 'incidents:read' },
      schema: {
        tags: ['incidents'],
        summary: 'How far a job of the asker is',
        params: exact({ id: Key }),
        response: { 200: JobShape },
      },
    },
    (request) => shown(mine(request.params.id, asker(request).id)),
  )

  app.post(
    '/jobs/:id/undo',
    {
      config: { action: 'incidents:merge' },
      schema: {
        tags: ['incidents'],
        summary: 'Put back what a job changed, except where somebody changed it since',
        params: exact({ id: Key }),
        response: { 202: JobShape },
      },
    },
    (request, reply) => {
      const principal = asker(request)
      const job = inTransaction(local, () => {
        const found = mine(request.params.id, principal.id)
        if (found.state !== 'done') throw new Problem('bad_bulk', `the job is ${found.state}`)
        setJobState(local, found.id, 'undoing')
        addHistory(local, [
          {
            at: now(),
            actor: principal.name,
            subject: { kind: 'job', id: found.id },
            code: 'bulk_undo_started',
            params: {},
          },
        ])
        return { ...found, state: 'undoing' as const }
      })
      start(job)
      reply.status(202)
      return shown(job)
    },
  )
}
