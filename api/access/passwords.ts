import { randomInt } from 'node:crypto'
import { hash, hashSync, verify } from '@node-rs/argon2'
import type { LocalDatabase } from '../../store/local/database.ts'
import { addHistory } from '../../store/local/history.ts'
import { inTransaction } from '../../store/local/transaction.ts'
import { addUser, countUsers, passwordOf } from '../../store/local/users.ts'

/** Argon2id, 19 MiB, 2 passes, 1 lane: OWASP's first choice, about 11 ms here. */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }

const PASSWORD_CHARS_MIN = 12
export const PASSWORD_CHARS_MAX = 256

/** What an unknown user's password is checked against, so that the answer takes as long as a known one's. */
const NOBODY = hashSync(oneTimePassword(), COST)

export async function hashPassword(password: string): Promise<string> {
  return hash(password.normalize('NFC'), COST) // one Vietnamese keyboard sends composed letters, another decomposed
}

/** Whether `password` is that user's; false, and no faster, where there is none. */
export async function checkPassword(db: LocalDatabase, userName: string, password: string): Promise<boolean> {
  const stored = passwordOf(db, userName)
  const right = await verify(stored ?? NOBODY, password.normalize('NFC'))
  return right && stored !== null
}

/** Why a password is not taken, as a code; null where it is. */
export function refusePassword(password: string, userName: string): 'too_short' | 'is_user_name' | null {
  if (Array.from(password.normalize('NFC')).length < PASSWORD_CHARS_MIN) return 'too_short'
  return password.toLowerCase().includes(userName) ? 'is_user_name' : null
}

/** 20 letters and digits that cannot be taken for one another, in fours: 98 bits. */
export function oneTimePassword(): string {
  const alphabet = 'abcdefghjkmnpqrstuvwxyz23456789'
  const group = (): string => Array.from({ length: 4 }, () => alphabet[randomInt(alphabet.length)]!).join('')
  return Array.from({ length: 5 }, group).join('-')
}

/** Name of the user that the first start makes. */
export const ADMINISTRATOR = 'admin'

/**
 * Makes the user `admin` where there is no user at all, and gives the one-time password, which must be changed at the
 * first login and cannot be read again; null where users exist.
 */
export function ensureAdministrator(db: LocalDatabase, now: string = new Date().toISOString()): string | null {
  if (countUsers(db) > 0) return null
  const password = oneTimePassword()
  const phc = hashSync(password, COST)
  return inTransaction(db, () => {
    if (countUsers(db) > 0) return null
    addUser(
      db,
      {
        name: ADMINISTRATOR,
        displayName: 'Quản trị',
        role: 'administrator',
        agencies: 'all',
        mustChange: true,
        disabled: false,
        createdAt: now,
      },
      phc,
    )
    const subject = { kind: 'user' as const, id: ADMINISTRATOR }
    addHistory(db, [{ at: now, actor: 'system', subject, code: 'user_created', params: { role: 'administrator' } }])
    return password
  })
}
