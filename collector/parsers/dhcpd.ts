import type { EcsEvent } from '../../model/event.ts'
import { classify, ipOf, put, putPeer, putPort } from '../fields.ts'
import { putMember } from '../infoblox.ts'
import type { TextParser } from '../parser.ts'

// ISC dhcpd, dhclient and dhcp6c as they write to syslog (dhcpd(8), «LOGGING»): the server of most firewalls and appliances. Where the
// source says which appliance it is, its lines are that appliance's.
const LEASE =
  /^(DHCP[A-Z]{3,16}) (?:(?:on|for|of) (\S{2,45}) )?(?:\((\S{2,45})\) )?(?:(?:to|from) (\S{2,64}) )?(?:\((.{1,255}?)\) )?(?:via (\S{1,64}))?/
const SIX =
  /^(?:Sending )?(Solicit|Request|Renew|Rebind|Release|Decline|Confirm|Information-request|Advertise|Reply)( message)? (?:from|to) (\S{2,64}) port (\d{1,5})/
const ASSIGNED = /^(Advertise|Reply|Renew|Rebind) (NA|TA|PD): (?:address|prefix) ([0-9a-fA-F:.]{2,45})/
const POOL = /^(Picking pool address|Reusing lease)(?: for:)? ([0-9a-fA-F:.]{2,45})/
const ADDRESS = /^(add|remove) an address ([0-9a-fA-F:]{2,45})/
const LISTEN = /^(Listening|Sending) on\s{1,4}BPF\/([\w.-]{1,32})\/([0-9a-f:]{17})/
const MAC = /^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/i

export default {
  layer: 'text',
  precedence: 312,
  programs: ['dhcpd', 'dhclient', 'dhcp6c'],

  parse({ text, program }, event, { stream }) {
    const appliance = /^(?:pfsense|opnsense)/.test(stream) ? 'pfsense' : stream.startsWith('infoblox') ? 'infoblox' : ''
    event['event.dataset'] =
      appliance === 'pfsense' ? 'pfsense.log' : appliance === 'infoblox' ? 'infoblox_nios.log' : 'dhcpd.log'
    if (appliance === 'infoblox') putMember(event)
    put(event, 'message', text)
    classify(event, { category: ['network'], type: ['connection', 'protocol', 'info'] })
    event['event.provider'] = program
    event['network.transport'] = 'udp'
    event['network.protocol'] = program === 'dhcp6c' || readSix(text, event) ? 'dhcpv6' : 'dhcp'
    const address = ADDRESS.exec(text)
    if (address !== null) putClient(event, `${address[1]!}-an-address`, address[2]!)
    readFour(text, event)
    return true
  },
} satisfies TextParser

function readFour(text: string, event: EcsEvent): void {
  const lease = LEASE.exec(text)
  if (lease !== null) {
    const [, action = '', address = '', server = '', who = '', name, via = ''] = lease
    putClient(event, action, address)
    putMac(event, 'client', 'source', who)
    if (ipOf(server) !== undefined) {
      putPeer(event, 'destination', server)
      event['server.address'] = server
      event['server.ip'] = server
    }
    put(event, 'dhcpd.client_hostname', name)
    putVlan(event, via)
    return
  }
  const listen = LISTEN.exec(text)
  if (listen === null) return
  put(event, 'event.action', `${listen[1]!.toLowerCase()}-on-bpf`)
  putMac(event, 'server', 'destination', listen[3]!)
  putVlan(event, listen[2]!)
}

function readSix(text: string, event: EcsEvent): boolean {
  const six = SIX.exec(text)
  if (six !== null) {
    const verb = six[1]!.toLowerCase()
    putClient(event, six[2] === undefined ? `sending-${verb}` : `${verb}-message`, six[3]!)
    putPort(event, 'client.port', six[4])
    putPort(event, 'source.port', six[4])
    return true
  }
  const assigned = ASSIGNED.exec(text)
  if (assigned !== null) {
    putClient(event, `${assigned[1]!}-${assigned[2]!}`.toLowerCase(), assigned[3]!)
    return true
  }
  const pool = POOL.exec(text)
  if (pool !== null) putClient(event, pool[1]!.toLowerCase().replaceAll(' ', '-'), pool[2]!)
  return pool !== null
}

/** The client is the source, whichever way the message goes: it is what a search asks for. */
function putClient(event: EcsEvent, action: string, address: string): void {
  event['event.action'] = action
  const ip = ipOf(address)
  if (ip === undefined) return
  putPeer(event, 'source', ip)
  event['client.address'] = ip
  event['client.ip'] = ip
}

function putMac(event: EcsEvent, role: string, side: string, text: string): void {
  if (!MAC.test(text)) return
  const mac = text.replaceAll(':', '-').toUpperCase()
  event[`${role}.mac`] = mac
  event[`${side}.mac`] = mac
}

function putVlan(event: EcsEvent, nic: string): void {
  put(event, 'network.vlan.id', /\.(\d{1,4})$/.exec(nic)?.[1])
}
