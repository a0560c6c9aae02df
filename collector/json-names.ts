import type { EcsEvent, EcsValue } from '../model/event.ts'
import type { JsonLeaf, JsonObject, JsonValue } from './json-record.ts'
import type { Context } from './parser.ts'
import { Refusal } from './refusal.ts'
import { isoTime, parseEpoch, parseIso } from './time.ts'

/** What only the collector says of an event: never taken from a record, whatever it claims. */
const OWN = new Set([
  '@timestamp',
  '__proto__',
  'ecs.version',
  'event.dataset',
  'event.ingested',
  'event.module',
  'event.original',
  'log.source.address',
])

/** ECS field sets: objects, so that a plain value under such a name would not fit any index that holds ECS. */
const FIELD_SETS = new Set(
  (
    'agent app as auditd client cloud code_signature container data_stream destination device dll dns ecs elf email error event ' +
    'faas file geo group hash host http interface log network observer orchestrator organization os package pe process ' +
    'registry related risk rule server service source span system threat tls trace transaction url user user_agent vlan ' +
    'vulnerability winlog x509'
  ).split(' '),
)

const FIELD_LENGTH_MAX = 256

/** Sets a leaf under its own dotted name, or below `app.` where that name belongs to a field set. */
export function putLeaf(event: EcsEvent, name: string, value: JsonLeaf): void {
  if (OWN.has(name) || name.startsWith('soc.') || name.length > FIELD_LENGTH_MAX) return
  event[FIELD_SETS.has(name) ? `app.${name}` : name] = value as EcsValue
}

/**
 * Sets the event time from the first of `names` that holds one. `@timestamp` is a promise: a record whose `@timestamp` is no
 * time is refused. The other names mean whatever a program likes, so a strange value there is just a value.
 */
export function putRecordTime(
  record: JsonObject,
  names: readonly string[],
  event: EcsEvent,
  { zone }: Context,
): Refusal | undefined {
  for (const name of names) {
    const value = record[name]
    if (value === undefined || value === null || value === '') continue
    const ms = timeOf(value, zone)
    if (ms !== undefined) {
      event['@timestamp'] = isoTime(ms)
      return undefined
    }
    if (name === '@timestamp') {
      return new Refusal('bad_time', `no such time in @timestamp: ${JSON.stringify(value).slice(0, 60)}`)
    }
  }
  return undefined
}

function timeOf(value: JsonValue, zone: Context['zone']): number | undefined {
  if (typeof value === 'number') return parseEpoch(value)
  if (typeof value !== 'string') return undefined
  return /^\d{9,19}(?:\.\d{1,9})?$/.test(value) ? parseEpoch(Number(value)) : parseIso(value, zone)
}
