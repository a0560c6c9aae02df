import { deviceTime } from '../device-time.ts'
import { integer, put, putPeer, putPort } from '../fields.ts'
import { judge, observe, putMac, putTransport } from '../firewall.ts'
import { putCommunityId } from '../flow.ts'
import type { TextParser } from '../parser.ts'
import { putHost } from '../syslog-header.ts'
import { isoTime } from '../time.ts'

// Netfilter's LOG target (xt_LOG.c): `PREFIX IN=eth0 OUT= MAC=… SRC=… DST=… LEN=… PROTO=TCP SPT=… DPT=… SYN`. The prefix is the
// administrator's; only it says what became of the packet: ufw's `[UFW BLOCK]`, EdgeOS's `[RULESET-10-D]`, a word of one's own.
const PREFIX_LENGTH_MAX = 160
const UPTIME = /^\[ {0,12}\d{1,12}\.\d{1,9}\] ?/
const RULE = /^\[([\w.-]{1,64})-([\w]{1,32})-([ADR])\]/
const UFW = /^\[UFW ([A-Z ]{1,24})\]/
const NAMED = /([\w-]{1,64}): ?$/
/** Time and host where no tag follows them. */
const FRONT = /^([A-Z][a-z]{2} {1,2}\d{1,2} \d\d:\d\d:\d\d) ([\w.-]{1,255}) (?=\[)/
const TRUNCATED = /^[\w= .]{0,160}\bPROTO=(?:TCP|UDP) SPT=\d{1,5} DPT=\d{1,5} /
const DENIED = /(?:^|[^a-z])(?:drop|dropped|deny|denied|block|blocked|reject|rejected|ban|banned)(?:[^a-z]|$)/
const ALLOWED = /(?:^|[^a-z])(?:accept|accepted|allow|allowed|permit|permitted|pass|passed)(?:[^a-z]|$)/
const LETTERS: { readonly [letter: string]: string } = { A: 'accept', D: 'drop', R: 'reject' }
const FLAGS: ReadonlySet<string> = new Set(['SYN', 'ACK', 'FIN', 'RST', 'PSH', 'URG', 'ECE', 'CWR'])

export default {
  layer: 'text',
  precedence: 240,

  parse({ text, program }, event, context) {
    // Some routers' kernels lose the first half of a line.
    const half = program === 'kernel' && TRUNCATED.test(text)
    const start = half ? 0 : text.indexOf('IN=')
    if (start < 0 || start > PREFIX_LENGTH_MAX) return false
    if (!half && !/^IN=\S{0,64} (?:PHYSIN=\S{0,64} )?OUT=/.test(text.slice(start, start + 200))) return false
    // An ICMP error quotes the packet it is about, in brackets at the end.
    const quoted = text.indexOf(' [SRC=', start)
    const words = text.slice(start, quoted < 0 ? start + 4_096 : quoted).split(' ', 64)
    const pairs = new Map<string, string>()
    const flags: string[] = []
    for (const word of words) {
      const equals = word.indexOf('=')
      if (equals > 0) {
        // LEN stands twice for UDP: of the packet, then of the datagram.
        if (!pairs.has(word.slice(0, equals))) pairs.set(word.slice(0, equals), word.slice(equals + 1))
      } else if (FLAGS.has(word)) flags.push(word)
    }
    const get = (name: string): string => pairs.get(name) ?? ''
    if (!half && (get('SRC') === '' || get('DST') === '')) return false

    event['event.dataset'] = 'iptables.log'
    event['message'] = text
    observe(event, 'Linux', 'Netfilter')
    putPeer(event, 'source', get('SRC'), get('SPT'))
    putPeer(event, 'destination', get('DST'), get('DPT'))
    putPort(event, 'source.port', get('SPT'))
    putPort(event, 'destination.port', get('DPT'))
    putTransport(event, get('PROTO'))
    putCommunityId(event, { type: integer(get('TYPE')), code: integer(get('CODE')) })
    // MAC= is the Ethernet header: destination, source, type.
    putMac(event, 'destination', get('MAC').slice(0, 17))
    putMac(event, 'source', get('MAC').slice(18, 35))
    put(event, 'observer.ingress.interface.name', get('IN'))
    put(event, 'observer.egress.interface.name', get('OUT'))
    if (get('IN') !== '' && get('OUT') === '') event['network.direction'] = 'inbound'
    if (get('IN') === '' && get('OUT') !== '') event['network.direction'] = 'outbound'
    put(event, 'iptables.input_device', get('IN'))
    put(event, 'iptables.output_device', get('OUT'))
    put(event, 'iptables.length', integer(get('LEN')))
    put(event, 'iptables.ttl', integer(get('TTL')))
    put(event, 'iptables.id', integer(get('ID')))
    put(event, 'iptables.icmp.type', integer(get('TYPE')))
    put(event, 'iptables.icmp.code', integer(get('CODE')))
    put(event, 'iptables.tcp.window', integer(get('WINDOW')))
    put(event, 'user.id', get('UID'))
    if (flags.length > 0) event['iptables.tcp.flags'] = flags

    const front = FRONT.exec(text.slice(0, start))
    const ms = front === null ? undefined : deviceTime(front[1]!, context)
    if (front !== null && ms !== undefined) {
      event['@timestamp'] = isoTime(ms)
      putHost(event, front[2]!)
    }
    const prefix = text.slice(front?.[0].length ?? 0, start).replace(UPTIME, '')
    const rule = RULE.exec(prefix)
    const ufw = UFW.exec(prefix)
    let action = ''
    if (rule !== null) {
      event['rule.name'] = rule[1]!
      event['rule.id'] = rule[2]!
      action = LETTERS[rule[3]!]!
    } else {
      put(event, 'rule.name', prefix.replace(/[\s:[\]]+$/, '').replace(/^[\s[]+/, ''))
      const word = (ufw?.[1] ?? prefix).toLowerCase().replaceAll('_', ' ')
      if (DENIED.test(word)) action = word.includes('reject') ? 'reject' : 'drop'
      else if (ALLOWED.test(word)) action = 'accept'
    }
    // The word for a verdict of one's own is the action, `drop_input`.
    const named = action === '' || ufw !== null ? undefined : NAMED.exec(prefix)?.[1]?.toLowerCase()
    put(event, 'event.action', named ?? action)
    judge(event, action, action === '' ? undefined : action === 'accept')
    return true
  },
} satisfies TextParser
