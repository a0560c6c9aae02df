import { strict as assert } from 'node:assert'
import { Bench } from 'tinybench'
import { loadNormaliser } from '../collector/normalise.ts'
import type { SpoolRecord } from '../model/record.ts'
import { record } from './record.ts'

// Raw frame → ECS event, per family of log lines, without enrichment and store; the floor only finds the blanks. 1,000
// made-up lines a family, with users, addresses and paths repeating as they do in real logs.
const LINES = 1_000

const FAMILIES: Record<string, { dataset: string; line: (i: number) => string }> = {
  'sshd, RFC 5424': {
    dataset: 'system.auth',
    line: (i) =>
      `<38>1 2026-11-20T01:02:${pad(i % 60)}.123Z may-chu-${i % 9} sshd ${1000 + i} - - Failed password for invalid user u${i % 17} from 203.0.113.${i % 250} port ${1024 + i} ssh2`,
  },
  'sudo, RFC 3164': {
    dataset: 'system.auth',
    line: (i) =>
      `<85>Nov 20 01:02:${pad(i % 60)} may-chu-${i % 9} sudo: lan${i % 7} : TTY=pts/${i % 3} ; PWD=/home/lan ; USER=root ; COMMAND=/usr/bin/systemctl status unit-${i % 40}`,
  },
  'nginx access': {
    dataset: 'nginx.access',
    line: (i) =>
      `203.0.113.${i % 250} - - [20/Nov/2026:08:02:${pad(i % 60)} +0700] "GET /thu-tuc/${i % 300}?trang=${i % 40} HTTP/1.1" 200 ${500 + i} "https://dvc.example.vn/" "Mozilla/5.0 (Windows NT 10.0; Win64; x64)"`,
  },
  auditd: {
    dataset: 'auditd.log',
    line: (i) =>
      `type=SYSCALL msg=audit(1795000000.${i}:${i}): arch=c000003e syscall=59 success=yes exit=0 a0=55d a1=55d a2=55d a3=8 items=2 ppid=${i} pid=${i + 1} auid=1001 uid=0 gid=0 euid=0 suid=0 fsuid=0 egid=0 sgid=0 fsgid=0 tty=pts0 ses=3 comm="cat" exe="/usr/bin/cat" key="lenh"`,
  },
  'Windows Security, Winlogbeat': {
    dataset: 'windows.security',
    line: (i) =>
      JSON.stringify({
        '@timestamp': '2026-11-20T01:02:03.000Z',
        winlog: {
          channel: 'Security',
          event_id: 4625,
          record_id: i,
          computer_name: `dc${i % 4}.tinh.example`,
          provider_name: 'Microsoft-Windows-Security-Auditing',
          event_data: {
            TargetUserName: `u${i % 50}`,
            IpAddress: `10.20.30.${i % 250}`,
            LogonType: '3',
            Status: '0xc000006d',
          },
        },
      }),
  },
}

function pad(n: number): string {
  return String(n).padStart(2, '0')
}

const normalise = await loadNormaliser({ spoolId: 'bench', timeZone: 'Asia/Ho_Chi_Minh', enrich: () => undefined })
const bench = new Bench({ name: 'normalise', time: 1_500, warmupTime: 300 })
for (const [family, { dataset, line }] of Object.entries(FAMILIES)) {
  const records = Array.from({ length: LINES }, (_, i): SpoolRecord => {
    const origin = { input: 'syslog-tcp', address: '192.0.2.7' }
    return { seq: i + 1, receivedAtMs: 1_795_100_000_000, origin, bytes: Buffer.from(line(i)) }
  })
  const rightOnes = (): number =>
    records.reduce((n, one) => {
      const result = normalise(one)
      return n + (result.kind === 'event' && result.event['event.dataset'] === dataset ? 1 : 0)
    }, 0)
  assert.equal(rightOnes(), LINES, family) // a fast wrong answer is not a result
  bench.add(family, () => void rightOnes())
  bench.add(`${family}, floor`, () => void records.reduce((n, { bytes }) => n + bytes.toString().split(' ').length, 0))
}
await bench.run()
const figures = Object.fromEntries(
  bench.tasks.map(({ name, result }) => {
    if (result.state !== 'completed') throw new Error(`${name}: ${result.state}`)
    return [
      name,
      { eventsPerSecond: Math.round((LINES / result.latency.p50) * 1_000), microsecondsP50: round(result.latency.p50) },
    ]
  }),
)

/** ms for all lines → µs for one. */
function round(ms: number): number {
  return Math.round((ms * 1_000 * 100) / LINES) / 100
}

process.stdout.write(`${JSON.stringify(figures, null, 2)}\n${record('normalise', figures)}\n`)
