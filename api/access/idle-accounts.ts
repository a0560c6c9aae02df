import type { LocalDatabase } from '../../store/local/database.ts'
import { addHistory } from '../../store/local/history.ts'
import { closeSessionsOf } from '../../store/local/sessions.ts'
import { inTransaction } from '../../store/local/transaction.ts'
import { getUser, idleUsers, updateUser } from '../../store/local/users.ts'

/** Disables accounts that nobody has logged in to for so long, and gives their names. One administrator always stays. */
export function disableIdleAccounts(db: LocalDatabase, nowMs: number, idleMs: number): string[] {
  const at = new Date(nowMs).toISOString()
  return inTransaction(db, () => {
    const names = idleUsers(db, new Date(nowMs - idleMs).toISOString())
    for (const name of names) {
      const user = getUser(db, name)
      if (user === null) continue
      updateUser(db, { ...user, disabled: true })
      closeSessionsOf(db, name)
      addHistory(db, [
        {
          at,
          actor: 'system',
          subject: { kind: 'user', id: name },
          code: 'user_disabled_idle',
          params: { days: Math.floor(idleMs / 86_400_000) },
          before: { disabled: false },
          after: { disabled: true },
        },
      ])
    }
    return names
  })
}
