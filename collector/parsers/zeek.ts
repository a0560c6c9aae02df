import type { EcsEvent, EcsValue } from '../../model/event.ts'
import { addRelated, classify, integer, ipOf, lookUp, put, putPeer, putPort } from '../fields.ts'
import { putMac } from '../firewall.ts'
import { putCommunityId } from '../flow.ts'
import { putLeaf, putRecordTime } from '../json-names.ts'
import { flatten } from '../json-record.ts'
import type { JsonLeaf } from '../json-record.ts'
import { putCertificate, putDomain, putQuestion, putTlsVersion, putUrl } from '../network-events.ts'
import type { JsonParser } from '../parser.ts'
import { Refusal } from '../refusal.ts'
import { isoTime, parseEpoch, parseIso } from '../time.ts'

// Zeek's logs written as JSON (docs.zeek.org, «Log Files»): all fields stay at zeek.<stream>.* under Zeek's own names. The
// stream is `_path` where json-streaming-logs or a shipper writes it, else the fields tell it.

type Fields = ReadonlyMap<string, JsonLeaf>

const STREAM = /^[a-z][a-z0-9_]{0,31}$/

/** Fields by which a stream without `_path` is known; the first row whose fields are all there. */
const SHAPES: readonly (readonly [stream: string, ...fields: string[]])[] = [
  ['conn', 'conn_state'],
  ['dns', 'trans_id', 'proto'],
  ['dns', 'qtype_name'],
  ['sip', 'call_id', 'uri'],
  ['http', 'trans_depth', 'request_body_len'],
  ['smtp', 'trans_depth'],
  ['ssl', 'established', 'id.orig_h'],
  ['ssh', 'auth_attempts'],
  ['ssh', 'kex_alg'],
  ['files', 'fuid', 'rx_hosts'],
  ['files', 'fuid', 'analyzers'],
  ['smb_mapping', 'share_type'],
  ['smb_files', 'action', 'name', 'id.orig_h'],
  ['kerberos', 'request_type'],
  ['dce_rpc', 'operation'],
  ['ntlm', 'domainname'],
  ['ntlm', 'server_nb_computer_name'],
  ['rdp', 'security_protocol'],
  ['rdp', 'cookie', 'result'],
  ['ftp', 'command', 'reply_code'],
  ['irc', 'nick', 'command'],
  ['irc', 'command', 'addl'],
  ['rfb', 'client_major_version'],
  ['dhcp', 'msg_types'],
  ['tunnel', 'tunnel_type'],
  ['radius', 'uid', 'username', 'ttl'],
  ['radius', 'mac', 'result', 'id.orig_h'],
  ['mysql', 'cmd', 'id.orig_h'],
  ['snmp', 'community'],
  ['socks', 'bound.host'],
  ['dpd', 'analyzer', 'failure_reason'],
  ['notice', 'note', 'msg'],
  ['weird', 'name', 'peer'],
  ['x509', 'certificate.subject'],
  ['pe', 'subsystem', 'machine'],
  ['ntp', 'stratum', 'ref_id'],
  ['dnp3', 'fc_request', 'id.orig_h'],
  ['dnp3', 'fc_reply', 'id.orig_h'],
  ['modbus', 'func', 'id.orig_h'],
  ['smb_cmd', 'command', 'rtt', 'id.orig_h'],
  ['syslog', 'facility', 'severity', 'id.orig_h'],
  ['intel', 'seen.indicator'],
  ['capture_loss', 'percent_lost'],
  ['known_certs', 'issuer_subject', 'port_num'],
  ['known_services', 'port_num', 'port_proto', 'service'],
  ['software', 'software_type', 'unparsed_version'],
  ['ocsp', 'hashAlgorithm', 'certStatus'],
  ['signature', 'sig_id', 'src_addr'],
  ['stats', 'pkts_proc'],
]

