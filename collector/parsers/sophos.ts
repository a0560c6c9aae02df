import type { EcsEvent } from '../../model/event.ts'
import { addRelated, integer, lookUp, put, putPeer } from '../fields.ts'
import {
  judge,
  observe,
  passed,
  putExtras,
  putMac,
  putNat,
  putNumber,
  putSourceUser,
  putTotals,
  putTransport,
} from '../firewall.ts'
import { readPairs } from '../key-values.ts'
import { putCommunityId } from '../flow.ts'
import { putUrl } from '../network-events.ts'
import type { TextParser } from '../parser.ts'
import { putHost } from '../syslog-header.ts'
import { isoTime, parseIso } from '../time.ts'

// Sophos Firewall (SFOS) «Syslog guide»: `device="SFW" date=… log_id=… log_type="Firewall" log_subtype="Denied" …`, and the
// newer form `device_name="SFW" timestamp="…" device_model=… log_component=…`.
const FIELDS: { readonly [name: string]: string } = {
  fw_rule_name: 'rule.name',
  policy_type: 'rule.ruleset',
  in_interface: 'observer.ingress.interface.name',
  out_interface: 'observer.egress.interface.name',
  srczone: 'observer.ingress.zone',
  src_zone: 'observer.ingress.zone',
  dstzone: 'observer.egress.zone',
  dst_zone: 'observer.egress.zone',
  device_id: 'observer.serial_number',
  device_serial_id: 'observer.serial_number',
  user_gp: 'source.user.group.name',
  user_group: 'source.user.group.name',
  domain: 'url.domain',
  destination: 'url.domain',
  reason: 'event.reason',
  signature_id: 'rule.id',
  signature_msg: 'rule.name',
  classification: 'rule.category',
  idp_policy_name: 'rule.ruleset',
  threatname: 'threat.indicator.name',
  method: 'http.request.method',
  referer: 'http.request.referrer',
  useragent: 'user_agent.original',
  file_path: 'file.path',
  user_agent: 'user_agent.original',
  virus: 'threat.indicator.name',
  malware: 'threat.indicator.name',
  sha1sum: 'file.hash.sha1',
  sha256sum: 'file.hash.sha256',
  filename: 'file.name',
  file_name: 'file.name',
  filetype: 'file.mime_type',
  contenttype: 'file.mime_type',
  from_email_address: 'source.user.email',
  to_email_address: 'destination.user.email',
  message: 'message',
}
const NUMBERS: { readonly [name: string]: string } = {
  sent_bytes: 'source.bytes',
  bytes_sent: 'source.bytes',
  recv_bytes: 'destination.bytes',
  bytes_received: 'destination.bytes',
  sent_pkts: 'source.packets',
  packets_sent: 'source.packets',
  recv_pkts: 'destination.packets',
  packets_received: 'destination.packets',
  file_size: 'file.size',
  filesize: 'file.size',
  httpresponsecode: 'http.response.status_code',
  status_code: 'http.response.status_code',
  httpstatus: 'http.response.status_code',
  bytesrcv: 'http.request.bytes',
  bytessent: 'http.response.bytes',
}
const KNOWN: ReadonlySet<string> = new Set([
  ...Object.keys(FIELDS),
  ...Object.keys(NUMBERS),
  'date',
  'time',
  'timestamp',
  'src_ip',
  'dst_ip',
  'src_port',
  'dst_port',
  'protocol',
  'src_mac',
  'dst_mac',
  'url',
  'tran_src_ip',
  'tran_src_port',
  'tran_dst_ip',
  'tran_dst_port',
  'user_name',
  'user',
  'localip',
  'querystring',
  'server',
  'ws_protocol',
  'duration',
  'application',
  'app_name',
])
const SEVERITIES: { readonly [word: string]: number } = {
  emergency: 0,
  alert: 1,
  critical: 2,
  error: 3,
  warning: 4,
  notification: 5,
  notice: 5,
  information: 6,
  informational: 6,
  debug: 7,
}

const DIRECTIONS: { readonly [zones: string]: string } = {
  'LAN WAN': 'outbound',
  'DMZ WAN': 'outbound',
  'WAN LAN': 'inbound',
  'WAN DMZ': 'inbound',
  'LAN LAN': 'internal',
}
const HOSTS = ['url.domain', 'source.domain', 'destination.domain']
const PROTOCOLS: ReadonlySet<string> = new Set('smtp smtps pop3 pop3s imap imaps imap4 http https ftp'.split(' '))

/** Time and host, where no priority stands before them. */
const FRONT = /^(?:[A-Z][a-z]{2} {1,2}\d{1,2} \d\d:\d\d:\d\d [\w.-]{1,255} )?(?=device(?:_name)?=)/

