import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import type { Incident } from '../../model/incident.ts'
import {
  RELATIONS,
  addComment,
  commentsOf,
  link,
  linksOf,
  putTask,
  tasksOf,
  unlink,
  unwatch,
  watch,
  watchersOf,
} from '../../store/local/collaboration.ts'
import { type HistoryEntry, addHistory } from '../../store/local/history.ts'
import { getIncidents } from '../../store/local/incidents.ts'
import { acrossAgencies, observablesOf } from '../../store/local/observables.ts'
import { inTransaction } from '../../store/local/transaction.ts'
import { asker } from '../access/authenticate.ts'
import { userMay, visibleIncident } from '../access/incident.ts'
import { scopeOf } from '../access/policy.ts'
import { checklistOf } from '../incidents/playbooks.ts'
import { similarIncidents } from '../incidents/similar.ts'
import { Problem } from '../problem.ts'
import { Campaign, ChecklistItem, Comment, Link, SeenObservable, Similar } from '../schemas/collaboration.ts'
import { Key, exact, limit, oneOf, said } from '../schemas/types.ts'
import type { ApiServer } from '../server.ts'
import type { Services } from '../services.ts'

const COMMENT_CHARS_MAX = 20_000
const COMMENTS_AT_ONCE = 200
const OWN_TASKS_MAX = 100
const CAMPAIGN_DAYS = 7
const CAMPAIGNS_MAX = 100
/** Incidents that a candidate names. */
const CAMPAIGN_INCIDENTS_MAX = 50

const ById = exact({ id: Key })
const UserName = Type.String({ minLength: 1, maxLength: 100 })

