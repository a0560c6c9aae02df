import { putPeer } from '../fields.ts'
import { putLeaf, putRecordTime } from '../json-names.ts'
import { flatten } from '../json-record.ts'
import type { JsonParser } from '../parser.ts'
import { Refusal } from '../refusal.ts'
import { putHost } from '../syslog-header.ts'

const TIMES = ['@timestamp', 'timestamp', 'time', 'EventTime', 'ts', 'eventTime', 'date']

/** Any other JSON object: every leaf under its own dotted name, as rules with the `none` pipeline read it. */
export default {
  layer: 'json',
  precedence: 1_000,

  parse(record, event, context) {
    const refusal = putRecordTime(record, TIMES, event, context)
    if (refusal instanceof Refusal) return refusal
    event['event.dataset'] = 'generic.json'
    flatten(record, '', (name, value) => putLeaf(event, name, value))
    // The few plain names that every product uses alike, beside their own.
    if (typeof record['src_ip'] === 'string' && event['source.ip'] === undefined)
      putPeer(event, 'source', record['src_ip'])
    if (typeof record['user'] === 'string' && record['user'] !== '') event['user.name'] ??= record['user']
    const host = record['host'] ?? record['hostname']
    if (typeof host === 'string' && event['host.hostname'] === undefined) putHost(event, host)
    return true
  },
} satisfies JsonParser
