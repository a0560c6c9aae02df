import { isIP } from 'node:net'
import type { EcsEvent } from '../../model/event.ts'
import { addRelated, integer, put, putPeer } from '../fields.ts'
import { judge, observe, putExtras, putNat, putNumber, putSourceUser, putTransport } from '../firewall.ts'
import { putUrl } from '../network-events.ts'
import type { TextParser } from '../parser.ts'

// Junos «System Log Explorer», RT_FLOW, RT_UTM, RT_IDP, RT_AAMW …: structured data `[junos@2636… source-address="…" …]` behind an
// RFC 5424 header, or plain: `RT_FLOW_SESSION_CREATE: session created 10.0.0.5/51234->203.0.113.9/443 junos-https …`.
const PROCESSES = ['rt_flow', 'rt_utm', 'rt_idp', 'rt_ids', 'rt_screen', 'rt_aamw', 'rt_secintel', 'apptrack']
const KNOWN: ReadonlySet<string> = new Set(
  'source-address source-port destination-address destination-port nat-source-address nat-source-port nat-destination-address nat-destination-port protocol-id protocol-name service-name application-name policy-name source-zone-name destination-zone-name source-interface-name destination-interface-name packet-incoming-interface username bytes-from-client bytes-from-server packets-from-client packets-from-server inbound-bytes outbound-bytes inbound-packets outbound-packets url obj filename attack-name rule-name elapsed-time session-id-32 client-ip client-port server-ip server-port'.split(
    ' ',
  ),
)
const PLAIN = /^(RT_[A-Z0-9_]{3,64}|[A-Z]{3,16}_[A-Z0-9_]{3,64}): (.*)$/s
const ENDS = /([0-9A-Fa-f.:]{2,45})\/(\d{1,5})->([0-9A-Fa-f.:]{2,45})\/(\d{1,5})/

export default {
  layer: 'text',
  precedence: 230,
  programs: PROCESSES,

  parse({ text, program }, event) {
    const data = dataOf(event)
    const plain = data === undefined ? PLAIN.exec(text) : null
    if (data === undefined && plain === null) return false
    const id = event['log.syslog.msgid']
    const tag = plain?.[1] ?? (typeof id === 'string' ? id : '')
    event['event.dataset'] = 'juniper_srx.log'
    if (text !== '') event['message'] = text
    observe(event, 'Juniper', 'SRX')
    put(event, 'juniper.srx.tag', tag)
    put(event, 'juniper.srx.process', program.toUpperCase())
    if (data === undefined) putPlain(event, plain![2]!)
    else {
      delete event['log.syslog.structured_data']
      event['message'] ??= tag
      putPairs(event, data)
    }
    const action = data?.get('action') ?? /, action: (\w{1,32})/.exec((plain?.[2] ?? '').slice(0, 1_024))?.[1] ?? ''
    putAction(event, tag, action.toLowerCase())
    return true
  },
} satisfies TextParser

/** The parameters of the `junos@…` element, as the header has read them. */
function dataOf(event: EcsEvent): Map<string, string> | undefined {
  const elements = event['log.syslog.structured_data']
  if (typeof elements !== 'object' || elements === null || Array.isArray(elements)) return undefined
  for (const [id, params] of Object.entries(elements)) {
    if (!id.startsWith('junos@') || typeof params !== 'object' || params === null || Array.isArray(params)) continue
    return new Map(
      Object.entries(params).map(([name, value]) => [name, clean(typeof value === 'string' ? value : '')] as const),
    )
  }
  return undefined
}

/** Words with which the device says «nothing». */
function clean(value: string): string {
  return /^(?:N\/A|UNKNOWN|None|unknown|unknown-user|-)$/.test(value) ? '' : value
}

