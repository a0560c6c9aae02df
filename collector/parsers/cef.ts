import type { EcsEvent } from '../../model/event.ts'
import { deviceTime } from '../device-time.ts'
import { integer, ipOf, lookUp, put, putPeer, putPort } from '../fields.ts'
import { judge, passed, putMac, putNat, putNumber, putSourceUser, putTransport } from '../firewall.ts'
import { putUrl } from '../network-events.ts'
import type { TextParser } from '../parser.ts'
import { isoTime, monthOf, instant, parseEpoch, parseIso } from '../time.ts'
import type { Zone } from '../time.ts'

// ArcSight Common Event Format, revision 25: `CEF:0|Vendor|Product|Version|Class|Name|Severity|key=value key=value`. In the
// header `|` and `\` are escaped, in the extension `=` and `\`; a value runs to the blank before the next key.
const EXTENSIONS_MAX = 256
const KEY_LENGTH_MAX = 96

/** Short keys, their full names in the standard, as Elastic's decoder writes them. */
const FULL_NAMES: { readonly [key: string]: string } = {
  act: 'deviceAction',
  app: 'applicationProtocol',
  cat: 'deviceEventCategory',
  cnt: 'baseEventCount',
  dhost: 'destinationHostName',
  dmac: 'destinationMacAddress',
  dntdom: 'destinationNtDomain',
  dpid: 'destinationProcessId',
  dpriv: 'destinationUserPrivileges',
  dproc: 'destinationProcessName',
  dpt: 'destinationPort',
  dst: 'destinationAddress',
  duid: 'destinationUserId',
  duser: 'destinationUserName',
  dvc: 'deviceAddress',
  dvchost: 'deviceHostName',
  dvcpid: 'deviceProcessId',
  end: 'endTime',
  fname: 'filename',
  fsize: 'fileSize',
  in: 'bytesIn',
  msg: 'message',
  out: 'bytesOut',
  outcome: 'eventOutcome',
  proto: 'transportProtocol',
  request: 'requestUrl',
  rt: 'deviceReceiptTime',
  shost: 'sourceHostName',
  smac: 'sourceMacAddress',
  sntdom: 'sourceNtDomain',
  spid: 'sourceProcessId',
  sproc: 'sourceProcessName',
  spt: 'sourcePort',
  src: 'sourceAddress',
  start: 'startTime',
  suid: 'sourceUserId',
  suser: 'sourceUserName',
  spriv: 'sourceUserPrivileges',
}
/** What is copied as it stands, and the field it has as Elastic's decoder maps the standard's names. */
const WORDS: readonly (readonly [name: string, field: string])[] = [
  ['customerExternalID', 'organization.id'],
  ['customerURI', 'organization.name'],
  ['destinationUserId', 'destination.user.id'],
  ['destinationUserPrivileges', 'destination.user.group.name'],
  ['deviceInboundInterface', 'observer.ingress.interface.name'],
  ['deviceOutboundInterface', 'observer.egress.interface.name'],
  ['deviceTimeZone', 'event.timezone'],
  ['fileId', 'file.inode'],
  ['fileType', 'file.type'],
  ['requestContext', 'http.request.referrer'],
  ['sourceUserId', 'source.user.id'],
  ['sourceUserPrivileges', 'source.user.group.name'],
]
const TIMES: readonly (readonly [name: string, field: string])[] = [
  ['endTime', 'event.end'],
  ['fileCreateTime', 'file.created'],
  ['fileModificationTime', 'file.mtime'],
  ['startTime', 'event.start'],
]
const CUSTOM = /^(cs|cn|c6a|cfp|flexString|flexNumber)(\d)(Label)?$/
const CUSTOM_NAMES: { readonly [key: string]: string } = {
  cs: 'deviceCustomString',
  cn: 'deviceCustomNumber',
  c6a: 'deviceCustomIPv6Address',
  cfp: 'deviceCustomFloatingPoint',
}
/** Words of the severity to numbers, as Elastic's decoder has them. */
const SEVERITIES: { readonly [word: string]: number } = { low: 0, unknown: 0, medium: 4, high: 7, 'very-high': 9 }

export default {
  layer: 'text',
  precedence: 250,

  parse({ text, program }, event, context) {
    const body = bodyOf(text, program)
    if (body === undefined) return false
    const head = readHead(body)
    if (head === undefined) return false
    const [version = '', vendor = '', product = '', release = '', code = '', name = '', severity = ''] = head.values
    if (program === 'cef') delete event['process.name']
    event['event.dataset'] = datasetOf(vendor, product)
    const sent = deviceTime(/^[A-Z][a-z]{2} {1,2}\d{1,2} \d\d:\d\d:\d\d/.exec(text)?.[0] ?? '', context)
    if (sent !== undefined) event['@timestamp'] = isoTime(sent)
    put(event, 'cef.version', version)
    put(event, 'observer.vendor', vendor)
    put(event, 'observer.product', product)
    put(event, 'observer.version', release)
    put(event, 'event.code', code)
    put(event, 'cef.name', name)
    put(event, 'cef.severity', severity)
    put(event, 'event.severity', integer(severity) ?? lookUp(SEVERITIES, severity.toLowerCase()))
    putExtensions(event, readExtensions(body, head.end), context.zone)
    event['message'] ??= name === '' ? body : name
    return true
  },
} satisfies TextParser

