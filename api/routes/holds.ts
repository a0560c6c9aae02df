import { Type } from 'typebox'
import { type Hold, liftHold, listHolds, placeHold } from '../../store/local/holds.ts'
import { asker } from '../access/authenticate.ts'
import { refuseUnknownAgencies } from '../access/known-agencies.ts'
import { Problem } from '../problem.ts'
import { Day, Key, exact, said } from '../schemas/types.ts'
import type { ApiServer } from '../server.ts'
import type { Services } from '../services.ts'

const Reason = said(1_000, 'Who asked for it, and on what ground.', 3)
const HOLD = Type.Object({
  id: Type.String(),
  agency: Type.Optional(Type.String()),
  system: Type.Optional(Type.String()),
  fromDay: Type.String(),
  toDay: Type.Optional(Type.String()),
  reason: Type.String(),
  placedAt: Type.String(),
  placedBy: Type.String(),
  liftedAt: Type.Optional(Type.String()),
  liftedBy: Type.Optional(Type.String()),
  liftedReason: Type.Optional(Type.String()),
})

/** Legal holds: days that no purge may touch. About all agencies, for a day is kept or deleted whole. */
export function holdRoutes(app: ApiServer, services: Services): void {
  const { local, clock, registry } = services
  const forAll = (request: Parameters<typeof asker>[0]): void => {
    if (asker(request).agencies !== 'all') throw new Problem('forbidden', 'holds are for who sees all agencies')
  }

  app.get(
    '/holds',
    {
      config: { action: 'audit:read' },
      schema: {
        tags: ['holds'],
        summary: 'Legal holds, those that were lifted as well; newest first',
        response: { 200: Type.Object({ items: Type.Array(HOLD) }) },
      },
    },
    (request) => {
      forAll(request)
      return { items: listHolds(local) }
    },
  )

  app.post(
    '/holds',
    {
      config: { action: 'holds:manage' },
      schema: {
        tags: ['holds'],
        summary: 'Place a legal hold: no purge touches these days until it is lifted',
        body: exact({
          agency: Type.Optional(Key),
          system: Type.Optional(Key),
          fromDay: Day,
          toDay: Type.Optional(Day),
          reason: Reason,
        }),
        response: { 201: HOLD },
      },
    },
    (request, reply) => {
      forAll(request)
      const { agency, system, fromDay, toDay, reason } = request.body
      if (agency !== undefined) refuseUnknownAgencies(services, [agency])
      const fault = holdFault(request.body, (key) => registry().systems.has(key))
      if (fault !== null) throw new Problem('bad_hold', fault)
      const placed: Hold = placeHold(local, {
        fromDay,
        reason,
        placedAt: new Date(clock()).toISOString(),
        placedBy: asker(request).name,
        ...(agency !== undefined && { agency }),
        ...(system !== undefined && { system }),
        ...(toDay !== undefined && { toDay }),
      })
      reply.status(201)
      return placed
    },
  )

  app.post(
    '/holds/:id/lift',
    {
      config: { action: 'holds:manage' },
      schema: {
        tags: ['holds'],
        summary: 'Lift a legal hold: the next purge deletes what is past its retention',
        params: exact({ id: Key }),
        body: exact({ reason: Reason }),
        response: { 200: HOLD },
      },
    },
    (request) => {
      forAll(request)
      const at = new Date(clock()).toISOString()
      const lifted = liftHold(local, request.params.id, { at, by: asker(request).name, reason: request.body.reason })
      if (lifted === null) throw new Problem('not_found')
      return lifted
    },
  )
}

/** Why a hold cannot be like that; `null` where it can. */
export function holdFault(
  { agency, system, fromDay, toDay }: Pick<Hold, 'agency' | 'system' | 'fromDay' | 'toDay'>,
  hasSystem: (key: string) => boolean,
): string | null {
  const isDay = (day: string): boolean => {
    const ms = Date.parse(day)
    return /^\d{4}-\d\d-\d\d$/.test(day) && !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(day)
  }
  if (!isDay(fromDay) || (toDay !== undefined && !isDay(toDay))) return 'days are written YYYY-MM-DD'
  if (toDay !== undefined && toDay < fromDay) return 'the last day comes before the first'
  if (system !== undefined && agency === undefined) return 'a system is named with its agency'
  if (system !== undefined && !hasSystem(system)) return 'the registry has no such system'
  return null
}