function putPairs(event: EcsEvent, data: ReadonlyMap<string, string>): void {
  const get = (...names: string[]): string =>
    names.map((name) => data.get(name) ?? '').find((value) => value !== '') ?? ''
  putPeer(event, 'source', get('source-address', 'client-ip'), get('source-port', 'client-port'))
  putPeer(event, 'destination', get('destination-address', 'server-ip'), get('destination-port', 'server-port'))
  putNat(event, 'source', get('nat-source-address'), get('nat-source-port'))
  putNat(event, 'destination', get('nat-destination-address'), get('nat-destination-port'))
  putTransport(event, get('protocol-id', 'protocol-name'))
  putSourceUser(event, get('username'))
  put(event, 'network.application', get('application').toLowerCase() || get('application-name').toLowerCase())
  put(
    event,
    'network.protocol',
    get('service-name')
      .replace(/^junos-/, '')
      .toLowerCase(),
  )
  // In intrusion prevention a rule is a number in a base.
  const base = get('rulebase-name', 'ruleebase-name')
  if (base !== '') put(event, 'rule.id', get('rule-name'))
  put(event, 'rule.name', base || get('rule-name') || get('policy-name'))
  put(event, 'source.domain', get('hostname'))
  put(event, 'observer.ingress.zone', get('source-zone-name'))
  put(event, 'observer.egress.zone', get('destination-zone-name'))
  put(event, 'observer.ingress.interface.name', get('source-interface-name', 'packet-incoming-interface'))
  put(event, 'observer.egress.interface.name', get('destination-interface-name'))
  putNumber(event, 'source.bytes', get('bytes-from-client', 'inbound-bytes'))
  putNumber(event, 'destination.bytes', get('bytes-from-server', 'outbound-bytes'))
  putNumber(event, 'source.packets', get('packets-from-client', 'inbound-packets'))
  putNumber(event, 'destination.packets', get('packets-from-server', 'outbound-packets'))
  put(event, 'file.name', get('filename', 'file-name'))
  const hash = get('sample-sha256', 'file-hash')
  if (/^[0-9a-f]{64}$/i.test(hash)) event['file.hash.sha256'] = hash.toLowerCase()
  put(event, 'threat.indicator.name', get('attack-name'))
  const seconds = integer(get('elapsed-time'))
  if (seconds !== undefined) event['event.duration'] = seconds * 1e9
  const url = get('url')
  if (url.includes('://')) putUrl(event, url)
  else {
    put(event, 'url.domain', url || get('http-host'))
    put(event, 'url.path', get('obj'))
  }
  for (const field of ['url.domain', 'source.domain']) {
    if (typeof event[field] === 'string') addRelated(event, 'related.hosts', event[field])
  }
  put(event, 'juniper.srx.session_id', get('session-id-32'))
  putExtras(
    event,
    'juniper.srx',
    [...data].map(([name, value]) => [name.replaceAll('-', '_'), value] as const),
    KNOWN_SNAKE,
  )
}

const KNOWN_SNAKE: ReadonlySet<string> = new Set([...KNOWN].map((name) => name.replaceAll('-', '_')))

/** `session created A/P->B/P [0x0] service A/P->B/P …`, `session denied A/P->B/P [0x0] service 6(0) policy from to …`. */
function putPlain(event: EcsEvent, text: string): void {
  put(event, 'message', text)
  const words = text.slice(0, 2_048).split(' ', 64)
  const first = words.findIndex((word) => word.includes('->'))
  const ends = ENDS.exec((words[first] ?? '').slice(0, 128))
  if (ends === null) {
    putScreen(event, text.slice(0, 1_024))
    return
  }
  putPeer(event, 'source', ends[1]!, ends[2])
  putPeer(event, 'destination', ends[3]!, ends[4])
  const rest = words.slice(first + 1).filter((word) => !word.startsWith('0x'))
  const service = rest[0] ?? ''
  if (service !== 'None') put(event, 'network.protocol', service.replace(/^junos-/, '').toLowerCase())
  const mapped = ENDS.exec((rest[1] ?? '').slice(0, 128))
  if (mapped !== null) {
    putNat(event, 'source', mapped[1], mapped[2])
    putNat(event, 'destination', mapped[3], mapped[4])
  }
  const denied = /^(\d{1,3})\(\d{1,3}\)$/.exec(rest[1] ?? '')
  if (denied !== null) {
    putTransport(event, denied[1])
    put(event, 'rule.name', rest[2])
    put(event, 'observer.ingress.zone', rest[3])
    put(event, 'observer.egress.zone', rest[4])
  }
}

