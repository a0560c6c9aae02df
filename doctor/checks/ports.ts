import { createSocket } from 'node:dgram'
import { createServer } from 'node:net'
import { loadFolder } from '../../model/load-folder.ts'
import { Value } from 'typebox/value'
import type { Input } from '../../collector/input.ts'
import type { Config } from '../../config.ts'
import type { Check, Finding } from '../check.ts'

interface Port {
  user: string
  host: string
  port: number
  udp: boolean
}

/** What the settings would listen on: HTTP, and inputs that are switched on, each with its defaults filled in. */
async function wantedPorts({ http, inputs }: Config): Promise<Port[]> {
  const known = await loadFolder<Input>(new URL('../../collector/inputs/', import.meta.url))
  const ports: Port[] = [{ user: 'http', host: http.host, port: http.port, udp: false }]
  for (const [user, { options, byDefault }] of known) {
    const given = inputs[user] ?? byDefault
    if (given === false) continue
    const filled = Value.Default(options, given === true ? {} : structuredClone(given)) as {
      host?: unknown
      port?: unknown
    }
    const { host, port } = filled
    if (typeof host === 'string' && typeof port === 'number') {
      ports.push({ user, host, port, udp: user.endsWith('-udp') || user === 'gelf' })
    }
  }
  return ports.filter(({ port }) => port !== 0)
}

/** Null: it can be had. Otherwise why not, such as `EADDRINUSE` or `EACCES`. */
function tryPort({ host, port, udp }: Port): Promise<string | null> {
  return new Promise((resolve) => {
    const failed = (error: NodeJS.ErrnoException): void => resolve(error.code ?? error.message)
    if (udp) {
      const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4')
      socket.once('error', failed).bind(port, host, () => socket.close(() => resolve(null)))
    } else {
      const server = createServer()
      server.once('error', failed).listen(port, host, () => server.close(() => resolve(null)))
    }
  })
}

const ADVICE: Record<string, { vi: string; en: string }> = {
  EADDRINUSE: {
    vi: 'Xem ai giữ cổng: `ss -lntup`; dừng nó hoặc đổi cổng trong soc.yaml.',
    en: 'See who has it: `ss -lntup`; stop that, or set another port in soc.yaml.',
  },
  EACCES: {
    vi: 'Cổng dưới 1024 cần AmbientCapabilities=CAP_NET_BIND_SERVICE trong đơn vị systemd.',
    en: 'Ports below 1024 need AmbientCapabilities=CAP_NET_BIND_SERVICE in the systemd unit.',
  },
  EADDRNOTAVAIL: { vi: 'Máy này không có địa chỉ đó.', en: 'This machine does not have that address.' },
}

export default {
  async run({ config, running }) {
    if (running !== null) {
      const list = running.listening.map(({ input, address, port }) => `${input} ${address}:${port}`).join(', ')
      return [{ status: 'ok', vi: `Đang nghe: ${list}`, en: `Listening: ${list}` }]
    }
    const findings: Finding[] = []
    for (const port of await wantedPorts(config)) {
      const named = `${port.user} ${port.host}:${port.port}`
      const reason = await tryPort(port)
      if (reason === null) findings.push({ status: 'ok', vi: `${named} còn trống`, en: `${named} is free` })
      else {
        const advice = ADVICE[reason]
        findings.push({
          status: 'fail',
          vi: `${named}: ${reason}`,
          en: `${named}: ${reason}`,
          ...(advice && { advice }),
        })
      }
    }
    return findings
  },
} satisfies Check
