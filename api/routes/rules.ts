import { Type } from 'typebox'
import { LIFE_STATES } from '../../model/rule-life.ts'
import type { LoadedRule } from '../../detection/types.ts'
import type { Scope } from '../../store/store.ts'
import { asker } from '../access/authenticate.ts'
import { scopeOf } from '../access/policy.ts'
import { Problem } from '../problem.ts'
import { ruleProblem } from '../schemas/rule-problem.ts'
import { Key, Level, exact, oneOf } from '../schemas/types.ts'
import type { ApiServer } from '../server.ts'
import type { RuleSetView, Services } from '../services.ts'
import { agenciesSeen } from './rule-life.ts'

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
  disabledIn: Type.Optional(
    Type.Record(Type.String(), Type.String(), { description: 'Agencies it is switched off for, and why.' }),
  ),
  state: oneOf(LIFE_STATES),
  budget: Type.Optional(Type.Object({ perDay: Type.Integer() })),
  owner: Type.Optional(Type.String()),
  changed: Type.Optional(
    Type.Object(
      { by: Type.Optional(Type.String()), since: Type.Optional(Type.String()), why: Type.Optional(Type.String()) },
      { description: 'The last change of its state or budget.' },
    ),
  ),
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
        withheld: Type.Integer({
          description: 'Alerts that did not go out: off for their agency, or beyond its budget.',
        }),
      },
      { description: 'Since start.' },
    ),
  ),
}

const RuleProblem = Type.Object({
  path: Type.String(),
  ...ruleProblem,
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
    (request) => {
      const scope = scopeOf(asker(request))
      const { rules, problems, stats, events = 0 } = services.rules()
      return { items: rules.map((rule) => shown(rule, stats, scope)), problems: [...problems], events }
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
      return shown(rule, stats, scopeOf(asker(request)))
    },
  )
}

function shown({ disabledIn, state = 'live', ...rule }: LoadedRule, stats: RuleSetView['stats'], scope: Scope) {
  const counted = stats?.[rule.id]
  return { ...rule, state, ...agenciesSeen(disabledIn, scope), ...(counted !== undefined && { stats: counted }) }
}
