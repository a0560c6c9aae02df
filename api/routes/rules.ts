import { Type } from 'typebox'
import type { LoadedRule } from '../../detection/types.ts'
import { Problem } from '../problem.ts'
import { Key, Level, exact, oneOf } from '../schemas/types.ts'
import type { ApiServer } from '../server.ts'
import type { RuleSetView, Services } from '../services.ts'

const RULE = {
  id: Type.String(),
  title: Type.String(),
  titleVi: Type.Optional(Type.String()),
  descriptionVi: Type.Optional(Type.String()),
  triageVi: Type.Optional(Type.String({ description: 'What to look at first.' })),
  kind: oneOf(['detection', 'correlation']),
  level: Level,
  status: Type.String(),
  hash: Type.String({ description: 'SHA-256 of the text.' }),
  description: Type.Optional(Type.String()),
  author: Type.Optional(Type.String()),
  license: Type.Optional(Type.String()),
  disabled: Type.Optional(Type.String({ description: 'It is switched off: why.' })),
  neverFires: Type.Optional(
    Type.Object(
      { code: Type.String(), message: Type.String() },
      { description: 'No event of the known sources can make it fire: why.' },
    ),
  ),
  tags: Type.Array(Type.String()),
  falsepositives: Type.Array(Type.String()),
  logsource: Type.Optional(
    Type.Object({
      product: Type.Optional(Type.String()),
      category: Type.Optional(Type.String()),
      service: Type.Optional(Type.String()),
    }),
  ),
  path: Type.String(),
  stats: Type.Optional(
    Type.Object(
      {
        evaluated: Type.Integer({ description: 'Events on which its condition was run.' }),
        nanos: Type.Integer({ description: 'Time that took, estimated from a sample.' }),
        matches: Type.Integer(),
        hidden: Type.Integer({ description: 'Events that would have matched, but for a filter or an exception.' }),
        alerts: Type.Integer(),
      },
      { description: 'Since start.' },
    ),
  ),
}

const RuleProblem = Type.Object({
  path: Type.String(),
  line: Type.Integer(),
  column: Type.Integer(),
  severity: oneOf(['error', 'warning']),
  code: Type.String(),
  message: Type.String(),
  rule: Type.Optional(Type.String()),
})

export function ruleRoutes(app: ApiServer, services: Services): void {
  app.get(
    '/rules',
    {
      config: { action: 'rules:read' },
      schema: {
        tags: ['rules'],
        summary: 'The rules in force, without their text, and what was refused',
        response: {
          200: Type.Object({
            items: Type.Array(Type.Object(RULE)),
            problems: Type.Array(RuleProblem),
            events: Type.Integer({ description: 'That went through detection since start.' }),
          }),
        },
      },
    },
    () => {
      const { rules, problems, stats, events = 0 } = services.rules()
      return { items: rules.map((rule) => withStats(rule, stats)), problems: [...problems], events }
    },
  )

  app.get(
    '/rules/:id',
    {
      config: { action: 'rules:read' },
      schema: {
        tags: ['rules'],
        summary: 'One rule with its text',
        params: exact({ id: Key }),
        response: { 200: Type.Object({ ...RULE, text: Type.String() }) },
      },
    },
    (request) => {
      const { rules, stats } = services.rules()
      const rule = rules.find(({ id }) => id === request.params.id)
      if (rule === undefined) throw new Problem('not_found')
      return withStats(rule, stats)
    },
  )
}

function withStats(rule: LoadedRule, stats: RuleSetView['stats']) {
  const counted = stats?.[rule.id]
  return { ...rule, ...(counted !== undefined && { stats: counted }) }
}