/** Makers whose lines are more than the standard's keys have a dataset of their own. */
function datasetOf(vendor: string, product: string): string {
  if (vendor === 'Citrix') return 'citrix_waf.log'
  if (vendor === 'Trend Micro' && product.startsWith('Deep Security')) return 'trendmicro.deep_security'
  if (vendor === 'Infoblox') return 'infoblox_nios.log'
  return 'cef.log'
}

/** The text from the version on; a syslog header may have taken `CEF:` for a tag. */
function bodyOf(text: string, program: string): string | undefined {
  if (text.startsWith('CEF:')) return text.slice(4).trimStart()
  if (program === 'cef' && /^ ?\d{1,2}(?:\.\d)?\|/.test(text)) return text.trimStart()
  // A relay's own header that no syslog header parser knew.
  const at = text.slice(0, 256).indexOf(' CEF:')
  return at < 0 || !/^\d{1,2}(?:\.\d)?\|/.test(text.slice(at + 5, at + 10)) ? undefined : text.slice(at + 5)
}

/** Seven values, each ended by a `|` that no `\` stands before; the last `|` may be missing where no extension follows. */
function readHead(text: string): { values: string[]; end: number } | undefined {
  const values: string[] = []
  let start = 0
  for (let at = 0; at <= text.length; at++) {
    if (text[at] === '\\') at++
    else if (text[at] === '|' || at === text.length) {
      values.push(
        text
          .slice(start, at)
          .replace(/\\([|\\])/g, '$1')
          .trim(),
      )
      start = at + 1
      if (values.length === 7) return { values, end: start }
      if (at === text.length) return undefined
    }
  }
  return undefined
}

function readExtensions(text: string, from: number): Map<string, string> {
  const pairs = new Map<string, string>()
  let key = ''
  let value = from
  let blank = from - 1
  for (let at = from; at < text.length && pairs.size < EXTENSIONS_MAX; at++) {
    if (text[at] === '\\') at++
    else if (text[at] === ' ') blank = at
    else if (text[at] === '=') {
      const next = Math.max(blank + 1, from)
      // An `=` that no key stands before belongs to the value, though it should have been escaped.
      if (next < value || at - next > KEY_LENGTH_MAX || !/^[\w.[\]-]+$/.test(text.slice(next, at))) continue
      if (key !== '') pairs.set(key, unescape(text.slice(value, Math.max(value, next - 1))))
      key = text.slice(next, at)
      value = at + 1
    }
  }
  if (key !== '') pairs.set(key, unescape(text.slice(value)))
  return pairs
}

function unescape(text: string): string {
  return text.replace(/\\([=\\|nr])/g, (_, char: string) => (char === 'n' ? '\n' : char === 'r' ? '\r' : char)).trim()
}

function fullName(key: string): string {
  const custom = CUSTOM.exec(key)
  if (custom !== null) return `${CUSTOM_NAMES[custom[1]!] ?? custom[1]!}${custom[2]!}${custom[3] ?? ''}`
  return lookUp(FULL_NAMES, key) ?? key
}