const KINDS: { readonly [stream: string]: readonly [category: string[], type: string[]] } = {
  dpd: [['network'], ['connection', 'info']],
  files: [['file'], ['info']],
  http: [
    ['network', 'web'],
    ['connection', 'protocol', 'info'],
  ],
  kerberos: [
    ['network', 'authentication'],
    ['connection', 'protocol', 'access'],
  ],
  mysql: [
    ['network', 'database'],
    ['connection', 'protocol', 'info'],
  ],
  notice: [['intrusion_detection'], ['info']],
  ntlm: [
    ['network', 'authentication'],
    ['connection', 'info'],
  ],
  pe: [['file'], ['info']],
  radius: [
    ['network', 'authentication'],
    ['connection', 'info'],
  ],
  rdp: [['network'], ['protocol', 'info']],
  rfb: [['network'], ['connection', 'info']],
  smb_files: [
    ['network', 'file'],
    ['connection', 'protocol'],
  ],
  tunnel: [['network'], ['connection']],
  weird: [['network'], ['info']],
  x509: [['network'], ['info']],
}
for (const stream of ['dhcp', 'dns', 'dce_rpc', 'dnp3', 'ftp', 'irc', 'ntp', 'smb_cmd']) {
  Object.assign(KINDS, { [stream]: [['network'], ['connection', 'protocol', 'info']] })
}
Object.assign(KINDS, {
  capture_loss: [['network'], ['info']],
  intel: [['threat'], ['indicator']],
  known_certs: [['network', 'file'], ['info']],
  known_hosts: [['network', 'host'], ['info']],
  known_services: [['network'], ['info']],
  software: [['network', 'file'], ['info']],
  ocsp: [['network'], ['info']],
  signature: [['network'], ['info']],
  stats: [['network'], ['info']],
  traceroute: [['network'], ['info']],
})
const OTHER = [['network'], ['connection', 'protocol']] as const

/** What became of a connection (docs.zeek.org, «conn.log», conn_state): the others began or ended out of sight. */
const CONNECTION_STATES: { readonly [state: string]: readonly string[] } = {
  S0: ['connection', 'start'],
  S1: ['connection', 'start'],
  SF: ['connection', 'start', 'end'],
  REJ: ['connection', 'start', 'denied'],
}
const CONNECTION_SEEN = ['connection', 'info'] as const

/** Streams that are named after their protocol. */
const PROTOCOLS = new Set(
  (
    'dce_rpc dhcp dnp3 dns ftp irc kerberos ldap modbus mysql ntlm ntp postgresql quic radius rdp redis rfb sip smtp ' +
    'snmp socks ssh syslog websocket'
  ).split(' '),
)
/** Protocols that have several streams: `ldap_search`, `mqtt_publish`, `smb_files`. */
const FAMILY = /^(ldap|mqtt|smb)_/

export default {
  layer: 'json',
  precedence: 43,

  parse(record, event, context) {
    if (!('ts' in record)) return false
    const fields = new Map<string, JsonLeaf>()
    flatten(record, '', (name, value) => fields.set(name, value))
    const stream = streamOf(fields, context.stream)
    if (stream === undefined) return false
    const refusal = putRecordTime(record, ['ts'], event, context)
    if (refusal instanceof Refusal) return refusal
    event['event.dataset'] = `zeek.${stream === 'conn' ? 'connection' : stream}`
    for (const [name, value] of fields) {
      if (name !== '_path' && name !== 'ts') putLeaf(event, `zeek.${stream}.${name}`, value)
    }
    const [category, type] = Object.hasOwn(KINDS, stream) ? KINDS[stream]! : OTHER
    classify(event, { category: [...category], type: [...type] })
    if (stream === 'notice') event['event.kind'] = 'alert'
    putPeers(fields, event, stream)
    if (Object.hasOwn(STREAMS, stream)) STREAMS[stream]!(fields, event)
    return true
  },
} satisfies JsonParser

function streamOf(fields: Fields, hint: string): string | undefined {
  const path = fields.get('_path')
  const zeek =
    fields.has('uid') || fields.has('uids') || fields.has('id.orig_h') || fields.has('fuid') || fields.has('note')
  if (typeof path === 'string' && STREAM.test(path)) return path
  const shape = SHAPES.find(([, ...names]) => names.every((name) => fields.has(name)))
  if (
    shape !== undefined &&
    (zeek || /^(?:x509|weird|pe|capture_loss|known_certs|known_services|software|ocsp|signature|stats)$/.test(shape[0]))
  )
    return shape[0]
  const hinted = /^(?:zeek|bro)[._-]([a-z][a-z0-9_]{0,31})$/.exec(hint)
  return hinted?.[1] ?? (fields.has('uid') && fields.has('id.orig_h') ? 'log' : undefined)
}

const text = (fields: Fields, name: string): string | undefined => {
  const value = fields.get(name)
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : undefined
}
const number = (fields: Fields, name: string): number | undefined => {
  const value = fields.get(name)
  return typeof value === 'number' ? value : integer(typeof value === 'string' ? value : undefined)
}
const list = (fields: Fields, name: string): string[] => {
  const value = fields.get(name)
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string').slice(0, 256) : []
}

