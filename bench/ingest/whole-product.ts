import { strict as assert } from 'node:assert'
import { once } from 'node:events'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { readCheckpoint } from '../../store/local/checkpoint.ts'
import { openLocal } from '../../store/local/database.ts'
import { listSources } from '../../store/local/sources.ts'
import { median } from '../fresh-process.ts'
import { peakRssMiBOf } from '../process-tree.ts'
import { startProductProcess } from '../product-process.ts'
import { cpuSeconds } from './receivers.ts'

// Syslog bytes over one TCP connection → durable, parsed, matched, stored, raised and counted. Lines are made up here: a mix
// of sshd, sudo, nginx and cron lines with repeating users and hosts, as a server room sends it.
const LINES = 300_000
const USERS = ['nguyenvana', 'tranthib', 'lehoangc', 'root', 'backup', 'phamd']

function line(i: number): string {
  const user = USERS[i % USERS.length]!
  const time = new Date(1_795_000_000_000 + i * 10).toISOString()
  const host = `may-chu-${i % 20}`
  switch (i % 5) {
    case 0:
      return `<38>1 ${time} ${host} sshd ${1000 + (i % 9000)} - - Accepted publickey for ${user} from 10.20.${i % 200}.7 port ${20_000 + (i % 40_000)} ssh2`
    case 1:
      return `<86>1 ${time} ${host} sudo - - - ${user} : TTY=pts/0 ; PWD=/home/${user} ; USER=root ; COMMAND=/usr/bin/systemctl status nginx`
    case 2:
      return `<78>1 ${time} ${host} CRON ${1000 + (i % 9000)} - - (root) CMD (run-parts /etc/cron.hourly)`
    default:
      return `<190>1 ${time} ${host} nginx - - - 10.20.${i % 200}.9 - - [${clf(i)}] "GET /thu-tuc/${i % 5000}?trang=${i % 40} HTTP/1.1" 200 ${500 + (i % 9000)} "-" "Mozilla/5.0 (Windows NT 10.0; Win64; x64)"`
  }
}

function clf(i: number): string {
  const [day, time] = new Date(1_795_000_000_000 + i * 10).toISOString().split('T')
  const [year, month, date] = day!.split('-')
  const names = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
  return `${date}/${names[Number(month) - 1]}/${year}:${time!.slice(0, 8)} +0000`
}

interface Round {
  storedMs: number
  cpuSeconds: number
  peakRssMiB: number
}

async function round(bytes: Buffer): Promise<Round> {
  const product = await startProductProcess()
  try {
    const socket = connect(product.ports.syslogTcp, '127.0.0.1')
    await once(socket, 'connect')
    const local = openLocal(join(product.dataFolder, 'local.db'))
    const before = cpuSeconds(product.pid)
    const begin = performance.now()
    socket.end(bytes)
    while (readCheckpoint(local).seq < LINES + 1) await sleep(20)
    const storedMs = performance.now() - begin
    const cpu = cpuSeconds(product.pid) - before
    const peakRssMiB = peakRssMiBOf(product.pid)
    const events = listSources(local, { scope: 'all', limit: 10 }).reduce((sum, source) => sum + source.events, 0)
    local.close()
    assert.equal(events, LINES)
    return { storedMs, cpuSeconds: cpu, peakRssMiB }
  } finally {
    await product.stop()
  }
}

/** The whole way, for all that the product does with a line. */
export async function wholeProduct(rounds: number): Promise<Record<string, number>> {
  const bytes = Buffer.concat(
    Array.from({ length: LINES }, (_, i) => {
      const text = line(i)
      return Buffer.from(`${Buffer.byteLength(text)} ${text}`)
    }),
  )
  const all: Round[] = []
  for (let i = 0; i < rounds; i++) all.push(await round(bytes))
  const of = (value: (one: Round) => number): number => median(all.map(value))
  return {
    lines: LINES,
    bytesPerLine: Math.round(bytes.length / LINES),
    rounds,
    storedEventsPerSecond: Math.round((LINES / of(({ storedMs }) => storedMs)) * 1_000),
    storedEventsPerCpuSecond: Math.round(LINES / of((one) => one.cpuSeconds)),
    peakRssMiB: Math.max(...all.map((one) => one.peakRssMiB)),
  }
}
