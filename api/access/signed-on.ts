import type { LocalDatabase } from '../../store/local/database.ts'
import { addHistory } from '../../store/local/history.ts'
import { closeSessionsOf } from '../../store/local/sessions.ts'
import { inTransaction } from '../../store/local/transaction.ts'
import { type User, addUser, getUser, updateUser, userOfSubject } from '../../store/local/users.ts'
import { type GroupMap, standingOf } from './group-map.ts'
import type { Identity } from './sign-on.ts'

/** Why somebody whom the provider knows does not get in. */
export type Unwelcome = 'no_group' | 'disabled' | 'name_taken' | 'bad_name'

/** As local users are called; what follows an `@` is the provider's own. */
const NAME = /^[a-z][a-z0-9._-]{1,63}$/

/**
 * The user that an identity is, made at the first time, with role and agencies as its groups give them now. An identity is its
 * issuer and subject: a name that somebody else has is never taken over. Who is in no group any more loses open sessions as well.
 */
export function welcome(
  db: LocalDatabase,
  identity: Identity,
  map: GroupMap,
  { at, address }: { at: string; address: string },
): User | Unwelcome {
  const { issuer, subject, displayName } = identity
  return inTransaction(db, () => {
    const known = userOfSubject(db, issuer, subject)
    const name = known?.name ?? identity.name.toLowerCase().split('@')[0]!
    const standing = standingOf(map, identity.groups)
    const refused = (why: Unwelcome): Unwelcome => {
      if (known !== null) {
        closeSessionsOf(db, known.name)
        addHistory(db, [
          {
            at,
            actor: 'system',
            subject: { kind: 'user', id: known.name },
            code: 'sign_on_refused',
            params: { why, address },
          },
        ])
      }
      return why
    }
    if (standing === null) return refused('no_group')
    if (known?.disabled === true) return refused('disabled')
    if (!NAME.test(name)) return 'bad_name'
    if (known === null && getUser(db, name) !== null) return 'name_taken'

    const user: User = {
      name,
      displayName: displayName || name,
      ...standing,
      mustChange: false,
      disabled: false,
      createdAt: known?.createdAt ?? at,
      issuer,
    }
    const entry = { at, actor: 'system', subject: { kind: 'user' as const, id: name } }
    const shown = ({ displayName, role, agencies }: User) => ({ displayName, role, agencies })
    if (known === null) {
      addUser(db, user, { subject })
      addHistory(db, [{ ...entry, code: 'user_created', params: { role: user.role, issuer }, after: shown(user) }])
    } else if (JSON.stringify(shown(known)) !== JSON.stringify(shown(user))) {
      updateUser(db, user)
      addHistory(db, [{ ...entry, code: 'user_changed', params: { issuer }, before: shown(known), after: shown(user) }])
    }
    return user
  })
}