/** Where Zeek writes no `proto`, what it looks for the protocol on says it: RADIUS on UDP alone, Kerberos on both. */
const TRANSPORTS: { readonly [stream: string]: string } = {
  dhcp: 'udp',
  ntp: 'udp',
  quic: 'udp',
  radius: 'udp',
  sip: 'udp',
  snmp: 'udp',
}
for (const stream of 'dce_rpc dnp3 ftp http irc modbus mysql ntlm ocsp rdp rfb smb_cmd smb_files smb_mapping smtp socks ssh ssl'.split(
  ' ',
)) {
  Object.assign(TRANSPORTS, { [stream]: 'tcp' })
}

function putPeers(fields: Fields, event: EcsEvent, stream: string): void {
  const source =
    text(fields, 'id.orig_h') ?? text(fields, 'src') ?? text(fields, 'src_addr') ?? text(fields, 'client_addr')
  const destination =
    text(fields, 'id.resp_h') ?? text(fields, 'dst') ?? text(fields, 'dst_addr') ?? text(fields, 'server_addr')
  const proto = text(fields, 'proto')?.toLowerCase()
  // Of ICMP, Zeek writes type and code where other protocols have their ports.
  const icmp = proto === 'icmp'
  const [from, to] = [number(fields, 'id.orig_p'), number(fields, 'id.resp_p')]
  putPeer(event, 'source', source ?? '', icmp ? undefined : (from ?? number(fields, 'src_port')))
  putPeer(event, 'destination', destination ?? '', icmp ? undefined : (to ?? number(fields, 'dst_port')))
  const id = text(fields, 'uid') ?? list(fields, 'uids')[0] ?? list(fields, 'conn_uids')[0]
  put(event, 'zeek.session_id', id)
  put(event, 'event.id', id)
  if (stream.startsWith('known_') || stream === 'software') {
    const ip = ipOf(text(fields, 'host') ?? '')
    put(event, 'host.ip', ip)
    if (ip !== undefined) event['network.type'] = ip.includes(':') ? 'ipv6' : 'ipv4'
  }
  put(event, 'network.transport', proto ?? lookUp(TRANSPORTS, stream))
  put(event, 'network.protocol', PROTOCOLS.has(stream) ? stream : FAMILY.exec(stream)?.[1])
  put(event, 'network.community_id', text(fields, 'community_id'))
  if (icmp) putCommunityId(event, { type: from, code: to })
}

