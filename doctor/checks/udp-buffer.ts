import { readFileSync } from 'node:fs'
import type { Check } from '../check.ts'

/** What the UDP inputs ask of the kernel by default. */
const WANTED = 8 * 1024 ** 2
const PATH = '/proc/sys/net/core/rmem_max'

export default {
  run({ config: { inputs } }) {
    if (inputs['syslog-udp'] === false && inputs['gelf'] === undefined) return []
    const asked = [inputs['syslog-udp'], inputs['gelf']].flatMap((options) => {
      const bytes = (options as { receiveBufferBytes?: unknown } | undefined)?.receiveBufferBytes
      return typeof bytes === 'number' ? [bytes] : []
    })
    const wanted = Math.max(...(asked.length > 0 ? asked : [WANTED]))
    let most: number
    try {
      most = Number(readFileSync(PATH, 'utf8'))
    } catch {
      return [{ status: 'unknown', vi: `Không đọc được ${PATH}`, en: `${PATH} cannot be read` }]
    }
    if (most >= wanted) return [{ status: 'ok', vi: `Bộ đệm UDP ${most} byte`, en: `UDP may buffer ${most} bytes` }]
    const line = `net.core.rmem_max = ${wanted}`
    return [
      {
        status: 'warn',
        vi: `Nhân chỉ cho bộ đệm UDP ${most} byte, cần ${wanted}: bản tin dồn dập sẽ mất`,
        en: `The kernel lets UDP buffer ${most} bytes of ${wanted}: bursts are lost`,
        advice: {
          vi: `echo '${line}' > /etc/sysctl.d/90-vong-gac.conf && sysctl --system`,
          en: `echo '${line}' > /etc/sysctl.d/90-vong-gac.conf && sysctl --system`,
        },
      },
    ]
  },
} satisfies Check
