import { Type } from 'typebox'
import { addHistory } from '../../store/local/history.ts'
import { closeSession, closeSessionsOf, openSession } from '../../store/local/sessions.ts'
import { inTransaction } from '../../store/local/transaction.ts'
import { getUser, noteSeen, secondFactorOf, setPassword, setSecondFactor } from '../../store/local/users.ts'
import { newTotpSecret, totpStep, totpUri } from '../access/totp.ts'
import { asker, principalOfUser } from '../access/authenticate.ts'
import { LockOut } from '../access/lock-out.ts'
import { PASSWORD_CHARS_MAX, checkPassword, hashPassword, refusePassword } from '../access/passwords.ts'
import { type Principal, allowedTo } from '../access/policy.ts'
import { originOf } from '../access/same-origin.ts'
import { sessionCookie } from '../access/session-cookie.ts'
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
  secondFactor: Type.Boolean({ description: 'A code is asked for at log-in.' }),
})

const Password = Type.String({ minLength: 1, maxLength: PASSWORD_CHARS_MAX })

function me(principal: Principal, secondFactor: boolean) {
  const { name, displayName, role, agencies, mustChange } = principal
  return {
    name,
    displayName,
    role,
    agencies: agencies === 'all' ? ('all' as const) : [...agencies],
    actions: [...allowedTo(principal)],
    mustChangePassword: mustChange,
    secondFactor,
  }
}

