import { strict as assert } from 'node:assert'
import { once } from 'node:events'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { readCheckpoint } from '../store/local/checkpoint.ts'
import { openLocal } from '../store/local/database.ts'
import { listSources } from '../store/local/sources.ts'
import { startProductProcess } from './product-process.ts'
import { record } from './record.ts'

// Syslog bytes over one TCP connection → durable, parsed, matched, stored, raised and counted. Lines are made up here: a mix
// of sshd, sudo, nginx and cron lines with repeating users and hosts, as a server room sends it.
const LINES = Number(process.env['BENCH_LINES'] ?? 200_000)
const ROUNDS = 3
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

async function round(bytes: Buffer): Promise<{ durableMs: number; storedMs: number }> {
  const product = await startProductProcess()
  try {
    const socket = connect(product.ports.syslogTcp, '127.0.0.1')
    await once(socket, 'connect')
    const local = openLocal(join(product.dataFolder, 'local.db'))
    const begin = performance.now()
    socket.end(bytes)
    await once(socket, 'close')
    const durableMs = performance.now() - begin // the product closes its side when all it read is in the spool
    while (readCheckpoint(local).seq < LINES + 1) await sleep(20)
    const storedMs = performance.now() - begin
    const events = listSources(local, { scope: 'all', limit: 10 }).reduce((sum, source) => sum + source.events, 0)
    local.close()
    assert.equal(events, LINES)
    return { durableMs, storedMs }
  } finally {
    await product.stop()
  }
}

const bytes = Buffer.concat(
  Array.from({ length: LINES }, (_, i) => {
    const text = line(i)
    return Buffer.from(`${Buffer.byteLength(text)} ${text}`)
  }),
)
const rounds = []
for (let i = 0; i < ROUNDS; i++) rounds.push(await round(bytes))
const median = (values: number[]): number => values.sort((a, b) => a - b)[Math.floor(values.length / 2)]!
const storedMs = median(rounds.map((r) => r.storedMs))
const figures = {
  lines: LINES,
  bytesPerLine: Math.round(bytes.length / LINES),
  rounds: ROUNDS,
  storedMsMedian: Math.round(storedMs),
  storedEventsPerSecond: Math.round((LINES / storedMs) * 1000),
  connectionClosedMsMedian: Math.round(median(rounds.map((r) => r.durableMs))),
}
process.stdout.write(`${JSON.stringify(figures, null, 2)}\n${record('ingest', figures)}\n`)
