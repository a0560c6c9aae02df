import type { EcsEvent } from '../../model/event.ts'
import { put, putPeer } from '../fields.ts'
import { putLeaf, putRecordTime } from '../json-names.ts'
import { flatten } from '../json-record.ts'
import type { JsonLeaf, JsonObject } from '../json-record.ts'
import type { JsonParser } from '../parser.ts'
import { Refusal } from '../refusal.ts'
import { putHost, putSeverity } from '../syslog-header.ts'

/** GELF 1.1: `version`, `host`, `short_message`, and the sender's own fields behind an underscore. */
export default {
  layer: 'json',
  precedence: 60,

  parse(record, event, context) {
    if (!isGelf(record)) return false
    const refusal = putRecordTime(record, ['timestamp'], event, context)
    if (refusal instanceof Refusal) return refusal
    event['event.dataset'] = 'generic.gelf'
    putHost(event, record.host)
    flatten(record, '', (name, value) => putNamed(event, name, value))
    const { short_message: short, full_message: full } = record
    // The short one is the beginning or the gist of the full one, which rules must see.
    const whole = typeof full === 'string' && full !== '' ? full : short
    put(event, 'message', whole)
    if (whole !== short) put(event, 'gelf.short_message', short)
    if (typeof record['_src_ip'] === 'string' && event['source.ip'] === undefined) {
      putPeer(event, 'source', record['_src_ip'])
    }
    if (typeof record['_user'] === 'string') event['user.name'] ??= record['_user']
    return true
  },
} satisfies JsonParser

function isGelf(record: JsonObject): record is JsonObject & { host: string; short_message: string } {
  const { version, host, short_message: short } = record
  return typeof version === 'string' && /^1\.\d$/.test(version) && typeof host === 'string' && typeof short === 'string'
}

function putNamed(event: EcsEvent, name: string, value: JsonLeaf): void {
  if (name.startsWith('_')) putLeaf(event, name.slice(1), value)
  else if (name === 'level') {
    if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 7) putSeverity(event, value)
    else putLeaf(event, 'gelf.level', value)
  } else if (name === 'file') putLeaf(event, 'log.origin.file.name', value)
  else if (name === 'line' && typeof value === 'number') event['log.origin.file.line'] = value
  else if (!MAPPED.has(name)) putLeaf(event, `gelf.${name}`, value)
}

const MAPPED = new Set(['version', 'host', 'short_message', 'full_message', 'timestamp'])