function putExtensions(event: EcsEvent, pairs: ReadonlyMap<string, string>, zone: Zone): void {
  const full = new Map<string, string>()
  for (const [key, value] of pairs) if (value !== '') full.set(fullName(key), value)
  for (const [name, value] of full) event[`cef.extensions.${name}`] = value
  const get = (name: string): string => full.get(name) ?? ''

  const ms = timeOf(get('deviceReceiptTime') || get('startTime') || get('endTime'), zone)
  if (ms !== undefined) event['@timestamp'] = isoTime(ms)
  putPeer(event, 'source', get('sourceAddress'), get('sourcePort'))
  putPeer(event, 'destination', get('destinationAddress'), get('destinationPort'))
  putPort(event, 'source.port', get('sourcePort'))
  putPort(event, 'destination.port', get('destinationPort'))
  put(event, 'source.domain', get('sourceHostName'))
  put(event, 'destination.domain', get('destinationHostName'))
  putNat(event, 'source', get('sourceTranslatedAddress'), get('sourceTranslatedPort'))
  putNat(event, 'destination', get('destinationTranslatedAddress'), get('destinationTranslatedPort'))
  putMac(event, 'source', get('sourceMacAddress'))
  putMac(event, 'destination', get('destinationMacAddress'))
  putSourceUser(event, get('sourceUserName'))
  put(event, 'destination.user.name', get('destinationUserName'))
  if (event['user.name'] === undefined) put(event, 'user.name', get('destinationUserName'))
  putNumber(event, 'source.bytes', get('bytesIn'))
  putNumber(event, 'destination.bytes', get('bytesOut'))
  putTransport(event, get('transportProtocol'))
  // Forcepoint's service has a name of its own, `BOOTPS (UDP)`.
  if (event['observer.vendor'] === 'FORCEPOINT') put(event, 'network.application', get('applicationProtocol'))
  else put(event, 'network.protocol', get('applicationProtocol').toLowerCase())
  const direction = get('deviceDirection')
  put(event, 'network.direction', direction === '0' ? 'inbound' : direction === '1' ? 'outbound' : '')
  putUrl(event, get('requestUrl') || undefined)
  put(event, 'http.request.method', get('requestMethod'))
  put(event, 'user_agent.original', get('requestClientApplication'))
  put(event, 'file.name', get('filename'))
  put(event, 'file.path', get('filePath'))
  put(event, HASHES[get('fileHash').length] ?? 'cef.file_hash', get('fileHash'))
  putNumber(event, 'file.size', get('fileSize'))
  const process = get('destinationProcessName') || get('sourceProcessName') || get('deviceProcessName')
  put(event, 'process.name', process)
  putNumber(event, 'process.pid', get('destinationProcessId') || get('deviceProcessId'))
  putNumber(event, 'source.process.pid', get('sourceProcessId'))
  for (const [name, field] of WORDS) put(event, field, get(name))
  for (const [name, field] of TIMES) {
    const at = timeOf(get(name), zone)
    if (at !== undefined) event[field] = isoTime(at)
  }
  put(event, 'observer.hostname', get('deviceHostName'))
  put(event, 'observer.ip', get('deviceAddress'))
  put(event, 'event.id', get('externalId') || get('eventId'))
  put(event, 'event.reason', get('reason'))
  put(event, 'message', get('message'))
  putLabelled(event, full)
  if (event['event.dataset'] === 'citrix_waf.log') {
    put(event, 'http.request.method', get('method'))
    put(event, 'http.request.id', get('deviceCustomNumber2'))
    put(event, 'client.ip', event['source.ip'])
    put(event, 'rule.ruleset', get('deviceCustomString1'))
  }
  const action = get('deviceAction')
  put(event, 'event.action', action)
  const outcome = (get('eventOutcome') || get('categoryOutcome')).toLowerCase()
  if (/success/.test(outcome)) event['event.outcome'] = 'success'
  else if (/fail/.test(outcome)) event['event.outcome'] = 'failure'
  // Two ends and a verdict make it a firewall's line; of anything else the format says no category.
  const allowed = passed(action)
  if (allowed !== undefined && event['source.ip'] !== undefined && event['destination.ip'] !== undefined) {
    judge(event, action, allowed)
  }
  // What Deep Security's manager tells of itself, and its agents without a verdict: the set that Elastic gives each of its
  // lines, so that queries brought from there find them. A line with a verdict has that verdict alone.
  if (event['event.dataset'] === 'trendmicro.deep_security') {
    event['event.type'] ??= ['connection', 'access', 'allowed', 'denied', 'info']
  }
}

/** What a maker's own label says of its custom values. */
const LABELS: { readonly [label: string]: string } = {
  'rule name': 'rule.name',
  rulename: 'rule.name',
  'rule id': 'rule.id',
  ruleid: 'rule.id',
  'source ipv6 address': 'source',
  'destination ipv6 address': 'destination',
}

function putLabelled(event: EcsEvent, full: ReadonlyMap<string, string>): void {
  for (const [name, value] of full) {
    if (!name.endsWith('Label')) continue
    const field = lookUp(LABELS, value.toLowerCase())
    const held = full.get(name.slice(0, -'Label'.length))
    if (field === undefined || held === undefined) continue
    if (field !== 'source' && field !== 'destination') put(event, field, held)
    else if (ipOf(held) !== undefined) putPeer(event, field, held)
  }
  put(event, 'rule.uuid', full.get('rule_uid'))
  put(event, 'destination.service.name', full.get('destinationServiceName'))
  if (event['source.ip'] !== undefined || event['destination.ip'] !== undefined) event['event.category'] ??= ['network']
}

const HASHES: { readonly [length: number]: string } = {
  32: 'file.hash.md5',
  40: 'file.hash.sha1',
  64: 'file.hash.sha256',
}

/** Milliseconds, ISO, or the standard's `MMM dd yyyy HH:mm:ss`. */
function timeOf(text: string, zone: Zone): number | undefined {
  if (/^\d{10,19}$/.test(text)) return parseEpoch(Number(text))
  const date = /^([A-Z][a-z]{2}) (\d{1,2}) (\d{4}) (\d\d):(\d\d):(\d\d)(?:\.(\d{3}))?(?: UTC| Z)?/.exec(text)
  if (date === null) return parseIso(text, zone)
  const [, month, day, year, hour, minute, second, milli] = date
  return instant(
    [Number(year), monthOf(month!) ?? 0, Number(day), Number(hour), Number(minute), Number(second), Number(milli ?? 0)],
    zone,
  )
}
