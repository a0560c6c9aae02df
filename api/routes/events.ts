import type { FastifyRequest } from 'fastify'
import { type TSchema, Type } from 'typebox'
import type { EcsEvent } from '../../model/event.ts'
import type { Masking } from '../../model/personal.ts'
import { zoneOffset } from '../../model/time-zone.ts'
import { addHistory } from '../../store/local/history.ts'
import { type Aggregated, type Aggregation, BUCKETS_MAX } from '../../store/query/aggregate.ts'
import { COUNT_SORT, type Condition, match } from '../../store/query/query.ts'
import { asker } from '../access/authenticate.ts'
import { type Principal, may, scopeOf } from '../access/policy.ts'
import { alertsById } from '../incidents/alerts-by-id.ts'
import { pageWithNext, readCursor } from '../cursor.ts'
import { Problem } from '../problem.ts'
import { Alert } from '../schemas/alert.ts'
import { Cursor, Key, Time, exact, limit, pageOf, said } from '../schemas/types.ts'
import { withoutHidden } from '../searches/hidden.ts'
import { isoRange, readSearch, wrongOutput } from '../searches/query-text.ts'
import { intervalFor } from '../searches/interval.ts'
import { SearchTurns } from '../searches/turns.ts'
import type { ApiServer } from '../server.ts'
import type { Services } from '../services.ts'
import { refuseEmptyRange, timeOf } from '../time-range.ts'

const DAY_MS = 86_400_000

/** A flat object of dotted ECS names, as stored; whatever its parser found. */
const Event: TSchema & { static?: EcsEvent } = Type.Unsafe<EcsEvent>({ type: 'object', additionalProperties: true })

export const QueryText = Type.String({ maxLength: 4_000, description: 'The search language: docs/search.md.' })
const RANGE = { from: Type.Optional(Time), to: Type.Optional(Time) }
const SPAN = { from: Type.String(), to: Type.String() }

const Group = Type.Object({ values: Type.Array(Type.String()), count: Type.Integer() })
const Counted = Type.Object({
  ...SPAN,
  kind: Type.String({ enum: ['count', 'histogram'] }),
  by: Type.Array(Type.String()),
  groups: Type.Optional(Type.Array(Group, { description: 'Of a count.' })),
  more: Type.Optional(Type.Boolean({ description: 'Of a count: there are further groups.' })),
  intervalMs: Type.Optional(Type.Integer({ description: 'Of a histogram.' })),
  buckets: Type.Optional(
    Type.Array(
      Type.Object({
        from: Type.String(),
        count: Type.Integer(),
        groups: Type.Optional(Type.Array(Group)),
      }),
      { description: `Of a histogram, at most ${BUCKETS_MAX}; those without events are left out.` },
    ),
  ),
})

/** Newest events whose fields are told, and values that a field is completed with. */
const FIELD_SAMPLE = 500
const VALUES_MAX = 20

