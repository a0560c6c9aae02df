import type { EcsEvent } from '../../model/event.ts'
import { addRelated, integer, ipOf, lookUp, put, putPeer } from '../fields.ts'
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
import { putQuestion } from '../network-events.ts'
import type { Context, TextParser } from '../parser.ts'
import { putHost } from '../syslog-header.ts'
import { isoTime, parseEpoch, parseIso } from '../time.ts'

// FortiOS Log Message Reference: `date=… time=… devname="…" devid="…" logid="…" type="traffic|utm|event" subtype="…" …`.
const CLAIM = /^(?:date|devname|devid|timestamp|logver|itime|logid|eventtime|vd)=/

/** Names with an ECS place; all others stay at `fortinet.firewall.<name>`. */
const FIELDS: { readonly [name: string]: string } = {
  logid: 'event.code',
  devid: 'observer.serial_number',
  srcintf: 'observer.ingress.interface.name',
  dstintf: 'observer.egress.interface.name',
  policyname: 'rule.name',
  policyid: 'rule.id',
  policy_id: 'rule.id',
  poluuid: 'rule.uuid',
  policytype: 'rule.ruleset',
  profile: 'rule.ruleset',
  applist: 'rule.ruleset',
  catdesc: 'rule.category',
  appcat: 'rule.category',
  logdesc: 'rule.description',
  attack: 'rule.name',
  attackid: 'rule.id',
  ref: 'event.reference',
  group: 'source.user.group.name',
  app: 'network.application',
  hostname: 'url.domain',
  srcname: 'source.domain',
  dstname: 'destination.domain',
  url: 'url.original',
  agent: 'user_agent.original',
  httpmethod: 'http.request.method',
  referralurl: 'http.request.referrer',
  xid: 'dns.id',
  filename: 'file.name',
  filetype: 'file.extension',
  filehash: 'file.hash.sha256',
  analyticscksum: 'file.hash.sha256',
  virus: 'threat.indicator.name',
  from: 'source.user.email',
  to: 'destination.user.email',
  scertcname: 'tls.server.x509.subject.common_name',
  scertissuer: 'tls.server.issuer',
  msg: 'message',
  reason: 'event.reason',
  level: 'log.level',
}
const NUMBERS: { readonly [name: string]: string } = {
  sentbyte: 'source.bytes',
  rcvdbyte: 'destination.bytes',
  sentpkt: 'source.packets',
  rcvdpkt: 'destination.packets',
  filesize: 'file.size',
}
/** Set by hand below: no vendor field of their own. */
const KNOWN: ReadonlySet<string> = new Set([
  ...Object.keys(FIELDS).filter((name) => name !== 'reason'),
  ...Object.keys(NUMBERS),
  'date',
  'time',
  'tz',
  'timestamp',
  'eventtime',
  'devname',
  'srcip',
  'srcport',
  'srcmac',
  'dstmac',
  'dstuser',
  'dstip',
  'dstport',
  'proto',
  'transip',
  'transport',
  'tranip',
  'tranport',
  'user',
  'service',
  'direction',
  'duration',
  'eventtype',
  'qname',
  'qtype',
  'qclass',
  'ipaddr',
])
const DIRECTIONS: { readonly [word: string]: string } = { incoming: 'inbound', outgoing: 'outbound' }

