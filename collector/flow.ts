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
