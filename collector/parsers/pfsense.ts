import type { EcsEvent } from '../../model/event.ts'
import { classify, integer, lookUp, put, putPeer } from '../fields.ts'
import { judge, observe, passed, putNumber, putSourceUser, putTransport } from '../firewall.ts'
import { putCommunityId } from '../flow.ts'
import type { TextParser } from '../parser.ts'

// pfSense «Raw Filter Log Format», OPNsense the same: commas, by IP version and protocol. Also the web interface's logins.
const LOGIN =
  /^(?:\/\S{1,200}: )?(Successful login|Session timed out|User logged out|webConfigurator authentication error) for user '(.{0,256})' from: ([0-9A-Fa-f.:]{2,45})/s
/** What the log calls ICMP's echo. */
const ICMP: { readonly [word: string]: number } = { request: 8, reply: 0 }
const DIRECTIONS: { readonly [word: string]: string } = { in: 'inbound', out: 'outbound' }

export default {
  layer: 'text',
  precedence: 235,
  programs: ['filterlog', 'php-fpm', 'php', 'openvpn'],

  parse({ text, program }, event, { stream }) {
    if (program === 'openvpn') return stream.startsWith('pfsense') && putVpn(text, event)
    return program === 'filterlog' ? putPacket(text, event) : putLogin(text, event)
  },
} satisfies TextParser

function putPacket(text: string, event: EcsEvent): boolean {
  const values = text.split(',', 48)
  const at = (index: number): string => values[index] ?? ''
  const version = at(8)
  if (version !== '4' && version !== '6') return false
  const six = version === '6'
  const from = six ? 15 : 18
  if (values.length <= from + 1) return false
  event['event.dataset'] = 'pfsense.log'
  event['message'] = text
  event['event.provider'] = 'filterlog'
  observe(event, 'netgate', 'pfSense')
  put(event, 'rule.id', at(3) === '' || at(3) === '0' ? at(0) : at(3))
  put(event, 'event.reason', at(5))
  put(event, 'event.action', at(6))
  put(event, 'network.direction', lookUp(DIRECTIONS, at(7)) ?? at(7))
  event['network.type'] = `ipv${version}`
  put(event, 'observer.ingress.interface.name', at(4))
  put(event, 'network.vlan.id', /[._](?:vlan)?(\d{1,4})$/.exec(at(4).slice(-40))?.[1])
  const protocol = (six ? at(12) : at(16)).toLowerCase()
  putTransport(event, protocol)
  put(event, 'network.iana_number', six ? at(13) : at(15))
  putNumber(event, 'network.bytes', six ? at(14) : at(17))
  put(event, 'pfsense.ip.tos', at(9))
  put(event, 'pfsense.ip.ttl', integer(six ? at(11) : at(11)))
  const ports = protocol === 'tcp' || protocol === 'udp'
  putPeer(event, 'source', at(from), ports ? at(from + 2) : undefined)
  putPeer(event, 'destination', at(from + 1), ports ? at(from + 3) : undefined)
  if (protocol === 'tcp') {
    put(event, 'pfsense.tcp.length', integer(at(from + 4)))
    put(event, 'pfsense.tcp.flags', at(from + 5))
    put(event, 'pfsense.tcp.window', integer(at(from + 8)))
  } else if (protocol === 'udp') put(event, 'pfsense.udp.length', integer(at(from + 4)))
  else if (protocol.includes('icmp')) {
    put(event, 'pfsense.icmp.type', at(from + 2))
    putCommunityId(event, { type: lookUp(ICMP, at(from + 2)) })
  }
  judge(event, at(6), passed(at(6)))
  return true
}

/**
 * OpenVPN: `[USER/]ADDRESS:PORT …`, `user 'x' authenticated`, `openvpn server 's' user 'x' address 'a' - connected`. The name is the
 * stranger's: what was decided stands behind its last quote.
 */
const VPN_PEER = /^(?:(\S{1,128})\/)?\[?([0-9A-Fa-f.:]{2,45}?)\]?:(\d{1,5}) /
const VPN_STATE =
  /^(?:openvpn server '[^']{1,64}' )?user '(.{0,256})' (?:(authenticated|could not authenticate)|address '([0-9A-Fa-f.:]{0,45})' - (connecting|connected|disconnected))/
const VPN_STARTED =
  /^(?:\S{1,80} )?\[(.{1,256})\] Peer Connection Initiated with \[AF_INET6?\]([0-9A-Fa-f.:]{2,45}):(\d{1,5})/

function putVpn(text: string, event: EcsEvent): boolean {
  event['event.dataset'] = 'pfsense.log'
  put(event, 'message', text)
  event['event.provider'] = 'openvpn'
  observe(event, 'netgate', 'pfSense')
  classify(event, { category: ['network'], type: ['info'] })
  const peer = VPN_PEER.exec(text)
  const state = VPN_STATE.exec(text)
  const started = VPN_STARTED.exec(text)
  putSourceUser(event, started?.[1] ?? state?.[1] ?? peer?.[1])
  putPeer(event, 'source', started?.[2] ?? state?.[3] ?? peer?.[2] ?? '', started?.[3] ?? peer?.[3])
  if (started !== null || state?.[4] === 'connected') {
    classify(event, { category: ['network', 'session'], type: ['connection', 'start'], action: 'vpn-connected' })
  } else if (state?.[4] === 'disconnected') {
    classify(event, { category: ['network', 'session'], type: ['connection', 'end'], action: 'vpn-disconnected' })
  } else if (state?.[2] !== undefined) {
    const outcome = state[2] === 'authenticated' ? 'success' : 'failure'
    const action = outcome === 'success' ? 'logged-in' : 'logon-failed'
    classify(event, { category: ['network', 'authentication'], type: ['start'], action, outcome })
  }
  return true
}

function putLogin(text: string, event: EcsEvent): boolean {
  const login = LOGIN.exec(text)
  if (login === null) return false
  const words = login[1]!
  event['event.dataset'] = 'pfsense.log'
  event['message'] = text
  event['event.provider'] = 'php-fpm'
  observe(event, 'netgate', 'pfSense')
  putSourceUser(event, login[2])
  putPeer(event, 'source', login[3]!)
  if (words === 'Successful login') {
    classify(event, {
      category: ['authentication'],
      type: ['start'],
      action: 'logged-in',
      outcome: 'success',
    })
  } else if (words.startsWith('webC')) {
    classify(event, {
      category: ['authentication'],
      type: ['info'],
      action: 'logon-failed',
      outcome: 'failure',
    })
  } else classify(event, { category: ['authentication'], type: ['end'], action: 'logged-out' })
  return true
}
