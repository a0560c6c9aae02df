import { Type } from 'typebox'
import { addHistory } from '../../store/local/history.ts'
import { closeSession, closeSessionsOf, openSession } from '../../store/local/sessions.ts'
import { inTransaction } from '../../store/local/transaction.ts'
import { getUser, setPassword } from '../../store/local/users.ts'
import { asker, principalOfUser } from '../access/authenticate.ts'
import { LockOut } from '../access/lock-out.ts'
import { PASSWORD_CHARS_MAX, checkPassword, hashPassword, refusePassword } from '../access/passwords.ts'
import { type Principal, allowedTo } from '../access/policy.ts'
import { originOf } from '../access/same-origin.ts'
import { clearSessionCookie, readSessionCookie, setSessionCookie } from '../access/session-cookie.ts'
import { Problem } from '../problem.ts'
import { AgencyList, exact } from '../schemas/types.ts'
import type { ApiServer } from '../server.ts'
import type { Services } from '../services.ts'

const Me = Type.Object({
  name: Type.String(),
  displayName: Type.String(),
  role: Type.String(),
  agencies: AgencyList,
  actions: Type.Array(Type.String(), { description: 'What this asker may do.' }),
  mustChangePassword: Type.Boolean(),
})

const Password = Type.String({ minLength: 1, maxLength: PASSWORD_CHARS_MAX })

function me(principal: Principal) {
  const { name, displayName, role, agencies, mustChange } = principal
  return {
    name,
    displayName,
    role,
    agencies: agencies === 'all' ? ('all' as const) : [...agencies],
    actions: [...allowedTo(principal)],
    mustChangePassword: mustChange,
  }
}

export function sessionRoutes(app: ApiServer, services: Services): void {
  const { local, clock, secureCookies, sessionLimits } = services
  const lockOut = new LockOut()
  const now = (): string => new Date(clock()).toISOString()

  /** Checks a password, or throws; each try counts before it is known to be wrong, so that many at once gain nothing. */
  const verified = async (account: string, password: string, address: string, refusal: Problem): Promise<void> => {
    const waitMs = lockOut.waitMs(account, address, clock())
    if (waitMs > 0) throw locked(waitMs)
    const nowWaits = lockOut.failed(account, address, clock())
    const user = getUser(local, account)
    if ((await checkPassword(local, account, password)) && user !== null && !user.disabled) {
      lockOut.succeeded(account, address)
      return
    }
    if (nowWaits && user !== null) {
      const subject = { kind: 'user' as const, id: account }
      addHistory(local, [{ at: now(), actor: 'system', subject, code: 'login_locked', params: { address } }])
    }
    throw refusal
  }

  const begin = (userName: string): string => openSession(local, userName, clock(), sessionLimits)

  app.post(
    '/login',
    {
      config: { action: 'public', rateLimit: { max: 20, timeWindow: 60_000 } },
      schema: {
        tags: ['session'],
        summary: 'Open a session; the cookie is its only key',
        security: [],
        body: exact({ name: Type.String({ minLength: 1, maxLength: 100 }), password: Password }),
        response: { 200: Me },
      },
    },
    async (request, reply) => {
      if (originOf(request, secureCookies) === 'foreign') throw new Problem('cross_site')
      const account = request.body.name.normalize('NFC').toLowerCase()
      await verified(account, request.body.password, request.ip, new Problem('bad_credentials'))
      const user = getUser(local, account)
      if (user === null) throw new Problem('bad_credentials')
      const former = readSessionCookie(request, secureCookies)
      const secret = inTransaction(local, () => {
        if (former !== null) closeSession(local, former)
        const subject = { kind: 'user' as const, id: account }
        addHistory(local, [{ at: now(), actor: account, subject, code: 'logged_in', params: { address: request.ip } }])
        return begin(account)
      })
      setSessionCookie(reply, secret, secureCookies)
      return me(principalOfUser(user))
    },
  )

  app.post(
    '/logout',
    {
      config: { action: 'self' },
      schema: { tags: ['session'], summary: 'Close the session', response: { 204: Type.Null() } },
    },
    (request, reply) => {
      const secret = readSessionCookie(request, secureCookies)
      if (secret !== null) closeSession(local, secret)
      clearSessionCookie(reply, secureCookies)
      void reply.status(204).send(null)
    },
  )

  app.get(
    '/me',
    { config: { action: 'self' }, schema: { tags: ['session'], summary: 'Who asks', response: { 200: Me } } },
    (request) => me(asker(request)),
  )

  app.patch(
    '/me/password',
    {
      config: { action: 'self', rateLimit: { max: 20, timeWindow: 60_000 } },
      schema: {
        tags: ['session'],
        summary: 'Change the password; every other session of the user ends',
        body: exact({ current: Password, password: Password }),
        response: { 200: Me },
      },
    },
    async (request, reply) => {
      const principal = asker(request)
      if (principal.role === 'service') throw new Problem('forbidden', 'a token has no password')
      const { current, password } = request.body
      const wrong = { pointer: '/current', code: 'wrong_password', message: 'is not the current password' }
      await verified(principal.name, current, request.ip, new Problem('bad_password', '', { errors: [wrong] }))
      const code = password === current ? 'same_as_before' : refusePassword(password, principal.name)
      if (code !== null) {
        throw new Problem('bad_password', '', { errors: [{ pointer: '/password', code, message: code }] })
      }
      const phc = await hashPassword(password)
      const secret = inTransaction(local, () => {
        setPassword(local, principal.name, phc, false)
        closeSessionsOf(local, principal.name)
        const subject = { kind: 'user' as const, id: principal.name }
        addHistory(local, [{ at: now(), actor: principal.name, subject, code: 'password_changed', params: {} }])
        return begin(principal.name)
      })
      setSessionCookie(reply, secret, secureCookies)
      return me({ ...principal, mustChange: false })
    },
  )
}

function locked(waitMs: number): Problem {
  const seconds = Math.ceil(waitMs / 1_000)
  return new Problem('locked_out', `try again in ${seconds} s`, { headers: { 'retry-after': String(seconds) } })
}
