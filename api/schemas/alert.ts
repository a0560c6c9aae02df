import { Type } from 'typebox'
import { Level } from './types.ts'

export const Proof = Type.Object({
  selection: Type.String(),
  field: Type.String(),
  eventField: Type.String(),
  modifiers: Type.Array(Type.String()),
  value: Type.String(),
  matched: Type.String(),
  span: Type.Optional(
    Type.Array(Type.Integer(), { minItems: 2, maxItems: 2, description: '[start, end) in `original`, UTF-16 units.' }),
  ),
})

const Evidence = Type.Object({
  record: Type.String(),
  seq: Type.Integer(),
  '@timestamp': Type.String(),
  original: Type.String({ description: 'The raw line, verbatim. It is hostile text.' }),
  rule: Type.String(),
  proof: Type.Array(Proof),
})

export const Alert = Type.Object({
  id: Type.String(),
  version: Type.Integer(),
  rule: Type.Object({
    id: Type.String(),
    title: Type.String(),
    titleVi: Type.Optional(Type.String()),
    level: Level,
    hash: Type.String(),
    tags: Type.Array(Type.String()),
    author: Type.Optional(Type.String()),
    license: Type.Optional(Type.String()),
    path: Type.String(),
  }),
  '@timestamp': Type.String(),
  seq: Type.Integer(),
  agency: Type.String(),
  system: Type.Optional(Type.String()),
  entities: Type.Array(Type.Object({ kind: Type.String(), value: Type.String() })),
  group: Type.Record(Type.String(), Type.String()),
  evidence: Type.Array(Evidence),
  count: Type.Integer(),
  beyondBudget: Type.Optional(
    Type.Object(
      { day: Type.String(), perDay: Type.Integer() },
      { description: 'It tells of `count` alerts of its rule that day, beyond what the rule may raise.' },
    ),
  ),
})
