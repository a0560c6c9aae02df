import type { Alert } from '../../model/alert.ts'
import type { EcsEvent, EcsValue } from '../../model/event.ts'
import type { DeadLetter } from '../../model/record.ts'
import { wellFormedJson } from '../admission.ts'
import { TERM_VALUE_MAX } from '../pattern.ts'
import { KEYWORD_CHARS_MAX, textField } from './mappings.ts'

/** One line pair of a `_bulk` request. */
export interface Operation {
  kind: 'event' | 'alert' | 'deadLetter'
  seq: number
  id: string
  /** The action line and the document, each ending in a line feed. */
  lines: string
}

/** Day of an index, as its name ends: `2026.11.22`. */
const dayOf = (time: string): string => time.slice(0, 10).replaceAll('-', '.')

/** Where a document keeps, as JSON text, the fields that Elasticsearch would not take as fields. */
const OTHER = 'soc.other'

/**
 * The event itself is `_source`, in ECS as Kibana expects it.
 * @throws {RangeError} the event is nested too deep to be written as JSON
 */
export function eventOperation(prefix: string, event: EcsEvent): Operation {
  const id = event['soc.record']
  const index = `${prefix}-events-${dayOf(event['event.ingested'])}`
  const entries = Object.entries(event).filter((entry): entry is [string, EcsValue] => entry[1] !== undefined)
  const other = entries.filter(([name, value]) => !isPlain(name, value))
  const document = Object.fromEntries<EcsValue>([
    ...(other.length === 0 ? entries : entries.filter(([name, value]) => isPlain(name, value))),
    ...(other.length === 0 ? [] : [[OTHER, wellFormedJson(Object.fromEntries(other))] as [string, string]]),
    ['soc.fields', unmapped(entries)],
    ['soc.text', searchedText(event)],
  ])
  return operation('event', event['soc.seq'], id, { create: { _index: index, _id: id } }, document)
}

/** The event that `eventOperation` was given. */
export function eventOf(source: Record<string, EcsValue>): EcsEvent {
  const { [OTHER]: other, ...event } = source
  return (typeof other === 'string' ? { ...event, ...(JSON.parse(other) as object) } : event) as EcsEvent
}

/** Names that Elasticsearch keeps for itself or refuses, and values with structure of their own, go to `OTHER`. */
function isPlain(name: string, value: EcsValue): boolean {
  return (
    name.length <= NAME_CHARS_MAX &&
    /^[^_.\s]/.test(name) &&
    !/\.$|\.\.|[\0\s]/.test(name) &&
    !OWN_NAMES.has(name) &&
    (Array.isArray(value)
      ? value.every((v) => v === null || typeof v !== 'object')
      : value === null || typeof value !== 'object')
  )
}

const NAME_CHARS_MAX = 500
const OWN_NAMES: ReadonlySet<string> = new Set([OTHER, 'soc.fields', 'soc.text'])

/** Versioned by the alert itself: a replay is a conflict, which is as good as done. */
export function alertOperation(prefix: string, alert: Alert): Operation {
  const action = {
    index: { _index: `${prefix}-alerts`, _id: alert.id, version: alert.version, version_type: 'external' },
  }
  return operation('alert', alert.seq, alert.id, action, alert)
}

export function deadLetterOperation(prefix: string, letter: DeadLetter): Operation {
  const index = `${prefix}-dead-letters-${dayOf(letter.receivedAt)}`
  return operation('deadLetter', letter.seq, letter.record, { create: { _index: index, _id: letter.record } }, letter)
}

function operation(kind: Operation['kind'], seq: number, id: string, action: object, document: object): Operation {
  return { kind, seq, id, lines: `${wellFormedJson(action)}\n${wellFormedJson(document)}\n` }
}

/** Scalars of fields without a mapping, lower-cased, for search. */
function unmapped(entries: readonly [string, EcsValue][]): Record<string, string[]> {
  return Object.fromEntries(
    entries.flatMap(([name, value]): [string, string[]][] => {
      // A key of `flattened` may not hold a NUL, and key and value together are one term.
      if (textField(name) !== null || name === '' || name.length > NAME_CHARS_MAX || name.includes('\0')) return []
      const values = scalars(value)
      return values.length > 0 ? [[name, values]] : []
    }),
  )
}

function scalars(value: EcsValue | undefined): string[] {
  if (Array.isArray(value)) return value.flatMap((element) => (Array.isArray(element) ? [] : scalars(element)))
  if (value === undefined || value === null || typeof value === 'object') return []
  return [String(value).toLowerCase()]
}

/** The raw line, and a message too long to be a keyword, in pieces that overlap by the longest term there can be. */
function searchedText(event: EcsEvent): string[] {
  const messages = scalars(event['message']).filter((text) => text.length > KEYWORD_CHARS_MAX)
  return [...scalars(event['event.original']), ...messages].flatMap(pieces)
}

function pieces(text: string): string[] {
  const step = KEYWORD_CHARS_MAX - TERM_VALUE_MAX
  const found: string[] = []
  for (let at = 0; at === 0 || at + TERM_VALUE_MAX < text.length; at += step)
    found.push(text.slice(at, at + KEYWORD_CHARS_MAX))
  return found
}
