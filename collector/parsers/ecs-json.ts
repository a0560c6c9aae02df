import type { EcsEvent } from '../../model/event.ts'
import { putLeaf, putRecordTime } from '../json-names.ts'
import { part, filled } from '../json-parts.ts'
import { flatten } from '../json-record.ts'
import type { JsonObject } from '../json-record.ts'
import type { JsonParser } from '../parser.ts'
import { Refusal } from '../refusal.ts'

const MODULE = /^[a-z][a-z0-9_]{0,31}\.[a-z0-9_.]{1,64}$/

/** A record that already speaks ECS: Beats, Elastic Agent, Vector or a program with an ECS logger. */
export default {
  layer: 'json',
  precedence: 40,

  parse(record, event, context) {
    if (!speaksEcs(record)) return false
    const refusal = putRecordTime(record, ['@timestamp'], event, context)
    if (refusal instanceof Refusal) return refusal
    flatten(record, '', (name, value) => putLeaf(event, name, value))
    event['event.dataset'] = datasetOf(record)
    const host = event['host.hostname'] ?? event['host.name']
    if (typeof host === 'string') putNames(event, host)
    return true
  },
} satisfies JsonParser

function speaksEcs(record: JsonObject): boolean {
  if (isAuditd(record)) return true
  return '@timestamp' in record && ('ecs' in record || 'ecs.version' in record || 'agent' in record)
}

/** Auditbeat and Elastic Agent read the kernel's audit themselves and join the records of one event. */
function isAuditd(record: JsonObject): boolean {
  return filled(part(record['auditd'])?.['message_type']) !== undefined
}

function datasetOf(record: JsonObject): string {
  if (isAuditd(record)) return 'auditd_manager.auditd'
  const event = record['event']
  const name =
    typeof event === 'object' && event !== null && !Array.isArray(event) ? event['dataset'] : record['event.dataset']
  return typeof name === 'string' && MODULE.test(name) ? name : 'generic.json'
}

function putNames(event: EcsEvent, host: string): void {
  event['host.hostname'] ??= host
  event['host.name'] = host.toLowerCase()
}
