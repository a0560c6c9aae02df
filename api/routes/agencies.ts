import { Type } from 'typebox'
import { UNREGISTERED } from '../../model/event.ts'
import { criticality } from '../../model/criticality.ts'
import type { Agency, Registry, System } from '../../model/registry.ts'
import type { Scope } from '../../store/store.ts'
import { asker } from '../access/authenticate.ts'
import { scopeOf, sees } from '../access/policy.ts'
import type { ApiServer } from '../server.ts'
import type { Services } from '../services.ts'

const Names = Type.Object({ vi: Type.String(), en: Type.String() })

const Agencies = Type.Object({
  names: Type.Object(Names.properties, { description: 'Of the centre.' }),
  agencies: Type.Array(
    Type.Object({
      key: Type.String(),
      names: Names,
      validFrom: Type.Optional(Type.String()),
      validTo: Type.Optional(Type.String()),
    }),
  ),
  systems: Type.Array(
    Type.Object({
      key: Type.String(),
      names: Names,
      owner: Type.Optional(Type.String()),
      level: Type.Integer({ minimum: 1, maximum: 5 }),
    }),
  ),
})

export function agencyRoutes(app: ApiServer, services: Services): void {
  app.get(
    '/agencies',
    {
      config: { action: 'agencies:read' },
      schema: {
        tags: ['agencies'],
        summary: 'Agencies and systems that the asker may see, ended ones included: old records bear their keys',
        response: { 200: Agencies },
      },
    },
    (request) => {
      const scope = scopeOf(asker(request))
      const registry = services.registry()
      const nowMs = services.clock()
      const listed = [...registry.agencies.values()].filter(({ key }) => sees(scope, key)).map(shown)
      const strangers = { key: UNREGISTERED, names: { vi: 'Chưa đăng ký', en: 'Unregistered' } }
      return {
        names: { vi: registry.vi, en: registry.en },
        agencies: sees(scope, UNREGISTERED) ? [...listed, strangers] : listed,
        systems: [...registry.systems.values()]
          .filter((system) => ownedIn(scope, system))
          .map((system) => systemAt(registry, system, nowMs)),
      }
    },
  )
}

function shown({ key, vi, en, fromMs, toMs }: Agency) {
  return {
    key,
    names: { vi, en },
    ...(Number.isFinite(fromMs) && { validFrom: new Date(fromMs).toISOString() }),
    ...(Number.isFinite(toMs) && { validTo: new Date(toMs).toISOString() }),
  }
}

/** Whether any agency in `scope` owns the system, or once did. */
export function ownedIn(scope: Scope, { roles }: System): boolean {
  return roles.owner.some(({ agency }) => sees(scope, agency))
}

/** The system with its owner and level at `atMs`. */
function systemAt(registry: Registry, { key, vi, en, roles }: System, atMs: number) {
  const owner = roles.owner.find(({ fromMs, toMs }) => fromMs <= atMs && atMs < toMs)?.agency
  const level = criticality(registry, owner ?? '', key, new Date(atMs).toISOString())
  return { key, names: { vi, en }, ...(owner !== undefined && { owner }), level }
}
