import type { EcsEvent } from '../model/event.ts'
import { addRelated, ipOf, put, putPeer } from './fields.ts'
import { putLeaf } from './json-names.ts'
import { flatten } from './json-record.ts'
import type { JsonObject, JsonValue } from './json-record.ts'

// What the audit logs of cloud services have in common. Each keeps its own tree, under its own names, below one prefix: rules
// are written in those names, and a rule's pipeline needs only to know the prefix.

export function part(value: JsonValue | undefined): JsonObject | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined
}

export const text = (value: JsonValue | undefined): string | undefined =>
  typeof value === 'string' ? value : undefined

/** Text of a scalar; numbers and booleans as JSON writes them. */
export function word(value: JsonValue | undefined): string | undefined {
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : text(value)
}

/** The objects of an array, the first 64. */
export function parts(value: JsonValue | undefined): JsonObject[] {
  if (!Array.isArray(value)) return []
  return value
    .slice(0, 64)
    .map(part)
    .filter((item) => item !== undefined)
}

/** Keeps every leaf of `record` at what `fieldOf` makes of its own name. */
export function keep(record: JsonObject, event: EcsEvent, fieldOf: (name: string) => string): void {
  flatten(record, '', (name, value) => putLeaf(event, fieldOf(name), value))
}

/** Sets `user.*` from a name that may be an address of mail. */
export function putAccount(event: EcsEvent, name: string | undefined): void {
  if (name === undefined || name === '') return
  const [local, domain, ...more] = name.split('@')
  if (local && domain && more.length === 0 && !/\s/.test(name)) {
    event['user.email'] = name
    event['user.name'] = local
    event['user.domain'] = domain
  } else event['user.name'] = name
}

/** Sets `source.*` from an address as clouds write it: bare, `1.2.3.4:443`, `[::1]:443`, or the name of a service. */
export function putCaller(event: EcsEvent, address: string | undefined): void {
  if (address === undefined) return
  const ported = /^(?:\[([0-9a-f:.%]+)\]|(\d+\.\d+\.\d+\.\d+)):(\d{1,5})$/i.exec(address)
  const host = ported?.[1] ?? ported?.[2] ?? address
  putPeer(event, 'source', host, ported?.[3])
  const ip = ipOf(host)
  if (ip !== undefined) addRelated(event, 'related.ip', ip)
}

/** Sets the field to the text where it is one. */
export function putText(event: EcsEvent, field: string, value: JsonValue | undefined): void {
  put(event, field, word(value))
}
