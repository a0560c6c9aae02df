import { isIP } from 'node:net'
import type { EcsEvent, EcsValue } from '../model/event.ts'

/** Sets a field unless there is nothing to say: an absent field is absent, never `''`. */
export function put(event: EcsEvent, field: string, value: EcsValue | undefined): void {
  if (value !== undefined && value !== '') event[field] = value
}

/** Sets what an event is about, in ECS's four words; `outcome` only where the line tells it. */
export function classify(
  event: EcsEvent,
  kind: {
    category: string[]
    type: string[]
    action?: string | undefined
    outcome?: 'success' | 'failure' | undefined
  },
): void {
  event['event.category'] = kind.category
  event['event.type'] = kind.type
  put(event, 'event.action', kind.action)
  put(event, 'event.outcome', kind.outcome)
}

/** An address as text, without IPv6 zone and with IPv4-mapped addresses as IPv4; undefined where it is no address. */
export function ipOf(text: string): string | undefined {
  let address = text.startsWith('::ffff:') && text.includes('.') ? text.slice(7) : text
  const zone = address.indexOf('%')
  if (zone > 0) address = address.slice(0, zone)
  return isIP(address) === 0 ? undefined : address
}

/** Sets `<side>.address` and, by what it is, `<side>.ip` or `<side>.domain`; `-` and the like say nothing. */
export function putPeer(
  event: EcsEvent,
  side: 'source' | 'destination',
  address: string,
  port?: string | number,
): void {
  if (address === '' || address === '-' || address === '?' || address === 'LOCAL') return
  const ip = ipOf(address)
  event[`${side}.address`] = ip ?? address
  event[ip === undefined ? `${side}.domain` : `${side}.ip`] = ip ?? address
  if (ip === undefined) addRelated(event, 'related.hosts', address)
  putPort(event, `${side}.port`, port)
}

export function putPort(event: EcsEvent, field: string, port: string | number | undefined): void {
  const value = typeof port === 'string' ? integer(port) : port
  if (value !== undefined && value < 65_536) event[field] = value
}

/** A decimal number without sign that fits an integer; undefined for anything else. */
export function integer(text: string | undefined): number | undefined {
  if (text === undefined || text.length > 15 || !/^\d+$/.test(text)) return undefined
  return Number(text)
}

/** What a table has under a name of the log's choosing; never what every object has (`constructor`, `__proto__`). */
export function lookUp<T>(table: { readonly [name: string]: T }, name: string): T | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined
}

/** Last part of a path, of either system: `C:\Windows\cmd.exe` gives `cmd.exe`. */
export function baseName(path: string): string {
  return path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1)
}

/** Values of one list of `related.*` at most. */
const RELATED_MAX = 64

/** Adds to a list of `related.*`, once. */
export function addRelated(event: EcsEvent, field: string, value: string): void {
  const list = event[field]
  if (value === '') return
  if (!Array.isArray(list)) event[field] = [value]
  else if (!list.includes(value) && list.length < RELATED_MAX) list.push(value)
}

const RELATED: readonly (readonly [string, readonly string[]])[] = [
  [
    'related.ip',
    [
      'source.ip',
      'destination.ip',
      'source.nat.ip',
      'destination.nat.ip',
      'client.ip',
      'server.ip',
      'host.ip',
      'dns.resolved_ip',
    ],
  ],
  [
    'related.user',
    [
      'user.name',
      'user.effective.name',
      'user.target.name',
      'source.user.name',
      'destination.user.name',
      'client.user.name',
      'server.user.name',
    ],
  ],
  ['related.hosts', ['observer.hostname', 'client.domain', 'server.domain']],
  [
    'related.hash',
    [
      'file.hash.md5',
      'file.hash.sha1',
      'file.hash.sha256',
      'process.hash.md5',
      'process.hash.sha1',
      'process.hash.sha256',
    ],
  ],
]

/**
 * Fills `related.*` from the fields that hold addresses, users, hosts and hashes. The host is one of them unless it only
 * watches what the event is about.
 */
export function relate(event: EcsEvent): void {
  const host = event['host.hostname']
  if (typeof host === 'string' && event['observer.vendor'] === undefined) addRelated(event, 'related.hosts', host)
  for (const [field, from] of RELATED) {
    for (const name of from) {
      const value = event[name]
      if (typeof value === 'string') addRelated(event, field, value)
      else if (Array.isArray(value))
        for (const each of value) if (typeof each === 'string') addRelated(event, field, each)
    }
  }
}
