import { listUsers, secondFactorOf } from '../../store/local/users.ts'
import type { Check } from '../check.ts'

export default {
  run({ local }) {
    if (local === null) return []
    const without = listUsers(local)
      .filter(({ role, disabled }) => role === 'administrator' && !disabled)
      .map(({ name }) => name)
      .filter((name) => secondFactorOf(local, name).secret === null)
    if (without.length === 0) {
      return [
        { status: 'ok', vi: 'Mọi quản trị viên có yếu tố thứ hai', en: 'Every administrator has a second factor' },
      ]
    }
    const list = without.join(', ')
    return [
      {
        status: 'warn',
        vi: `Quản trị viên không có yếu tố thứ hai: ${list}`,
        en: `Administrators without a second factor: ${list}`,
        advice: {
          vi: 'Mỗi người tự đặt trong trang tài khoản (POST /me/second-factor).',
          en: 'Each sets it on the account page (POST /me/second-factor).',
        },
      },
    ]
  },
} satisfies Check
