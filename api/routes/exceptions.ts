import { randomUUID } from 'node:crypto'
import { Type } from 'typebox'
import {
  addException,
  changeException,
  getException,
  hasEnded,
  listExceptions,
  revokeException,
  type Exception,
} from '../../store/local/exceptions.ts'
import { hiddenBy } from '../../store/local/hidden.ts'
import { historyOf } from '../../store/local/history.ts'
import type { Scope } from '../../store/store.ts'
import { asker } from '../access/authenticate.ts'
import { refuseUnknownAgencies } from '../access/known-agencies.ts'
import { covers, scopeOf, sees } from '../access/policy.ts'
import { checkFilter } from '../exceptions/check.ts'
import { DraftError, draftOf } from '../exceptions/draft.ts'
import { exceptionPath, expiresSoon } from '../exceptions/tend.ts'
import { alertsById } from '../incidents/alerts-by-id.ts'
import { Problem } from '../problem.ts'
import { HistoryEntry } from '../schemas/incident.ts'
import { AgencyList, Key, TIME_PATTERN, exact, oneOf, said } from '../schemas/types.ts'
import type { ApiServer } from '../server.ts'
import type { Services } from '../services.ts'

const HISTORY_MAX = 200
const FILTER_CHARS_MAX = 32_768

const STATES = ['pending', 'in_force', 'expired', 'revoked'] as const
const Rules = Type.Union([oneOf(['any']), Type.Array(Type.String())])

const EXCEPTION = {
  id: Type.String(),
  title: Type.String(),
  filter: Type.String({ description: 'Sigma filters, as they were written.' }),
  rules: Rules,
  agencies: AgencyList,
  owner: Type.String(),
  reason: Type.String(),
  alert: Type.Optional(Type.String({ description: 'Id of the alert that it was made from.' })),
  createdAt: Type.String(),
  createdBy: Type.String(),
  expiresAt: Type.Optional(Type.String({ description: 'Absent: never.' })),
  expiresSoon: Type.Boolean(),
  expiredAt: Type.Optional(Type.String()),
  revoked: Type.Optional(Type.Object({ at: Type.String(), by: Type.String(), reason: Type.String() })),
  state: oneOf(STATES),
  position: Type.Optional(Type.Integer({ description: 'Place in the log from which it is in force.' })),
  problem: Type.Optional(
    Type.String({ description: 'Why it does nothing: it does not load any more, or its rule is gone.' }),
  ),
  hidden: Type.Object(
    {
      events: Type.Integer(),
      lastAt: Type.Optional(Type.String()),
      rules: Type.Array(Type.Object({ rule: Type.String(), events: Type.Integer() })),
      days: Type.Array(Type.Object({ day: Type.String(), events: Type.Integer() })),
    },
    { description: 'Matches that it kept out so far, of the agencies that the asker sees.' },
  ),
}

export const FilterText = Type.String({
  minLength: 1,
  maxLength: FILTER_CHARS_MAX,
  description: 'Sigma filters, in YAML.',
})
const Owner = Type.String({ minLength: 1, maxLength: 200, description: 'Who answers for it.' })
const Reason = said(2_000)
const Expiry = Type.String({
  pattern: `${TIME_PATTERN}|^never$`,
  maxLength: 35,
  description: 'A time, or in so many words `never`.',
})

