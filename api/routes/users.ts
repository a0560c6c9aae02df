import { Type } from 'typebox'
import { addHistory } from '../../store/local/history.ts'
import { closeSessionsOf } from '../../store/local/sessions.ts'
import { inTransaction } from '../../store/local/transaction.ts'
import {
  ROLES,
  type User,
  addUser,
  getUser,
  listUsers,
  noteSeen,
  setPassword,
  setSecondFactor,
  updateUser,
} from '../../store/local/users.ts'
import { asker } from '../access/authenticate.ts'
import { refuseUnknownAgencies } from '../access/known-agencies.ts'
import { hashPassword, oneTimePassword } from '../access/passwords.ts'
import { AGENCY_ROLES } from '../access/policy.ts'
import { Problem } from '../problem.ts'
import { AgencyList, exact, oneOf } from '../schemas/types.ts'
import type { ApiServer } from '../server.ts'
import type { Services } from '../services.ts'

const USER = {
  name: Type.String(),
  displayName: Type.String(),
  role: oneOf(ROLES),
  agencies: AgencyList,
  mustChange: Type.Boolean(),
  disabled: Type.Boolean(),
  createdAt: Type.String(),
  issuer: Type.Optional(Type.String({ description: 'The single sign-on that vouches for them.' })),
}

/** Lower case and plain: it is typed at a login, and stands in addresses and in the history. */
const UserName = Type.String({ pattern: '^[a-z][a-z0-9._-]{1,63}$', description: 'a-z, 0-9, dot, dash, underscore.' })
const DisplayName = Type.String({ minLength: 1, maxLength: 100 })
const OneTime = Type.String({ description: 'One-time password, shown here and nowhere else.' })

export function userRoutes(app: ApiServer, services: Services): void {
  const { local, clock } = services
  const now = (): string => new Date(clock()).toISOString()

  /** What no account may be. */
  const check = ({ role, agencies }: Pick<User, 'role' | 'agencies'>): void => {
    if (AGENCY_ROLES.includes(role) && (agencies === 'all' || agencies.length === 0)) {
      throw new Problem('bad_account', `${role} needs a list of agencies`)
    }
    refuseUnknownAgencies(services, agencies)
  }

  app.get(
    '/users',
    {
      config: { action: 'users:manage' },
      schema: {
        tags: ['users'],
        summary: 'All users',
        response: { 200: Type.Object({ items: Type.Array(Type.Object(USER)) }) },
      },
    },
    () => ({ items: listUsers(local).map(shown) }),
  )

  app.post(
    '/users',
    {
      config: { action: 'users:manage' },
      schema: {
        tags: ['users'],
        summary: 'Add a user, with a one-time password to be handed over',
        body: exact({ name: UserName, displayName: DisplayName, role: oneOf(ROLES), agencies: AgencyList }),
        response: { 201: Type.Object({ ...USER, password: OneTime }) },
      },
    },
    async (request, reply) => {
      check(request.body)
      const password = oneTimePassword()
      const phc = await hashPassword(password)
      const at = now()
      const user: User = { ...request.body, mustChange: true, disabled: false, createdAt: at }
      inTransaction(local, () => {
        if (getUser(local, user.name) !== null) throw new Problem('already_exists', user.name)
        addUser(local, user, phc)
        addHistory(local, [
          {
            at,
            actor: asker(request).name,
            subject: { kind: 'user', id: user.name },
            code: 'user_created',
            params: { role: user.role },
            after: { displayName: user.displayName, role: user.role, agencies: user.agencies },
          },
        ])
      })
      return reply.status(201).send({ ...shown(user), password })
    },
  )

  app.patch(
    '/users/:name',
    {
      config: { action: 'users:manage' },
      schema: {
        tags: ['users'],
        summary: 'Change a user; takes effect in their open sessions too',
        params: exact({ name: Type.String({ maxLength: 100 }) }),
        body: exact({
          displayName: Type.Optional(DisplayName),
          role: Type.Optional(oneOf(ROLES)),
          agencies: Type.Optional(AgencyList),
          disabled: Type.Optional(Type.Boolean()),
          resetSecondFactor: Type.Optional(Type.Boolean({ description: 'The next log-in asks for no code.' })),
          resetPassword: Type.Optional(Type.Boolean({ description: 'Give a new one-time password.' })),
        }),
        response: { 200: Type.Object({ ...USER, password: Type.Optional(OneTime) }) },
      },
    },
    async (request) => {
      const { resetPassword = false, resetSecondFactor = false, ...changes } = request.body
      const password = resetPassword ? oneTimePassword() : null
      const phc = password === null ? null : await hashPassword(password)
      const user = inTransaction(local, () => {
        const before = getUser(local, request.params.name)
        if (before === null) throw new Problem('not_found')
        const after: User = { ...before, ...changes, mustChange: before.mustChange || password !== null }
        if (
          before.issuer !== undefined &&
          (resetPassword || changes.role !== undefined || changes.agencies !== undefined)
        ) {
          throw new Problem('bad_account', 'role, agencies and log-in come from the single sign-on')
        }
        check(after)
        updateUser(local, after)
        // Someone must be left who can undo this, and who gets in when a single sign-on is away.
        if (
          !listUsers(local).some((user) => user.role === 'administrator' && !user.disabled && user.issuer === undefined)
        ) {
          throw new Problem('bad_account', 'the last local administrator must stay one')
        }
        if (resetSecondFactor) {
          setSecondFactor(local, after.name, { secret: null, pending: null, step: 0 })
          closeSessionsOf(local, after.name)
          const subject = { kind: 'user' as const, id: after.name }
          const actor = asker(request).name
          addHistory(local, [{ at: now(), actor, subject, code: 'second_factor_reset', params: {} }])
        }
        // Given back after a rest, it must not be disabled again the next night.
        if (before.disabled && !after.disabled) noteSeen(local, after.name, now())
        if (phc !== null) setPassword(local, after.name, phc, true)
        if (phc !== null || after.disabled) closeSessionsOf(local, after.name)
        addHistory(local, [
          {
            at: now(),
            actor: asker(request).name,
            subject: { kind: 'user', id: after.name },
            code: phc === null ? 'user_changed' : 'password_reset',
            params: {},
            before: { ...shown(before) },
            after: { ...shown(after) },
          },
        ])
        return after
      })
      return { ...shown(user), ...(password !== null && { password }) }
    },
  )
}

function shown(user: User) {
  return { ...user, agencies: user.agencies === 'all' ? ('all' as const) : [...user.agencies] }
}
