import type { FastifyRequest } from 'fastify'
import type { Incident } from '../../model/incident.ts'
import { type GroupedIncident, getIncident } from '../../store/local/incidents.ts'
import { type User, getUser } from '../../store/local/users.ts'
import { Problem } from '../problem.ts'
import type { Services } from '../services.ts'
import { asker, principalOfUser } from './authenticate.ts'
import { type Action, may, scopeOf, sees } from './policy.ts'

/** The incident, as if no other agency's existed. @throws {Problem} `not_found` */
export function visibleIncident({ local }: Services, request: FastifyRequest, id: string): GroupedIncident {
  const found = getIncident(local, id, scopeOf(asker(request)))
  if (found === null) throw new Problem('not_found')
  return found
}

export function etagOf(incident: Incident): string {
  return `"${incident.version}"`
}

/**
 * Lets a change through where it was made on the incident as it is. Run in the transaction of the change.
 * @throws {Problem} `precondition_required`, `precondition_failed`
 */
export function requireMatch(request: FastifyRequest, incident: Incident): void {
  const expected = request.headers['if-match']
  if (expected === undefined) throw new Problem('precondition_required')
  if (expected !== '*' && !expected.split(',').some((tag) => tag.trim() === etagOf(incident))) {
    throw new Problem('precondition_failed', '', { headers: { etag: etagOf(incident) } })
  }
}

/** Whether there is such a user, and they may do that with the incident. */
export function userMay(
  { local }: Pick<Services, 'local'>,
  name: string,
  action: Action,
  incident: Pick<Incident, 'agency'>,
): boolean {
  const user = getUser(local, name)
  return user !== null && isAllowed(user, action, incident)
}

/** Whether the user may do that with the incident, once logged in. */
export function isAllowed(user: User, action: Action, incident: Pick<Incident, 'agency'>): boolean {
  if (user.disabled) return false
  const principal = { ...principalOfUser(user), mustChange: false }
  return may(principal, action) && sees(scopeOf(principal), incident.agency)
}
