import { UNREGISTERED } from '../../model/event.ts'
import type { Scope } from '../../store/store.ts'
import { Problem } from '../problem.ts'
import type { Services } from '../services.ts'

/** @throws {Problem} `unknown_agency`: a misspelt key would silently see, or ship for, nobody. */
export function refuseUnknownAgencies(services: Services, scope: Scope): void {
  if (scope === 'all') return
  const { agencies } = services.registry()
  const unknown = scope.filter((key) => key !== UNREGISTERED && !agencies.has(key))
  if (unknown.length > 0) throw new Problem('unknown_agency', unknown.join(', ').slice(0, 200))
}