/** Exceptions from rules: drafted from an alert, put in force at a place in the log, counted, ended. */
export function exceptionRoutes(app: ApiServer, services: Services): void {
  const { local, clock, store } = services
  const now = (): string => new Date(clock()).toISOString()
  const tags = ['exceptions']
  const params = exact({ id: Key })

  /** In force at once where the log has room; else as soon as it has. */
  const putInForce = async (): Promise<void> => {
    try {
      await services.announceExceptions()
    } catch (error) {
      app.log.error({ err: error }, 'changed exceptions are not in force yet')
    }
  }

  const shown = (exception: Exception, scope: Scope) => {
    const { rules, agencies, position } = exception
    const problem = services.rules().problems.find(({ path, severity, code }) => {
      return path === exceptionPath(exception.id) && (severity === 'error' || code === 'idle_filter')
    })
    const visible =
      agencies === 'all' || scope === 'all' ? agencies : agencies.filter((agency) => scope.includes(agency))
    return {
      ...exception,
      rules: rules === 'any' ? ('any' as const) : [...rules],
      agencies: visible === 'all' ? ('all' as const) : [...visible],
      state: stateOf(exception),
      expiresSoon: expiresSoon(exception, clock()),
      ...(position !== undefined && { position }),
      ...(problem !== undefined && !hasEnded(exception) && { problem: problem.message }),
      hidden: hiddenBy(local, exception.id, scope),
    }
  }

  /** One that concerns an agency the asker sees. */
  const visibleTo = (scope: Scope, { agencies }: Exception): boolean =>
    agencies === 'all' || scope === 'all' || agencies.some((agency) => sees(scope, agency))

  const found = (id: string, scope: Scope): Exception => {
    const exception = getException(local, id)
    if (exception === null || !visibleTo(scope, exception)) throw new Problem('not_found')
    return exception
  }

  /** @throws {Problem} for an exception that reaches further than the asker sees */
  const own = (id: string, scope: Scope): Exception => {
    const exception = found(id, scope)
    if (!covers(scope, exception.agencies)) throw new Problem('forbidden', 'it is for agencies that are not yours')
    return exception
  }

  const expiryOf = (expiresAt: string): string | undefined => {
    if (expiresAt === 'never') return undefined
    const ms = Date.parse(expiresAt)
    if (!(ms > clock())) throw new Problem('bad_exception', 'expiresAt is not in the future')
    return new Date(ms).toISOString()
  }

  app.post(
    '/exceptions/draft',
    {
      config: { action: 'exceptions:write' },
      schema: {
        tags,
        summary: 'The filter that would keep out what raised an alert, or the newest of a rule; nothing is saved',
        body: exact({
          alert: Type.Optional(Key),
          rule: Type.Optional(Key),
          fields: Type.Optional(
            Type.Array(Key, { minItems: 1, maxItems: 20, description: 'Instead of those that matched.' }),
          ),
          rules: Type.Optional(oneOf(['any'], 'For all rules of the log source.')),
        }),
        response: {
          200: Type.Object({
            alert: Type.String(),
            title: Type.String(),
            filter: Type.String(),
            rules: Type.Array(Type.String()),
            agency: Type.String(),
            fields: Type.Array(
              Type.Object({
                field: Type.String(),
                value: Type.String(),
                matched: Type.Boolean(),
                chosen: Type.Boolean(),
              }),
            ),
          }),
        },
      },
    },
    async (request) => {
      const scope = scopeOf(asker(request))
      const { alert: id, rule, fields, rules } = request.body
      if ((id === undefined) === (rule === undefined)) throw new Problem('bad_exception', 'either alert or rule')
      const alert =
        id === undefined
          ? (await store.searchAlerts({ scope, ...(rule !== undefined && { rule }), limit: 1 }))[0]
          : (await alertsById(services, [id], scope)).get(id)
      if (alert === undefined) throw new Problem('not_found')
      const events = await store.getEvents(
        alert.evidence.map(({ record }) => record),
        scope,
      )
      try {
        const options = { ...(fields !== undefined && { fields }), anyRule: rules === 'any' }
        return { alert: alert.id, ...draftOf(alert, events, services.rules().rules, options) }
      } catch (error) {
        if (error instanceof DraftError) throw new Problem('bad_exception', error.message)
        throw error
      }
    },
  )

  app.post(
    '/exceptions',
    {
      config: { action: 'exceptions:write' },
      schema: {
        tags,
        summary: 'Put an exception in force',
        body: exact({
          filter: FilterText,
          agencies: AgencyList,
          owner: Owner,
          reason: Reason,
          expiresAt: Expiry,
          alert: Type.Optional(Key),
        }),
        response: { 201: Type.Object(EXCEPTION) },
      },
    },
    async (request, reply) => {
      const principal = asker(request)
      const scope = scopeOf(principal)
      const { filter, agencies, owner, reason, expiresAt, alert } = request.body
      if (agencies !== 'all' && agencies.length === 0) throw new Problem('bad_exception', 'name an agency, or "all"')
      if (!covers(scope, agencies)) throw new Problem('forbidden', 'exceptions for agencies that are not yours')
      refuseUnknownAgencies(services, agencies)
      const expires = expiryOf(expiresAt)
      const { title, rules } = await checkFilter(filter, services.ruleFiles(), services.rules().rules)
      if (alert !== undefined) {
        const known = await alertsById(services, [alert], scope)
        if (!known.has(alert)) throw new Problem('bad_exception', 'there is no such alert')
      }
      const id = randomUUID()
      addException(local, {
        id,
        title,
        filter,
        rules,
        agencies: agencies === 'all' ? 'all' : [...new Set(agencies)],
        owner,
        reason,
        createdAt: now(),
        createdBy: principal.name,
        ...(alert !== undefined && { alert }),
        ...(expires !== undefined && { expiresAt: expires }),
      })
      await putInForce()
      return reply
        .status(201)
        .header('location', `/api/v1/exceptions/${id}`)
        .send(shown(getException(local, id)!, scope))
    },
  )

  app.get(
    '/exceptions',
    {
      config: { action: 'rules:read' },
      schema: {
        tags,
        summary: 'Exceptions, the newest first, with what each has hidden',
        querystring: exact({
          state: Type.Optional(oneOf(STATES)),
          rule: Type.Optional(Type.String({ minLength: 1, maxLength: 200, description: 'Those that name this rule.' })),
        }),
        response: { 200: Type.Object({ items: Type.Array(Type.Object(EXCEPTION)) }) },
      },
    },
    (request) => {
      const scope = scopeOf(asker(request))
      const { state, rule } = request.query
      const items = listExceptions(local)
        .filter((each) => visibleTo(scope, each))
        .filter((each) => state === undefined || stateOf(each) === state)
        .filter(({ rules }) => rule === undefined || (rules !== 'any' && rules.includes(rule)))
        .map((each) => shown(each, scope))
      return { items }
    },
  )

  app.get(
    '/exceptions/:id',
    {
      config: { action: 'rules:read' },
      schema: {
        tags,
        summary: 'One exception with its history',
        params,
        response: { 200: Type.Object({ ...EXCEPTION, history: Type.Array(HistoryEntry) }) },
      },
    },
    (request) => {
      const scope = scopeOf(asker(request))
      const exception = found(request.params.id, scope)
      const history = historyOf(local, { kind: 'exception', id: exception.id }, HISTORY_MAX)
      // What it was made with names all its agencies.
      const whole = covers(scope, exception.agencies)
      const entries = history.map(({ at, actor, code, params: more, before, after }) => {
        return { at, actor, code, params: more, ...(whole && before && { before }), ...(whole && after && { after }) }
      })
      return { ...shown(exception, scope), history: entries }
    },
  )

  app.patch(
    '/exceptions/:id',
    {
      config: { action: 'exceptions:write' },
      schema: {
        tags,
        summary: 'Another owner, reason or end; what it hides does not change',
        params,
        body: exact({ owner: Type.Optional(Owner), reason: Type.Optional(Reason), expiresAt: Type.Optional(Expiry) }),
        response: { 200: Type.Object(EXCEPTION) },
      },
    },
    (request) => {
      const principal = asker(request)
      const scope = scopeOf(principal)
      const { id } = own(request.params.id, scope)
      const { owner, reason, expiresAt } = request.body
      const by = { at: now(), actor: principal.name }
      const change = {
        ...(owner !== undefined && { owner }),
        ...(reason !== undefined && { reason }),
        ...(expiresAt !== undefined && { expiresAt: expiryOf(expiresAt) ?? null }),
      }
      const changed = changeException(local, id, change, by)
      if (changed === null) throw new Problem('bad_exception', 'it has ended: make another one')
      return shown(changed, scope)
    },
  )

  app.post(
    '/exceptions/:id/revoke',
    {
      config: { action: 'exceptions:write' },
      schema: {
        tags,
        summary: 'End an exception; it stays in the list with its history',
        params,
        body: exact({ reason: Reason }),
        response: { 200: Type.Object(EXCEPTION) },
      },
    },
    async (request) => {
      const principal = asker(request)
      const scope = scopeOf(principal)
      const { id } = own(request.params.id, scope)
      const revoked = { at: now(), by: principal.name, reason: request.body.reason }
      if (revokeException(local, id, revoked) === null) throw new Problem('bad_exception', 'it has ended already')
      await putInForce()
      return shown(getException(local, id)!, scope)
    },
  )
}

function stateOf({ revoked, expiredAt, position }: Exception): (typeof STATES)[number] {
  if (revoked !== undefined) return 'revoked'
  if (expiredAt !== undefined) return 'expired'
  return position === undefined ? 'pending' : 'in_force'
}
