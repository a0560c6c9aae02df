import type { EcsEvent } from '../../model/event.ts'
import { addRelated, baseName, integer, ipOf, lookUp, put, putPeer } from '../fields.ts'
import { accountOf, judge, observe, passed, putNat, putNumber, putSourceUser, putTransport } from '../firewall.ts'
import { readCommaValues } from '../key-values.ts'
import { putTranslatedFlow } from '../flow.ts'
import { putPath, putTlsVersion, putUrl } from '../network-events.ts'
import type { Context, TextParser } from '../parser.ts'
import { putHost } from '../syslog-header.ts'
import { isoTime, parseIso } from '../time.ts'

// PAN-OS «Syslog Field Descriptions»: comma values by type. A line without priority keeps time and host in front.
const CLAIM =
  /^(?:[A-Z][a-z]{2} {1,2}\d{1,2} \d\d:\d\d:\d\d (?:([\w.-]{1,255}) )?)?\d{0,10},\d{4}[-/]\d\d[-/]\d\d[ T]\d\d:\d\d:\d\d(?:\.\d{1,9}Z)?,[\w-]{0,32},([A-Z0-9-]{3,24}),/
const VALUES_MAX = 128

/** Names of the values from the 7th on, by type; `panw.panos.<name>` unless ECS has a place. `-` is reserved. */
const SESSION =
  'src dst natsrc natdst rule srcuser dstuser app vsys from to inbound_if outbound_if log_profile logged_time flow_id repeat_count sport dport natsport natdport flags proto action'
const NAMES: { readonly [type: string]: readonly string[] } = {
  TRAFFIC:
    `${SESSION} bytes bytes_sent bytes_received packets start_time elapsed_time category - sequence_number action_flags srcloc dstloc - packets_sent packets_received endreason - - - - virtual_sys device_name action_source - - imsi imei parent_session_id parent_start_time tunnel - - - - rule_uuid`.split(
      ' ',
    ),
  THREAT:
    `${SESSION} misc threat_id category severity direction sequence_number action_flags srcloc dstloc - content_type pcap_id filedigest cloud url_idx user_agent filetype xff referer sender subject recipient report_id - - - - virtual_sys device_name - - - method imsi imei parent_session_id parent_start_time tunnel threat_category content_version - - payload_protocol http_headers url_category_list rule_uuid http2`.split(
      ' ',
    ),
  SYSTEM:
    'vsys event_id object - - module severity description sequence_number action_flags - - - - virtual_sys device_name'.split(
      ' ',
    ),
  CONFIG:
    'client vsys cmd admin client_type result path - - sequence_number action_flags - - - - virtual_sys device_name'.split(
      ' ',
    ),
  GLOBALPROTECT:
    'vsys event_id stage auth_method tunnel_type srcuser srcregion machine public_ip public_ipv6 private_ip private_ipv6 host_id serial client_ver client_os client_os_ver repeat_count reason error description status location login_duration connect_method error_code portal sequence_number action_flags'.split(
      ' ',
    ),
  HIPMATCH:
    'srcuser vsys machine client_os src matchname repeat_count matchtype - - sequence_number action_flags - - - - virtual_sys device_name vsys_id ipv6 host_id serial'.split(
      ' ',
    ),
  USERID:
    'vsys src srcuser datasource_name event_id repeat_count timeout sport dport datasource datasource_type sequence_number action_flags - - - - virtual_sys device_name vsys_id factor_type factor_completion_time factor'.split(
      ' ',
    ),
  IPTAG:
    'vsys src tag_name event_id repeat_count timeout datasource_name datasource_type datasource_subtype sequence_number action_flags - - - - virtual_sys device_name'.split(
      ' ',
    ),
  DECRYPTION:
    `${SESSION} tunnel - - - - rule_uuid client_to_firewall firewall_to_client tls_version tls_key_exchange tls_encryption tls_hash policy_name tls_curve error_index root_status chain_status proxy_type cert_serial fingerprint cert_start cert_end cert_version cert_size - - - - cert_flags common_name issuer_common_name root_common_name server_name error`.split(
      ' ',
    ),
  GTP: 'src dst - - rule - - app vsys from to inbound_if outbound_if log_profile - flow_id - sport dport - - - proto action event_type msisdn apn rat msg_type end_user_ip teid1 teid2 gtp_interface gtp_cause severity mcc mnc area_code cell_id event_code - - srcloc dstloc'.split(
    ' ',
  ),
  // The log of tunnel inspection has START, END, DENY or DROP for a type.
  START:
    `${SESSION} severity sequence_number action_flags srcloc dstloc - - - - virtual_sys device_name imsi imei parent_session_id parent_start_time tunnel bytes bytes_sent bytes_received packets packets_sent packets_received`.split(
      ' ',
    ),
  SCTP: 'src dst - - rule - - - vsys from to inbound_if outbound_if log_profile - flow_id repeat_count sport dport - - - - proto action - - - - virtual_sys device_name sequence_number - assoc_id payload_protocol severity chunk_type - verification_tag verification_tag2 cause_code diameter_app diameter_command diameter_avp stream endreason map_opcode ssn gt filter chunks chunks_sent chunks_received packets packets_sent packets_received rule_uuid'.split(
    ' ',
  ),
  CORRELATION:
    'src srcuser vsys category severity - - - - virtual_sys device_name vsys_id object object_id evidence'.split(' '),
  AUTHENTICATION:
    'vsys src srcuser normalize_user object auth_policy repeat_count auth_id vendor log_profile server_profile description client_type event_type factor sequence_number action_flags'.split(
      ' ',
    ),
}
const PLACED: ReadonlySet<string> = new Set(
  '- src dst natsrc natdst rule srcuser dstuser app from to inbound_if outbound_if sport dport natsport natdport proto bytes bytes_sent bytes_received packets packets_sent packets_received misc severity direction filedigest user_agent referer method device_name public_ip private_ip client description elapsed_time admin path machine host_id rule_uuid client_os client_os_ver'.split(
    ' ',
  ),
)
const FLOWS: { readonly [subtype: string]: string } = {
  start: 'flow_started',
  end: 'flow_terminated',
  drop: 'flow_dropped',
  deny: 'flow_denied',
}
const FLOW_TYPES: ReadonlySet<string> = new Set(['TRAFFIC', 'START', 'SCTP', 'DECRYPTION', 'GTP'])
const THREATS: { readonly [subtype: string]: string } = {
  data: 'data_match',
  file: 'file_match',
  flood: 'flood_detected',
  packet: 'packet_attack',
  scan: 'scan_detected',
  spyware: 'spyware_detected',
  url: 'url_filtering',
  virus: 'virus_detected',
  vulnerability: 'exploit_detected',
  'ml-virus': 'virus_detected',
  wildfire: 'wildfire_verdict',
  'wildfire-virus': 'wildfire_virus_detected',
}
const SEVERITIES: { readonly [word: string]: number } = { critical: 1, high: 2, medium: 3, low: 4, informational: 5 }

