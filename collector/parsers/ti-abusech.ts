import { put } from '../fields.ts'
import { putLeaf } from '../json-names.ts'
import { flatten } from '../json-record.ts'
import type { JsonObject } from '../json-record.ts'
import type { EcsEvent } from '../../model/event.ts'
import { filled } from '../json-parts.ts'
import type { JsonParser } from '../parser.ts'
import { confidenceWord, putFeed, putIndicator, putSeen } from '../threat-indicator.ts'

// Feeds of abuse.ch, one object an indicator: URLhaus (urlhaus-api.abuse.ch: urls, payloads), MalwareBazaar, ThreatFox.
export default {
  layer: 'json',
  precedence: 55,

  parse(record, event) {
    const feed = feedOf(record)
    if (feed === undefined) return false
    putFeed(event, `ti_abusech.${feed}`)
    flatten(record, '', (name, value) => putLeaf(event, `abusech.${feed}.${name}`, value))
    put(event, 'threat.indicator.provider', filled(record['reporter']))
    putSeen(event, 'threat.indicator.first_seen', record['first_seen'] ?? record['firstseen'] ?? record['date_added'])
    putSeen(event, 'threat.indicator.last_seen', record['last_seen'])
    if (feed === 'url') {
      put(event, 'threat.indicator.reference', filled(record['urlhaus_reference']))
      putIndicator(event, 'url', filled(record['url'])!)
    } else if (feed === 'threatfox') putIoc(record, event)
    else putSample(record, event)
    return true
  },
} satisfies JsonParser

function feedOf(record: JsonObject): string | undefined {
  if ('urlhaus_reference' in record && typeof record['url'] === 'string') return 'url'
  if ('urlhaus_download' in record && 'sha256_hash' in record) return 'malware'
  if ('sha3_384_hash' in record && 'sha256_hash' in record) return 'malwarebazaar'
  if (typeof record['ioc'] === 'string' && typeof record['ioc_type'] === 'string' && 'threat_type' in record)
    return 'threatfox'
  return undefined
}

const HASHES = [
  ['md5_hash', 'md5'],
  ['sha1_hash', 'sha1'],
  ['sha256_hash', 'sha256'],
  ['sha3_384_hash', 'sha384'],
  ['ssdeep', 'ssdeep'],
  ['tlsh', 'tlsh'],
  ['imphash', 'imphash'],
] as const

function putSample(record: JsonObject, event: EcsEvent): void {
  for (const [name, kind] of HASHES) {
    const value = filled(record[name])
    if (value !== undefined) putIndicator(event, kind, value)
  }
  put(event, 'threat.indicator.file.name', filled(record['file_name']))
  put(event, 'threat.indicator.file.extension', filled(record['file_type']))
  put(event, 'threat.indicator.file.mime_type', filled(record['file_type_mime']))
  const size = Number(record['file_size'] ?? Number.NaN)
  if (Number.isSafeInteger(size)) event['threat.indicator.file.size'] = size
  put(event, 'threat.software.alias', filled(record['signature']))
}

/** ThreatFox's kinds of indicators → ours. */
const IOCS: { readonly [type: string]: string } = {
  domain: 'domain',
  url: 'url',
  md5_hash: 'md5',
  sha1_hash: 'sha1',
  sha256_hash: 'sha256',
}

function putIoc(record: JsonObject, event: EcsEvent): void {
  const ioc = record['ioc'] as string
  const type = record['ioc_type'] as string
  put(event, 'event.id', filled(record['id']))
  put(event, 'threat.indicator.description', filled(record['ioc_type_desc']))
  put(event, 'threat.software.name', filled(record['malware_printable']))
  put(event, 'threat.software.reference', filled(record['malware_malpedia']))
  put(event, 'threat.indicator.reference', filled(record['reference']))
  if (typeof record['confidence_level'] === 'number')
    event['threat.indicator.confidence'] = confidenceWord(record['confidence_level'])
  if (type === 'ip:port') {
    const colon = ioc.lastIndexOf(':')
    putIndicator(event, 'ip', ioc.slice(0, colon).replace(/^\[|\]$/g, ''))
    const port = Number(ioc.slice(colon + 1))
    if (Number.isInteger(port) && port > 0 && port < 65_536) event['threat.indicator.port'] = port
  } else if (Object.hasOwn(IOCS, type)) putIndicator(event, IOCS[type]!, ioc)
}
