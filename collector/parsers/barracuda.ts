import type { EcsEvent } from '../../model/event.ts'
import { addRelated, ipOf, put, putPeer, putPort } from '../fields.ts'
import { judge, observe, passed, putNumber, putTransport } from '../firewall.ts'
import { putPath, putTlsVersion } from '../network-events.ts'
import type { TextParser } from '../parser.ts'
import { isoTime, parseIso } from '../time.ts'

// Barracuda Web Application Firewall, «How to Configure Syslog and other Logs»: `TIME ZONE UNIT TYPE …` with the values of the type behind
// it: TR access, WF web firewall, NF network firewall. Values with blanks are in quotes, `"-"` is nothing.
const FRONT = /^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} [+-]\d{4}) {1,4}([\w.-]{1,255}) (TR|WF|NF) /
const VALUE = /"((?:[^"\\]|\\.){0,4096})"|(\S{1,4096})/gs
const VALUES_MAX = 48
const ATTACK =
  /^(\S{1,16}) (\S{1,128}) (\S{2,45}) (\d{1,5}) (\S{2,45}) (\d{1,5}) (\S{1,256}) (\S{1,128}) ([A-Z]{1,32}) (.{1,128}?) (\[.{0,4096}?\]) ([A-Z]{2,24}) (\S{1,4096}) (\S{1,16}) /s
const BLOCKS_MAX = 64

export default {
  layer: 'text',
  precedence: 260,

  parse({ text }, event, { zone }) {
    const front = FRONT.exec(text)
    if (front === null) return false
    const rest = text.slice(front[0].length)
    event['event.dataset'] = 'barracuda.waf'
    event['message'] = rest
    observe(event, 'Barracuda', 'Web Application Firewall', front[2], 'waf')
    put(event, 'barracuda.waf.unit_name', front[2])
    put(event, 'barracuda.waf.log_type', front[3])
    const ms = parseIso(front[1]!.replace(/ ([+-])/, '$1'), zone)
    if (ms !== undefined) event['@timestamp'] = isoTime(ms)
    event['event.category'] = ['network']
    if (front[3] === 'TR') putAccess(event, valuesOf(rest))
    else if (front[3] === 'WF') putAttack(event, rest)
    else putPacket(event, valuesOf(rest))
    return true
  },
} satisfies TextParser

function valuesOf(text: string): string[] {
  const values: string[] = []
  for (const match of text.matchAll(VALUE)) {
    const value = match[1] ?? match[2]!
    values.push(value === '-' ? '' : value)
    if (values.length >= VALUES_MAX) break
  }
  return values
}

function putEnds(event: EcsEvent, client: string, clientPort: string, service: string, servicePort: string): void {
  putPeer(event, 'source', client, clientPort)
  putPeer(event, 'destination', service, servicePort)
  put(event, 'client.ip', event['source.ip'])
  put(event, 'client.port', event['source.port'])
}

function putServer(event: EcsEvent, address: string, port: string): void {
  put(event, 'server.ip', ipOf(address))
  putPort(event, 'server.port', port)
}

function putProxied(event: EcsEvent, address: string): void {
  const ip = ipOf(address)
  if (ip === undefined) return
  event['network.forwarded_ip'] = ip
  addRelated(event, 'related.ip', ip)
}

function putAccess(event: EcsEvent, values: readonly string[]): void {
  const at = (index: number): string => values[index] ?? ''
  event['event.type'] = ['access', 'connection']
  putEnds(event, at(2), at(3), at(0), at(1))
  put(event, 'user.name', at(30) || at(4))
  put(event, 'http.request.method', at(6))
  putTlsVersion(event, at(7))
  put(event, 'network.protocol', at(7).startsWith('TLS') ? 'https' : 'http')
  put(event, 'url.domain', at(8))
  put(event, 'host.ip', ipOf(at(8)))
  put(event, 'http.version', at(9).replace(/^HTTP\//, ''))
  putNumber(event, 'http.response.status_code', at(10))
  putNumber(event, 'http.response.bytes', at(11))
  putNumber(event, 'http.request.bytes', at(12))
  putServer(event, at(15), at(16))
  put(event, 'barracuda.waf.response_type', at(19))
  put(event, 'barracuda.waf.profile_matched', at(20))
  put(event, 'barracuda.waf.protected', at(21))
  put(event, 'barracuda.waf.wf_matched', at(22))
  putPath(event, at(23))
  put(event, 'url.query', at(24))
  put(event, 'http.request.referrer', at(25))
  put(event, 'user_agent.original', at(27))
  putProxied(event, at(28))
  put(event, 'user.id', at(34))
}

function putAttack(event: EcsEvent, text: string): void {
  event['event.category'] = ['intrusion_detection', 'network']
  event['event.kind'] = 'alert'
  const attack = ATTACK.exec(text)
  if (attack === null) return
  const [whole, severity, name, client = '', clientPort = '', service = '', servicePort = '', rule, kind, action = ''] =
    attack
  putEnds(event, client, clientPort, service, servicePort)
  putServer(event, service, servicePort)
  put(event, 'barracuda.waf.severity_level', severity)
  put(event, 'barracuda.waf.attack_description', name)
  put(event, 'rule.name', rule)
  put(event, 'rule.category', kind)
  put(event, 'barracuda.waf.followup_action', attack[10])
  put(event, 'barracuda.waf.attack_details', attack[11])
  const allowed = action === 'LOG' ? true : passed(action)
  judge(event, action, allowed, ['info'])
  event['event.action'] = action
  put(event, 'http.request.method', attack[12])
  putPath(event, attack[13]!)
  putTlsVersion(event, attack[14]!)
  // Session, browser, proxy, its port, user, referrer, client.
  const values = valuesOf(text.slice(whole.length))
  put(event, 'user_agent.original', values[1])
  putProxied(event, values[2] ?? '')
  put(event, 'user.name', values[4])
  put(event, 'http.request.referrer', values[5])
  put(event, 'user.id', values[6])
}

function putPacket(event: EcsEvent, values: readonly string[]): void {
  const at = (index: number): string => values[index] ?? ''
  put(event, 'barracuda.waf.severity_level', at(0))
  putTransport(event, at(1))
  putEnds(event, at(2), at(3), at(4), at(5))
  putServer(event, at(4), at(5))
  put(event, 'rule.name', at(7))
  event['rule.category'] = 'Network ACL'
  put(event, 'message', values.slice(8, BLOCKS_MAX).join(' '))
  judge(event, at(6), passed(at(6)))
  event['event.type'] = ['connection']
  put(event, 'event.action', at(6))
}