export default {
  layer: 'text',
  precedence: 215,

  parse({ text }, event, context) {
    const claim = CLAIM.exec(text)
    if (claim === null) return false
    // The values begin behind the time and host: with the reserved first one.
    const values = readCommaValues(text.slice(text.indexOf(',', Math.max(0, claim[0].indexOf(',')))), VALUES_MAX)
    const type = claim[2]!
    const names = NAMES[type]
    const pairs = new Map<string, string>()
    names?.forEach((name, i) => {
      const value = values[7 + i]
      if (value !== undefined && value !== '') pairs.set(name, value)
    })
    const get = (name: string): string => pairs.get(name) ?? ''

    event['event.dataset'] = 'panw.panos'
    event['message'] = text.slice(claim[0].length)
    putHost(event, get('device_name') || (claim[1] ?? ''))
    observe(event, 'Palo Alto Networks', 'PAN-OS', get('device_name'))
    put(event, 'observer.hostname', get('device_name'))
    put(event, 'observer.serial_number', values[2])
    put(event, 'panw.panos.type', type)
    put(event, 'panw.panos.sub_type', values[4])
    putMoment(event, values[6] ?? '', values[1] ?? '', context)
    for (const [name, value] of pairs) if (!PLACED.has(name)) event[`panw.panos.${name}`] = value

    putPeer(event, 'source', get('src'), get('sport'))
    put(event, 'rule.uuid', get('rule_uuid'))
    putPeer(event, 'destination', get('dst'), get('dport'))
    putNat(event, 'source', get('natsrc'), get('natsport'))
    putNat(event, 'destination', get('natdst'), get('natdport'))
    const user = accountOf(get('srcuser') || get('admin'))
    putSourceUser(event, user.domain === '' ? user.name : `${user.domain}\\${user.name}`)
    put(event, 'destination.user.name', accountOf(get('dstuser')).name)
    putTransport(event, get('proto'))
    put(event, 'network.application', get('app'))
    put(event, 'rule.name', get('rule'))
    put(event, 'observer.ingress.zone', get('from'))
    put(event, 'observer.egress.zone', get('to'))
    put(event, 'observer.ingress.interface.name', get('inbound_if'))
    put(event, 'observer.egress.interface.name', get('outbound_if'))
    put(event, 'user_agent.original', get('user_agent'))
    put(event, 'http.request.referrer', get('referer'))
    put(event, 'http.request.method', get('method') === 'unknown' ? '' : get('method'))
    const level = get('severity')
    const severity = lookUp(SEVERITIES, level)
    if (severity !== undefined) {
      event['event.severity'] = severity
      event['log.level'] = level
    }
    putTranslatedFlow(event)
    event['event.category'] = ['network']
    if (type === 'DECRYPTION') putTls(event, get)
    if (FLOW_TYPES.has(type)) putTraffic(event, get, values[4] ?? '')
    else if (type === 'THREAT') putThreat(event, get, values[4] ?? '')
    else putActivity(event, get, type)
    return true
  },
} satisfies TextParser

