import type { FastifyRequest } from 'fastify'
import { sessionUser } from '../../store/local/sessions.ts'
import { findToken } from '../../store/local/tokens.ts'
import { type User, getUser } from '../../store/local/users.ts'
import { Problem } from '../problem.ts'
import type { Services } from '../services.ts'
import { isWithin } from './addresses.ts'
import { type Action, type Principal, isWallboard, may } from './policy.ts'
import { originOf } from './same-origin.ts'
import { sessionCookie } from './session-cookie.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What the asker must be allowed to do; `self`: be anyone at all; `public`: nothing. A route without it does not load. */
    action?: Action | 'self' | 'public'
    /**
     * A token may also come as the password of Basic (RFC 7617), as firewalls send it. Only where nothing is changed: browsers
     * send Basic by themselves, whatever site asks.
     */
    basic?: true
    /** The answer shows what is hidden elsewhere; its handler has noted who asked, and why. */
    revealed?: true
  }
  interface FastifyRequest {
    /** Set before the handler of every route that is not public. */
    principal: Principal | null
  }
}

export function principalOfUser(user: User): Principal {
  const { name, displayName, role, agencies, mustChange } = user
  return { id: `user:${name}`, name, displayName, role, agencies, mustChange }
}

/**
 * Who asks, by the bearer token or else the session cookie; null where neither is good. A `look` keeps no session alive.
 */
export function authenticate(
  request: FastifyRequest,
  services: Services,
  sign: 'of life' | 'look' = 'of life',
): Principal | null {
  const { local, clock, sessionLimits, secureCookies } = services
  const { authorization } = request.headers
  if (authorization !== undefined) {
    // A wrong token is not made good by a cookie that happens to be there.
    const token = findToken(local, tokenText(authorization, request.routeOptions.config.basic === true), clock())
    if (token === null || token.kind !== 'api') return null
    if (token.addresses !== undefined && !isWithin(request.ip, token.addresses)) return null
    const id = `token:${token.id}`
    const { agencies, scopes } = token
    return { id, name: id, displayName: token.name, role: 'service', agencies, scopes, mustChange: false }
  }
  const secret = sessionCookie.read(request, secureCookies)
  const name = secret === null ? null : sessionUser(local, secret, clock(), sessionLimits, sign === 'of life')
  const user = name === null ? null : getUser(local, name)
  return user === null || user.disabled ? null : principalOfUser(user)
}

function tokenText(authorization: string, basic: boolean): string {
  const [, scheme = '', text = ''] = /^(Bearer|Basic) ([\x21-\x7E]{1,400})$/i.exec(authorization) ?? []
  if (scheme.toLowerCase() !== 'basic') return text
  if (!basic) return ''
  const credentials = Buffer.from(text, 'base64').toString('latin1')
  return credentials.slice(credentials.indexOf(':') + 1)
}

/**
 * Lets a request through to its route, or throws: 401 for nobody, 403 for somebody who may not, and for a change that a
 * cookie authorises and another site asks for.
 */
export function admit(request: FastifyRequest, services: Services): void {
  const { action, basic } = request.routeOptions.config
  if (action === 'public') return
  const principal = authenticate(request, services)
  if (principal === null) {
    const scheme = basic === true ? 'Basic realm="block lists", charset="UTF-8"' : 'Bearer'
    throw new Problem('unauthenticated', '', { headers: { 'www-authenticate': scheme } })
  }
  const writes = !['GET', 'HEAD'].includes(request.method)
  if (writes && principal.role !== 'service' && originOf(request, services.secureCookies) !== 'same') {
    throw new Problem('cross_site', 'A change with a session cookie needs Origin or Sec-Fetch-Site of this site.')
  }
  if (action === 'self') {
    if (isWallboard(principal)) throw new Problem('forbidden', 'a wallboard')
  } else {
    if (principal.mustChange) throw new Problem('password_change_required')
    if (action === undefined || !may(principal, action)) throw new Problem('forbidden', action)
  }
  request.principal = principal
}

/** The asker of a route that is not public. */
export function asker(request: FastifyRequest): Principal {
  if (request.principal === null) throw new Problem('unauthenticated')
  return request.principal
}
