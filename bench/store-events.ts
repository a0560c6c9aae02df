import { createHash } from 'node:crypto'
import type { EcsEvent } from '../model/event.ts'
import { ECS_VERSION, newEvent } from '../model/event.ts'
import { recordId } from '../model/record.ts'

/** Numbers from a seed, the same on every machine (mulberry32). */
function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

export const SPOOL = 'be0c5eed'
/** Of how many days the events are; fewer make a busier day. */
export const DAYS = Number(process.env['BENCH_DAYS'] ?? 30)
const DAY_MS = 86_400_000
export const END_MS = Date.parse('2026-11-22T00:00:00.000Z')
const START_MS = END_MS - DAYS * DAY_MS

/** An address and a file that are met once in this many events, and words that are. */
export const RARE_EVERY = 250_000
export const RARE_ADDRESS = '198.51.100.77'
export const RARE_HASH = 'b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c'
export const RARE_WORDS = 'tệp đính kèm khả nghi'

const HOSTS = 400
const USERS = ['nguyenvana', 'tranthib', 'lehoangc', 'root', 'quantri', 'phamd', 'vothie', 'backup', 'dangvanf', 'buig']
const AGENCIES = 25
const SYSTEM32 = 'C:\\Windows\\System32\\'

const hashes: string[] = []

function hashOf(file: number): string {
  return (hashes[file] ??= createHash('sha256').update(String(file)).digest('hex'))
}

/**
 * Made-up events of a province over 30 days, about 1.2 KB of JSON each: logins, web requests, firewall and Windows process events
 * in the proportions of a server room, with skewed hosts, users and addresses. The same for a seed, batch by batch.
 */
export function* eventBatches(count: number, batchSize: number, seed: number): Generator<EcsEvent[]> {
  const next = random(seed)
  const stepMs = (DAYS * DAY_MS) / count
  for (let from = 1; from <= count; from += batchSize) {
    const through = Math.min(from + batchSize - 1, count)
    yield Array.from({ length: through - from + 1 }, (_, i) => eventAt(from + i, stepMs, next))
  }
}

