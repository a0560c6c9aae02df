import { createHash } from 'node:crypto'
import { isIP } from 'node:net'

const PROTOCOLS: { readonly [name: string]: number } = { tcp: 6, udp: 17, sctp: 132 }

/**
 * Community ID 1 of a flow (seed 0): one name for the same connection in Suricata, Zeek and packet captures, whichever side
 * it was seen from. Undefined for protocols without ports and for what is no address.
 * Source: corelight, community-id-spec.
 */
export function communityId(
  transport: string,
  source: { ip: string; port: number },
  destination: { ip: string; port: number },
): string | undefined {
  const protocol = Object.hasOwn(PROTOCOLS, transport) ? PROTOCOLS[transport]! : undefined
  const ends = [source, destination].map(({ ip, port }) => ({ address: addressBytes(ip), port }))
  const [a, b] = ends as [(typeof ends)[number], (typeof ends)[number]]
  if (protocol === undefined || a.address === undefined || b.address === undefined) return undefined
  if (a.address.length !== b.address.length) return undefined
  const order = Buffer.compare(a.address, b.address)
  const [low, high] = order < 0 || (order === 0 && a.port <= b.port) ? [a, b] : [b, a]
  const ports = Buffer.alloc(4)
  ports.writeUInt16BE(low.port, 0)
  ports.writeUInt16BE(high.port, 2)
  const hash = createHash('sha1')
    .update(Buffer.of(0, 0))
    .update(low.address!)
    .update(high.address!)
    .update(Buffer.of(protocol, 0))
    .update(ports)
  return `1:${hash.digest('base64')}`
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
