import type { EcsEvent, EcsValue } from '../../model/event.ts'
import { addRelated, classify, ipOf, lookUp, put, putPeer } from '../fields.ts'
import { putMac } from '../firewall.ts'
import { putLeaf, putRecordTime } from '../json-names.ts'
import { flatten } from '../json-record.ts'
import type { JsonObject, JsonValue } from '../json-record.ts'
import { putCertificate, putDomain, putQuestion, putTlsVersion, putUrl } from '../network-events.ts'
import type { JsonParser } from '../parser.ts'
import { Refusal } from '../refusal.ts'
import { isoTime, parseIso } from '../time.ts'

// Suricata's EVE (docs.suricata.io, «Eve JSON Format»), 4 to 8: all of it stays at suricata.eve.*, what ECS has a word for is
// there too. The counters of `stats` are left to the raw record: hundreds of fields that no search asks for.

const WEB = [
  ['network', 'web'],
  ['access', 'protocol'],
] as const

const KINDS: { readonly [type: string]: readonly [category: readonly string[], type: readonly string[]] } = {
  alert: [['network', 'intrusion_detection'], []],
  anomaly: [['network'], ['info']],
  dns: [['network'], ['protocol']],
  fileinfo: [['network'], []],
  flow: [['network'], ['connection']],
  http: WEB,
  http2: WEB,
  netflow: [['network'], ['connection']],
  stats: [['network'], []],
}
/** Any other type is a protocol's: ssh, tls, smb, rdp, krb5, smtp, ftp, tftp, dhcp, mqtt … */
const PROTOCOL = [['network'], ['protocol']] as const
/** Types and application layers that are a part of another protocol. */
const PART_OF: { readonly [name: string]: string } = { ftp_data: 'ftp', 'ftp-data': 'ftp', http2: 'http' }
/** What Suricata calls the application layer where it knows none. */
const NO_APPLICATION = new Set(['failed', 'unknown', 'template', 'template-rust'])

export default {
  layer: 'json',
  precedence: 42,

  parse(record, event, context) {
    const type = record['event_type']
    if (typeof type !== 'string' || typeof record['timestamp'] !== 'string') return false
    if (!('src_ip' in record) && !('in_iface' in record) && type !== 'stats' && type !== 'engine') return false
    const refusal = putRecordTime(record, ['timestamp'], event, context)
    if (refusal instanceof Refusal) return refusal
    event['event.dataset'] = 'suricata.eve'
    flatten(record, '', (name, value) => {
      if (!name.startsWith('stats.')) putLeaf(event, `suricata.eve.${name}`, value)
    })
    const [category, types] = Object.hasOwn(KINDS, type) ? KINDS[type]! : PROTOCOL
    classify(event, { category: [...category], type: [...types] })
    if (type === 'alert') event['event.kind'] = 'alert'
    if (type === 'stats') event['event.kind'] = 'metric'
    if (types.length === 0) delete event['event.type']
    putFlow(record, event, context.zone)
    if (type !== 'alert' && !Object.hasOwn(KINDS, type)) event['network.protocol'] ??= lookUp(PART_OF, type) ?? type
    if (type === 'dns' || type === 'http' || type === 'http2') event['network.protocol'] = lookUp(PART_OF, type) ?? type
    putAlert(part(record, 'alert'), event)
    putHttp(part(record, 'http'), event, type)
    putDns(part(record, 'dns'), event)
    putTls(part(record, 'tls'), event, context.zone)
    putFile(part(record, 'fileinfo'), event)
    putSsh(part(record, 'ssh'), event)
    putUser(record, event)
    putMail(part(record, 'email') ?? part(record, 'smtp'), event)
    return true
  },
} satisfies JsonParser

const text = (value: JsonValue | undefined): string | undefined =>
  typeof value === 'string' ? value : typeof value === 'number' ? String(value) : undefined
const number = (value: JsonValue | undefined): number | undefined => (typeof value === 'number' ? value : undefined)

function part(record: JsonObject, name: string): JsonObject | undefined {
  const value = record[name]
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined
}

