import { existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { Unavailable, run, versionOf } from '../programs.mjs'

const LOGGER = '/usr/bin/logger'
/** Slow enough for a socket with the kernel's default buffer: nothing paces UDP but its sender. */
const UDP_LINES = 50
const UDP_PAUSE_MS = 20

function variant({ name, input, options, pause = false, zoneless = false }) {
  return {
    name,
    input,
    zoneless, // its time is to be read in whatever zone the collector assumes
    prepare() {
      if (!existsSync(LOGGER)) throw new Unavailable(`${LOGGER} (package bsdutils) is not here`)
      return versionOf({ path: LOGGER })
    },
    async start({ lines, tag, host, port }) {
      const argv = ['--server', host, '--port', String(port), '--tag', tag, '--size', '8KiB', ...options]
      const { child, ended, end } = run(LOGGER, argv)
      const step = pause ? UDP_LINES : lines.length
      for (let at = 0; at < lines.length; at += step) {
        child.stdin.write(`${lines.slice(at, at + step).join('\n')}\n`)
        if (pause) await sleep(UDP_PAUSE_MS)
      }
      child.stdin.end()
      const { code, said } = await ended
      if (code !== 0) throw new Error(`logger ended with ${code}: ${said}`)
      return { end }
    },
  }
}

export default [
  variant({ name: 'logger-udp', input: 'syslog-udp', options: ['--udp'], pause: true }),
  variant({ name: 'logger-tcp', input: 'syslog-tcp', options: ['--tcp'] }),
  variant({ name: 'logger-tcp-octet-count', input: 'syslog-tcp', options: ['--tcp', '--octet-count'] }),
  variant({ name: 'logger-tcp-rfc3164', input: 'syslog-tcp', options: ['--tcp', '--rfc3164'], zoneless: true }),
]
