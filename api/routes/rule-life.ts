import { Type } from 'typebox'
import { BUDGET_MAX, LIFE_STATES } from '../../model/rule-life.ts'
import { diffOf } from '../../model/line-changes.ts'
import { revisionsOf, textOfRevision, type RuleRevision } from '../../store/local/rule-revisions.ts'
import { shadowAlerts, shadowCounts } from '../../store/local/shadow.ts'
import type { Scope } from '../../store/store.ts'
import { asker } from '../access/authenticate.ts'
import { refuseUnknownAgencies } from '../access/known-agencies.ts'
import { covers, scopeOf, sees } from '../access/policy.ts'
import { Problem } from '../problem.ts'
import { Alert } from '../schemas/alert.ts'
import { Key, exact, limit, oneOf } from '../schemas/types.ts'
import type { ApiServer } from '../server.ts'
import type { Services } from '../services.ts'
import { InForce, changeRule, refuseUnlessAll } from '../tuning/change-rule.ts'

const DAY_MS = 86_400_000
const DAY = 'YYYY-MM-DD'.length
const ENTITIES_MAX = 100

const ById = exact({ id: Key })
const Why = Type.String({ maxLength: 500, description: 'For whoever reads the history.' })

const Settings = Type.Object({
  state: oneOf(LIFE_STATES),
  budget: Type.Optional(Type.Integer({ description: 'Alerts a day.' })),
  owner: Type.Optional(Type.String()),
  disabled: Type.Optional(Type.String({ description: 'It is switched off: why.' })),
  disabledIn: Type.Optional(
    Type.Record(Type.String(), Type.String(), { description: 'Agencies it is switched off for, and why.' }),
  ),
})

const REVISION = {
  number: Type.Integer(),
  seq: Type.Integer({ description: 'Position of the log from which it is in force.' }),
  at: Type.String(),
  bundle: Type.String({ description: 'Hash of all rules, pipelines and the registry there.' }),
  path: Type.String(),
  hash: Type.String({ description: 'SHA-256 of the text; empty: the rule was gone.' }),
  settings: Settings,
  by: Type.String({ description: 'Empty: a file was changed by hand.' }),
  why: Type.String(),
}

const Hunks = Type.Array(
  Type.Object({
    oldStart: Type.Integer(),
    newStart: Type.Integer(),
    lines: Type.Array(Type.String({ description: 'Begins with a blank, - or +.' })),
  }),
)

