import { type Static, Type } from 'typebox'
import { LEVELS } from '../../model/alert.ts'
import { STATES } from '../../model/incident.ts'
import { addHistory, historyOf } from '../../store/local/history.ts'
import { alertIdsOf } from '../../store/local/incident-alerts.ts'
import {
  type IncidentFilter,
  type IncidentKey,
  changeIncident,
  countIncidents,
  listIncidents,
} from '../../store/local/incidents.ts'
import { inTransaction } from '../../store/local/transaction.ts'
import type { Scope } from '../../store/store.ts'
import { asker } from '../access/authenticate.ts'
import { etagOf, requireMatch, userMay, visibleIncident } from '../access/incident.ts'
import { scopeOf } from '../access/policy.ts'
import { pageWithNext, readCursor, signCursor } from '../cursor.ts'
import { alertsById } from '../incidents/alerts-by-id.ts'
import { decide } from '../incidents/lifecycle.ts'
import { Problem } from '../problem.ts'
import { Alert } from '../schemas/alert.ts'
import { Incident, IncidentDetail } from '../schemas/incident.ts'
import { Cursor, IfMatch, Key, Level, State, Verdict, exact, limit, oneOf, pageOf } from '../schemas/types.ts'
import type { ApiServer } from '../server.ts'
import type { Services } from '../services.ts'

/** Alerts shown with their incident; each may carry a hundred raw lines. */
const ALERTS_WITH_INCIDENT = 20
const HISTORY_MAX = 500

const Narrowing = exact({
  state: Type.Optional(Type.Array(State)),
  level: Type.Optional(Type.Array(Level)),
  agency: Type.Optional(Key),
  assignee: Type.Optional(Type.String({ maxLength: 100, description: 'A user; empty: nobody.' })),
  q: Type.Optional(Type.String({ maxLength: 200, description: 'Words, whatever their case and diacritics.' })),
})

const Query = exact({
  ...Narrowing.properties,
  sort: Type.Optional(oneOf(['priority', 'updated'])),
  limit: Type.Optional(limit(200, 50)),
  cursor: Type.Optional(Cursor),
})

/** Nobody reads a list that far, and a count reads every row it counts. */
const TOTAL_MAX = 10_000

const Count = Type.Object({
  count: Type.Integer(),
  isAtLeast: Type.Optional(Type.Boolean({ description: 'There may be more than `count`.' })),
})

const Change = exact({
  state: Type.Optional(State),
  verdict: Type.Optional(Type.Union([Verdict, Type.Null()])),
  assignee: Type.Optional(Type.Union([Type.String({ minLength: 1, maxLength: 100 }), Type.Null()])),
})

const ById = exact({ id: Key })

function filterOf({ state, level, agency, assignee, q }: Static<typeof Narrowing>, scope: Scope): IncidentFilter {
  return {
    scope,
    ...(state !== undefined && { states: state }),
    ...(level !== undefined && { levels: level }),
    ...(agency !== undefined && { agency }),
    ...(assignee !== undefined && { assignee: assignee === '' ? null : assignee }),
    ...(q !== undefined && { text: q }),
  }
}

