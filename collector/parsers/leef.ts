import type { EcsEvent } from '../../model/event.ts'
import { integer, put, putPeer } from '../fields.ts'
import { judge, passed, putMac, putNat, putNumber, putSourceUser, putTransport } from '../firewall.ts'
import { putUrl } from '../network-events.ts'
import type { TextParser } from '../parser.ts'
import { isoTime, parseEpoch, parseIso } from '../time.ts'
import type { Zone } from '../time.ts'

// IBM Log Event Extended Format: `LEEF:1.0|Vendor|Product|Version|EventID|` and tab-separated pairs; 2.0 names the separator
// behind the event id, as itself or in hex (`^`, `x09`, `0x7C`).
const ATTRIBUTES_MAX = 256

export default {
  layer: 'text',
  precedence: 255,

  parse({ text, program }, event, { zone }) {
    const body = text.startsWith('LEEF:') ? text.slice(5) : program === 'leef' ? text.trimStart() : ''
    const version = /^([12])\.0\|/.exec(body)
    if (version === null) return false
    const head = body.split('|', version[1] === '2' ? 6 : 5)
    if (head.length < 5) return false
    const [, vendor = '', product = '', release = '', code = '', named] = head
    let start = head.slice(0, 5).reduce((sum, value) => sum + value.length + 1, 0)
    let separator = '\t'
    const delimiter = named === undefined ? undefined : separatorOf(named)
    if (delimiter !== undefined) {
      separator = delimiter
      start += named!.length + 1
    }
    if (program === 'leef') delete event['process.name']
    event['event.dataset'] = 'leef.log'
    event['leef.version'] = `${version[1]!}.0`
    put(event, 'observer.vendor', vendor)
    put(event, 'observer.product', product)
    put(event, 'observer.version', release)
    put(event, 'event.code', code)
    event['message'] = body
    const pairs = new Map<string, string>()
    for (const pair of body.slice(start).split(separator, ATTRIBUTES_MAX)) {
      const equals = pair.indexOf('=')
      const key = pair.slice(0, Math.max(0, equals)).trim()
      if (/^[\w.-]{1,96}$/.test(key)) pairs.set(key, pair.slice(equals + 1).trim())
    }
    putAttributes(event, pairs, zone)
    return true
  },
} satisfies TextParser

/** Undefined where 2.0 is written without a separator: the pairs follow at once. */
function separatorOf(text: string): string | undefined {
  const hex = /^(?:0x|x)([0-9A-Fa-f]{2,4})$/.exec(text)
  if (hex !== null) return String.fromCharCode(Number.parseInt(hex[1]!, 16))
  if (text === '') return '\t'
  return text.length === 1 ? text : undefined
}

function putAttributes(event: EcsEvent, pairs: ReadonlyMap<string, string>, zone: Zone): void {
  for (const [key, value] of pairs) put(event, `leef.attributes.${key}`, value)
  const get = (...names: string[]): string =>
    names.map((name) => pairs.get(name) ?? '').find((value) => value !== '') ?? ''
  const time = get('devTime')
  const ms = /^\d{10,19}$/.test(time) ? parseEpoch(Number(time)) : parseIso(time, zone)
  if (ms !== undefined) event['@timestamp'] = isoTime(ms)
  putPeer(event, 'source', get('src'), get('srcPort'))
  putPeer(event, 'destination', get('dst'), get('dstPort'))
  putNat(event, 'source', get('srcPostNAT'), get('srcPostNATPort'))
  putNat(event, 'destination', get('dstPostNAT'), get('dstPostNATPort'))
  putMac(event, 'source', get('srcMAC'))
  putMac(event, 'destination', get('dstMAC'))
  putTransport(event, get('proto'))
  putSourceUser(event, get('usrName', 'accountName'))
  putNumber(event, 'source.bytes', get('srcBytes'))
  putNumber(event, 'destination.bytes', get('dstBytes'))
  putNumber(event, 'source.packets', get('srcPackets'))
  putNumber(event, 'destination.packets', get('dstPackets'))
  put(event, 'rule.name', get('policy'))
  put(event, 'event.severity', integer(get('sev')))
  put(event, 'observer.hostname', get('identHostName', 'resource'))
  putUrl(event, get('url') || undefined)
  put(event, 'message', get('msg', 'message', 'reason'))
  const action = get('action', 'act')
  put(event, 'event.action', action)
  const allowed = passed(action)
  if (allowed !== undefined && event['source.ip'] !== undefined && event['destination.ip'] !== undefined) {
    judge(event, action, allowed)
  }
}