export default {
  layer: 'text',
  precedence: 225,

  parse({ text }, event, { zone }) {
    const front = FRONT.exec(text)
    if (front === null) return false
    const pairs = readPairs(text, front[0].length)
    if (!pairs.has('log_type') || !(pairs.has('log_id') || pairs.has('log_component'))) return false
    const get = (...names: string[]): string =>
      names.map((name) => pairs.get(name) ?? '').find((value) => value !== '') ?? ''

    event['event.dataset'] = 'sophos.xg'
    event['message'] = get('message') || text
    const offset = /^[+-]\d\d:?\d\d$/.exec(get('timezone'))?.[0] ?? ''
    const stamp = get('timestamp').replace(/^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)([+-]\d{4})$/, '$1$2')
    const ms = parseIso(stamp === '' ? `${get('date')} ${get('time')}${offset}` : stamp, zone)
    if (ms !== undefined) event['@timestamp'] = isoTime(ms)
    if (event['host.hostname'] === undefined) putHost(event, get('device_name'))
    observe(event, 'Sophos', 'XG', get('device_name'))
    for (const [name, field] of Object.entries(FIELDS)) put(event, field, get(name) || undefined)
    for (const [name, field] of Object.entries(NUMBERS)) putNumber(event, field, pairs.get(name))
    putPeer(event, 'source', get('src_ip', 'sourceip', 'ep_ip'), get('src_port'))
    putPeer(event, 'destination', get('dst_ip', 'destinationip', 'localip'), get('dst_port'))
    putNat(event, 'source', get('tran_src_ip', 'src_trans_ip'), get('tran_src_port', 'src_trans_port'))
    putNat(event, 'destination', get('tran_dst_ip', 'dst_trans_ip'), get('tran_dst_port', 'dst_trans_port'))
    putNumber(event, 'http.response.status_code', get('http_status') === '0' ? '' : get('http_status'))
    put(event, 'source.domain', get('src_domainname'))
    put(event, 'destination.domain', get('dst_domainname', 'destination'))
    if (get('log_type') === 'Firewall') {
      const zones = `${get('srczonetype', 'src_zone_type')} ${get('dstzonetype', 'dst_zone_type')}`
      put(event, 'network.direction', lookUp(DIRECTIONS, zones))
    }
    putMac(event, 'source', pairs.get('src_mac'))
    putMac(event, 'destination', pairs.get('dst_mac'))
    putTransport(event, get('protocol').trim())
    putTotals(event)
    putSourceUser(event, get('user_name', 'user'))
    putUrl(event, get('url'))
    if (get('querystring') !== '') event['url.query'] = get('querystring').replace(/^\?/, '')
    // The web application firewall's `server="www.tinh.gov.vn:443"`.
    const server = /^([\w.-]{1,253})(?::\d{1,5})?$/.exec(get('server'))?.[1]
    put(event, 'url.domain', event['url.domain'] ?? server)
    put(event, 'http.version', /^HTTP\/([\d.]{1,5})$/.exec(get('ws_protocol'))?.[1])
    for (const field of HOSTS) if (typeof event[field] === 'string') addRelated(event, 'related.hosts', event[field])
    put(event, 'rule.id', get('signature_id') || get('fw_rule_id'))
    put(event, 'event.code', get('log_id').slice(-5))
    const component = get('log_component').toLowerCase()
    const spoken = event['url.scheme'] ?? (PROTOCOLS.has(component) ? component : undefined)
    put(event, 'network.protocol', spoken ?? get('application', 'app_name').toLowerCase())
    putCommunityId(event, { type: integer(get('icmp_type')), code: integer(get('icmp_code')) })
    const priority = get('priority', 'severity').toLowerCase()
    put(event, 'event.severity', lookUp(SEVERITIES, priority))
    put(event, 'log.level', priority === 'information' ? 'informational' : priority)
    const seconds = integer(get('duration'))
    if (seconds !== undefined) event['event.duration'] = seconds * 1e9
    putExtras(event, 'sophos.xg', pairs, KNOWN)
    putAction(
      event,
      get('log_type').toLowerCase(),
      get('log_subtype'),
      get('status').toLowerCase(),
      get('con_event', 'connevent'),
    )
    return true
  },
} satisfies TextParser

/** Components that drop a packet because it is an attack, whatever the rules say. */
const ATTACKS = /^(?:dos attack|ip spoof|source routed)$/i

/** What a mail or a file was found to be, and whether it went on. */
const FINDINGS: ReadonlySet<string> = new Set(['anti-spam', 'anti-virus', 'sandbox'])

function putAction(event: EcsEvent, type: string, finding: string, status: string, connection: string): void {
  const subtype = finding.toLowerCase()
  put(event, 'event.action', FINDINGS.has(type) ? finding : subtype)
  const component = event['sophos.xg.log_component']
  const login = subtype === 'authentication' || (typeof component === 'string' && /authentication/i.test(component))
  if (
    type === 'event' &&
    (login || /^(?:gui|cli|ssl vpn|firewall authentication|my account authentication)$/.test(subtype))
  ) {
    event['event.category'] = ['network', 'authentication']
    event['event.type'] = ['start']
    if (/fail/.test(status)) event['event.outcome'] = 'failure'
    else if (/success/.test(status)) event['event.outcome'] = 'success'
    return
  }
  const attack = type === 'firewall' && typeof component === 'string' && ATTACKS.test(component) && subtype === 'denied'
  if (attack || type === 'idp' || type === 'atp' || type === 'anti-virus' || type === 'ips') {
    event['event.category'] = ['network', type === 'anti-virus' ? 'malware' : 'intrusion_detection']
    event['event.kind'] = 'alert'
  }
  const bad = FINDINGS.has(type) && /spam|virus|dlp|dos|denied/.test(subtype)
  if (bad) event['event.category'] = ['network', subtype === 'dos' ? 'intrusion_detection' : 'malware']
  const clean = FINDINGS.has(type) && /^(?:clean|spx)$/.test(subtype)
  const allowed = passed(subtype) ?? passed(status) ?? (bad ? false : clean || subtype === 'warned' ? true : undefined)
  const moment = connection === 'Start' ? ['start'] : connection === 'Stop' ? ['end'] : []
  judge(event, subtype, allowed, [...moment, ...(bad && type !== 'sandbox' ? ['info'] : [])])
  if (allowed !== undefined || FINDINGS.has(type)) event['event.outcome'] = 'success'
}
