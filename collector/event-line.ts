import { UNREGISTERED, type EcsEvent } from '../model/event.ts'
import { DEPTH_MAX, findFault } from './json-fault.ts'
import { parseRecord, type JsonObject, type JsonValue } from './json-record.ts'
import { Refusal } from './refusal.ts'
import { isoTime, parseEpoch, parseIso } from './time.ts'

const BOM = 0xfeff

/**
 * The JSON object that a line holds, or why it holds none. Of two equal keys the last counts, as everywhere; integers beyond 2^53 stay exact, as
 * text, and only lines that hold one are read again for that.
 */
export function parseEventLine(line: Buffer): JsonObject | string {
  const written = line.toString('utf8')
  const text = written.charCodeAt(0) === BOM ? written.slice(1) : written
  let value: JsonValue
  try {
    value = JSON.parse(text) as JsonValue
  } catch {
    const fault = findFault(text)
    return fault === undefined ? 'bad_json: not JSON' : `${fault.code}: ${fault.reason}`
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'bad_json: not a JSON object'
  if (!isRounded(value, 0)) return value
  const record = parseRecord(text)
  return record instanceof Refusal ? `${record.code}: ${record.reason}` : record
}

/** Whether a number in it may have been rounded; so deep that nobody looked counts too. */
function isRounded(value: JsonObject | JsonValue[], depth: number): boolean {
  if (depth > DEPTH_MAX) return true
  for (const own of Object.values(value)) {
    if (typeof own === 'number') {
      if (own > Number.MAX_SAFE_INTEGER || own < Number.MIN_SAFE_INTEGER) return true
    } else if (typeof own === 'object' && own !== null && isRounded(own, depth + 1)) return true
  }
  return false
}

const UTC = { offsetMs: () => 0 }
/** Where Sigma's own names hold a time; that of Sysmon is UTC, with a blank for the T. */
const TIMES = ['@timestamp', 'TimeCreated_SystemTime', 'TimeCreated', 'SystemTime', 'UtcTime', 'EventTime'] as const

/**
 * Gives an event that no collector took what correlations and proofs ask of one: a name and a place, after its line; the
 * line itself, where it brings no `event.original`, in a way that keywords do not search (the line is JSON, not the log); its
 * time. Of an event without a time nothing is known but its place: it is taken as of the newest before it.
 * @returns the event time, epoch milliseconds
 */
export function identify(
  event: EcsEvent,
  { line, position, newestMs }: { line: Buffer; position: number; newestMs: number },
): number {
  event['soc.record'] ??= `line-${position}`
  event['soc.seq'] = position + 1
  event['soc.agency'] ??= UNREGISTERED
  if (typeof event['event.original'] !== 'string') {
    Object.defineProperty(event, 'event.original', {
      value: line.toString('utf8'),
      enumerable: false,
      configurable: true,
    })
  }
  let ms: number | undefined
  for (const field of TIMES) {
    const value: unknown = event[field]
    if (typeof value === 'string') ms = parseIso(value, UTC)
    else if (typeof value === 'number') ms = parseEpoch(value)
    if (ms !== undefined) break
  }
  ms ??= newestMs
  event['@timestamp'] = isoTime(ms)
  return ms
}
