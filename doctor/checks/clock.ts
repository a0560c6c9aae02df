import { execFileSync } from 'node:child_process'
import { median } from '../../collector/health/habit.ts'
import { healthOfAll } from '../../store/local/source-health.ts'
import type { Check, Finding } from '../check.ts'

/** So many sources that agree with each other and not with this clock say that this clock is wrong. */
const SOURCES_MIN = 3
const DRIFT_MS_MAX = 30_000

const ADVICE = {
  vi: 'Bật đồng bộ giờ: chrony hoặc systemd-timesyncd với máy chủ giờ nội bộ, rồi xem `timedatectl`.',
  en: 'Switch time synchronisation on: chrony or systemd-timesyncd with a time server of the network; see `timedatectl`.',
}

/** Whether the kernel's clock is disciplined; null where nobody says. */
function synchronised(): boolean | null {
  try {
    const said = execFileSync('timedatectl', ['show', '--property=NTPSynchronized', '--value'], {
      encoding: 'utf8',
      timeout: 5_000,
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim()
    return said === 'yes' ? true : said === 'no' ? false : null
  } catch {
    return null
  }
}

export default {
  run({ local }) {
    const findings: Finding[] = []
    const known = synchronised()
    if (known === null) {
      findings.push({
        status: 'unknown',
        vi: 'Không đọc được trạng thái đồng bộ giờ',
        en: 'Whether time is synchronised cannot be read here',
      })
    } else if (known) findings.push({ status: 'ok', vi: 'Giờ được đồng bộ', en: 'The clock is synchronised' })
    else
      findings.push({
        status: 'warn',
        vi: 'Giờ không được đồng bộ',
        en: 'The clock is not synchronised',
        advice: ADVICE,
      })
    const drifts = local === null ? [] : healthOfAll(local).flatMap(({ health }) => health.clockDriftMs ?? [])
    if (drifts.length < SOURCES_MIN) return findings
    const middle = median(drifts)
    const seconds = Math.round(middle / 1_000)
    if (Math.abs(middle) <= DRIFT_MS_MAX) {
      const said = {
        vi: `Lệch ${seconds} giây so với ${drifts.length} nguồn nhật ký`,
        en: `${seconds} s from what ${drifts.length} sources of logs say`,
      }
      return [...findings, { status: 'ok', ...said }]
    }
    return [
      ...findings,
      {
        status: 'fail',
        vi: `Phần lớn trong ${drifts.length} nguồn nhật ký lệch ${seconds} giây: đồng hồ máy này sai`,
        en: `Most of ${drifts.length} sources of logs are ${seconds} s away: the clock of this machine is wrong`,
        advice: ADVICE,
      },
    ]
  },
} satisfies Check
