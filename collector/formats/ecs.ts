import type { EcsEvent } from '../../model/event.ts'
import { parseEventLine } from '../event-line.ts'
import type { Format } from '../format.ts'
import { DEPTH_MAX } from '../json-fault.ts'
import type { JsonObject, JsonValue } from '../json-record.ts'

/** Objects with ECS names, with dots as this product writes them or nested as Elasticsearch returns them, or both. */
export default {
  names: 'ecs',
  load: () =>
    Promise.resolve((line) => {
      const event = parseEventLine(line)
      return typeof event === 'string' ? event : dotted(event)
    }),
} satisfies Format

/** The table of log sources asks for dotted names at the top; nearly all events have nothing else and are left alone. */
function dotted(event: JsonObject): EcsEvent {
  for (const name in event) if (isObject(event[name])) return spread(event, '', {} as EcsEvent, 0)
  return event as EcsEvent
}

function spread(object: JsonObject, prefix: string, into: EcsEvent, depth: number): EcsEvent {
  for (const name of Object.keys(object)) {
    const value = object[name]!
    if (isObject(value) && depth < DEPTH_MAX) spread(value, `${prefix}${name}.`, into, depth + 1)
    else if (prefix !== '' || name !== '__proto__') into[prefix + name] = value
  }
  return into
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