const STREAMS: { readonly [stream: string]: (fields: Fields, event: EcsEvent) => void } = {
  modbus(fields, event) {
    put(event, 'event.action', text(fields, 'func'))
    event['event.outcome'] = fields.has('exception') ? 'failure' : 'success'
  },

  dnp3(fields, event) {
    put(event, 'event.action', (text(fields, 'fc_reply') ?? text(fields, 'fc_request'))?.toLowerCase())
  },

  smb_cmd(fields, event) {
    put(event, 'event.action', text(fields, 'command'))
    event['event.outcome'] = text(fields, 'status') === 'SUCCESS' ? 'success' : 'failure'
  },

  signature(fields, event) {
    put(event, 'rule.id', text(fields, 'sig_id'))
    put(event, 'rule.description', text(fields, 'event_msg'))
  },

  conn(fields, event) {
    event['event.type'] = [...(lookUp(CONNECTION_STATES, text(fields, 'conn_state') ?? '') ?? CONNECTION_SEEN)]
    putMac(event, 'source', text(fields, 'orig_l2_addr'))
    putMac(event, 'destination', text(fields, 'resp_l2_addr'))
    put(event, 'network.protocol', text(fields, 'service')?.toLowerCase())
    const seconds = fields.get('duration')
    if (typeof seconds === 'number') event['event.duration'] = Math.round(seconds * 1e9)
    for (const [what, orig, resp] of [
      ['bytes', 'orig_ip_bytes', 'resp_ip_bytes'],
      ['packets', 'orig_pkts', 'resp_pkts'],
    ] as const) {
      const [sent, received] = [number(fields, orig), number(fields, resp)]
      put(event, `source.${what}`, sent)
      put(event, `destination.${what}`, received)
      if (sent !== undefined && received !== undefined) event[`network.${what}`] = sent + received
    }
    const [orig, resp] = [fields.get('local_orig'), fields.get('local_resp')]
    if (typeof orig === 'boolean' && typeof resp === 'boolean') {
      event['network.direction'] = orig ? (resp ? 'internal' : 'outbound') : resp ? 'inbound' : 'external'
    }
  },

  dns(fields, event) {
    const dnsClass = text(fields, 'qclass_name')
    putQuestion(
      event,
      text(fields, 'query') ?? '',
      text(fields, 'qtype_name'),
      dnsClass === 'C_INTERNET' ? 'IN' : dnsClass,
    )
    put(event, 'dns.id', text(fields, 'trans_id'))
    const code = text(fields, 'rcode_name')
    put(event, 'dns.response_code', code)
    if (code !== undefined) event['event.outcome'] = code === 'NOERROR' ? 'success' : 'failure'
    const answers = list(fields, 'answers')
    event['dns.type'] = code === undefined && answers.length === 0 ? 'query' : 'answer'
    const seconds = fields.get('rtt')
    if (typeof seconds === 'number') event['event.duration'] = Math.round(seconds * 1e9)
    const flags = ['AA', 'TC', 'RD', 'RA'].filter((flag) => fields.get(flag) === true)
    if (flags.length > 0) event['dns.header_flags'] = flags
    if (answers.length === 0) return
    const ttls = fields.get('TTLs')
    event['dns.answers'] = answers.map((data, i): { [key: string]: EcsValue } => {
      const ttl = Array.isArray(ttls) ? ttls[i] : undefined
      return typeof ttl === 'number' ? { data, ttl } : { data }
    })
    const resolved = answers.filter((answer) => ipOf(answer) !== undefined)
    if (resolved.length > 0) event['dns.resolved_ip'] = resolved
  },

  http(fields, event) {
    put(event, 'http.request.method', text(fields, 'method'))
    put(event, 'event.action', text(fields, 'method'))
    put(event, 'http.request.referrer', text(fields, 'referrer'))
    put(event, 'http.version', text(fields, 'version'))
    put(event, 'http.request.body.bytes', number(fields, 'request_body_len'))
    put(event, 'http.response.body.bytes', number(fields, 'response_body_len'))
    put(event, 'user_agent.original', text(fields, 'user_agent'))
    putUrl(event, text(fields, 'uri') ?? '')
    const host = text(fields, 'host')
    put(event, 'url.domain', host)
    if (host !== undefined) putDomain(event, 'destination.domain', host)
    put(event, 'url.username', text(fields, 'username'))
    put(event, 'user.name', text(fields, 'username'))
    put(event, 'http.response.mime_type', list(fields, 'resp_mime_types')[0])
    const status = number(fields, 'status_code')
    put(event, 'http.response.status_code', status)
    if (status !== undefined) event['event.outcome'] = status < 400 ? 'success' : 'failure'
  },

  ssl(fields, event) {
    putTlsVersion(event, text(fields, 'version') ?? '')
    put(event, 'tls.cipher', text(fields, 'cipher'))
    put(event, 'tls.curve', text(fields, 'curve'))
    for (const name of ['established', 'resumed']) {
      const value = fields.get(name)
      if (typeof value === 'boolean') event[`tls.${name}`] = value
    }
    const name = text(fields, 'server_name')
    put(event, 'tls.client.server_name', name)
    if (name !== undefined) putDomain(event, 'destination.domain', name)
    putCertificate(event, 'server', text(fields, 'subject'), text(fields, 'issuer'))
    putCertificate(event, 'client', text(fields, 'client_subject'), text(fields, 'client_issuer'))
    put(event, 'tls.client.ja3', text(fields, 'ja3'))
    put(event, 'tls.server.ja3s', text(fields, 'ja3s'))
  },

  ssh(fields, event) {
    const worked = fields.get('auth_success')
    if (typeof worked === 'boolean') event['event.outcome'] = worked ? 'success' : 'failure'
  },

  files(fields, event) {
    put(event, 'file.name', text(fields, 'filename'))
    put(event, 'file.mime_type', text(fields, 'mime_type'))
    put(event, 'file.size', number(fields, 'total_bytes'))
    for (const hash of ['md5', 'sha1', 'sha256']) {
      put(event, `file.hash.${hash}`, text(fields, hash))
      addRelated(event, 'related.hash', text(fields, hash) ?? '')
    }
    const [server, client] = [list(fields, 'tx_hosts')[0], list(fields, 'rx_hosts')[0]]
    put(event, 'server.ip', ipOf(server ?? ''))
    put(event, 'client.ip', ipOf(client ?? ''))
    for (const ip of [server, client]) if (ipOf(ip ?? '') !== undefined) addRelated(event, 'related.ip', ip!)
  },

  notice(fields, event) {
    put(event, 'rule.name', text(fields, 'note'))
    put(event, 'rule.description', text(fields, 'msg'))
    put(event, 'message', text(fields, 'msg'))
    const actions = list(fields, 'actions')
    const dropped = fields.get('dropped') === true || actions.includes('Notice::ACTION_DROP')
    if (fields.has('dropped')) event['event.type'] = ['info', dropped ? 'denied' : 'allowed']
    putPort(event, 'destination.port', number(fields, 'id.resp_p') ?? number(fields, 'p'))
    put(event, 'file.size', number(fields, 'f.total_bytes'))
    put(event, 'file.mime_type', text(fields, 'file_mime_type') ?? text(fields, 'f.mime_type'))
  },

  known_services(fields, event) {
    const ip = ipOf(text(fields, 'host') ?? '')
    put(event, 'server.ip', ip)
    putPort(event, 'server.port', number(fields, 'port_num'))
    put(event, 'network.transport', text(fields, 'port_proto')?.toLowerCase())
    put(event, 'network.application', list(fields, 'service')[0]?.toLowerCase() ?? text(fields, 'service'))
  },

  smb_files(fields, event) {
    const action = text(fields, 'action')
    put(event, 'event.action', action)
    if (action !== undefined)
      event['event.type'] = ['connection', 'protocol', 'info', ...(lookUp(FILE_ACTIONS, action) ?? [])]
    const [folder, name] = [text(fields, 'path'), text(fields, 'name')]
    put(event, 'file.name', name)
    if (name !== undefined) put(event, 'file.path', folder === undefined ? name : `${folder}\\${name}`)
    put(event, 'file.size', number(fields, 'size'))
    for (const [theirs, field] of FILE_TIMES) put(event, field, timeOf(fields, `times.${theirs}`))
  },

  kerberos(fields, event) {
    put(event, 'event.action', text(fields, 'request_type'))
    const worked = fields.get('success')
    if (typeof worked === 'boolean') event['event.outcome'] = worked ? 'success' : 'failure'
    const [, user, domain] = /^([^/]{1,256})(?:\/(.{1,256}))?$/s.exec(text(fields, 'client') ?? '') ?? []
    put(event, 'user.name', user)
    put(event, 'user.domain', domain)
  },

  ntlm(fields, event) {
    put(event, 'user.name', text(fields, 'username'))
    put(event, 'user.domain', text(fields, 'domainname'))
    const worked = fields.get('success')
    if (typeof worked === 'boolean') event['event.outcome'] = worked ? 'success' : 'failure'
  },

  dce_rpc: (fields, event) => put(event, 'event.action', text(fields, 'operation')),

  dhcp(fields, event) {
    putPort(event, 'source.port', number(fields, 'client_port') ?? number(fields, 'id.orig_p') ?? 68)
    putPort(event, 'destination.port', number(fields, 'server_port') ?? number(fields, 'id.resp_p') ?? 67)
    put(event, 'network.name', text(fields, 'domain'))
    putMac(event, 'source', text(fields, 'mac'))
  },

  ftp(fields, event) {
    put(event, 'event.action', text(fields, 'command'))
    put(event, 'user.name', text(fields, 'user'))
    put(event, 'file.size', number(fields, 'file_size'))
    put(event, 'file.mime_type', text(fields, 'mime_type'))
  },

  rdp(fields, event) {
    const tls = fields.get('ssl')
    if (typeof tls === 'boolean') event['tls.established'] = tls
    put(event, 'user.name', text(fields, 'cookie'))
  },

  smtp(fields, event) {
    const tls = fields.get('tls')
    if (typeof tls === 'boolean') event['tls.established'] = tls
    put(event, 'email.from.address', text(fields, 'mailfrom'))
    const to = list(fields, 'rcptto')
    if (to.length > 0) event['email.to.address'] = to
    put(event, 'email.subject', text(fields, 'subject'))
    put(event, 'user_agent.original', text(fields, 'user_agent'))
  },

  mysql(fields, event) {
    put(event, 'event.action', text(fields, 'cmd'))
    const worked = fields.get('success')
    if (typeof worked === 'boolean') event['event.outcome'] = worked ? 'success' : 'failure'
  },

  irc(fields, event) {
    put(event, 'event.action', text(fields, 'command'))
    put(event, 'user.name', text(fields, 'user'))
  },

  sip(fields, event) {
    put(event, 'event.action', text(fields, 'method'))
    put(event, 'url.full', text(fields, 'uri'))
    put(event, 'user_agent.original', text(fields, 'user_agent'))
    const status = number(fields, 'status_code')
    if (status !== undefined) event['event.outcome'] = status < 400 ? 'success' : 'failure'
    if (status !== undefined && status >= 400) event['event.type'] = ['connection', 'protocol', 'error']
  },

  tunnel: (fields, event) => put(event, 'event.action', text(fields, 'action')),

  radius(fields, event) {
    put(event, 'user.name', text(fields, 'username'))
    const result = text(fields, 'result')
    if (result !== undefined) event['event.outcome'] = result === 'success' ? 'success' : 'failure'
  },

  x509(fields, event) {
    put(event, 'file.x509.serial_number', text(fields, 'certificate.serial'))
    put(event, 'file.x509.version_number', text(fields, 'certificate.version'))
    put(event, 'file.x509.public_key_algorithm', text(fields, 'certificate.key_alg'))
    put(event, 'file.x509.public_key_size', number(fields, 'certificate.key_length'))
    put(event, 'file.x509.public_key_exponent', number(fields, 'certificate.exponent'))
    const signature = text(fields, 'certificate.sig_alg') ?? ''
    put(
      event,
      'file.x509.signature_algorithm',
      lookUp(SIGNATURES, signature.toLowerCase().replaceAll('_', '-')) ?? signature,
    )
    const names = list(fields, 'san.dns')
    if (names.length > 0) event['file.x509.alternative_names'] = names
    putName(event, 'subject', text(fields, 'certificate.subject'))
    putName(event, 'issuer', text(fields, 'certificate.issuer'))
    for (const end of ['not_before', 'not_after'] as const) {
      put(event, `file.x509.${end}`, timeOf(fields, `certificate.not_valid_${end.slice(4)}`))
    }
  },
}