export function incidentRoutes(app: ApiServer, services: Services): void {
  const { local, cursorSecret, clock } = services

  const alertsOf = async (incidentId: string, scope: Scope, page: Parameters<typeof alertIdsOf>[2]) => {
    const rows = alertIdsOf(local, incidentId, page)
    const byId = await alertsById(
      services,
      rows.map(({ alertId }) => alertId),
      scope,
    )
    // A retention that deleted the day leaves the incident, not the alert.
    return { rows, alerts: rows.flatMap(({ alertId }) => byId.get(alertId) ?? []) }
  }

  app.get(
    '/incidents',
    {
      config: { action: 'incidents:read' },
      schema: {
        tags: ['incidents'],
        summary: 'Incidents, by priority or by their latest change',
        querystring: Query,
        response: {
          200: Type.Object({
            ...pageOf(Incident).properties,
            total: Type.Optional(
              Type.Integer({
                description: `How many fit the filters, counted up to ${TOTAL_MAX}, for words less far; on the first page.`,
              }),
            ),
            totalIsAtLeast: Type.Optional(Type.Boolean({ description: 'There may be more than `total`.' })),
          }),
        },
      },
    },
    (request) => {
      const { limit: size = 50, cursor, sort = 'priority', state, level, agency, assignee, q } = request.query
      const context = {
        principal: asker(request).id,
        query: { list: 'incidents', sort, state, level, agency, assignee, q },
      }
      const filter = filterOf(request.query, scopeOf(asker(request)))
      const [value, number] = cursor === undefined ? [] : readCursor(cursorSecret, context, cursor)
      const after: IncidentKey | undefined = value === undefined ? undefined : { value, number: Number(number) }
      const items = listIncidents(local, {
        ...filter,
        order: sort,
        limit: size + 1,
        ...(after !== undefined && { after }),
      })
      const counted = cursor === undefined ? countIncidents(local, filter, TOTAL_MAX) : undefined
      return {
        ...pageWithNext(items, size, {
          secret: cursorSecret,
          context,
          keyOf: (last) => [sort === 'priority' ? last.priority : last.updatedAt, last.number],
        }),
        // Where not all that words find is counted, those shown can be more.
        ...(counted !== undefined && { total: Math.max(counted.count, Math.min(items.length, size)) }),
        ...(counted?.more === true && { totalIsAtLeast: true }),
      }
    },
  )

  app.get(
    '/incidents/counts',
    {
      config: { action: 'incidents:read' },
      schema: {
        tags: ['incidents'],
        summary:
          'How many incidents each level and each state would leave in the list, all else of its filters as it is',
        querystring: Narrowing,
        response: {
          200: Type.Object({
            levels: Type.Array(Type.Object({ level: Level, ...Count.properties })),
            states: Type.Array(Type.Object({ state: State, ...Count.properties })),
          }),
        },
      },
    },
    async (request) => {
      const filter = filterOf(request.query, scopeOf(asker(request)))
      const counted = async (narrower: IncidentFilter): Promise<Static<typeof Count>> => {
        await new Promise((resolve) => setImmediate(resolve)) // others wait for one count, not for ten
        const { count, more } = countIncidents(local, narrower, TOTAL_MAX)
        return { count, ...(more && { isAtLeast: true }) }
      }
      const levels = []
      for (const level of LEVELS) levels.push({ level, ...(await counted({ ...filter, levels: [level] })) })
      const states = []
      for (const state of STATES) states.push({ state, ...(await counted({ ...filter, states: [state] })) })
      return { levels, states }
    },
  )

  app.get(
    '/incidents/:id',
    {
      config: { action: 'incidents:read' },
      schema: {
        tags: ['incidents'],
        summary: 'One incident with its newest alerts, their raw lines and proof, and its history',
        params: ById,
        response: { 200: IncidentDetail },
      },
    },
    async (request, reply) => {
      const scope = scopeOf(asker(request))
      const { incident } = visibleIncident(services, request, request.params.id)
      const { alerts } = await alertsOf(incident.id, scope, { limit: ALERTS_WITH_INCIDENT })
      const history = historyOf(local, { kind: 'incident', id: incident.id }, HISTORY_MAX)
      reply.header('etag', etagOf(incident))
      return { ...incident, alerts, history }
    },
  )

  app.get(
    '/incidents/:id/alerts',
    {
      config: { action: 'incidents:read' },
      schema: {
        tags: ['incidents'],
        summary: 'All alerts of an incident, newest event first',
        params: ById,
        querystring: exact({ limit: Type.Optional(limit(100, 20)), cursor: Type.Optional(Cursor) }),
        response: { 200: pageOf(Alert) },
      },
    },
    async (request) => {
      const scope = scopeOf(asker(request))
      const { incident } = visibleIncident(services, request, request.params.id)
      const { limit: size = 20, cursor } = request.query
      const context = { principal: asker(request).id, query: { list: 'incident_alerts', incident: incident.id } }
      const [eventAt, alertId] = cursor === undefined ? [] : readCursor(cursorSecret, context, cursor)
      const { rows, alerts } = await alertsOf(incident.id, scope, {
        limit: size,
        ...(eventAt !== undefined && { after: { eventAt: String(eventAt), alertId: String(alertId) } }),
      })
      const last = rows.at(-1)
      return {
        items: alerts,
        ...(rows.length === size &&
          last !== undefined && { next: signCursor(cursorSecret, context, [last.eventAt, last.alertId]) }),
      }
    },
  )

  app.patch(
    '/incidents/:id',
    {
      config: { action: 'incidents:write' },
      schema: {
        tags: ['incidents'],
        summary: 'Decide: state, verdict, assignee',
        params: ById,
        headers: IfMatch,
        body: Change,
        response: { 200: Incident },
      },
    },
    (request, reply) => {
      const principal = asker(request)
      const at = new Date(clock()).toISOString()
      const changed = inTransaction(local, () => {
        const { incident } = visibleIncident(services, request, request.params.id)
        requireMatch(request, incident)
        const { assignee } = request.body
        if (typeof assignee === 'string' && !userMay(services, assignee, 'incidents:write', incident)) {
          throw new Problem('unknown_assignee')
        }
        const decided = decide(incident, request.body, at)
        if ('refused' in decided) {
          const detail = `${incident.state} → ${request.body.state ?? incident.state}`
          throw new Problem(decided.refused, decided.refused === 'transition_refused' ? detail : '')
        }
        if ('unchanged' in decided) return incident
        changeIncident(local, incident, decided.incident)
        addHistory(local, [
          {
            at,
            actor: principal.name,
            subject: { kind: 'incident', id: incident.id },
            code: decided.code,
            params: {},
            before: { ...decided.before },
            after: { ...decided.after },
          },
        ])
        return decided.incident
      })
      reply.header('etag', etagOf(changed))
      return changed
    },
  )
}