/** `TCP sweep! source: A:P, destination: B:P, protocol-id: 6, zone name: Z, interface name: I, action: drop`, without what does not apply. */
function putScreen(event: EcsEvent, text: string): void {
  const attack = /^(.{1,64})! (?=source: |destination: )/.exec(text)
  if (attack === null) return
  put(event, 'threat.indicator.name', attack[1])
  for (const side of ['source', 'destination'] as const) {
    const end = new RegExp(`\\b${side}: ([0-9A-Fa-f.:]{2,64}?)(?::(\\d{1,5}))?(?:,|$)`).exec(text)
    const six = end !== null && isIP(end[1]!) === 0 ? `${end[1]!}:${end[2] ?? ''}` : undefined
    if (end !== null) putPeer(event, side, six ?? end[1]!, six === undefined ? end[2] : undefined)
  }
  putTransport(event, /protocol-id: (\d{1,3})/.exec(text)?.[1])
  put(event, 'observer.ingress.zone', /zone name: ([^,]{1,64})/.exec(text)?.[1])
  put(event, 'observer.ingress.interface.name', /interface name: ([^,]{1,64})/.exec(text)?.[1])
}

/** What the beginnings of tags say. */
const NAMES: readonly (readonly [start: string, action: string])[] = [
  ['WEBFILTER', 'web_filter'],
  ['AV_VIRUS', 'virus_detected'],
  ['AV_', 'malware_detected'],
  ['AAMW_', 'malware_detected'],
  ['SRX_AAMW', 'malware_detected'],
  ['SECINTEL', 'malware_detected'],
  ['ANTISPAM', 'antispam_filter'],
  ['CONTENT_FILTERING', 'content_filter'],
  ['IDP_APPDDOS', 'application_ddos'],
  ['IDP_', 'security_threat'],
  ['RT_SCREEN', 'security_threat'],
]

function putAction(event: EcsEvent, tag: string, action: string): void {
  event['event.category'] = ['network']
  if (/^(?:RT_FLOW|APPTRACK)_SESSION_CREATE/.test(tag)) flow(event, 'flow_started', true, 'start')
  else if (/^(?:RT_FLOW|APPTRACK)_SESSION_CLOSE/.test(tag)) flow(event, 'flow_close', true, 'end')
  else if (tag.startsWith('RT_FLOW_SESSION_DENY')) flow(event, 'flow_deny', false)
  else if (/^(?:RT_FLOW|APPTRACK)_/.test(tag)) event['event.type'] = ['connection', 'info']
  else {
    event['event.kind'] = 'alert'
    const blocked = /BLOCKED|DETECTED_MT|_DROP/.test(tag) || /^(?:drop|block|reject|close|deny)/.test(action)
    const permitted = /PERMITTED/.test(tag) || /^(?:permit|none|log|pass)/.test(action)
    const network = /^IDP_|^RT_SCREEN/.test(tag)
    const name = NAMES.find(([start]) => tag.startsWith(start))?.[1] ?? ''
    const malware = blocked || /^AAMW_(?:MALWARE|HOST_INFECTED)/.test(tag)
    event['event.category'] = ['network', ...(network ? ['intrusion_detection'] : malware ? ['malware'] : [])]
    judge(
      event,
      action || (blocked ? 'blocked' : permitted ? 'permitted' : ''),
      blocked ? false : permitted ? true : undefined,
      permitted && !blocked ? [] : ['info'],
    )
    put(event, 'event.action', name)
  }
  event['event.outcome'] = 'success'
}

function flow(event: EcsEvent, action: string, allowed: boolean, ...types: string[]): void {
  event['event.action'] = action
  judge(event, allowed ? 'permit' : 'deny', allowed, types)
}
