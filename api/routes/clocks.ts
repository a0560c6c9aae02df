import { Type } from 'typebox'
import type { Incident as IncidentRecord } from '../../model/incident.ts'
import { workingTime } from '../../model/working-time.ts'
import { addReport, incidentsWithLegalFacts, reportsOf } from '../../store/local/deadlines.ts'
import { addHistory } from '../../store/local/history.ts'
import { changeIncident, getIncidents } from '../../store/local/incidents.ts'
import { inTransaction } from '../../store/local/transaction.ts'
import { asker } from '../access/authenticate.ts'
import { etagOf, requireMatch, visibleIncident } from '../access/incident.ts'
import { scopeOf } from '../access/policy.ts'
import { type LegalClock, legalClocks } from '../incidents/legal.ts'
import { CLOCK_STATES, serviceClocks } from '../incidents/service-clocks.ts'
import { Problem } from '../problem.ts'
import { Incident, LegalFacts } from '../schemas/incident.ts'
import { IfMatch, Key, Time, exact, oneOf } from '../schemas/types.ts'
import type { ApiServer } from '../server.ts'
import type { Services } from '../services.ts'
import type { Scope } from '../../store/store.ts'

const ById = exact({ id: Key })
const Names = Type.Object({ vi: Type.String(), en: Type.String() })
const Report = Type.Object({
  deadline: Type.String(),
  at: Type.String(),
  author: Type.String(),
  reference: Type.String(),
})
const LEGAL_CLOCK = {
  key: Type.String(),
  vi: Type.String(),
  en: Type.String(),
  document: Names,
  article: Type.String(),
  state: oneOf(CLOCK_STATES),
  dueAt: Type.String(),
  warnAt: Type.String(),
  report: Type.Optional(Report),
}
const LegalClockShape = Type.Object(LEGAL_CLOCK)

