import { Type } from 'typebox'
import { Alert } from './alert.ts'
import { Level, State, Verdict } from './types.ts'

const Entity = Type.Object({ kind: Type.String(), value: Type.String() })

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

const HistoryEntry = Type.Object({
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
