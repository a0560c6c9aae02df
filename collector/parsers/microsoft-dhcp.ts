import type { EcsEvent } from '../../model/event.ts'
import { classify, ipOf, put } from '../fields.ts'
import { readCommaValues } from '../key-values.ts'
import type { TextParser } from '../parser.ts'
import { Refusal } from '../refusal.ts'
import { instant, isoTime } from '../time.ts'

// Audit log of Windows' DHCP server (Microsoft Learn, «Analyze DHCP server log files»): `ID,MM/DD/YY,hh:mm:ss,TEXT,…` with up to 19
// values, and DHCPv6's with ids from 11000. Times are the server's own clock. The names in a line are what the client said.
const HEAD = /^(\d{2,5}),(\d\d)\/(\d\d)\/(\d\d),(\d\d):(\d\d):(\d\d),/
const VALUES_MAX = 20
const HEADING = /^ID,Date,Time,Description,IP(?:v6)? Address,Host Name/

type Row = readonly [action: string, category: string, type: string, failed?: true]
const ROGUE = ['rogue-server-detection', 'authentication,network'] as const

/** Event id → what Elastic's integration says of it. */
const EVENTS: { readonly [code: string]: Row } = {
  '00': ['log-start', 'process', 'start'],
  '01': ['log-end', 'process', 'end'],
  '02': ['log-pause', 'process', 'change', true],
  10: ['dhcp-new', 'network', 'allowed,connection'],
  11: ['dhcp-renew', 'network', 'allowed,connection'],
  12: ['dhcp-release', 'network', 'allowed,connection'],
  13: ['', 'network', 'connection'],
  14: ['', 'network', 'connection,denied', true],
  15: ['dhcp-deny', 'network', 'connection,denied', true],
  16: ['dhcp-delete', 'network', 'connection'],
  17: ['dhcp-expire', 'network', 'connection'],
  18: ['dhcp-expire', 'network', 'connection'],
  20: ['', 'network', 'allowed,connection'],
  21: ['', 'network', 'allowed,connection'],
  22: ['', 'network', 'connection,denied', true],
  23: ['', 'network', 'connection,denied', true],
  24: ['ip-cleanup-start', 'process', 'start'],
  25: ['ip-cleanup-end', 'process', 'start'],
  30: ['dhcp-dns-update', 'network', 'connection'],
  31: ['dhcp-dns-update', 'network', 'connection', true],
  32: ['dhcp-dns-update', 'network', 'connection'],
  33: ['', 'network', 'connection', true],
  34: ['dhcp-dns-update', 'network', 'connection', true],
  35: ['dhcp-dns-update', 'network', 'connection,denied', true],
  36: ['', 'network', 'connection,denied', true],
  50: [...ROGUE, 'connection', true],
  51: [...ROGUE, 'allowed,connection'],
  52: [...ROGUE, 'connection'],
  53: [...ROGUE, 'allowed,connection'],
  54: [...ROGUE, 'connection,denied', true],
  55: [...ROGUE, 'allowed,connection'],
  56: [...ROGUE, 'connection,denied', true],
  57: [...ROGUE, 'connection'],
  58: [...ROGUE, 'connection', true],
  59: [...ROGUE, 'connection', true],
  60: [...ROGUE, 'connection'],
  61: [...ROGUE, 'connection'],
  62: [...ROGUE, 'connection'],
  63: [...ROGUE, 'connection'],
  64: [...ROGUE, 'connection'],
  11000: ['dhcpv6-solicit', 'network', 'connection,protocol'],
  11001: ['dhcpv6-advertise', 'network', 'connection,protocol'],
  11002: ['dhcpv6-request', 'network', 'connection,protocol'],
  11003: ['dhcpv6-confirm', 'network', 'connection,protocol'],
  11004: ['dhcpv6-renew', 'network', 'connection,protocol'],
  11005: ['dhcpv6-rebind', 'network', 'connection,protocol'],
  11006: ['dhcpv6-decline', 'network', 'connection,protocol', true],
  11007: ['dhcpv6-release', 'network', 'connection'],
  11008: ['dhcpv6-info-request', 'network', 'connection'],
  11009: ['dhcpv6-scope-full', 'network', 'connection'],
  11010: ['log-start', 'process', 'start'],
  11011: ['log-stop', 'process', 'end'],
  11012: ['log-pause', 'process', 'change'],
  11013: ['log-file', 'process', 'info'],
  11014: ['dhcpv6-bad-address', 'network', 'connection', true],
  11015: ['dhcpv6-address-in-use', 'network', 'connection'],
  11016: ['dhcpv6-client-deleted', 'network', 'connection'],
  11017: ['ipv6-dns-record-not-deleted', 'network', 'connection'],
  11018: ['dhcpv6-expired', 'network', 'connection'],
  11019: ['dhcpv6-lease-expired-deleted', 'network', 'connection'],
  11020: ['dhcpv6-cleanup-start', 'process', 'start'],
  11021: ['dhcpv6-cleanup-end', 'process', 'end'],
  11022: ['ipv6-dns-update-request', 'network', 'connection,start'],
  11023: ['ipv6-dns-update-failed', 'network', 'connection,end', true],
  11024: ['ipv6-dns-update-successful', 'network', 'connection,end'],
  11028: ['ipv6-dns-update-request-queue-exceeded', 'network', 'connection,end', true],
  11029: ['ipv6-dns-update-request-failed', 'network', 'connection,end', true],
}