/** `2026/05/12 10:00:00`, of the generation or else of the receipt. */
function putMoment(event: EcsEvent, generated: string, received: string, { zone }: Context): void {
  const text = /^\d{4}([-/])\d\d\1\d\d[ T]\d\d:\d\d:\d\d(?:\.\d{1,9}Z)?$/
  const time = text.test(generated) ? generated : received
  const ms = parseIso(time.replaceAll('/', '-'), zone)
  if (ms !== undefined) event['@timestamp'] = isoTime(ms)
}

type Get = (name: string) => string

function putTls(event: EcsEvent, get: Get): void {
  for (const [name, field] of TLS) if (get(name) !== 'None' && get(name) !== '0') put(event, field, get(name))
  putTlsVersion(event, get('tls_version').replace(/^(TLS|SSL)(?=\d)/, '$1 '))
  if (get('error') !== 'None') put(event, 'event.reason', get('error'))
}

function putTraffic(event: EcsEvent, get: Get, subtype: string): void {
  putNumber(event, 'network.bytes', get('bytes'))
  putNumber(event, 'source.bytes', get('bytes_sent'))
  putNumber(event, 'destination.bytes', get('bytes_received'))
  putNumber(event, 'network.packets', get('packets'))
  putNumber(event, 'source.packets', get('packets_sent'))
  putNumber(event, 'destination.packets', get('packets_received'))
  const seconds = integer(get('elapsed_time'))
  if (seconds !== undefined) event['event.duration'] = seconds * 1e9
  put(event, 'event.reason', get('endreason'))
  put(event, 'event.action', lookUp(FLOWS, subtype) ?? (subtype === '0' ? '' : subtype))
  const allowed = passed(get('action').replaceAll(' ', '-'))
  judge(event, get('action'), allowed, subtype === 'start' || subtype === 'end' ? [subtype] : [])
  if (allowed !== undefined) event['event.outcome'] = allowed ? 'success' : 'failure'
}

function putThreat(event: EcsEvent, get: Get, subtype: string): void {
  event['event.kind'] = 'alert'
  event['event.category'] = ['intrusion_detection', 'threat', 'network']
  put(event, 'event.action', lookUp(THREATS, subtype) ?? subtype)
  const direction = get('direction')
  if (direction === 'client-to-server') event['network.direction'] = 'inbound'
  if (direction === 'server-to-client') event['network.direction'] = 'outbound'
  const threat = /^(?:(.{0,256})\((\d{1,12})\)|(.{1,256}))$/s.exec(get('threat_id'))
  put(event, 'panw.panos.threat.id', threat?.[2])
  put(event, 'panw.panos.threat.name', subtype === 'url' ? 'URL-filtering' : (threat?.[1] ?? threat?.[3]))
  const misc = get('misc')
  if (subtype === 'url') {
    // The log leaves the scheme out: `host/path`.
    putUrl(event, misc)
    const slash = misc.indexOf('/')
    if (event['url.scheme'] === undefined && slash > 0) {
      put(event, 'url.domain', misc.slice(0, slash).replace(/:\d{1,5}$/, ''))
      putPath(event, misc.slice(slash))
    }
    put(event, 'destination.domain', event['url.domain'])
  } else {
    put(event, 'file.name', baseName(misc))
    if (/[\\/]/.test(misc)) event['file.path'] = misc
  }
  const digest = get('filedigest')
  if (/^[0-9a-f]{64}$/i.test(digest)) event['file.hash.sha256'] = digest
  const allowed = passed(get('action').replaceAll(' ', '-'))
  const types = event['event.type']
  judge(event, get('action'), allowed)
  event['event.type'] = types ?? [allowed === false ? 'denied' : 'allowed']
  event['event.outcome'] = allowed === false ? 'failure' : 'success'
}