const UTC = { offsetMs: () => 0 }

/** Times of a file, as SMB has them; `changed` is that of its entry. */
const FILE_TIMES = [
  ['accessed', 'file.accessed'],
  ['changed', 'file.ctime'],
  ['created', 'file.created'],
  ['modified', 'file.mtime'],
] as const
const FILE_ACTIONS: { readonly [action: string]: readonly string[] } = {
  'SMB::FILE_DELETE': ['deletion'],
  'SMB::FILE_RENAME': ['change'],
  'SMB::FILE_SET_ATTRIBUTE': ['change'],
}

function timeOf(fields: Fields, name: string): string | undefined {
  const value = fields.get(name)
  const written = typeof value === 'string' ? parseIso(value, UTC) : undefined
  const ms = written ?? parseEpoch(number(fields, name) ?? Number.NaN)
  return ms === undefined ? undefined : isoTime(ms)
}

/** OpenSSL's names, lower case with hyphens, and those of Go's crypto library, which ECS recommends. */
const SIGNATURES: { readonly [name: string]: string } = {
  md5withrsaencryption: 'MD5-RSA',
  'ecdsa-with-sha1': 'ECDSA-SHA1',
  'dsa-with-sha1': 'DSA-SHA1',
  'dsa-with-sha256': 'DSA-SHA256',
  ed25519: 'Ed25519',
  sha1withrsaencryption: 'SHA1-RSA',
}
for (const bits of ['256', '384', '512']) {
  Object.assign(SIGNATURES, {
    [`sha${bits}withrsaencryption`]: `SHA${bits}-RSA`,
    [`ecdsa-with-sha${bits}`]: `ECDSA-SHA${bits}`,
  })
}

/** RFC 4514 §3, the types that ECS has places for. */
const NAME_PARTS: { readonly [type: string]: string } = {
  CN: 'common_name',
  O: 'organization',
  OU: 'organizational_unit',
  L: 'locality',
  ST: 'state_or_province',
  C: 'country',
}

function putName(event: EcsEvent, role: 'subject' | 'issuer', name: string | undefined): void {
  put(event, `file.x509.${role}.distinguished_name`, name)
  for (const part of (name ?? '').split(',', 32)) {
    const equals = part.indexOf('=')
    const place = lookUp(NAME_PARTS, part.slice(0, equals).trim())
    if (place !== undefined) put(event, `file.x509.${role}.${place}`, part.slice(equals + 1))
  }
}