export default {
  layer: 'text',
  precedence: 210,

  parse({ text }, event, context) {
    if (!CLAIM.test(text)) return false
    const pairs = readPairs(text)
    const type = pairs.get('type')
    // Without these two another maker's `date=… time=…` line would be taken for a FortiGate's.
    if (!pairs.has('logid') && !(pairs.has('devid') && type !== undefined)) return false
    if (type === undefined) return false
    const get = (...names: string[]): string => {
      for (const name of names) {
        const value = pairs.get(name)
        if (value !== undefined && value !== '' && value !== 'N/A') return value
      }
      return ''
    }

    event['event.dataset'] = 'fortinet_fortigate.log'
    event['message'] = text
    putMoment(event, pairs, context)
    if (event['host.hostname'] === undefined) putHost(event, get('devname'))
    for (const [name, field] of Object.entries(FIELDS)) put(event, field, get(name) || undefined)
    for (const [name, field] of Object.entries(NUMBERS)) putNumber(event, field, pairs.get(name))
    observe(event, 'Fortinet', 'Fortigate', get('devname'))

    putPeer(event, 'source', get('srcip', 'remip'), get('srcport', 'src_port', 'remport'))
    putPeer(event, 'destination', get('dstip', 'locip'), get('dstport', 'dst_port', 'locport'))
    // A login names one address only: `srcip`, or `ui="https(203.0.113.9)"`.
    if (event['source.address'] === undefined) putPeer(event, 'source', addressIn(get('ui')))
    putNat(event, 'source', pairs.get('transip'), pairs.get('transport'))
    putNat(event, 'destination', pairs.get('tranip'), pairs.get('tranport'))
    putMac(event, 'source', pairs.get('srcmac'))
    putMac(event, 'destination', pairs.get('dstmac'))
    put(event, 'destination.user.name', get('dstuser'))
    putTransport(event, get('proto') || undefined)
    putTotals(event)
    putSourceUser(event, get('user', 'xauthuser', 'unauthuser'))
    const service = get('service').toLowerCase()
    if (!/^(?:tcp|udp|icmp6?)\//.test(service)) put(event, 'network.protocol', service)
    const direction = get('direction', 'dir').toLowerCase()
    if (direction !== '') event['network.direction'] = lookUp(DIRECTIONS, direction) ?? 'unknown'
    if (get('qname') !== '') putQuestion(event, get('qname'), get('qtype'), get('qclass'))
    const resolved = get('ipaddr')
      .split(', ', 32)
      .filter((ip) => ipOf(ip) !== undefined)
    if (resolved.length > 0) event['dns.resolved_ip'] = resolved
    for (const name of ['ip', 'tunnelip']) addRelated(event, 'related.ip', ipOf(get(name)) ?? '')
    const seconds = integer(pairs.get('duration'))
    if (seconds !== undefined) event['event.duration'] = seconds * 1e9
    const url = get('url')
    if (url.startsWith('/')) {
      const question = url.indexOf('?')
      event['url.path'] = question < 0 ? url : url.slice(0, question)
      if (question >= 0) put(event, 'url.query', url.slice(question + 1))
    }
    putExtras(event, 'fortinet.firewall', pairs, KNOWN)

    put(event, 'event.action', get('eventtype', 'action'))
    if (type === 'event') putActivity(event, get('subtype'), get('action').toLowerCase(), get('status').toLowerCase())
    else putVerdict(event, type, get('action').toLowerCase(), get('utmaction').toLowerCase())
    return true
  },
} satisfies TextParser

function putMoment(event: EcsEvent, pairs: ReadonlyMap<string, string>, { zone }: Context): void {
  const tz = pairs.get('tz') ?? ''
  const offset = /^[+-]\d\d:?\d\d$/.test(tz) ? tz : ''
  const epoch = Number(pairs.get('eventtime') ?? Number.NaN)
  const ms = parseIso(`${pairs.get('date') ?? ''} ${pairs.get('time') ?? ''}${offset}`, zone) ?? parseEpoch(epoch)
  if (ms !== undefined) event['@timestamp'] = isoTime(ms)
}

/** `https(203.0.113.9)`, `GUI(203.0.113.9)`, `ssh(…)`: from where an administrator works. */
function addressIn(ui: string): string {
  return /^[\w-]{1,32}\(([0-9A-Fa-f.:]{2,45})\)$/.exec(ui)?.[1] ?? ''
}

/** What the profiles that look for attacks find, by subtype; before FortiOS 5.2 that was the type. */
const DETECTIONS: { readonly [subtype: string]: string } = {
  ips: 'intrusion_detection',
  anomaly: 'intrusion_detection',
  waf: 'intrusion_detection',
  virus: 'malware',
}

function putVerdict(event: EcsEvent, type: string, action: string, utmAction: string): void {
  const own = passed(action)
  // A session that was let through by policy and cut by a profile: the profile has the last word.
  const allowed = own === true && passed(utmAction) === false ? false : own
  // A session is logged where it ends, and on demand also where it starts.
  judge(
    event,
    action,
    allowed,
    type !== 'traffic' ? [] : action === 'start' ? ['start'] : allowed === false ? [] : ['end'],
  )
  if (type !== 'traffic') {
    const told = event['fortinet.firewall.subtype']
    const subtype = type === 'utm' && typeof told === 'string' ? told : type
    const looked = subtype === 'dns' ? ['info'] : []
    event['event.type'] = allowed === undefined ? ['info'] : [...looked, allowed ? 'allowed' : 'denied']
    const found = lookUp(DETECTIONS, subtype)
    if (found !== undefined) {
      event['event.category'] = ['network', found]
      event['event.kind'] = 'alert'
    }
  }
  if (allowed !== undefined) event['event.outcome'] = 'success'
}

const FAILED = /fail|error|denied|deny|timeout/

/** The device's own doings: logins, VPN, configuration. */
function putActivity(event: EcsEvent, subtype: string, action: string, status: string): void {
  const failed = FAILED.test(status) || (status === '' && FAILED.test(action))
  const login =
    /^(?:login|logout|authentication|auth-logon|auth-logout|fsso-logon|ssl-login-fail|tunnel-up|tunnel-down)$/
  if (login.test(action) || (subtype === 'user' && action.startsWith('auth'))) {
    event['event.category'] = ['network', 'authentication']
    event['event.type'] = [/out$|down$/.test(action) ? 'end' : 'start']
  } else if (event['fortinet.firewall.cfgpath'] !== undefined) {
    event['event.category'] = ['configuration']
    event['event.type'] = [action === 'add' ? 'creation' : action === 'delete' ? 'deletion' : 'change']
  } else {
    event['event.category'] = [action === 'perf-stats' ? 'host' : 'network']
    event['event.type'] = [subtype === 'vpn' ? 'connection' : 'info']
  }
  if (failed) event['event.outcome'] = 'failure'
  else if (/^(?:success|succeeded|ok)$/.test(status) || action === 'tunnel-up') event['event.outcome'] = 'success'
}