export default {
  layer: 'text',
  precedence: 315,
  programs: ['', 'dhcp', 'dhcpserver', 'microsoft_dhcp'],

  parse({ text }, event, { zone, stream }) {
    const head = HEAD.exec(text)
    if (head === null) {
      // The explanations at the top of each day's file.
      if (!HEADING.test(text) && !/dhcp/.test(stream)) return false
      event['event.dataset'] = 'microsoft_dhcp.log'
      classify(event, { category: ['network'], type: ['info'] })
      put(event, 'message', text)
      return true
    }
    const [month, day, year, hour, minute, second] = head.slice(2).map(Number) as [
      number,
      number,
      number,
      number,
      number,
      number,
    ]
    const ms = instant([2000 + year, month, day, hour, minute, second], zone)
    if (ms === undefined) return new Refusal('bad_time', `no such time: ${head[0].slice(3, -1)}`)
    event['@timestamp'] = isoTime(ms)
    event['event.dataset'] = 'microsoft_dhcp.log'
    const code = head[1]!
    const row: Row = Object.hasOwn(EVENTS, code) ? EVENTS[code]! : ['', 'network', 'info']
    classify(event, {
      category: row[1].split(','),
      type: row[2].split(','),
      action: row[0] === '' ? undefined : row[0],
      outcome: row[3] === true ? 'failure' : 'success',
    })
    event['event.code'] = code
    const values = readCommaValues(text, VALUES_MAX)
    put(event, 'message', values[3])
    putClient(event, values[4] ?? '', values[5] ?? '')
    if (code.length === 5) putNames(event, values, VERSION_6)
    else {
      putMac(event, values[6] ?? '')
      putNames(event, values, VERSION_4)
    }
    return true
  },
} satisfies TextParser

function putClient(event: EcsEvent, address: string, name: string): void {
  put(event, 'host.ip', ipOf(address))
  const host = name.toLowerCase()
  put(event, 'host.name', host)
  const dot = host.indexOf('.')
  if (dot > 0) put(event, 'host.domain', host.slice(dot + 1))
}

/** The client's identifier: the MAC address where it has six bytes. */
function putMac(event: EcsEvent, id: string): void {
  if (!/^[0-9A-Fa-f]{2,510}$/.test(id)) return
  event['host.id'] = id
  if (id.length === 12) event['host.mac'] = [id.toUpperCase().match(/../g)!.join('-')]
}

const VERSION_4: readonly (readonly [number, string])[] = [
  [7, 'user.name'],
  [8, 'microsoft.dhcp.transaction_id'],
  [9, 'microsoft.dhcp.result'],
  [10, 'microsoft.dhcp.probation_time'],
  [11, 'microsoft.dhcp.correlation_id'],
  [12, 'microsoft.dhcp.dhc_id'],
  [13, 'microsoft.dhcp.vendor.hex'],
  [14, 'microsoft.dhcp.vendor.string'],
  [15, 'microsoft.dhcp.user.hex'],
  [16, 'microsoft.dhcp.user.string'],
  [17, 'microsoft.dhcp.relay_agent_info'],
  [18, 'microsoft.dhcp.dns_error_code'],
]
const VERSION_6: readonly (readonly [number, string])[] = [
  [6, 'microsoft.dhcp.error_code'],
  [7, 'microsoft.dhcp.duid.length'],
  [8, 'microsoft.dhcp.duid.hex'],
  [9, 'microsoft.dhcp.user.string'],
  [10, 'microsoft.dhcp.dhc_id'],
  [11, 'microsoft.dhcp.subnet_prefix'],
]

function putNames(event: EcsEvent, values: readonly string[], names: typeof VERSION_4): void {
  for (const [at, field] of names) put(event, field, values[at]?.trim())
}
