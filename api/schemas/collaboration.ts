import { Type } from 'typebox'
import { RELATIONS } from '../../store/local/collaboration.ts'
import { OBSERVABLE_KINDS } from '../../store/local/observables.ts'
import { Incident } from './incident.ts'
import { Verdict, oneOf } from './types.ts'

export const Comment = Type.Object({
  id: Type.Integer(),
  at: Type.String(),
  author: Type.String(),
  body: Type.String({ description: 'Markdown, as written. It is hostile until rendered.' }),
})

export const ChecklistItem = Type.Object({
  key: Type.String(),
  title: Type.String(),
  titleVi: Type.String(),
  playbook: Type.Optional(Type.String()),
  phase: Type.Optional(Type.String()),
  doneAt: Type.Optional(Type.String()),
  doneBy: Type.Optional(Type.String()),
})

export const Link = Type.Object({
  incidentId: Type.String(),
  number: Type.Integer(),
  title: Type.String(),
  titleVi: Type.String(),
  relation: oneOf(RELATIONS),
  at: Type.String(),
  author: Type.String(),
})

const OBSERVABLE = { kind: oneOf(OBSERVABLE_KINDS), value: Type.String({ description: 'Hostile text.' }) }

export const SeenObservable = Type.Object({ ...OBSERVABLE, firstAt: Type.String(), lastAt: Type.String() })

export const Attachment = Type.Object({
  id: Type.Integer(),
  name: Type.String(),
  bytes: Type.Integer(),
  sha256: Type.String(),
  at: Type.String(),
  author: Type.String(),
})

export const Similar = Type.Object({
  items: Type.Array(
    Type.Object({
      incident: Incident,
      score: Type.Integer({ minimum: 1, maximum: 100 }),
      sharedRules: Type.Array(Type.String()),
      sharedObservables: Type.Array(Type.Object(OBSERVABLE)),
      sameEntity: Type.Boolean(),
    }),
  ),
  verdicts: Type.Record(Type.String(), Type.Integer()),
  suggestion: Type.Optional(Verdict),
})

export const Campaign = Type.Object({
  ...OBSERVABLE,
  firstAt: Type.String(),
  lastAt: Type.String(),
  agencies: Type.Array(Type.String()),
  incidents: Type.Array(Type.String(), { description: 'Ids.' }),
})