export function sessionRoutes(app: ApiServer, services: Services): void {
  const { local, clock, secureCookies, sessionLimits } = services
  const lockOut = new LockOut()
  const now = (): string => new Date(clock()).toISOString()

  /** Checks a password, or throws; each try counts before it is known to be wrong, so that many at once gain nothing. */
  const verified = async (
    account: string,
    password: string,
    address: string,
    refusal: Problem,
    code?: { text: string | undefined },
  ): Promise<void> => {
    const waitMs = lockOut.waitMs(account, address, clock())
    if (waitMs > 0) throw locked(waitMs)
    const nowWaits = lockOut.failed(account, address, clock())
    const user = getUser(local, account)
    if ((await checkPassword(local, account, password)) && user !== null && !user.disabled && secondIs(account, code)) {
      lockOut.succeeded(account, address)
      return
    }
    if (nowWaits && user !== null) {
      const subject = { kind: 'user' as const, id: account }
      addHistory(local, [{ at: now(), actor: 'system', subject, code: 'login_locked', params: { address } }])
    }
    throw refusal
  }

  /** Whether the second factor is right, or there is none. @throws {Problem} where it is missing: the password was right. */
  const secondIs = (account: string, code: { text: string | undefined } | undefined): boolean => {
    const factor = secondFactorOf(local, account)
    if (code === undefined || factor.secret === null) return true
    if (code.text === undefined) throw new Problem('second_factor_required')
    const step = totpStep(factor.secret, code.text, factor.step, clock())
    if (step !== null) setSecondFactor(local, account, { ...factor, step })
    return step !== null
  }
  const has = (principal: Principal): boolean =>
    principal.role !== 'service' && secondFactorOf(local, principal.name).secret !== null

  const begin = (userName: string): string => openSession(local, userName, clock(), sessionLimits)

  app.post(
    '/login',
    {
      config: { action: 'public', rateLimit: { max: 20, timeWindow: 60_000 } },
      schema: {
        tags: ['session'],
        summary: 'Open a session; the cookie is its only key',
        security: [],
        body: exact({
          name: Type.String({ minLength: 1, maxLength: 100 }),
          password: Password,
          code: Type.Optional(Type.String({ pattern: '^[0-9]{6}$', description: 'Of the second factor.' })),
        }),
        response: { 200: Me },
      },
    },
    async (request, reply) => {
      if (originOf(request, secureCookies) === 'foreign') throw new Problem('cross_site')
      const account = request.body.name.normalize('NFC').toLowerCase()
      await verified(account, request.body.password, request.ip, new Problem('bad_credentials'), {
        text: request.body.code,
      })
      const user = getUser(local, account)
      if (user === null) throw new Problem('bad_credentials')
      const former = sessionCookie.read(request, secureCookies)
      const secret = inTransaction(local, () => {
        if (former !== null) closeSession(local, former)
        const subject = { kind: 'user' as const, id: account }
        noteSeen(local, account, now())
        addHistory(local, [{ at: now(), actor: account, subject, code: 'logged_in', params: { address: request.ip } }])
        return begin(account)
      })
      sessionCookie.set(reply, secret, secureCookies)
      const principal = principalOfUser(user)
      return me(principal, has(principal))
    },
  )

  app.post(
    '/logout',
    {
      config: { action: 'self' },
      schema: { tags: ['session'], summary: 'Close the session', response: { 204: Type.Null() } },
    },
    (request, reply) => {
      const secret = sessionCookie.read(request, secureCookies)
      if (secret !== null) closeSession(local, secret)
      sessionCookie.clear(reply, secureCookies)
      void reply.status(204).send(null)
    },
  )

  app.get(
    '/me',
    { config: { action: 'self' }, schema: { tags: ['session'], summary: 'Who asks', response: { 200: Me } } },
    (request) => me(asker(request), has(asker(request))),
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
      sessionCookie.set(reply, secret, secureCookies)
      return me({ ...principal, mustChange: false }, has(principal))
    },
  )

  app.post(
    '/me/second-factor',
    {
      config: { action: 'self', rateLimit: { max: 20, timeWindow: 60_000 } },
      schema: {
        tags: ['session'],
        summary: 'Begin a second factor: a secret for an authenticator app, in force once a code of it is confirmed',
        body: exact({ password: Password }),
        response: { 200: Type.Object({ secret: Type.String(), uri: Type.String() }) },
      },
    },
    async (request) => {
      const principal = asker(request)
      if (principal.role === 'service') throw new Problem('forbidden', 'a token has no second factor')
      const wrong = { pointer: '/password', code: 'wrong_password', message: 'is not the password' }
      const refusal = new Problem('bad_password', '', { errors: [wrong] })
      await verified(principal.name, request.body.password, request.ip, refusal)
      // Whoever has one changes it only by an administrator: a stolen session must not put in its own.
      if (has(principal)) throw new Problem('already_exists', 'an administrator takes the present one away first')
      const secret = newTotpSecret()
      setSecondFactor(local, principal.name, { secret: null, pending: secret, step: 0 })
      return { secret, uri: totpUri(secret, principal.name) }
    },
  )

  app.put(
    '/me/second-factor',
    {
      config: { action: 'self', rateLimit: { max: 20, timeWindow: 60_000 } },
      schema: {
        tags: ['session'],
        summary: 'Confirm it with a code; from now on log-in asks for one, and every other session ends',
        body: exact({ code: Type.String({ pattern: '^[0-9]{6}$' }) }),
        response: { 200: Me },
      },
    },
    (request, reply) => {
      const principal = asker(request)
      const { pending, secret } = secondFactorOf(local, principal.name)
      if (principal.role === 'service' || pending === null || secret !== null) throw new Problem('forbidden')
      const step = totpStep(pending, request.body.code, 0, clock())
      if (step === null) {
        const wrong = { pointer: '/code', code: 'wrong_code', message: 'is no code of this secret now' }
        throw new Problem('bad_password', '', { errors: [wrong] })
      }
      const opened = inTransaction(local, () => {
        setSecondFactor(local, principal.name, { secret: pending, pending: null, step })
        closeSessionsOf(local, principal.name)
        const subject = { kind: 'user' as const, id: principal.name }
        addHistory(local, [{ at: now(), actor: principal.name, subject, code: 'second_factor_set', params: {} }])
        return begin(principal.name)
      })
      sessionCookie.set(reply, opened, secureCookies)
      return me(principal, true)
    },
  )
}

function locked(waitMs: number): Problem {
  const seconds = Math.ceil(waitMs / 1_000)
  return new Problem('locked_out', `try again in ${seconds} s`, { headers: { 'retry-after': String(seconds) } })
}
