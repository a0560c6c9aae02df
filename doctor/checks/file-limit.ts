import { readFileSync } from 'node:fs'
import type { Check } from '../check.ts'

/** Connections of inputs, segments of a search over a year, and the rest. */
const WANTED = 8_192

export default {
  run({ running }) {
    let text: string
    try {
      text = readFileSync(`/proc/${running?.pid ?? 'self'}/limits`, 'utf8')
    } catch {
      return [
        { status: 'unknown', vi: 'Không đọc được giới hạn tệp', en: 'The limit of open files cannot be read here' },
      ]
    }
    const soft = Number(/^Max open files\s+(\d+)/m.exec(text)?.[1] ?? Infinity)
    if (soft >= WANTED) return [{ status: 'ok', vi: `Mở được ${soft} tệp`, en: `${soft} files may be open` }]
    return [
      {
        status: 'warn',
        vi: `Chỉ mở được ${soft} tệp`,
        en: `Only ${soft} files may be open`,
        advice: { vi: 'Đặt LimitNOFILE=65536 trong đơn vị systemd.', en: 'Set LimitNOFILE=65536 in the systemd unit.' },
      },
    ]
  },
} satisfies Check
