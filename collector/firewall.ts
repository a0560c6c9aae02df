import type { EcsEvent } from '../model/event.ts'
import { integer, ipOf, lookUp, put, putPort } from './fields.ts'

/** What firewalls of all makers share: who watches, what passed, and the words for it. */

/** Sets `observer.*`; the claimed host is the observer's name unless the line names it better. */
export function observe(event: EcsEvent, vendor: string, product: string, name?: string, type = 'firewall'): void {
  event['observer.vendor'] = vendor
  event['observer.product'] = product
  event['observer.type'] = type
  const host = event['host.hostname']
  put(event, 'observer.name', name === undefined || name === '' ? (typeof host === 'string' ? host : '') : name)
}

const ALLOWED =
  /^(?:accept|accepted|allow|allowed|pass|passed|passthrough|permit|permitted|forward|ip-conn|dns|close|start|timeout|client-rst|server-rst|built|detect|alert|monitor|monitored|decrypt|encrypt|bypass|exempt|log-only|analytics|a)$/
const DENIED =
  /^(?:deny|denied|drop|dropped|block|blocked|reject|rejected|prevent|prevented|quarantine|discard|discarded|reset|close-session|block-url|block-ip|block-continue|block-override|reset-both|reset-client|reset-server|reset_client|reset_server|drop-all-packets|drop-packet|drop-packets|drop-icmp|drop session|random-drop|sinkhole|violation|clear_session|dropped_session|d|r)$/

/**
 * Whether a device's own word for what it did says that the traffic passed; undefined for a word that says neither.
 */
export function passed(word: string): boolean | undefined {
  const lower = word.toLowerCase()
  if (ALLOWED.test(lower)) return true
  return DENIED.test(lower) ? false : undefined
}

/**
 * Classifies a packet or connection the device has let through or not. `firewall.action` holds the device's own word and,
 * for rules written for any firewall, `accept` or `deny`; `firewall.blocked` says it once more as a truth value.
 */
export function judge(event: EcsEvent, word: string, allowed: boolean | undefined, types: string[] = []): void {
  event['event.category'] ??= ['network']
  const verdict = allowed === undefined ? [] : [allowed ? 'allowed' : 'denied']
  event['event.type'] = [...new Set(['connection', ...types, ...verdict])]
  const lower = word.toLowerCase()
  if (allowed !== undefined) {
    event['firewall.blocked'] = !allowed
    event['firewall.action'] = [...new Set([lower, allowed ? 'accept' : 'deny'])].filter((each) => each !== '')
  } else if (lower !== '') event['firewall.action'] = [lower]
}

const PROTOCOLS: { readonly [number: string]: string } = {
  '1': 'icmp',
  '2': 'igmp',
  '4': 'ipv4',
  '6': 'tcp',
  '17': 'udp',
  '41': 'ipv6',
  '47': 'gre',
  '50': 'esp',
  '51': 'ah',
  '58': 'ipv6-icmp',
  '88': 'eigrp',
  '89': 'ospf',
  '103': 'pim',
  '112': 'vrrp',
  '132': 'sctp',
}
const NUMBERS: ReadonlyMap<string, string> = new Map(
  Object.entries(PROTOCOLS).map(([number, name]) => [name, number] as const),
)

/** Sets `network.transport` and `network.iana_number` from a name or a number (IANA protocol numbers). */
export function putTransport(event: EcsEvent, protocol: string | undefined): void {
  if (protocol === undefined || protocol === '') return
  const lower = protocol.toLowerCase()
  const name = lower === 'icmp6' || lower === 'icmpv6' ? 'ipv6-icmp' : (lookUp(PROTOCOLS, lower) ?? lower)
  if (integer(name) === undefined) put(event, 'network.transport', name.slice(0, 32))
  const number = integer(lower) === undefined ? NUMBERS.get(name) : lower
  put(event, 'network.iana_number', number)
}

/** Sets a number field from decimal digits, else nothing. */
export function putNumber(event: EcsEvent, field: string, text: string | undefined): void {
  const value = integer(text)
  if (value !== undefined) event[field] = value
}

/** `network.bytes` and `network.packets` are the sums of both sides, where both are known. */
export function putTotals(event: EcsEvent): void {
  for (const unit of ['bytes', 'packets']) {
    const sent = event[`source.${unit}`]
    const received = event[`destination.${unit}`]
    if (typeof sent === 'number' && typeof received === 'number') event[`network.${unit}`] = sent + received
  }
}

/** `DOMAIN\\user` and `user@domain` taken apart. */
export function accountOf(text: string): { name: string; domain: string } {
  const slash = text.lastIndexOf('\\')
  if (slash >= 0) return { name: text.slice(slash + 1), domain: text.slice(0, slash).replace(/\\$/, '') }
  const at = text.indexOf('@')
  return at > 0 ? { name: text.slice(0, at), domain: text.slice(at + 1) } : { name: text, domain: '' }
}

/** The user behind the source: `user.name` for searches, `source.user.name` as Elastic's integrations have it. */
export function putSourceUser(event: EcsEvent, name: string | undefined): void {
  if (name === undefined || name === '' || name === 'N/A' || name === 'unknown') return
  const slash = name.lastIndexOf('\\')
  const user = name.slice(slash + 1)
  put(event, 'user.name', user)
  put(event, 'source.user.name', user)
  if (slash <= 0) return
  const domain = name.slice(0, slash).replace(/\\$/, '')
  event['user.domain'] = domain
  event['source.user.domain'] = domain
}

/** Sets `<side>.nat.ip`, unless it says nothing (`0.0.0.0`), and port. */
export function putNat(event: EcsEvent, side: 'source' | 'destination', address?: string, port?: string): void {
  const ip = ipOf(address ?? '')
  if (ip !== undefined && ip !== '0.0.0.0' && ip !== '::') event[`${side}.nat.ip`] = ip
  putPort(event, `${side}.nat.port`, port)
}

/** `00:1b:..` as ECS writes it: upper case, hyphens. */
export function putMac(event: EcsEvent, side: 'source' | 'destination', mac: string | undefined): void {
  if (mac !== undefined && /^[0-9A-Fa-f]{2}(?:[:-][0-9A-Fa-f]{2}){5}$/.test(mac)) {
    event[`${side}.mac`] = mac.replaceAll(':', '-').toUpperCase()
  }
}

/** Keeps what has no ECS name under `<prefix>.<name>`, as text; what says nothing is left out. */
export function putExtras(
  event: EcsEvent,
  prefix: string,
  pairs: Iterable<readonly [string, string]>,
  known: ReadonlySet<string>,
): void {
  for (const [name, value] of pairs) {
    if (!known.has(name) && value !== '' && value !== 'N/A') event[`${prefix}.${name.replaceAll('/', '_')}`] = value
  }
}
