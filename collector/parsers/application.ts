import type { EcsEvent } from '../../model/event.ts'
import { put, putPeer, putPort } from '../fields.ts'
import { putRecordTime } from '../json-names.ts'
import { flatten } from '../json-record.ts'
import type { JsonLeaf, JsonObject } from '../json-record.ts'
import type { JsonParser } from '../parser.ts'
import { Refusal } from '../refusal.ts'
import { putHost } from '../syslog-header.ts'

const TIMES = ['@timestamp', 'timestamp', 'time', 'ts']
const SERVICE = /^[a-z0-9][a-z0-9_-]{0,63}$/

/**
 * The province's own applications (one-stop shop, public services, LGSP, hospital …), in the convention of
 * docs/parsers.md: who, from where, did what to what, and did it work. What ECS has a name for gets it, the rest stays under
 * `app.`.
 */
export default {
  layer: 'json',
  precedence: 50,

  parse(record, event, context) {
    if (!isApplication(record)) return false
    const refusal = putRecordTime(record, TIMES, event, context)
    if (refusal instanceof Refusal) return refusal
    const service = typeof record['service'] === 'string' ? record['service'].toLowerCase() : ''
    event['event.dataset'] = SERVICE.test(service) ? `app.${service}` : 'generic.json'
    flatten(record, '', (name, value) => putNamed(event, name, value))
    const type =
      typeof event['event.action'] === 'string' && /log(?:_|-)?(?:in|on|out)|auth/i.test(event['event.action'])
    if (type) event['event.category'] = ['authentication']
    return true
  },
} satisfies JsonParser

/** `service` alone is not enough: Zeek and others use the word for a protocol. */
function isApplication(record: JsonObject): boolean {
  const acts = typeof record['action'] === 'string'
  if (typeof record['service'] === 'string') return acts || WORDS.some((word) => word in record)
  return acts && ('user' in record || 'src_ip' in record || 'system_key' in record)
}

const WORDS = ['user', 'src_ip', 'result', 'object', 'system_key', 'message', 'msg']

const SUCCESS = /^(?:success|successful|succeeded|ok|allow|allowed|true|1|200|thanh_cong|thành công)$/i
const FAILURE = /^(?:fail|failed|failure|error|denied|deny|refused|rejected|false|0|that_bai|thất bại)$/i

function putNamed(event: EcsEvent, name: string, value: JsonLeaf): void {
  const text = Array.isArray(value) ? undefined : String(value)
  if (text === undefined) event[`app.${name}`] = value
  else if (name === 'src_ip') putPeer(event, 'source', text)
  else if (name === 'src_port') putPort(event, 'source.port', text)
  else if (name === 'src_mac') event['source.mac'] = text
  else if (name === 'dst_ip') putPeer(event, 'destination', text)
  else if (name === 'dst_port') putPort(event, 'destination.port', text)
  else if (name === 'user') put(event, 'user.name', text)
  else if (name === 'user_agent') put(event, 'user_agent.original', text)
  else if (name === 'action') put(event, 'event.action', text)
  else if (name === 'service') put(event, 'service.name', text)
  else if (name === 'host' || name === 'hostname') putHost(event, text)
  else if (name === 'message' || name === 'msg') put(event, 'message', text)
  else if (name === 'level' || name === 'severity') put(event, 'log.level', text.toLowerCase())
  else if (name === 'url') put(event, 'url.original', text)
  else if (name === 'result') {
    event['app.result'] = value
    if (SUCCESS.test(text)) event['event.outcome'] = 'success'
    else if (FAILURE.test(text)) event['event.outcome'] = 'failure'
  } else if (name !== '@timestamp' && name.length <= 200) event[`app.${name}`] = value
}
