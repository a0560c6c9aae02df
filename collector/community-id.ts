import { createHash } from 'node:crypto'
import { isIP } from 'node:net'

const PROTOCOLS: { readonly [name: string]: number } = {
  icmp: 1,
  igmp: 2,
  tcp: 6,
  udp: 17,
  gre: 47,
  'ipv6-icmp': 58,
  eigrp: 88,
  ospf: 89,
  pim: 103,
  vrrp: 112,
  sctp: 132,
}
const WITH_PORTS = new Set(['tcp', 'udp', 'sctp'])
/** ICMP types that answer each other stand where a connection has its two ports. */
const ANSWERS: { readonly [transport: string]: readonly (readonly [number, number])[] } = {
  icmp: [
    [8, 0],
    [10, 9],
    [13, 14],
    [15, 16],
    [17, 18],
  ],
  'ipv6-icmp': [
    [128, 129],
    [130, 131],
    [133, 134],
    [135, 136],
    [139, 140],
    [144, 145],
  ],
}

/** One end of a flow; for ICMP, `port` of the source is the type and that of the destination the code. */
export interface FlowEnd {
  ip: string
  port?: number | undefined
}

/**
 * Community ID 1 of a flow (seed 0): one name for the same connection in Suricata, Zeek and packet captures, whichever side
 * it was seen from. Undefined for an unknown protocol, for what is no address, and where a port is missing that the
 * protocol has. Source: corelight, community-id-spec.
 */
export function communityId(transport: string, source: FlowEnd, destination: FlowEnd): string | undefined {
  const protocol = Object.hasOwn(PROTOCOLS, transport) ? PROTOCOLS[transport]! : undefined
  if (protocol === undefined) return undefined
  const ends = portsOf(transport, source.port, destination.port)
  if (ends === undefined) return undefined
  const [a, b] = [
    { address: addressBytes(source.ip), port: ends.ports[0] ?? 0 },
    { address: addressBytes(destination.ip), port: ends.ports[1] ?? 0 },
  ]
  if (a.address === undefined || b.address === undefined || a.address.length !== b.address.length) return undefined
  const order = Buffer.compare(a.address, b.address)
  const [low, high] = ends.oneWay || order < 0 || (order === 0 && a.port <= b.port) ? [a, b] : [b, a]
  const hash = createHash('sha1')
    .update(Buffer.of(0, 0))
    .update(low.address!)
    .update(high.address!)
    .update(Buffer.of(protocol, 0))
  if (ends.ports.length > 0) hash.update(Buffer.of(low.port >> 8, low.port & 255, high.port >> 8, high.port & 255))
  return `1:${hash.digest('base64')}`
}

function portsOf(transport: string, from?: number, to?: number): { ports: number[]; oneWay: boolean } | undefined {
  const answers = ANSWERS[transport]
  if (answers === undefined && !WITH_PORTS.has(transport)) return { ports: [], oneWay: false }
  if (from === undefined) return undefined
  if (answers === undefined) return to === undefined ? undefined : { ports: [from, to], oneWay: false }
  const pair = answers.find((types) => types.includes(from))
  return pair === undefined
    ? { ports: [from, to ?? 0], oneWay: true }
    : { ports: [from, pair[0] === from ? pair[1] : pair[0]], oneWay: false }
}

function addressBytes(ip: string): Buffer | undefined {
  const version = isIP(ip)
  if (version === 4) return Buffer.from(ip.split('.').map(Number))
  // An embedded IPv4 tail is not worth its own case: such flows keep their addresses, only not this name.
  if (version !== 6 || ip.includes('.') || ip.includes('%')) return undefined
  const [head = '', tail] = ip.split('::')
  const before = head === '' ? [] : head.split(':')
  const after = tail === undefined || tail === '' ? [] : tail.split(':')
  const groups = [...before, ...Array<string>(Math.max(0, 8 - before.length - after.length)).fill('0'), ...after]
  const bytes = Buffer.alloc(16)
  for (const [i, group] of groups.slice(0, 8).entries()) bytes.writeUInt16BE(Number.parseInt(group, 16), i * 2)
  return bytes
}