export function eventRoutes(app: ApiServer, services: Services): void {
  const { store, local, cursorSecret, clock, registry, masking } = services
  const turns = new SearchTurns()

  /** The range asked for, by default the last 24 hours. */
  const rangeOf = (from: string | undefined, to: string | undefined): [fromMs: number, toMs: number] => {
    const toMs = timeOf(to, clock() + 1, '/to')
    const fromMs = timeOf(from, toMs - DAY_MS, '/from')
    refuseEmptyRange(fromMs, toMs)
    return [fromMs, toMs]
  }
  const audit = (
    principal: { id: string; name: string },
    code: string,
    params: Record<string, string | number>,
  ): void => {
    const at = new Date(clock()).toISOString()
    addHistory(local, [{ at, actor: principal.name, subject: { kind: 'search', id: principal.id }, code, params }])
  }

  /** The search as its asker may put it. */
  const allowed = (
    principal: Principal,
    where: Condition | undefined,
    aggregation?: Aggregation,
  ): { where?: Condition } => {
    const kept = may(principal, 'personal:reveal') ? where : withoutHidden(where, aggregation)
    return kept === undefined ? {} : { where: kept }
  }

  app.get(
    '/events/search',
    {
      config: { action: 'events:read' },
      schema: {
        tags: ['events'],
        summary:
          'Events that are meant, newest first; by default of the last 24 hours. Is itself a record of the audit.',
        querystring: exact({
          ...RANGE,
          q: Type.Optional(QueryText),
          limit: Type.Optional(limit(200, 50)),
          cursor: Type.Optional(Cursor),
        }),
        response: { 200: Type.Object({ ...pageOf(Event).properties, ...SPAN }) },
      },
    },
    async (request) => {
      const { from, to, q = '', limit: size = 50, cursor } = request.query
      const principal = asker(request)
      const context = { principal: principal.id, query: { list: 'events', from, to, q } }
      const [timestamp, seq, begin, end] = cursor === undefined ? [] : readCursor(cursorSecret, context, cursor)
      // Without `to` the first page fixes the present; later pages are of the same range.
      const [fromMs, toMs] = begin === undefined ? rangeOf(from, to) : [Number(begin), Number(end)]
      const { where, output } = readSearch(q)
      if (output.kind !== 'events') throw wrongOutput(q, 'ask /events/aggregate for what is counted')
      const range = isoRange(fromMs, toMs)
      return turns.take(principal.id, request, async (signal) => {
        const items = await store.searchEvents({
          scope: scopeOf(principal),
          range,
          ...allowed(principal, where),
          order: output.order,
          limit: size + 1,
          signal,
          ...(timestamp !== undefined && { after: { timestamp: String(timestamp), seq: Number(seq) } }),
        })
        const page = pageWithNext(items, size, {
          secret: cursorSecret,
          context,
          keyOf: (last) => [last['@timestamp'], last['soc.seq'], fromMs, toMs],
        })
        audit(principal, 'events_searched', { q, ...range, events: page.items.length })
        const { fields } = output
        const shown = page.items.map((event) => masking().event(event))
        return { ...page, ...range, items: fields === undefined ? shown : shown.map((event) => only(event, fields)) }
      })
    },
  )

  app.get(
    '/events/aggregate',
    {
      config: { action: 'events:read' },
      schema: {
        tags: ['events'],
        summary: 'What a search with `| count` or `| histogram` counts, exactly. Is itself a record of the audit.',
        querystring: exact({ ...RANGE, q: QueryText }),
        response: { 200: Counted },
      },
    },
    async (request) => {
      const { from, to, q } = request.query
      const principal = asker(request)
      const [fromMs, toMs] = rangeOf(from, to)
      const { where, output } = readSearch(q)
      if (output.kind === 'events') throw wrongOutput(q, 'end with «| count» or «| histogram»')
      const aggregation: Aggregation =
        output.kind === 'count'
          ? output
          : {
              ...output,
              intervalMs: output.intervalMs ?? intervalFor(toMs - fromMs),
              offsetMs: zoneOffset(registry().timeZone)(toMs),
            }
      const range = isoRange(fromMs, toMs)
      return turns.take(principal.id, request, async (signal) => {
        const scope = scopeOf(principal)
        const found = await store.aggregate({
          scope,
          range,
          ...allowed(principal, where, aggregation),
          aggregation,
          signal,
        })
        const rows = found.kind === 'count' ? found.groups.length : found.buckets.length
        const by = [aggregation.by ?? []].flat()
        audit(principal, 'events_counted', { q, ...range, rows })
        return {
          ...range,
          ...shownCounts(found, by, masking()),
          by,
          ...(aggregation.kind === 'histogram' && { intervalMs: aggregation.intervalMs }),
        }
      })
    },
  )

  app.get(
    '/events/fields',
    {
      config: { action: 'events:read' },
      schema: {
        tags: ['events'],
        summary: `Names of the fields of the newest ${FIELD_SAMPLE} events of a time range, for completion`,
        querystring: exact(RANGE),
        response: { 200: Type.Object({ items: Type.Array(Type.String()) }) },
      },
    },
    async (request) => {
      const { from, to } = request.query
      const principal = asker(request)
      const range = isoRange(...rangeOf(from, to))
      return turns.take(principal.id, request, async (signal) => {
        const events = await store.searchEvents({ scope: scopeOf(principal), range, limit: FIELD_SAMPLE, signal })
        return { items: [...new Set(events.flatMap((event) => Object.keys(event)))].sort() }
      })
    },
  )

  app.get(
    '/events/values',
    {
      config: { action: 'events:read' },
      schema: {
        tags: ['events'],
        summary: `The ${VALUES_MAX} most frequent values of a field that begin so, for completion. A record of the audit.`,
        querystring: exact({ ...RANGE, field: Key, prefix: Type.Optional(Type.String({ maxLength: 200 })) }),
        response: {
          200: Type.Object({ items: Type.Array(Type.Object({ value: Type.String(), count: Type.Integer() })) }),
        },
      },
    },
    async (request) => {
      const { from, to, field, prefix = '' } = request.query
      const principal = asker(request)
      const range = isoRange(...rangeOf(from, to))
      const aggregation: Aggregation = { kind: 'count', by: [field], top: VALUES_MAX, sort: COUNT_SORT }
      const where = match(field, [{ text: prefix }, { any: 'run' }])
      return turns.take(principal.id, request, async (signal) => {
        const found = await store.aggregate({
          scope: scopeOf(principal),
          range,
          ...allowed(principal, where, aggregation),
          aggregation,
          signal,
        })
        const groups = found.kind === 'count' ? found.groups : []
        audit(principal, 'values_listed', { field, prefix, ...range, rows: groups.length })
        return { items: groups.map(({ values, count }) => ({ value: masking().value(field, values[0]!), count })) }
      })
    },
  )

  app.get(
    '/events/:id',
    {
      config: { action: 'events:read' },
      schema: {
        tags: ['events'],
        summary: 'One event, by `soc.record`',
        params: exact({ id: Key }),
        response: { 200: Event },
      },
    },
    async (request) => {
      const principal = asker(request)
      const [event] = await store.getEvents([request.params.id], scopeOf(principal))
      if (event === undefined) throw new Problem('not_found')
      audit(principal, 'event_read', { record: event['soc.record'] })
      return event
    },
  )

  const Reason = exact({ reason: said(500, 'Why it has to be seen.', 3) })
  const revealing = { action: 'personal:reveal', revealed: true } as const
  /** Who saw what is hidden in which record, and why. What cannot be recorded is not shown. */
  const auditReveal = (request: FastifyRequest<{ Body: { reason: string } }>, params: Record<string, string>): void =>
    audit(asker(request), 'personal_data_revealed', { ...params, reason: request.body.reason.normalize('NFC') })

  app.post(
    '/events/:id/reveal',
    {
      config: revealing,
      schema: {
        tags: ['events'],
        summary: 'One event with what is hidden elsewhere. A record of the audit, with the reason.',
        params: exact({ id: Key }),
        body: Reason,
        response: { 200: Event },
      },
    },
    async (request) => {
      const principal = asker(request)
      if (!may(principal, 'events:read')) throw new Problem('forbidden', 'events:read')
      const [event] = await store.getEvents([request.params.id], scopeOf(principal))
      if (event === undefined) throw new Problem('not_found')
      auditReveal(request, { record: event['soc.record'] })
      return event
    },
  )

  app.post(
    '/alerts/:id/reveal',
    {
      config: revealing,
      schema: {
        tags: ['incidents'],
        summary: 'One alert with what is hidden elsewhere. A record of the audit, with the reason.',
        params: exact({ id: Key }),
        body: Reason,
        response: { 200: Alert },
      },
    },
    async (request) => {
      const scope = scopeOf(asker(request))
      const alert = (await alertsById(services, [request.params.id], scope)).get(request.params.id)
      if (alert === undefined) throw new Problem('not_found')
      auditReveal(request, { alert: alert.id })
      return alert
    },
  )

  app.get(
    '/alerts/:id',
    {
      config: { action: 'incidents:read' },
      schema: {
        tags: ['incidents'],
        summary: 'One alert in its highest version',
        params: exact({ id: Key }),
        response: { 200: Alert },
      },
    },
    async (request) => {
      const { id } = request.params
      const alert = (await alertsById(services, [id], scopeOf(asker(request)))).get(id)
      if (alert === undefined) throw new Problem('not_found')
      return alert
    },
  )
}

/** These fields of an event, and its name. */
function only(event: EcsEvent, fields: readonly string[]): EcsEvent {
  const wanted = new Set(['soc.record', ...fields])
  return Object.fromEntries(Object.entries(event).filter(([name]) => wanted.has(name))) as EcsEvent
}

/** Counts whose values are hidden as those of events are. */
function shownCounts(found: Aggregated, by: readonly string[], masking: Masking): Aggregated {
  const hide = <G extends { values: string[] }>(group: G): G => ({
    ...group,
    values: group.values.map((value, i) => masking.value(by[i] ?? '', value)),
  })
  if (found.kind === 'count') return { ...found, groups: found.groups.map(hide) }
  return {
    ...found,
    buckets: found.buckets.map((bucket) => ({ ...bucket, ...(bucket.groups && { groups: bucket.groups.map(hide) }) })),
  }
}
