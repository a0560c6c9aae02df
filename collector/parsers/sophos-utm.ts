import { integer, put, putPeer } from '../fields.ts'
import { judge, observe, passed, putExtras, putMac, putNumber, putSourceUser, putTransport } from '../firewall.ts'
import { readPairs } from '../key-values.ts'
import { putUrl } from '../network-events.ts'
import type { TextParser } from '../parser.ts'
import { putHost, putProgram } from '../syslog-header.ts'
import { instant, isoTime } from '../time.ts'

// Sophos UTM 9 (formerly Astaro): `2026:05:12-10:00:00 host program[pid]: id="2001" severity="info" sys="SecureNet" …`. No other
// device writes a date with colons. Its programs are many; those of packet filter, proxies and logins write pairs.
const FRONT =
  /^(\d{4}):(\d{1,2}):(\d{1,2})-(\d\d):(\d\d):(\d\d) (?:([\w.-]{1,255}) )?([\w.-]{1,64})(?:\[(\d{1,10})\])?: ?/
const PAIRED = /(?:^|\s)id="?\w{1,16}"? severity=/
const FIELDS: { readonly [name: string]: string } = {
  initf: 'observer.ingress.interface.name',
  outitf: 'observer.egress.interface.name',
  fwrule: 'rule.id',
  method: 'http.request.method',
  referer: 'http.request.referrer',
  ua: 'user_agent.original',
  'content-type': 'http.response.mime_type',
  filename: 'file.name',
  app: 'network.application',
  reason: 'event.reason',
  virus: 'threat.indicator.name',
  id: 'event.code',
}
const KNOWN: ReadonlySet<string> = new Set([
  ...Object.keys(FIELDS),
  ...'srcip dstip srcport dstport proto srcmac dstmac user url size statuscode server'.split(' '),
])

export default {
  layer: 'text',
  precedence: 226,

  parse({ text }, event, { zone }) {
    const front = FRONT.exec(text)
    if (front === null) return false
    const clock = front.slice(1, 7).map(Number) as [number, number, number, number, number, number]
    const ms = instant(clock, zone)
    if (ms === undefined) return false
    event['event.dataset'] = 'sophos.utm'
    event['@timestamp'] = isoTime(ms)
    putHost(event, front[7] ?? '')
    putProgram(event, front[8]!, front[9] ?? '')
    observe(event, 'Sophos', 'UTM', front[7])
    event['message'] = text.slice(front[0].length)
    if (!PAIRED.test(text.slice(front[0].length, front[0].length + 256))) return true

    const pairs = readPairs(text, front[0].length)
    const get = (name: string): string => pairs.get(name) ?? ''
    for (const [name, field] of Object.entries(FIELDS)) put(event, field, get(name))
    putPeer(event, 'source', get('srcip'), get('srcport'))
    putPeer(event, 'destination', get('dstip'), get('dstport'))
    putMac(event, 'source', pairs.get('srcmac'))
    putMac(event, 'destination', pairs.get('dstmac'))
    if (integer(get('proto')) !== undefined) putTransport(event, get('proto'))
    putSourceUser(event, get('user'))
    putUrl(event, get('url'))
    putNumber(event, 'http.response.body.bytes', get('size'))
    putNumber(event, 'http.response.status_code', get('statuscode'))
    putExtras(event, 'sophos.utm', pairs, KNOWN)
    put(event, 'event.action', get('name').toLowerCase())
    const sub = get('sub')
    if (sub === 'auth') {
      const failed = /fail|denied/i.test(get('name'))
      event['event.category'] = ['authentication']
      event['event.type'] = ['start']
      event['event.outcome'] = failed ? 'failure' : 'success'
    } else if (sub !== '') {
      judge(event, get('action'), passed(get('action')))
      if (sub === 'ips') event['event.category'] = ['network', 'intrusion_detection']
    }
    return true
  },
} satisfies TextParser
