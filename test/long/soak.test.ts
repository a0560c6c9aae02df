import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { startProductProcess } from '../../bench/product-process.ts'
import { record } from '../../bench/record.ts'
import { openLocal } from '../../store/local/database.ts'
import { readCheckpoint } from '../../store/local/checkpoint.ts'
import { listSources } from '../../store/local/sources.ts'

const MINUTES = Number(process.env['SOAK_MINUTES'] ?? 10)
const LINES_PER_SECOND = Number(process.env['SOAK_RATE'] ?? 1_500)
const MIB = 1024 * 1024
/** A year of this must run in a machine's memory: what grows with time is a leak. */
const RSS_GROWTH_MIB_MAX = 300

function line(i: number): string {
  const now = new Date().toISOString()
  const host = `may-chu-${i % 40}`
  if (i % 50 === 0) {
    return `<38>1 ${now} ${host} sshd ${i % 30_000} - - Failed password for nguyễn${i % 90} from 203.0.113.${i % 250} port ${1024 + (i % 60_000)} ssh2`
  }
  return `<190>1 ${now} ${host} nginx - - - 10.${i % 200}.${i % 250}.9 - - [${clf()}] "GET /thu-tuc/${i % 7000}?q=${i} HTTP/1.1" 200 ${i % 9000} "-" "Mozilla/5.0"`
}

function clf(): string {
  const at = new Date().toUTCString() // Sun, 22 Nov 2026 20:41:15 GMT
  return `${at.slice(5, 7)}/${at.slice(8, 11)}/${at.slice(12, 16)}:${at.slice(17, 25)} +0000`
}

function rssMib(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1024
}

test(`${MINUTES} minutes at ${LINES_PER_SECOND} lines a second`, { timeout: (MINUTES + 5) * 60_000 }, async () => {
  const product = await startProductProcess()
  try {
    const socket = connect(product.ports.syslogTcp, '127.0.0.1')
    socket.on('error', () => undefined)
    const begun = Date.now()
    const samples: number[] = []
    let sent = 0
    while (Date.now() - begun < MINUTES * 60_000) {
      const due = Math.floor(((Date.now() - begun) / 1_000) * LINES_PER_SECOND)
      const lines: string[] = []
      while (sent < due) lines.push(line(sent++))
      const text = lines.map((one) => `${Buffer.byteLength(one)} ${one}`).join('')
      if (!socket.write(text)) await new Promise((resolve) => socket.once('drain', resolve))
      samples.push(rssMib(product.pid))
      await sleep(100)
    }
    await new Promise<void>((resolve) => socket.end(() => resolve()))
    const local = openLocal(join(product.dataFolder, 'local.db'))
    const settling = Date.now()
    while (readCheckpoint(local).seq < sent && Date.now() - settling < 120_000) await sleep(100)
    const settleMs = Date.now() - settling
    const events = listSources(local, { scope: 'all', limit: 10 }).reduce((sum, source) => sum + source.events, 0)
    local.close()
    const third = Math.floor(samples.length / 3)
    const early = Math.max(...samples.slice(third, 2 * third))
    const late = Math.max(...samples.slice(2 * third))
    record('soak', {
      minutes: MINUTES,
      linesPerSecond: LINES_PER_SECOND,
      sent,
      events,
      settleMs,
      rssMibMiddleThirdMax: Math.round(early),
      rssMibLastThirdMax: Math.round(late),
    })
    expect(events, 'every line is an event, once').toBe(sent)
    expect(late - early, 'memory stands').toBeLessThan(RSS_GROWTH_MIB_MAX)
    expect(rssMib(product.pid) * MIB).toBeLessThan(2_048 * MIB)
  } finally {
    await product.stop()
  }
})
