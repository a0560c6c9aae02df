import type { EcsEvent } from '../../model/event.ts'
import { put } from '../fields.ts'
import { putLeaf } from '../json-names.ts'
import { flatten } from '../json-record.ts'
import type { JsonObject } from '../json-record.ts'
import { part, filled } from '../json-parts.ts'
import type { JsonParser } from '../parser.ts'
import { confidenceWord, putFeed, putIndicator, putSeen } from '../threat-indicator.ts'

/** Word → `event.severity`, as Elastic's integration has it. */
const SEVERITIES: { readonly [word: string]: number } = { low: 3, medium: 5, high: 7, 'very-high': 9 }

/** Anomali ThreatStream, as its Elasticsearch connector sends indicators: flat, or below `json` where an agent has put them. */
export default {
  layer: 'json',
  precedence: 52,

  parse(record, event) {
    const indicator = part(record['json']) ?? record
    if (typeof indicator['itype'] !== 'string' || !('value_type' in indicator) || !('source_feed_id' in indicator))
      return false
    putFeed(event, 'ti_anomali.threatstream')
    flatten(indicator, '', (name, value) => putLeaf(event, `anomali.threatstream.${name}`, value))
    put(event, 'threat.indicator.provider', filled(indicator['source']))
    putSeen(event, 'threat.indicator.first_seen', indicator['date_first'])
    putSeen(event, 'threat.indicator.last_seen', indicator['date_last'])
    const severity = filled(indicator['severity']) ?? ''
    if (Object.hasOwn(SEVERITIES, severity)) event['event.severity'] = SEVERITIES[severity]!
    if (typeof indicator['confidence'] === 'number')
      event['threat.indicator.confidence'] = confidenceWord(indicator['confidence'])
    putValue(indicator, event)
    return true
  },
} satisfies JsonParser

/** `value_type` says which of its columns is the indicator; the others tell more of it. */
function putValue(indicator: JsonObject, event: EcsEvent): void {
  const md5 = filled(indicator['md5'])
  const url = filled(indicator['url'])
  if (md5 !== undefined) putIndicator(event, { 40: 'sha1', 64: 'sha256', 128: 'sha512' }[md5.length] ?? 'md5', md5)
  if (url !== undefined) putIndicator(event, 'url', url)
  const domain = filled(indicator['domain'])
  if (domain !== undefined) putIndicator(event, 'domain', domain)
  const email = filled(indicator['email'])
  if (email !== undefined) putIndicator(event, 'email', email)
  const ip = filled(indicator['srcip'])
  if (ip !== undefined) putIndicator(event, 'ip', ip)
}