/** Values of a decryption log that ECS has a place for; `None` and `0` are no value. */
const TLS: readonly (readonly [name: string, field: string])[] = [
  ['tls_encryption', 'tls.cipher'],
  ['tls_curve', 'tls.curve'],
  ['server_name', 'tls.client.server_name'],
  ['common_name', 'tls.server.x509.subject.common_name'],
  ['issuer_common_name', 'tls.server.x509.issuer.common_name'],
  ['cert_serial', 'tls.server.x509.serial_number'],
]

/** How an account and an address stand in the texts of the system log. */
const SYSTEM_USERS = [
  /\buser '([^']{1,256})'/,
  /\bUser name: ([^,]{1,256}),/,
  /^User (\S{1,256}) logged (?:in|out)\b/,
  /^User '([^']{1,256})' (?:logged|failed)/,
]
// The name is the stranger's: GlobalProtect's address stands before it, all others' behind it.
const SYSTEM_FROM = /^(?:GlobalProtect [^:,]{1,200} Login from: |.*\b[Ff]rom:? )([0-9A-Fa-f.:]{3,45}?)[.,]?(?:$|[ ,])/s

const LOGINS: ReadonlySet<string> = new Set([
  'auth-success',
  'auth-fail',
  'gateway-auth',
  'portal-auth',
  'gateway-login',
])

function putActivity(event: EcsEvent, get: Get, type: string): void {
  event['event.type'] = ['info']
  const id = get('event_id')
  if (id !== '0') put(event, 'event.code', id)
  put(event, 'event.reason', get('reason') || get('error'))
  if (get('description') !== '') event['message'] = get('description')
  if (type === 'GLOBALPROTECT') {
    const inner = ipOf(get('private_ip'))
    const outer = get('public_ip')
    const hidden = inner === undefined || inner === '0.0.0.0'
    putPeer(event, 'source', hidden ? outer : inner)
    if (!hidden) putNat(event, 'source', outer)
    put(event, 'host.ip', inner)
    put(event, 'host.os.family', get('client_os'))
    put(event, 'host.os.full', get('client_os_ver'))
  }
  put(event, 'host.id', get('host_id'))
  if (get('machine') !== '') {
    // The machine of the user; `host.hostname` stays the firewall's.
    event['host.name'] = get('machine').toLowerCase()
    addRelated(event, 'related.hosts', event['host.name'])
  }
  if (type === 'CONFIG') {
    event['event.category'] = ['configuration']
    event['event.type'] = ['change']
    putPeer(event, 'source', get('client'))
    put(event, 'event.action', get('cmd'))
    put(event, 'panw.panos.config.path', get('path'))
  }
  if (LOGINS.has(id) || type === 'AUTHENTICATION') {
    event['event.category'] = type === 'AUTHENTICATION' ? ['authentication'] : ['network', 'authentication']
    event['event.action'] = id === '' ? 'authentication' : id
  }
  const word = `${get('status')} ${get('result')} ${id}`.toLowerCase()
  if (/fail|unauthorized/.test(word)) event['event.outcome'] = 'failure'
  else if (/success|succeeded|submitted/.test(word)) event['event.outcome'] = 'success'
  if (type === 'SYSTEM') {
    // «failed authentication for user 'x'. Reason: … From: 203.0.113.9.», «User x logged in via Web from 203.0.113.9 using https»
    const text = get('description').slice(0, 1_024)
    const user = SYSTEM_USERS.map((form) => form.exec(text)?.[1]).find((name) => name !== undefined)
    if (user !== undefined) putSourceUser(event, user)
    putPeer(event, 'source', SYSTEM_FROM.exec(text)?.[1] ?? '')
    const session = /^User \S{1,256} logged (in|out)\b/.exec(text)?.[1]
    if (session !== undefined) {
      event['event.category'] = ['network', 'authentication']
      event['event.type'] = [session === 'in' ? 'start' : 'end']
      event['event.action'] = session === 'in' ? 'logged-in' : 'logged-out'
      event['event.outcome'] ??= 'success'
    }
  }
}
