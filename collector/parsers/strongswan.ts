import { put, putPeer } from '../fields.ts'
import { putNumber } from '../firewall.ts'
import type { TextParser } from '../parser.ts'

// strongSwan's IKE daemon, `THREAD[GROUP] <CONNECTION|SA> message` (docs.strongswan.org, «Logger Configuration»): what is of use to a
// search are packets and what became of associations; the rest is configuration, a line a setting.
const FRONT = /^\d{1,3}\[([A-Z]{3})\]\s{0,8}(?:<([^>]{1,128})> )?/
const PACKET = /^(sending|received) packet: from (\S{2,45})\[(\d{1,5})\] to (\S{2,45})\[(\d{1,5})\] \((\d{1,8}) bytes\)/
const BETWEEN = /between (\S{2,45})\[[^\]]{0,256}\]\.\.\.(\S{2,45})\[/
const FAILURE = /^(?:authentication of .{0,256} failed|received AUTHENTICATION_FAILED|no matching peer config found)/s

export default {
  layer: 'text',
  precedence: 314,
  programs: ['charon', 'charon-systemd', 'ipsec'],

  parse({ text }, event, { stream }) {
    event['event.dataset'] = /^(?:pfsense|opnsense)/.test(stream) ? 'pfsense.log' : 'strongswan.log'
    put(event, 'message', text)
    event['event.provider'] = 'charon'
    event['event.category'] = ['network']
    event['network.protocol'] = 'ipsec'
    const front = FRONT.exec(text)
    const rest = text.slice(front?.[0].length ?? 0)
    if (front !== null) event['strongswan.log.group'] = front[1]!
    if (front?.[2] !== undefined) event['strongswan.log.connection'] = front[2]
    const packet = PACKET.exec(rest)
    const between = packet === null ? BETWEEN.exec(rest.slice(0, 1_024)) : null
    if (packet !== null) {
      event['event.type'] = ['connection']
      putPeer(event, 'source', packet[2]!, packet[3])
      putPeer(event, 'destination', packet[4]!, packet[5])
      putNumber(event, 'network.bytes', packet[6])
    } else if (between !== null) {
      event['event.type'] = ['connection', rest.includes(' established ') ? 'start' : 'end']
      putPeer(event, 'source', between[1]!)
      putPeer(event, 'destination', between[2]!)
    } else if (FAILURE.test(rest)) event['event.outcome'] = 'failure'
    return true
  },
} satisfies TextParser
