import { hashPassword, oneTimePassword } from '../api/access/passwords.ts'
import { loadConfig } from '../config.ts'
import { openExisting } from '../product/local-access.ts'
import type { Command } from '../soc.ts'
import { addHistory } from '../store/local/history.ts'
import { closeSessionsOf } from '../store/local/sessions.ts'
import { inTransaction } from '../store/local/transaction.ts'
import { getUser, listUsers, setPassword, setSecondFactor } from '../store/local/users.ts'

const usage = `soc users list
soc users reset-password NAME    mật khẩu một lần mới, bỏ yếu tố thứ hai, cho người ghi được vào thư mục dữ liệu
                                 a new one-time password and no second factor, for whoever can write the data folder
`

async function run([verb, name = '']: string[]): Promise<number | null> {
  if (verb !== 'list' && verb !== 'reset-password') {
    return null
  }
  const local = openExisting(loadConfig())
  try {
    if (verb === 'list') {
      for (const { name, role, disabled, displayName } of listUsers(local)) {
        process.stdout.write(`${name}  ${role}  ${disabled ? 'disabled' : 'active'}  ${displayName}\n`)
      }
      return 0
    }
    if (getUser(local, name) === null) {
      process.stderr.write(`no user ${name}\n`)
      return 1
    }
    const password = oneTimePassword()
    const phc = await hashPassword(password)
    const at = new Date().toISOString()
    inTransaction(local, () => {
      setPassword(local, name, phc, true)
      setSecondFactor(local, name, { secret: null, pending: null, step: 0 })
      closeSessionsOf(local, name)
      const subject = { kind: 'user' as const, id: name }
      addHistory(local, [{ at, actor: 'command line', subject, code: 'password_reset', params: {} }])
    })
    process.stdout.write(`${name} / ${password}\n`)
    return 0
  } finally {
    local.close()
  }
}

export default {
  summary: 'người dùng: xem, đặt lại mật khẩu · users: list, reset a password',
  usage,
  run,
} satisfies Command