/** What people add to incidents, each an append or a tick of its own: no `If-Match`, since none can overwrite another. */
export function collaborationRoutes(app: ApiServer, services: Services): void {
  const { local, clock, playbooks } = services
  const now = (): string => new Date(clock()).toISOString()

  const noted = (
    request: FastifyRequest,
    incident: Incident,
    what: Pick<HistoryEntry, 'code' | 'params' | 'before' | 'after'>,
  ): void => {
    const subject = { kind: 'incident' as const, id: incident.id }
    addHistory(local, [{ at: now(), actor: asker(request).name, subject, ...what }])
  }

  app.get(
    '/incidents/:id/comments',
    {
      config: { action: 'incidents:read' },
      schema: {
        tags: ['incidents'],
        summary: 'Comments, oldest first',
        params: ById,
        querystring: exact({ after: Type.Optional(Type.Integer({ minimum: 0, description: 'Number of a comment.' })) }),
        response: { 200: Type.Object({ items: Type.Array(Comment), next: Type.Optional(Type.Integer()) }) },
      },
    },
    (request) => {
      const { incident } = visibleIncident(services, request, request.params.id)
      const { after } = request.query
      const items = commentsOf(local, incident.id, { limit: COMMENTS_AT_ONCE, ...(after !== undefined && { after }) })
      return { items, ...(items.length === COMMENTS_AT_ONCE && { next: items.at(-1)!.id }) }
    },
  )

  app.post(
    '/incidents/:id/comments',
    {
      config: { action: 'incidents:comment' },
      schema: {
        tags: ['incidents'],
        summary: 'Add a comment, in Markdown; `@name` makes that user watch the incident',
        params: ById,
        body: exact({ body: said(COMMENT_CHARS_MAX) }),
        response: { 201: Comment },
      },
    },
    (request, reply) => {
      const comment = inTransaction(local, () => {
        const { incident } = visibleIncident(services, request, request.params.id)
        const body = request.body.body.normalize('NFC')
        const added = addComment(local, incident.id, { at: now(), author: asker(request).name, body })
        noted(request, incident, { code: 'comment_added', params: { comment: added.id }, after: { body } })
        for (const name of mentionedIn(body)) {
          if (!userMay(services, name, 'incidents:read', incident)) continue
          if (watch(local, incident.id, name, now())) noted(request, incident, watcherAdded(name))
        }
        return added
      })
      reply.status(201)
      return comment
    },
  )

  app.get(
    '/incidents/:id/watchers',
    {
      config: { action: 'incidents:read' },
      schema: {
        tags: ['incidents'],
        summary: 'Who watches it',
        params: ById,
        response: { 200: Type.Object({ items: Type.Array(Type.String()) }) },
      },
    },
    (request) => ({
      items: watchersOf(local, visibleIncident(services, request, request.params.id).incident.id),
    }),
  )

  const watcher = { tags: ['incidents'], params: exact({ id: Key, name: UserName }), response: { 204: Type.Null() } }
  app.put(
    '/incidents/:id/watchers/:name',
    {
      config: { action: 'incidents:comment' },
      schema: { ...watcher, summary: 'Have a user watch it, oneself or a colleague' },
    },
    (request, reply) => {
      inTransaction(local, () => {
        const { incident } = visibleIncident(services, request, request.params.id)
        const { name } = request.params
        if (!userMay(services, name, 'incidents:read', incident)) throw new Problem('unknown_assignee')
        if (watch(local, incident.id, name, now())) noted(request, incident, watcherAdded(name))
      })
      void reply.status(204).send(null)
    },
  )

  app.delete(
    '/incidents/:id/watchers/:name',
    { config: { action: 'incidents:comment' }, schema: { ...watcher, summary: 'Have a user watch it no longer' } },
    (request, reply) => {
      inTransaction(local, () => {
        const { incident } = visibleIncident(services, request, request.params.id)
        const { name } = request.params
        if (!unwatch(local, incident.id, name)) throw new Problem('not_found')
        noted(request, incident, { code: 'watcher_removed', params: { name }, before: { watcher: name } })
      })
      void reply.status(204).send(null)
    },
  )

  app.get(
    '/incidents/:id/tasks',
    {
      config: { action: 'incidents:read' },
      schema: {
        tags: ['incidents'],
        summary: 'What is to be done: the steps of the playbooks for its rules, then tasks of its own',
        params: ById,
        response: { 200: Type.Object({ items: Type.Array(ChecklistItem) }) },
      },
    },
    (request) => {
      const { incident } = visibleIncident(services, request, request.params.id)
      return { items: checklistOf(playbooks(), incident, tasksOf(local, incident.id)) }
    },
  )

  app.post(
    '/incidents/:id/tasks',
    {
      config: { action: 'incidents:comment' },
      schema: {
        tags: ['incidents'],
        summary: 'Add a task of its own',
        params: ById,
        body: exact({ title: said(500) }),
        response: { 201: ChecklistItem },
      },
    },
    (request, reply) => {
      const task = inTransaction(local, () => {
        const { incident } = visibleIncident(services, request, request.params.id)
        const own = tasksOf(local, incident.id).filter(({ key }) => key.startsWith('own/'))
        if (own.length >= OWN_TASKS_MAX) throw new Problem('too_many', `at most ${OWN_TASKS_MAX} tasks`)
        const title = request.body.title.normalize('NFC')
        const added = { key: `own/${own.length + 1}`, title, titleVi: title }
        putTask(local, incident.id, { ...added, addedAt: now(), addedBy: asker(request).name })
        noted(request, incident, { code: 'task_added', params: { task: added.key, title }, after: { title } })
        return added
      })
      reply.status(201)
      return task
    },
  )

  app.patch(
    '/incidents/:id/tasks/:playbook/:step',
    {
      config: { action: 'incidents:comment' },
      schema: {
        tags: ['incidents'],
        summary: 'Tick a task, or take the tick back; the key of a task is `<playbook>/<step>`',
        params: exact({ id: Key, playbook: Key, step: Key }),
        body: exact({ done: Type.Boolean() }),
        response: { 200: ChecklistItem },
      },
    },
    (request) =>
      inTransaction(local, () => {
        const { incident } = visibleIncident(services, request, request.params.id)
        const key = `${request.params.playbook}/${request.params.step}`
        const kept = tasksOf(local, incident.id)
        const item = checklistOf(playbooks(), incident, kept).find((each) => each.key === key)
        if (item === undefined) throw new Problem('not_found')
        const { done } = request.body
        const { doneAt, doneBy, ...open } = item
        if (done === (doneAt !== undefined)) return item
        const by = { doneAt: now(), doneBy: asker(request).name }
        const { addedAt = now(), addedBy = asker(request).name } = kept.find((each) => each.key === key) ?? {}
        putTask(local, incident.id, { ...open, addedAt, addedBy, ...(done && by) })
        noted(request, incident, {
          code: done ? 'task_done' : 'task_reopened',
          params: { task: key, title: open.title, titleVi: open.titleVi },
          before: { done: doneBy ?? null },
          after: { done: done ? by.doneBy : null },
        })
        return { ...open, ...(done && by) }
      }),
  )

  app.get(
    '/incidents/:id/links',
    {
      config: { action: 'incidents:read' },
      schema: {
        tags: ['incidents'],
        summary: 'Incidents that it is linked with, as far as the asker sees them',
        params: ById,
        response: { 200: Type.Object({ items: Type.Array(Link) }) },
      },
    },
    (request) => {
      const { incident } = visibleIncident(services, request, request.params.id)
      const links = linksOf(local, incident.id)
      const ids = links.map((each) => each.incidentId)
      const seen = new Map(getIncidents(local, ids, scopeOf(asker(request))).map((other) => [other.id, other]))
      return {
        items: links.flatMap((each) => {
          const other = seen.get(each.incidentId)
          if (other === undefined) return []
          return [{ ...each, number: other.number, title: other.title, titleVi: other.titleVi }]
        }),
      }
    },
  )

  app.post(
    '/incidents/:id/links',
    {
      config: { action: 'incidents:write' },
      schema: {
        tags: ['incidents'],
        summary: 'Link it with another incident; of two agencies, for who sees both',
        params: ById,
        body: exact({ incidentId: Key, relation: oneOf(RELATIONS) }),
        response: { 204: Type.Null() },
      },
    },
    (request, reply) => {
      inTransaction(local, () => {
        const { incident } = visibleIncident(services, request, request.params.id)
        const { incident: other } = visibleIncident(services, request, request.body.incidentId)
        if (other.id === incident.id) throw new Problem('merge_refused', 'same_incident')
        const { relation } = request.body
        const author = asker(request).name
        if (!link(local, incident.id, { incidentId: other.id, relation, at: now(), author })) return
        // An agency that sees only one of the two must not read in its history which other one there is.
        for (const [one, another] of [
          [incident, other],
          [other, incident],
        ] as const) {
          const params = one.agency === another.agency ? { otherId: another.id, otherNumber: another.number } : {}
          noted(request, one, { code: 'incident_linked', params: { relation, ...params }, after: { relation } })
        }
      })
      void reply.status(204).send(null)
    },
  )

  app.delete(
    '/incidents/:id/links/:other',
    {
      config: { action: 'incidents:write' },
      schema: {
        tags: ['incidents'],
        summary: 'Take the links between two incidents away',
        params: exact({ id: Key, other: Key }),
        response: { 204: Type.Null() },
      },
    },
    (request, reply) => {
      inTransaction(local, () => {
        const { incident } = visibleIncident(services, request, request.params.id)
        const { incident: other } = visibleIncident(services, request, request.params.other)
        if (!unlink(local, incident.id, other.id)) throw new Problem('not_found')
        for (const one of [incident, other]) noted(request, one, { code: 'incident_unlinked', params: {} })
      })
      void reply.status(204).send(null)
    },
  )

  app.get(
    '/incidents/:id/observables',
    {
      config: { action: 'incidents:read' },
      schema: {
        tags: ['incidents'],
        summary: 'Hosts, accounts, addresses, URLs, mail addresses and hashes in its alerts, at most 200',
        params: ById,
        response: { 200: Type.Object({ items: Type.Array(SeenObservable) }) },
      },
    },
    (request) => ({
      items: observablesOf(local, visibleIncident(services, request, request.params.id).incident.id),
    }),
  )

  app.get(
    '/incidents/:id/similar',
    {
      config: { action: 'incidents:read' },
      schema: {
        tags: ['incidents'],
        summary: 'Handled incidents like it, what both share, and what they turned out to be',
        params: ById,
        querystring: exact({ limit: Type.Optional(limit(50, 10)) }),
        response: { 200: Similar },
      },
    },
    (request) => {
      const found = visibleIncident(services, request, request.params.id)
      const { items, verdicts, suggestion } = similarIncidents(
        local,
        found,
        scopeOf(asker(request)),
        request.query.limit ?? 10,
      )
      return { items, verdicts: { ...verdicts }, ...(suggestion !== undefined && { suggestion }) }
    },
  )

  app.get(
    '/campaigns',
    {
      config: { action: 'incidents:read' },
      schema: {
        tags: ['incidents'],
        summary: 'Candidates: what incidents of two agencies or more of the asker show in the last 7 days',
        response: { 200: Type.Object({ items: Type.Array(Campaign) }) },
      },
    },
    (request) => {
      const from = new Date(clock() - CAMPAIGN_DAYS * 86_400_000).toISOString()
      const query = { scope: scopeOf(asker(request)), from, limit: CAMPAIGNS_MAX, incidentsMax: CAMPAIGN_INCIDENTS_MAX }
      return { items: acrossAgencies(local, query) }
    },
  )
}

function watcherAdded(name: string): Pick<HistoryEntry, 'code' | 'params' | 'after'> {
  return { code: 'watcher_added', params: { name }, after: { watcher: name } }
}

/** User names after an `@`, each once. */
function mentionedIn(body: string): string[] {
  return [
    ...new Set(
      [...body.matchAll(/(?<![\w@])@([a-z][a-z0-9._-]{1,63})/g)].map(([, name]) => name!.replace(/[.-]+$/, '')),
    ),
  ]
}
