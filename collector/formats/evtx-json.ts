import type { EcsEvent } from '../../model/event.ts'
import { parseEventLine } from '../event-line.ts'
import type { Format } from '../format.ts'
import { DEPTH_MAX } from '../json-fault.ts'
import type { JsonObject, JsonValue } from '../json-record.ts'

/**
 * Windows event records as `evtx_dump -o jsonl` prints them, `{"Event": {"System": …, "EventData": …}}`, attributes beside
 * their element (`#attributes`) or, with `--separate-json-attributes`, under a name of their own (`Provider_attributes`).
 * They come out flat, in the names Sigma uses for Windows: an attribute of System is `Element_Attribute`, data go by their
 * own name, without its blanks. What the data hold wins over System, except the names that tell the log source.
 */
export default {
  names: 'sigma',
  load: () =>
    Promise.resolve((line) => {
      const record = parseEventLine(line)
      return typeof record === 'string' ? record : flat(record)
    }),
} satisfies Format

const ATTRIBUTES = '#attributes'
const TEXT = '#text'
const ATTRIBUTES_SUFFIX = '_attributes'
const OF_SYSTEM = new Set(['EventID', 'Channel', 'Provider_Name', 'Computer'])

function flat(record: JsonObject): EcsEvent | string {
  const root = isObject(record['Event']) ? record['Event'] : record
  const { System: system, EventData: eventData, UserData: userData } = root
  if (!isObject(system)) return 'bad_record: not a Windows event record, it has no Event.System'
  const event = {} as EcsEvent
  for (const name of Object.keys(system)) putSystem(event, name, system[name]!)
  if (isObject(eventData)) putData(event, eventData, 0)
  // The provider's own element stands around its data: {"LogFileCleared": {"SubjectUserName": …}}.
  if (isObject(userData)) for (const own of Object.values(userData)) if (isObject(own)) putData(event, own, 0)
  return event
}

function putSystem(event: EcsEvent, name: string, value: JsonValue): void {
  if (name.endsWith(ATTRIBUTES_SUFFIX)) putAttributes(event, name.slice(0, -ATTRIBUTES_SUFFIX.length), value)
  else if (isObject(value)) {
    putAttributes(event, name, value[ATTRIBUTES])
    const text = value[TEXT]
    if (text !== undefined) event[name] = text
  } else if (value !== null) event[name] = value
}

function putAttributes(event: EcsEvent, element: string, attributes: JsonValue | undefined): void {
  if (isObject(attributes)) for (const name of Object.keys(attributes)) event[`${element}_${name}`] = attributes[name]!
}

function putData(event: EcsEvent, data: JsonObject, depth: number): void {
  for (const key of Object.keys(data)) {
    if (key === ATTRIBUTES || key === TEXT || key.endsWith(ATTRIBUTES_SUFFIX)) continue
    const name = key.includes(' ') ? key.replaceAll(' ', '') : key
    if (OF_SYSTEM.has(name) && event[name] !== undefined) continue
    const value = data[key]!
    if (!isObject(value)) event[name] = value
    else {
      // A `Data` element without a name, or one that has attributes, keeps its text one step further in.
      if (value[TEXT] !== undefined) event[name] = value[TEXT]
      else if (depth < DEPTH_MAX) putData(event, value, depth + 1)
      putAttributes(event, name, value[ATTRIBUTES])
    }
  }
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
