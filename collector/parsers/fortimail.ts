import type { EcsEvent } from '../../model/event.ts'
import { addRelated, ipOf, put, putPeer } from '../fields.ts'
import { observe, putExtras } from '../firewall.ts'
import { readPairs } from '../key-values.ts'
import type { TextParser } from '../parser.ts'
import { isoTime, parseIso } from '../time.ts'

// FortiMail Log Reference: FortiOS's pairs with commas between them, `date=…,time=…,device_id=FEVM…,log_id=…,type=statistics|event|spam|virus|encrypt,…`.
const CLAIM = /^date=\d{4}-\d\d-\d\d,time=[\d:.]{8,15},device_id=/
const KNOWN: ReadonlySet<string> = new Set([
  'date',
  'time',
  'device_id',
  'log_id',
  'user',
  'client_ip',
  'dst_ip',
  'msg',
])
const LOGIN =
  /^[\w ]{1,32}: (?:Login for '([^']{1,256})' from ([0-9A-Fa-f.:]{2,45}) failed|User (\S{1,256}) from ([0-9A-Fa-f.:]{2,45}) logged (in|out))/
const READ = /^User (\S{1,256}) read secure message/
const SENT = / sent from: '([^']{1,256})'/
const FORMATTED_MAX = 1_024

export default {
  layer: 'text',
  precedence: 209,

  parse({ text }, event, { zone }) {
    if (!CLAIM.test(text)) return false
    const pairs = readPairs(text, 0, { assign: '=', between: ',' })
    const get = (name: string): string => pairs.get(name) ?? ''
    const bare = (name: string): string => get(name).replace(/^'|'$/g, '')
    event['event.dataset'] = 'fortinet_fortimail.log'
    const ms = parseIso(`${get('date')} ${get('time')}`, zone)
    if (ms !== undefined) event['@timestamp'] = isoTime(ms)
    observe(event, 'Fortinet', 'FortiMail', undefined, 'firewall')
    put(event, 'observer.serial_number', get('device_id'))
    put(event, 'event.code', get('log_id'))
    put(event, 'event.action', get('action'))
    put(event, 'log.level', get('pri'))
    put(event, 'message', bare('msg') || text)
    putPeer(event, 'source', get('client_ip') || get('src_ip'))
    putPeer(event, 'destination', get('dst_ip'))
    for (const name of ['from', 'to']) addRelated(event, 'related.user', bare(name))
    putExtras(event, 'fortinet_fortimail', pairs, KNOWN)
    if (get('type') === 'event') {
      event['event.category'] = ['email']
      event['event.type'] = ['info']
    }
    const status = get('status')
    if (get('type') === 'spam' || get('type') === 'virus') event['event.kind'] = 'alert'
    put(event, 'user.name', bare('user'))
    putLogin(event, bare('msg').slice(0, FORMATTED_MAX), status)
    return true
  },
} satisfies TextParser

function putLogin(event: EcsEvent, message: string, status: string): void {
  const read = READ.exec(message)
  if (read !== null) {
    put(event, 'user.name', read[1])
    addRelated(event, 'related.user', SENT.exec(message)?.[1] ?? '')
  }
  const login = LOGIN.exec(message)
  if (login === null) return
  const [, failed, failedFrom, user = failed ?? '', from = failedFrom ?? '', how] = login
  event['event.category'] = ['email', 'authentication']
  event['event.type'] = ['info', how === 'out' ? 'end' : 'start']
  event['event.outcome'] = failed !== undefined || status === 'failure' ? 'failure' : 'success'
  // The device's own user is the program that let them in.
  const own = event['user.name']
  if (typeof own === 'string') addRelated(event, 'related.user', own)
  event['user.name'] = user
  if (ipOf(from) !== undefined) putPeer(event, 'source', from)
}
