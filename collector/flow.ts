import type { EcsEvent } from '../model/event.ts'
import { communityId } from './community-id.ts'
import { put } from './fields.ts'

/**
 * Sets `network.community_id` from the addresses, ports and transport that the event has; ICMP has a type and a code
 * instead of ports.
 */
export function putCommunityId(
  event: EcsEvent,
  icmp: { type?: number | undefined; code?: number | undefined } = {},
): void {
  const [ip, ip2, transport] = [event['source.ip'], event['destination.ip'], event['network.transport']]
  if (typeof ip !== 'string' || typeof ip2 !== 'string' || typeof transport !== 'string') return
  const messages = transport === 'icmp' || transport === 'ipv6-icmp'
  const [from, to] = messages ? [icmp.type, icmp.code] : [event['source.port'], event['destination.port']]
  const port = typeof from === 'number' ? from : undefined
  const port2 = typeof to === 'number' ? to : undefined
  put(event, 'network.community_id', communityId(transport, { ip, port }, { ip: ip2, port: port2 }))
}

/** Sets both names of a flow whose two ends are translated: it is another one on either side of the device. */
export function putTranslatedFlow(event: EcsEvent): void {
  putCommunityId(event)
  const id = event['network.community_id']
  const [ip, ip2, transport] = [event['source.nat.ip'], event['destination.nat.ip'], event['network.transport']]
  const [port, port2] = [event['source.nat.port'], event['destination.nat.port']]
  if (typeof ip !== 'string' || typeof ip2 !== 'string' || typeof transport !== 'string' || typeof id !== 'string')
    return
  if (typeof port !== 'number' || typeof port2 !== 'number') return
  const translated = communityId(transport, { ip, port }, { ip: ip2, port: port2 })
  if (translated !== undefined && translated !== id) event['network.community_id'] = [id, translated]
}

/** Sets what follows from the addresses of any connection: their version, and the name of the flow. */
export function putFlow(event: EcsEvent): void {
  const ip = event['source.ip'] ?? event['destination.ip']
  if (typeof ip === 'string') event['network.type'] ??= ip.includes(':') ? 'ipv6' : 'ipv4'
  if (event['network.community_id'] === undefined) putCommunityId(event)
}

/** RFC 1918, RFC 4193 and what never leaves a link (RFC 3927, RFC 4291 §2.5.6) or a host. */
const PRIVATE =
  /^(?:10\.|127\.|169\.254\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|f[cd][0-9a-f]{2}:|fe[89ab][0-9a-f]:|::1$)/i

/** Sets `network.direction` as ECS has it for a sensor at the border of a network of private addresses. */
export function putDirection(event: EcsEvent): void {
  const [source, destination] = [event['source.ip'], event['destination.ip']]
  if (typeof source !== 'string' || typeof destination !== 'string') return
  const [from, to] = [PRIVATE.test(source), PRIVATE.test(destination)]
  event['network.direction'] = from ? (to ? 'internal' : 'outbound') : to ? 'inbound' : 'external'
}