function putFlow(record: JsonObject, event: EcsEvent, zone: Parameters<typeof parseIso>[1]): void {
  putPeer(event, 'source', text(record['src_ip']) ?? '', number(record['src_port']))
  putPeer(event, 'destination', text(record['dest_ip']) ?? '', number(record['dest_port']))
  put(event, 'network.transport', text(record['proto'])?.toLowerCase())
  const application = text(record['app_proto'])?.toLowerCase() ?? ''
  if (!NO_APPLICATION.has(application)) put(event, 'network.protocol', lookUp(PART_OF, application) ?? application)
  const ether = part(record, 'ether')
  putMac(event, 'source', text(ether?.['src_mac']))
  putMac(event, 'destination', text(ether?.['dest_mac']))
  put(event, 'network.community_id', text(record['community_id']))
  put(event, 'observer.ingress.interface.name', text(record['in_iface']))
  put(event, 'observer.hostname', text(record['host']))
  const flow = part(record, 'flow') ?? part(record, 'netflow')
  if (flow === undefined) return
  const sums = { bytes: 0, packets: 0 }
  for (const [name, field] of [
    ['bytes_toserver', 'source.bytes'],
    ['bytes_toclient', 'destination.bytes'],
    ['pkts_toserver', 'source.packets'],
    ['pkts_toclient', 'destination.packets'],
  ] as const) {
    const value = number(flow[name])
    if (value === undefined) continue
    event[field] = value
    const sum = field.endsWith('bytes') ? 'bytes' : 'packets'
    sums[sum] += value
    event[`network.${sum}`] = sums[sum]
  }
  if (flow['state'] === 'new') event['event.type'] = ['connection', 'start']
  if (flow['state'] === 'closed') event['event.type'] = ['connection', 'end']
  const [start, end] = ['start', 'end'].map((name) => parseIso(text(flow[name]) ?? '', zone))
  if (start !== undefined) event['event.start'] = isoTime(start)
  if (end !== undefined) event['event.end'] = isoTime(end)
  if (start !== undefined && end !== undefined && end >= start) event['event.duration'] = (end - start) * 1_000_000
}

function putAlert(alert: JsonObject | undefined, event: EcsEvent): void {
  if (alert === undefined) return
  put(event, 'rule.id', text(alert['signature_id']))
  put(event, 'rule.name', text(alert['signature']))
  put(event, 'rule.category', text(alert['category']))
  put(event, 'rule.version', text(alert['rev']))
  put(event, 'message', text(alert['category']))
  put(event, 'event.severity', number(alert['severity']))
  const action = text(alert['action'])
  if (action === 'allowed' || action === 'blocked') event['event.type'] = [action === 'allowed' ? 'allowed' : 'denied']
  // Signatures of the Emerging Threats set carry ATT&CK ids.
  const metadata = part(alert, 'metadata')
  for (const [name, field] of [
    ['mitre_technique_id', 'threat.technique.id'],
    ['mitre_tactic_id', 'threat.tactic.id'],
  ] as const) {
    const ids = metadata?.[name]
    if (Array.isArray(ids)) put(event, field, ids.filter((id) => typeof id === 'string').slice(0, 16))
  }
}

function putHttp(http: JsonObject | undefined, event: EcsEvent, type: string): void {
  if (http === undefined) return
  put(event, 'http.request.method', text(http['http_method']))
  put(event, 'http.request.referrer', text(http['http_refer']))
  put(event, 'user_agent.original', text(http['http_user_agent']))
  put(event, 'http.version', /^HTTP\/([\d.]{1,5})$/.exec(text(http['protocol']) ?? '')?.[1])
  put(event, 'http.response.body.bytes', number(http['length']))
  put(event, 'http.response.mime_type', text(http['http_content_type']))
  const status = number(http['status'])
  put(event, 'http.response.status_code', status)
  if (type === 'http' && status !== undefined) event['event.outcome'] = status < 400 ? 'success' : 'failure'
  putUrl(event, text(http['url']) ?? '')
  const host = text(http['hostname'])
  if (host === undefined) return
  event['url.domain'] = host
  event['destination.domain'] = host
  addRelated(event, 'related.hosts', host)
}

function putDns(dns: JsonObject | undefined, event: EcsEvent): void {
  if (dns === undefined) return
  // Version 3 of the format puts the question into a list, as alerts always did.
  const queries = dns['queries'] ?? dns['query']
  const query = Array.isArray(queries) ? queries[0] : undefined
  const question = typeof query === 'object' && query !== null && !Array.isArray(query) ? query : dns
  const type = text(dns['type'])
  put(event, 'dns.type', type === 'response' ? 'answer' : type === 'request' ? 'query' : type)
  put(event, 'dns.id', text(dns['id']))
  put(event, 'dns.response_code', text(dns['rcode']))
  putQuestion(event, text(question['rrname']) ?? '', text(question['rrtype']))
  const flags = ['aa', 'tc', 'rd', 'ra'].filter((flag) => dns[flag] === true).map((flag) => flag.toUpperCase())
  if (flags.length > 0) event['dns.header_flags'] = flags
  const single = dns['rdata'] === undefined ? [] : [dns]
  const listed = Array.isArray(dns['answers']) ? dns['answers'] : [...single, ...grouped(part(dns, 'grouped'))]
  const answers: EcsValue[] = []
  const resolved: string[] = []
  for (const answer of listed.slice(0, 256)) {
    if (typeof answer !== 'object' || answer === null || Array.isArray(answer)) continue
    const fields = { name: text(answer['rrname']), type: text(answer['rrtype']), data: text(answer['rdata']) }
    const entry: { [key: string]: EcsValue } = {}
    for (const [name, value] of Object.entries(fields)) if (value !== undefined && value !== '') entry[name] = value
    if (typeof answer['ttl'] === 'number') entry['ttl'] = answer['ttl']
    answers.push(entry)
    const ip = ipOf(fields.data ?? '')
    if (ip !== undefined) resolved.push(ip)
  }
  if (answers.length > 0) event['dns.answers'] = answers
  if (resolved.length > 0) event['dns.resolved_ip'] = resolved
}