export function ruleLifeRoutes(app: ApiServer, services: Services): void {
  const { local, clock } = services
  const revisionOf = (rule: string, number: number): RuleRevision => {
    const found = revisionsOf(local, rule).find((one) => one.number === number)
    if (found === undefined) throw new Problem('not_found')
    return found
  }
  const exists = (id: string): void => {
    if (!services.rules().rules.some((rule) => rule.id === id)) throw new Problem('not_found')
  }

  app.get(
    '/rules/:id/revisions',
    {
      config: { action: 'rules:read' },
      schema: {
        tags: ['rules'],
        summary:
          'How the rule came to be as it is: its text and settings at each position where they changed, newest first',
        params: ById,
        response: { 200: Type.Object({ items: Type.Array(Type.Object(REVISION)) }) },
      },
    },
    (request) => {
      const items = revisionsOf(local, request.params.id)
      if (items.length === 0) exists(request.params.id)
      return { items: items.map((one) => seenIn(one, scopeOf(asker(request)))) }
    },
  )

  app.get(
    '/rules/:id/revisions/:number',
    {
      config: { action: 'rules:read' },
      schema: {
        tags: ['rules'],
        summary: 'One revision with its text',
        params: exact({ id: Key, number: Type.Integer({ minimum: 1 }) }),
        response: { 200: Type.Object({ ...REVISION, text: Type.String() }) },
      },
    },
    (request) => {
      const { id, number } = request.params
      const revision = revisionOf(id, number)
      return { ...seenIn(revision, scopeOf(asker(request))), text: textOfRevision(local, revision) ?? '' }
    },
  )

  app.get(
    '/rules/:id/diff',
    {
      config: { action: 'rules:read' },
      schema: {
        tags: ['rules'],
        summary: 'What leads from one revision to another',
        params: ById,
        querystring: exact({
          from: Type.Integer({ minimum: 1 }),
          to: Type.Optional(Type.Integer({ minimum: 1, description: 'The newest.' })),
        }),
        response: {
          200: Type.Object({
            from: Type.Integer(),
            to: Type.Integer(),
            before: Settings,
            after: Settings,
            hunks: Hunks,
          }),
        },
      },
    },
    (request) => {
      const { id } = request.params
      const scope = scopeOf(asker(request))
      const before = revisionOf(id, request.query.from)
      const after = revisionOf(id, request.query.to ?? revisionsOf(local, id)[0]?.number ?? 0)
      const [old, fresh] = [before, after].map((one) => textOfRevision(local, one) ?? '') as [string, string]
      return {
        from: before.number,
        to: after.number,
        before: seenIn(before, scope).settings,
        after: seenIn(after, scope).settings,
        hunks: diffOf(old, fresh),
      }
    },
  )

  app.post(
    '/rules/:id/restore',
    {
      config: { action: 'rules:tune' },
      schema: {
        tags: ['rules'],
        summary: 'Put the text of a former revision back into the rules folder; settings stay',
        params: ById,
        body: exact({ revision: Type.Integer({ minimum: 1 }), why: Type.Optional(Why) }),
        response: { 200: InForce },
      },
    },
    (request) => {
      const { id } = request.params
      const { revision: number, why = '' } = request.body
      refuseUnlessAll(scopeOf(asker(request)))
      const revision = revisionOf(id, number)
      const text = textOfRevision(local, revision)
      if (text === null) throw new Problem('rule_refused', 'that revision has no text: the rule was gone')
      const edit = { kind: 'text' as const, rule: id, text, path: revision.path }
      return changeRule(services, edit, {
        asker: asker(request),
        why,
        code: 'rule_restored',
        params: { revision: number, hash: revision.hash },
      })
    },
  )

  app.post(
    '/rules/:id/state',
    {
      config: { action: 'rules:tune' },
      schema: {
        tags: ['rules'],
        summary: 'Move the rule along its life: draft, shadow, live, retired',
        params: ById,
        body: exact({ state: oneOf(LIFE_STATES), why: Type.Optional(Why) }),
        response: { 200: InForce },
      },
    },
    (request) => {
      const { id } = request.params
      const { state, why = '' } = request.body
      refuseUnlessAll(scopeOf(asker(request)))
      exists(id)
      return changeRule(
        services,
        { kind: 'state', rule: id, state },
        { asker: asker(request), why, code: 'rule_state_changed', params: { state } },
      )
    },
  )

  app.post(
    '/rules/:id/switch',
    {
      config: { action: 'rules:tune' },
      schema: {
        tags: ['rules'],
        summary: 'Switch the rule off or on, everywhere or for some agencies',
        params: ById,
        body: exact({
          off: Type.Boolean(),
          agencies: Type.Optional(Type.Array(Key, { minItems: 1, maxItems: 200 })),
          why: Type.Optional(Why),
        }),
        response: { 200: InForce },
      },
    },
    (request) => {
      const { id } = request.params
      const { off, agencies, why = '' } = request.body
      if (agencies === undefined) refuseUnlessAll(scopeOf(asker(request)))
      else {
        if (!covers(scopeOf(asker(request)), agencies)) throw new Problem('forbidden', 'rules:tune for these agencies')
        refuseUnknownAgencies(services, agencies)
      }
      exists(id)
      const edit = { kind: 'switch' as const, rule: id, off, ...(agencies !== undefined && { agencies }) }
      const params = { agencies: agencies?.join(', ') ?? 'all' }
      return changeRule(services, edit, {
        asker: asker(request),
        why,
        code: off ? 'rule_switched_off' : 'rule_switched_on',
        params: params,
      })
    },
  )

  app.put(
    '/rules/:id/budget',
    {
      config: { action: 'rules:tune' },
      schema: {
        tags: ['rules'],
        summary:
          'How many alerts the rule may raise of an agency in a day, and whom it concerns; null: as many as there are',
        params: ById,
        body: exact({
          perDay: Type.Union([Type.Integer({ minimum: 1, maximum: BUDGET_MAX }), Type.Null()]),
          owner: Type.Optional(Key),
          why: Type.Optional(Why),
        }),
        response: { 200: InForce },
      },
    },
    (request) => {
      const { id } = request.params
      const { perDay, owner, why = '' } = request.body
      refuseUnlessAll(scopeOf(asker(request)))
      exists(id)
      const edit = { kind: 'budget' as const, rule: id, perDay, ...(owner !== undefined && { owner }) }
      const params = { perDay: perDay ?? 0, owner: owner ?? '' }
      return changeRule(services, edit, { asker: asker(request), why, code: 'rule_budget_changed', params: params })
    },
  )

  app.get(
    '/rules/:id/shadow',
    {
      config: { action: 'rules:tune' },
      schema: {
        tags: ['rules'],
        summary: 'What the rule raised in shadow: by day, by entity, and the newest alerts, which nobody else sees',
        params: ById,
        querystring: exact({
          days: Type.Optional(Type.Integer({ minimum: 1, maximum: 90, default: 7, description: 'Default 7.' })),
          limit: Type.Optional(limit(200, 20)),
        }),
        response: {
          200: Type.Object({
            days: Type.Array(Type.Object({ day: Type.String(), alerts: Type.Integer(), withdrawn: Type.Integer() })),
            entities: Type.Array(
              Type.Object({
                agency: Type.String(),
                kind: Type.String({ description: 'Empty: of those not told apart.' }),
                value: Type.String(),
                alerts: Type.Integer(),
                withdrawn: Type.Integer(),
              }),
            ),
            alerts: Type.Array(Alert),
          }),
        },
      },
    },
    (request) => {
      const { id } = request.params
      const { days = 7, limit: size = 20 } = request.query
      const from = new Date(clock() - (days - 1) * DAY_MS).toISOString().slice(0, DAY)
      const query = { rule: id, from, scope: scopeOf(asker(request)) }
      return { ...shadowCounts(local, query, ENTITIES_MAX), alerts: shadowAlerts(local, query, size) }
    },
  )
}

/** Without what it says of agencies that the asker may not see. */
function seenIn(revision: RuleRevision, scope: Scope): RuleRevision {
  const { disabledIn, ...settings } = revision.settings
  return { ...revision, settings: { ...settings, ...agenciesSeen(disabledIn, scope) } }
}

/** The agencies a rule is off for, of those in scope. */
export function agenciesSeen(
  disabledIn: Readonly<Record<string, string>> | undefined,
  scope: Scope,
): { disabledIn?: Record<string, string> } {
  const own = Object.entries(disabledIn ?? {}).filter(([agency]) => sees(scope, agency))
  return own.length > 0 ? { disabledIn: Object.fromEntries(own) } : {}
}
