import { Type } from 'typebox'
import { Alert } from './alert.ts'
import { Key, Level, State, Time, Verdict, exact } from './types.ts'

const Entity = Type.Object({ kind: Type.String(), value: Type.String() })

/** What an analyst says about an incident that decides which legal deadlines apply. */
export const LegalFacts = exact({
  serious: Type.Optional(Type.Boolean()),
  nationalSecurity: Type.Optional(Type.Boolean()),
  personalData: Type.Optional(Type.Boolean()),
  group: Type.Optional(Key),
  detectedAt: Type.Optional(Time),
})

const INCIDENT = {
  id: Type.String(),
  number: Type.Integer(),
  version: Type.Integer({ description: 'Rises with every change that the history records; the ETag.' }),
  agency: Type.String(),
  system: Type.Optional(Type.String()),
  title: Type.String(),
  titleVi: Type.String(),
  state: State,
  verdict: Type.Optional(Verdict),
  level: Level,
  priority: Type.Integer({ minimum: 1, maximum: 100 }),
  priorityReasons: Type.Array(Type.String()),
  assignee: Type.Optional(Type.String()),
  mergedInto: Type.Optional(Type.String({ description: 'Id of the incident that has its alerts now.' })),
  life: Type.Array(Type.Object({ state: State, at: Type.String() }), {
    description: 'States it came to, oldest first.',
  }),
  legal: LegalFacts,
  entity: Entity,
  entities: Type.Array(Entity),
  rules: Type.Array(
    Type.Object({
      id: Type.String(),
      title: Type.String(),
      titleVi: Type.String(),
      level: Level,
      count: Type.Integer(),
    }),
  ),
  attack: Type.Array(Type.String()),
  alertCount: Type.Integer(),
  firstEventAt: Type.String(),
  lastEventAt: Type.String(),
  createdAt: Type.String(),
  updatedAt: Type.String(),
}

export const Incident = Type.Object(INCIDENT)

export const HistoryEntry = Type.Object({
  at: Type.String(),
  actor: Type.String(),
  code: Type.String(),
  params: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number()])),
  before: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
  after: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
})

export const IncidentDetail = Type.Object({
  ...INCIDENT,
  alerts: Type.Array(Alert, { description: 'The newest; the rest are at /incidents/{id}/alerts.' }),
  history: Type.Array(HistoryEntry, { description: 'Oldest first, at most the newest 500.' }),
})