/** How long an incident takes, by what the centre promises and by what the law asks. */
export function clockRoutes(app: ApiServer, services: Services): void {
  const { local, clock, legal, targets, registry } = services

  app.get(
    '/legal',
    {
      config: { action: 'incidents:read' },
      schema: {
        tags: ['incidents'],
        summary: 'The legal profiles: documents, kinds of incident, deadlines with what they rest on',
        response: {
          200: Type.Object({
            items: Type.Array(
              Type.Object({
                key: Type.String(),
                vi: Type.String(),
                en: Type.String(),
                documents: Type.Array(
                  Type.Object({
                    key: Type.String(),
                    vi: Type.String(),
                    en: Type.String(),
                    from: Type.String(),
                    to: Type.Optional(Type.String()),
                  }),
                ),
                groups: Type.Array(Type.Object({ key: Type.String(), vi: Type.String(), en: Type.String() })),
                deadlines: Type.Array(
                  Type.Object({
                    key: Type.String(),
                    vi: Type.String(),
                    en: Type.String(),
                    when: Type.String(),
                    withinMs: Type.Integer(),
                    document: Names,
                    article: Type.String(),
                  }),
                ),
              }),
            ),
          }),
        },
      },
    },
    () => ({ items: [...legal()] }),
  )

  app.get(
    '/incidents/:id/clocks',
    {
      config: { action: 'incidents:read' },
      schema: {
        tags: ['incidents'],
        summary: 'Time to detect, acknowledge and resolve, and the legal deadlines that apply',
        params: ById,
        response: {
          200: Type.Object({
            detectMs: Type.Integer(),
            service: Type.Array(
              Type.Object({
                key: oneOf(['acknowledge', 'resolve']),
                state: oneOf(CLOCK_STATES),
                elapsedMs: Type.Integer(),
                targetMs: Type.Integer(),
                hours: oneOf(['always', 'working']),
                dueAt: Type.Optional(Type.String()),
                doneAt: Type.Optional(Type.String()),
              }),
            ),
            legal: Type.Array(LegalClockShape),
          }),
        },
      },
    },
    (request) => {
      const { incident } = visibleIncident(services, request, request.params.id)
      const { calendar, timeZone } = registry()
      const { detectMs, clocks } = serviceClocks(incident, targets(), workingTime(calendar, timeZone), clock())
      const due = legalClocks(legal(), incident, reportsOf(local, incident.id), clock())
      return { detectMs, service: clocks, legal: due.map(shown) }
    },
  )

  app.get(
    '/deadlines',
    {
      config: { action: 'incidents:read' },
      schema: {
        tags: ['incidents'],
        summary: 'Legal deadlines of the asker’s incidents that nothing was reported for yet, the nearest first',
        response: {
          200: Type.Object({
            items: Type.Array(
              Type.Object({ ...LEGAL_CLOCK, incidentId: Type.String(), number: Type.Integer(), agency: Type.String() }),
            ),
          }),
        },
      },
    },
    (request) => {
      const open = openDeadlines(services, scopeOf(asker(request))).map(({ incident, ...each }) => ({
        ...shown(each),
        incidentId: incident.id,
        number: incident.number,
        agency: incident.agency,
      }))
      return { items: open.sort((a, b) => (a.dueAt < b.dueAt ? -1 : 1)).slice(0, 500) }
    },
  )

  app.put(
    '/incidents/:id/legal',
    {
      config: { action: 'incidents:write' },
      schema: {
        tags: ['incidents'],
        summary: 'Answer what the law asks: serious, national security, personal data, kind, time of detection',
        params: ById,
        headers: IfMatch,
        body: LegalFacts,
        response: { 200: Incident },
      },
    },
    (request, reply) => {
      const at = new Date(clock()).toISOString()
      const changed = inTransaction(local, () => {
        const { incident } = visibleIncident(services, request, request.params.id)
        requireMatch(request, incident)
        const { detectedAt, group, ...answers } = request.body
        if (group !== undefined && !legal().some(({ groups }) => groups.some(({ key }) => key === group))) {
          throw new Problem('bad_legal', `no kind '${group}'`)
        }
        if (detectedAt !== undefined && !(Date.parse(detectedAt) <= clock())) {
          throw new Problem('bad_legal', 'detectedAt is no time, or in the future')
        }
        const facts = {
          ...answers,
          ...(group !== undefined && { group }),
          ...(detectedAt !== undefined && { detectedAt: new Date(detectedAt).toISOString() }),
        }
        const after = { ...incident, legal: facts, version: incident.version + 1, updatedAt: at }
        changeIncident(local, incident, after)
        addHistory(local, [
          {
            at,
            actor: asker(request).name,
            subject: { kind: 'incident', id: incident.id },
            code: 'legal_changed',
            params: {},
            before: { ...incident.legal },
            after: { ...facts },
          },
        ])
        return after
      })
      reply.header('etag', etagOf(changed))
      return changed
    },
  )

  app.post(
    '/incidents/:id/reports',
    {
      config: { action: 'incidents:write' },
      schema: {
        tags: ['incidents'],
        summary: 'Note that the report a deadline asks for went out, and when; the first one counts',
        params: ById,
        body: exact({
          deadline: Key,
          at: Type.Optional(Time),
          reference: Type.String({
            minLength: 1,
            maxLength: 500,
            description: 'Number of the letter, or how it went.',
          }),
        }),
        response: { 201: Report },
      },
    },
    (request, reply) => {
      const { deadline, reference } = request.body
      const atMs = request.body.at === undefined ? clock() : Date.parse(request.body.at)
      if (!(atMs <= clock())) throw new Problem('bad_legal', 'at is no time, or in the future')
      const report = { deadline, at: new Date(atMs).toISOString(), author: asker(request).name, reference }
      inTransaction(local, () => {
        const { incident } = visibleIncident(services, request, request.params.id)
        const clocks = legalClocks(legal(), incident, reportsOf(local, incident.id), clock())
        const found = clocks.find((each) => each.deadline.key === deadline)
        if (found === undefined) throw new Problem('bad_legal', `no deadline '${deadline}' applies`)
        if (!addReport(local, incident.id, report)) throw new Problem('already_exists', deadline)
        addHistory(local, [
          {
            at: new Date(clock()).toISOString(),
            actor: report.author,
            subject: { kind: 'incident', id: incident.id },
            code: 'deadline_reported',
            params: { deadline, title: found.deadline.en, titleVi: found.deadline.vi, reference },
            after: { at: report.at, reference },
          },
        ])
      })
      reply.status(201)
      return report
    },
  )
}

/** Legal deadlines that nothing was reported for yet, each with its incident. */
export function openDeadlines(
  { local, legal, clock }: Services,
  scope: Scope,
): (LegalClock & { incident: IncidentRecord })[] {
  return getIncidents(local, incidentsWithLegalFacts(local), scope).flatMap((incident) =>
    legalClocks(legal(), incident, reportsOf(local, incident.id), clock())
      .filter(({ report }) => report === undefined)
      .map((each) => ({ ...each, incident })),
  )
}

function shown({ deadline: { key, vi, en, document, article }, ...rest }: LegalClock) {
  return { key, vi, en, document, article, ...rest }
}
