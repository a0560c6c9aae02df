import type { EcsEvent } from '../../model/event.ts'
import { put, putPeer } from '../fields.ts'
import {
  judge,
  observe,
  passed,
  putExtras,
  putMac,
  putNat,
  putNumber,
  putSourceUser,
  putTransport,
} from '../firewall.ts'
import { readPairs } from '../key-values.ts'
import { putUrl } from '../network-events.ts'
import type { TextParser } from '../parser.ts'
import { isoTime, parseEpoch } from '../time.ts'

// Check Point Log Exporter: `[action:"Accept"; src:"…"; …]`, or with the splunk and generic formats `time=…|action=Accept|…`.
const FIELDS: { readonly [name: string]: string } = {
  action: 'event.action',
  loguid: 'event.id',
  product: 'observer.product',
  origin: 'observer.name',
  rule_name: 'rule.name',
  rule_uid: 'rule.uuid',
  layer_name: 'network.name',
  service_id: 'network.application',
  ifdir: 'network.direction',
  inzone: 'observer.ingress.zone',
  outzone: 'observer.egress.zone',
  resource: 'url.original',
  file_name: 'file.name',
  file_md5: 'file.hash.md5',
  file_sha1: 'file.hash.sha1',
  file_sha256: 'file.hash.sha256',
  src_machine_name: 'source.domain',
  dst_machine_name: 'destination.domain',
  dst_user_name: 'destination.user.name',
  from: 'source.user.email',
  to: 'destination.user.email',
  referrer: 'http.request.referrer',
  process_name: 'process.name',
  process_md5: 'process.hash.md5',
  parent_process_name: 'process.parent.name',
  os_name: 'host.os.name',
  os_version: 'host.os.version',
  dns_query: 'dns.question.name',
  dns_type: 'dns.question.type',
  reason: 'event.reason',
  protection_name: 'rule.name',
  appi_name: 'network.application',
  src_user_group: 'source.user.group.name',
  web_client_type: 'user_agent.name',
  method: 'http.request.method',
  client_name: 'user_agent.original',
}
const NUMBERS: { readonly [name: string]: string } = {
  sequencenum: 'event.sequence',
  client_inbound_bytes: 'destination.bytes',
  client_outbound_bytes: 'source.bytes',
  bytes: 'network.bytes',
  packets: 'network.packets',
  client_inbound_packets: 'destination.packets',
  client_outbound_packets: 'source.packets',
  sent_bytes: 'source.bytes',
  received_bytes: 'destination.bytes',
  file_size: 'file.size',
}
const KNOWN: ReadonlySet<string> = new Set([
  ...Object.keys(FIELDS),
  ...Object.keys(NUMBERS),
  'src',
  'dst',
  's_port',
  'service',
  'proto',
  'time',
  'version',
  'flags',
  'ifname',
  'xlatesrc',
  'xlatesport',
  'xlatedst',
  'xlatedport',
  'src_user_name',
  'mac_address',
  'originsicname',
  '__policy_id_tag',
  'lastupdatetime',
])

export default {
  layer: 'text',
  precedence: 220,

  parse({ text, program }, event) {
    const bracket = /^\[ ?[A-Za-z_]{1,64}:+"/.test(text)
    const named = program === 'checkpoint' || program === 'check_point' || program === 'fw-1'
    if (!bracket && !/^(?:time|action|hostname|loguid)=/.test(text)) return false
    const assign = bracket ? ':' : '='
    // Of the pairs with `=`: `|` between them where the line has it, else blanks.
    const pairs = readPairs(text, bracket ? 1 : 0, {
      assign,
      between: bracket ? ';]' : text.includes('|') ? '|' : ' ;',
    })
    const origin = pairs.has('originsicname') || pairs.has('origin') || pairs.has('orig')
    if (!named && !(pairs.has('loguid') && (origin || pairs.has('product')))) return false
    if (!pairs.has('action') && !pairs.has('product') && !pairs.has('loguid')) return false
    const get = (...names: string[]): string =>
      names.map((name) => pairs.get(name) ?? '').find((value) => value !== '') ?? ''

    event['event.dataset'] = 'checkpoint.firewall'
    event['message'] = text
    const seconds = Number(pairs.get('time') ?? Number.NaN)
    const ms = parseEpoch(seconds)
    if (ms !== undefined) event['@timestamp'] = isoTime(ms)
    observe(event, 'Checkpoint', get('product') || 'Firewall')
    for (const [name, field] of Object.entries(FIELDS)) put(event, field, get(name).trim())
    for (const [name, field] of Object.entries(NUMBERS)) putNumber(event, field, pairs.get(name))
    putPeer(event, 'source', get('src', 'client_ip', 'endpoint_ip'), get('s_port', 'sport_svc'))
    putPeer(event, 'destination', get('dst'), get('service'))
    putNat(event, 'source', pairs.get('xlatesrc'), pairs.get('xlatesport'))
    putNat(event, 'destination', pairs.get('xlatedst'), pairs.get('xlatedport'))
    putMac(event, 'source', pairs.get('mac_address'))
    putTransport(event, get('proto'))
    const side = get('ifdir') === 'outbound' ? 'egress' : 'ingress'
    put(event, `observer.${side}.interface.name`, get('ifname'))
    putSourceUser(event, plainUser(get('src_user_name', 'user', 'administrator').trim()))
    put(event, 'checkpoint.origin_sic_name', get('originsicname'))
    putUrl(event, get('resource') || undefined)
    putExtras(event, 'checkpoint', pairs, KNOWN)
    put(event, 'dns.question.name', get('domain_name'))
    // The management server's audit says `operation` where a gateway says `action`.
    putAction(event, (get('action', 'auth_status') || get('operation')).toLowerCase())
    const done = get('audit_status').toLowerCase()
    if (done === 'success' || done === 'failure') event['event.outcome'] = done
    return true
  },
} satisfies TextParser

/** `lan (lan)`: the short name in brackets is the account. */
function plainUser(text: string): string {
  const bracket = /^(.{1,256}) \(([^()]{1,128})\)$/s.exec(text.slice(0, 400))
  return bracket?.[2] ?? text
}

function putAction(event: EcsEvent, action: string): void {
  if (/^(?:log ?in|failed log ?in|log ?out|logged in|logged out|successful log ?in)$/.test(action)) {
    const out = action.includes('out')
    const failed = action.startsWith('failed')
    event['event.category'] = ['authentication', 'network']
    event['event.type'] = [out ? 'end' : failed ? 'denied' : 'allowed']
    event['event.action'] = out ? 'logged-out' : failed ? 'logon-failed' : 'logged-in'
    if (!out) event['event.outcome'] = failed ? 'failure' : 'success'
    return
  }
  const allowed = passed(action)
  judge(event, action, allowed)
  if (allowed !== undefined) event['event.outcome'] = allowed ? 'success' : 'failure'
  if (/^(?:prevent|detect|quarantine)$/.test(action)) {
    event['event.category'] = ['network', 'intrusion_detection']
    event['event.kind'] = 'alert'
  }
}
