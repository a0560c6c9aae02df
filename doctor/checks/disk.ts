import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { diskSpace } from '../../product/disk-forecast.ts'
import type { Check, Finding } from '../check.ts'

const SOON_DAYS = 30
const URGENT_DAYS = 3

const ADVICE = {
  vi: 'Thêm đĩa, giảm retention.days (không dưới mức luật định), hoặc giảm nguồn gửi nhiều nhất (`soc sources`).',
  en: 'Add disk, lower retention.days (not below what the law asks), or what sends most (`soc sources`).',
}

const gibibytes = (bytes: number): string => `${(bytes / 1024 ** 3).toFixed(1)} GiB`

export default {
  run({ config: { dataFolder, spool }, running }) {
    const space = running?.disk ?? diskSpace(existsSync(dataFolder) ? dataFolder : dirname(dataFolder))
    const [free, total] = [gibibytes(space.freeBytes), gibibytes(space.totalBytes)]
    const base = { vi: `Trống ${free} trên ${total}`, en: `${free} of ${total} are free` }
    if (space.freeBytes < spool.freeBytesMin) return [{ status: 'fail', ...base, advice: ADVICE }]
    const { bytesPerDay = null, fullInDays = null } = running?.disk ?? {}
    if (bytesPerDay === null) {
      const status: Finding['status'] = space.freeBytes < 4 * spool.freeBytesMin ? 'warn' : 'ok'
      const vi = `${base.vi}; chưa dự báo được`
      return [{ status, vi, en: `${base.en}; no forecast yet`, ...(status === 'warn' && { advice: ADVICE }) }]
    }
    const daily = gibibytes(bytesPerDay)
    if (fullInDays === null) {
      return [
        { status: 'ok', vi: `${base.vi}, mỗi ngày ${daily}, đủ chỗ`, en: `${base.en}, ${daily} a day: there is room` },
      ]
    }
    const status = fullInDays <= URGENT_DAYS ? 'fail' : fullInDays <= SOON_DAYS ? 'warn' : 'ok'
    return [
      {
        status,
        vi: `${base.vi}, mỗi ngày ${daily}, đầy sau ${fullInDays} ngày`,
        en: `${base.en}, ${daily} a day: full in ${fullInDays} days`,
        ...(status !== 'ok' && { advice: ADVICE }),
      },
    ]
  },
} satisfies Check