/** Answers in the short form: `{ A: ["203.0.113.9"] }`. */
function grouped(answers: JsonObject | undefined): JsonObject[] {
  const all: JsonObject[] = []
  for (const [rrtype, values] of Object.entries(answers ?? {})) {
    if (Array.isArray(values)) for (const rdata of values.slice(0, 256)) all.push({ rrtype, rdata })
  }
  return all
}

function putTls(tls: JsonObject | undefined, event: EcsEvent, zone: Parameters<typeof parseIso>[1]): void {
  if (tls === undefined) return
  const name = text(tls['sni'])?.replace(/\.$/, '')
  put(event, 'tls.client.server_name', name)
  if (name !== undefined) {
    putDomain(event, 'destination.domain', name)
    addRelated(event, 'related.hosts', name)
  }
  putTlsVersion(event, text(tls['version']) ?? '')
  putCertificate(event, 'server', text(tls['subject']), text(tls['issuerdn']))
  put(event, 'tls.server.x509.serial_number', text(tls['serial'])?.replaceAll(':', ''))
  const fingerprint = text(tls['fingerprint'])?.replaceAll(':', '').toUpperCase()
  put(event, 'tls.server.hash.sha1', fingerprint)
  const [ja3, ja3s] = [text(part(tls, 'ja3')?.['hash']), text(part(tls, 'ja3s')?.['hash'])]
  put(event, 'tls.client.ja3', ja3)
  put(event, 'tls.server.ja3s', ja3s)
  for (const hash of [fingerprint, ja3, ja3s]) addRelated(event, 'related.hash', hash ?? '')
  if (typeof tls['session_resumed'] === 'boolean') event['tls.resumed'] = tls['session_resumed']
  for (const [key, field] of [
    ['notbefore', 'not_before'],
    ['notafter', 'not_after'],
  ] as const) {
    const stamp = text(tls[key])
    const ms = stamp === undefined ? undefined : parseIso(/[Z+]/.test(stamp) ? stamp : `${stamp}Z`, zone)
    if (ms !== undefined) event[`tls.server.${field}`] = isoTime(ms)
  }
}

function putFile(file: JsonObject | undefined, event: EcsEvent): void {
  if (file === undefined) return
  put(event, 'file.path', text(file['filename']))
  put(event, 'file.size', number(file['size']))
  for (const hash of ['md5', 'sha1', 'sha256']) {
    const value = text(file[hash])
    put(event, `file.hash.${hash}`, value)
    if (value !== undefined) addRelated(event, 'related.hash', value)
  }
}

function putSsh(ssh: JsonObject | undefined, event: EcsEvent): void {
  if (ssh === undefined) return
  put(event, 'user_agent.original', text(part(ssh, 'client')?.['software_version']))
}

/** Who a protocol says is speaking: `DOMAIN` and name of NTLM, Kerberos' client, the account of FTP, the cookie of RDP. */
function putUser(record: JsonObject, event: EcsEvent): void {
  const ntlm = part(part(record, 'smb') ?? {}, 'ntlmssp')
  const kerberos = part(record, 'krb5')
  const ftp = part(record, 'ftp')
  const account = text(ftp?.['command'])?.toUpperCase() === 'USER' ? text(ftp?.['command_data']) : undefined
  put(
    event,
    'user.name',
    text(ntlm?.['user']) ?? text(kerberos?.['cname']) ?? account ?? text(part(record, 'rdp')?.['cookie']),
  )
  put(event, 'user.domain', text(ntlm?.['domain']) ?? text(kerberos?.['realm']))
}

function putMail(mail: JsonObject | undefined, event: EcsEvent): void {
  if (mail === undefined) return
  put(event, 'email.from.address', text(mail['from']) ?? text(mail['mail_from']))
  const to = mail['to'] ?? mail['rcpt_to']
  if (Array.isArray(to)) put(event, 'email.to.address', to.filter((each) => typeof each === 'string').slice(0, 64))
  put(event, 'email.subject', text(mail['subject']))
}
