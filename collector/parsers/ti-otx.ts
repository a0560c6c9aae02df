import { put } from '../fields.ts'
import { part } from '../json-parts.ts'
import type { JsonParser } from '../parser.ts'
import { putFeed, putIndicator, putSeen } from '../threat-indicator.ts'

/** OTX's types of indicators (OTX DirectConnect API) → ours. */
const KINDS: { readonly [type: string]: string } = {
  IPv4: 'ip',
  IPv6: 'ip',
  domain: 'domain',
  hostname: 'domain',
  URL: 'url',
  URI: 'url',
  'FileHash-MD5': 'md5',
  'FileHash-SHA1': 'sha1',
  'FileHash-SHA256': 'sha256',
  'FileHash-IMPHASH': 'imphash',
  FilePath: 'filename',
  email: 'email',
}

/** AlienVault OTX: an indicator, alone or as the `results` of an answer that was split. */
export default {
  layer: 'json',
  precedence: 51,

  parse(record, event) {
    const results = typeof record['count'] === 'number' ? part(record['results']) : undefined
    const split = results !== undefined
    const indicator = results ?? record
    const { indicator: value, type } = indicator
    if (!split && !('content' in record && 'title' in record)) return false
    if (typeof value !== 'string' || typeof type !== 'string') {
      if (!split || Object.keys(indicator).length > 0) return false
      putFeed(event, 'ti_otx.threat')
      event['event.type'] = ['info'] // an answer without results
      return true
    }
    putFeed(event, 'ti_otx.threat')
    if (Object.hasOwn(KINDS, type)) putIndicator(event, KINDS[type]!, value)
    else put(event, 'otx.indicator', value)
    put(event, 'otx.type', type)
    for (const name of ['title', 'description', 'content'] as const)
      put(event, `otx.${name}`, typeof indicator[name] === 'string' ? indicator[name] : undefined)
    if (typeof indicator['id'] === 'number' || typeof indicator['id'] === 'string')
      event['otx.id'] = String(indicator['id'])
    putSeen(event, 'threat.indicator.first_seen', indicator['created'])
    return true
  },
} satisfies JsonParser