function eventAt(seq: number, stepMs: number, next: () => number): EcsEvent {
  const pick = (n: number): number => Math.floor(next() * n)
  /** Few values are frequent. */
  const skewed = (n: number): number => Math.floor(next() ** 3 * n)
  const rare = seq % RARE_EVERY === 0
  const ms = Math.floor(START_MS + (seq - 1) * stepMs)
  const host = skewed(HOSTS)
  const name = `may-chu-${String(host).padStart(3, '0')}`
  const address = rare ? RARE_ADDRESS : `${1 + skewed(200)}.${pick(40)}.${pick(250)}.${1 + pick(250)}`
  const user = USERS[skewed(USERS.length)]!
  const at = new Date(ms).toISOString()
  const event = newEvent({
    '@timestamp': at,
    'event.ingested': new Date(ms + 400).toISOString(),
    'event.kind': 'event',
    'ecs.version': ECS_VERSION,
    'host.name': name,
    'host.hostname': name,
    'log.source.address': `10.${host % AGENCIES}.${host >> 5}.${1 + (host & 31)}`,
    'soc.record': recordId(SPOOL, seq),
    'soc.seq': seq,
    'soc.source': `syslog-tcp/10.${host % AGENCIES}.${host >> 5}.${1 + (host & 31)}`,
    'soc.agency': `co-quan-${String(host % AGENCIES).padStart(2, '0')}`,
    'soc.system': `he-thong-${host % 60}`,
    'source.ip': address,
    'related.ip': [address],
    'event.dataset': '', // both by kind, below
    'event.original': '',
  })
  switch (pick(4)) {
    case 0: {
      const failed = pick(3) > 0
      const port = 1_024 + pick(64_000)
      const pid = 900 + pick(30_000)
      const words = rare ? `${RARE_WORDS} ` : ''
      const message = `${failed ? 'Failed' : 'Accepted'} password for ${user} from ${address} port ${port} ssh2 ${words}session ${seq.toString(36)}${pick(1e9).toString(36)}`
      return Object.assign(event, {
        'event.dataset': 'system.auth',
        'event.module': 'system',
        'event.category': ['authentication'],
        'event.type': [failed ? 'start' : 'end'],
        'event.action': 'ssh_login',
        'event.outcome': failed ? 'failure' : 'success',
        'event.original': `<38>1 ${at} ${name} sshd ${pid} - - ${message}`,
        message,
        'process.name': 'sshd',
        'process.pid': pid,
        'source.port': port,
        'source.geo.country_iso_code': ['VN', 'NL', 'CN', 'US'][skewed(4)]!,
        'related.user': [user],
        'user.name': user,
        'log.syslog.facility.code': 4,
        'log.syslog.severity.code': 6,
      })
    }
    case 1: {
      const path = `/thu-tuc/${skewed(5_000)}/ho-so?trang=${pick(40)}&ma=${pick(1e9).toString(36)}`
      const status = [200, 200, 200, 304, 404, 500][pick(6)]!
      const agent = `Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/${120 + pick(25)}.0.0.0 Safari/537.36`
      const message = `${address} - - "GET ${path} HTTP/1.1" ${status} ${pick(90_000)} "-" "${agent}"`
      return Object.assign(event, {
        'event.dataset': 'nginx.access',
        'event.module': 'nginx',
        'event.category': ['web'],
        'event.type': ['access'],
        'event.original': `<190>1 ${at} ${name} nginx - - - ${message}`,
        message,
        'http.request.method': 'GET',
        'http.response.status_code': status,
        'http.response.body.bytes': pick(90_000),
        'http.version': '1.1',
        'url.original': path,
        'url.path': path.split('?')[0]!,
        'url.query': path.split('?')[1]!,
        'user_agent.original': agent,
      })
    }
    case 2: {
      const to = `10.${pick(AGENCIES)}.${pick(20)}.${1 + pick(250)}`
      const [from, port] = [1_024 + pick(64_000), [443, 80, 22, 3389, 445][skewed(5)]!]
      const message = `action=deny srcip=${address} srcport=${from} dstip=${to} dstport=${port} proto=6 policyid=${pick(300)} sessionid=${pick(1e9)} msg="từ chối kết nối"`
      return Object.assign(event, {
        'event.dataset': 'fortinet.firewall',
        'event.module': 'fortinet',
        'event.category': ['network'],
        'event.type': ['denied'],
        'event.action': 'deny',
        'event.original': `<189>date=${at.slice(0, 10)} time=${at.slice(11, 19)} devname="${name}" ${message}`,
        message,
        'destination.ip': to,
        'destination.port': port,
        'source.port': from,
        'network.transport': 'tcp',
        'network.bytes': pick(100_000),
        'rule.id': String(pick(300)),
        'observer.vendor': 'Fortinet',
      })
    }
    default: {
      const image = `${SYSTEM32}${['svchost', 'cmd', 'powershell', 'rundll32'][skewed(4)]!}.exe`
      const hash = rare ? RARE_HASH : hashOf(pick(3_000))
      const message = `Process Create: Image: ${image} CommandLine: ${image} -k ${skewed(500)} -p ${pick(1e6)} User: TINH\\${user} Hashes: SHA256=${hash}`
      return Object.assign(event, {
        'event.dataset': 'windows.sysmon_operational',
        'event.module': 'windows',
        'event.category': ['process'],
        'event.type': ['start'],
        'event.code': '1',
        'event.original': `{"EventID":1,"Computer":"${name}","Message":"${message.replaceAll('\\', '\\\\')}"}`,
        message,
        'process.executable': image,
        'process.name': image.slice(SYSTEM32.length),
        'process.pid': pick(30_000),
        'process.command_line': `${image} -k ${skewed(500)}`,
        'process.hash.sha256': hash,
        'process.parent.executable': `${SYSTEM32}services.exe`,
        'user.name': user,
        'user.domain': 'TINH',
        'winlog.channel': 'Microsoft-Windows-Sysmon/Operational',
        'winlog.event_id': '1',
      })
    }
  }
}
