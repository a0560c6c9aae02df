import type { EcsEvent } from '../../model/event.ts'
import { put } from '../fields.ts'
import { putLeaf } from '../json-names.ts'
import { flatten } from '../json-record.ts'
import type { JsonObject } from '../json-record.ts'
import { part } from '../json-parts.ts'
import type { JsonParser } from '../parser.ts'
import { Refusal } from '../refusal.ts'
import { feedTime, putFeed, putIndicator, putSeen } from '../threat-indicator.ts'
import { isoTime } from '../time.ts'

// MISP (MISP core format): an event with one attribute of it, as its REST search gives them split, or an attribute with its event. An
// attribute of two parts (`domain|ip`, `filename|md5`) is two indicators of one event.
export default {
  layer: 'json',
  precedence: 49,

  parse(record, event) {
    const around = part(record['Event'])
    if (around === undefined) return false
    const alone = typeof record['to_ids'] === 'boolean' && typeof record['value'] === 'string'
    const object = part(around['Object'])
    const attribute = alone ? record : (part(around['Attribute']) ?? part(object?.['Attribute']))
    if (!alone && !('uuid' in around && 'orgc_id' in around)) return false
    const dataset = alone ? 'threat_attributes' : 'threat'
    const stamp = alone ? record['timestamp'] : around['timestamp']
    const ms = feedTime(stamp)
    if (stamp !== undefined && ms === undefined)
      return new Refusal('bad_time', `no such time: ${JSON.stringify(stamp).slice(0, 60)}`)
    if (ms !== undefined) event['@timestamp'] = isoTime(ms)
    putFeed(event, `ti_misp.${dataset}`)
    event['threat.feed.name'] = 'MISP'
    event['threat.indicator.provider'] = 'misp'
    for (const [field, of] of [
      ['misp.event', around],
      ['misp.attribute', attribute],
    ] as const)
      for (const [name, value] of Object.entries(of ?? {}))
        if (typeof value !== 'object' && value !== '') putLeaf(event, `${field}.${name}`, value)
    const orgc = part(around['Orgc'])
    if (orgc !== undefined) flatten(orgc, '', (name, value) => putLeaf(event, `misp.orgc.${name}`, value))
    if (typeof around['event_creator_email'] === 'string' && around['event_creator_email'] !== '') {
      event['user.email'] = around['event_creator_email']
      event['user.roles'] = ['reporting_user']
    }
    if (attribute !== undefined) putAttribute(attribute, event)
    return true
  },
} satisfies JsonParser

/** Attribute type → kind of indicator; `network activity` types that name a side are the same thing. */
const KINDS: { readonly [type: string]: string } = {
  md5: 'md5',
  sha1: 'sha1',
  sha224: 'sha224',
  sha256: 'sha256',
  sha384: 'sha384',
  sha512: 'sha512',
  ssdeep: 'ssdeep',
  tlsh: 'tlsh',
  imphash: 'imphash',
  filename: 'filename',
  ip: 'ip',
  'ip-src': 'ip',
  'ip-dst': 'ip',
  domain: 'domain',
  hostname: 'domain',
  url: 'url',
  uri: 'url',
  link: 'url',
  'email-src': 'email',
  'email-dst': 'email',
  email: 'email',
  regkey: 'registry',
}

function putAttribute(attribute: JsonObject, event: EcsEvent): void {
  const type = attribute['type']
  const value = attribute['value']
  if (typeof type !== 'string' || typeof value !== 'string') return
  const types = type.split('|', 2)
  const values = types.length === 1 ? [value] : value.split('|', 2)
  for (const [i, name] of types.entries()) {
    const found = values[i]
    if (found === undefined) continue
    if (name === 'port' && /^\d{1,5}$/.test(found)) event['threat.indicator.port'] = Number(found)
    else if (Object.hasOwn(KINDS, name)) putIndicator(event, KINDS[name]!, found)
  }
  put(
    event,
    'threat.indicator.description',
    typeof attribute['comment'] === 'string' ? attribute['comment'] : undefined,
  )
  putSeen(event, 'threat.indicator.first_seen', attribute['first_seen'])
  putSeen(event, 'threat.indicator.last_seen', attribute['last_seen'])
}
