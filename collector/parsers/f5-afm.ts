import type { EcsEvent } from '../../model/event.ts'
import { deviceTime } from '../device-time.ts'
import { addRelated, ipOf, lookUp, put, putPeer } from '../fields.ts'
import { judge, observe, passed, putExtras, putNat, putSourceUser, putTransport } from '../firewall.ts'
import { readPairs } from '../key-values.ts'
import type { TextParser } from '../parser.ts'
import { isoTime } from '../time.ts'

// BIG-IP Advanced Firewall Manager, «External Monitoring of BIG-IP Systems»: `[F5@12276 acl_policy_name="…" action="Drop" …]` as
// RFC 5424 structured data, or behind a relay's header that no header parser knows, there also without quotes.
const CLAIM = /(?:^| )\[F5@[\w.-]{1,32} (?=\w{1,64}=)/
const CLAIM_WITHIN = 512
/** 23003137 a packet, 23003138 an attack on the network, 23003139 on DNS, 23003140 on SIP … */
const MESSAGE = /^230\d{5}$/
const PAIRS_MAX = 256
const FIELDS: { readonly [name: string]: string } = {
  acl_rule_name: 'rule.name',
  acl_policy_name: 'rule.ruleset',
  errdefs_msgno: 'event.code',
  drop_reason: 'event.reason',
  device_version: 'observer.version',
  dos_attack_name: 'threat.technique.name',
  vlan: 'observer.ingress.vlan.name',
  translated_vlan: 'observer.egress.vlan.name',
  dns_query_name: 'dns.question.name',
  dns_query_type: 'dns.question.type',
}
const KNOWN: ReadonlySet<string> = new Set([
  ...Object.keys(FIELDS),
  ...'action hostname date_time source_ip source_port dest_ip dest_port ip_protocol source_user translated_source_ip translated_source_port translated_dest_ip translated_dest_port'.split(
    ' ',
  ),
])
/** The words of its log for what passes; the others are any firewall's. */
const WORDS: { readonly [word: string]: boolean } = {
  'accept decisively': true,
  established: true,
  open: true,
  closed: true,
  'packet dropped': false,
}

export default {
  layer: 'text',
  precedence: 206,

  parse({ text }, event, context) {
    const pairs = structuredData(event) ?? plainPairs(text)
    if (pairs === undefined) return false
    const get = (name: string): string => pairs.get(name) ?? ''
    delete event['log.syslog.structured_data']
    event['event.dataset'] = 'f5.bigipafm'
    event['message'] = text === '' ? get('errdefs_msg_name') : text
    observe(event, 'F5', 'BIG-IP AFM', get('hostname'))
    const ms = deviceTime(get('date_time'), context)
    if (ms !== undefined) event['@timestamp'] = isoTime(ms)
    for (const [name, field] of Object.entries(FIELDS)) put(event, field, get(name))
    putPeer(event, 'source', get('source_ip'), get('source_port'))
    putPeer(event, 'destination', get('dest_ip'), get('dest_port'))
    putNat(event, 'source', get('translated_source_ip'), get('translated_source_port'))
    putNat(event, 'destination', get('translated_dest_ip'), get('translated_dest_port'))
    putTransport(event, get('ip_protocol'))
    putSourceUser(event, get('source_user'))
    put(event, 'observer.ip', ipOf(get('bigip_mgmt_ip')))
    addRelated(event, 'related.hosts', get('hostname'))
    putExtras(event, 'f5.bigipafm', pairs, KNOWN)
    const word = get('action').toLowerCase()
    const ends = word === 'closed' ? ['end'] : word === 'established' || word === 'open' ? ['start'] : []
    judge(event, word, lookUp(WORDS, word) ?? passed(word), ends)
    put(event, 'event.action', word)
    if (pairs.has('dos_attack_name')) {
      event['event.category'] = ['network', 'intrusion_detection']
      event['event.kind'] = 'alert'
    }
    return true
  },
} satisfies TextParser

/** Of an RFC 5424 header: the parameters of the firewall's element; APM's has the same name and another number. */
function structuredData(event: EcsEvent): Map<string, string> | undefined {
  const elements = event['log.syslog.structured_data']
  if (typeof elements !== 'object' || elements === null || Array.isArray(elements)) return undefined
  for (const [id, params] of Object.entries(elements)) {
    if (!id.startsWith('F5@') || typeof params !== 'object' || params === null || Array.isArray(params)) continue
    const pairs = new Map(
      Object.entries(params).map(([name, value]) => [name, typeof value === 'string' ? value : ''] as const),
    )
    return MESSAGE.test(pairs.get('errdefs_msgno') ?? '') ? pairs : undefined
  }
  return undefined
}

function plainPairs(text: string): Map<string, string> | undefined {
  const claim = CLAIM.exec(text.slice(0, CLAIM_WITHIN))
  if (claim === null) return undefined
  const start = claim.index + claim[0].length
  const quoted = /^\w{1,64}="/.test(text.slice(start, start + 66))
  const pairs = quoted ? readPairs(text, start, { assign: '=', between: ' ]' }) : bareWords(text, start)
  return pairs.has('source_ip') && pairs.has('action') ? pairs : undefined
}

/** `name=several words name=value`: a value runs to the next word with a name before it. */
function bareWords(text: string, start: number): Map<string, string> {
  const end = text.indexOf(']', start)
  const pairs = new Map<string, string>()
  let last = ''
  for (const word of text.slice(start, end < 0 ? text.length : end).split(' ', 4 * PAIRS_MAX)) {
    const equals = word.indexOf('=')
    if (equals > 0 && /^\w{1,64}$/.test(word.slice(0, equals))) {
      if (pairs.size === PAIRS_MAX) break
      last = word.slice(0, equals)
      pairs.set(last, word.slice(equals + 1))
    } else if (last !== '') pairs.set(last, `${pairs.get(last)!} ${word}`)
  }
  return pairs
}
