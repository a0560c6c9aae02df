import type { Alert } from '../../model/alert.ts'
import type { EcsEvent, EcsValue } from '../../model/event.ts'
import type { DeadLetter } from '../../model/record.ts'
import { spoolOf, wellFormedJson } from '../admission.ts'
import { eventEvidence, letterEvidence, levelOf, NO_LEVEL, type StoredRecord } from '../integrity/leaf.ts'
import { textsOf } from '../query/evaluate.ts'
import { classOf } from '../retention.ts'
import { ALL_LEVELS, type Partition, StoreError } from '../store.ts'
import { isUnmapped } from './mappings.ts'
import { canBeNamed, isUnseen, NAME_CHARS_MAX, pairsOf, placesOf } from './terms.ts'

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

/** Day of an index as its name has it. @throws {StoreError} refused */
export function indexDay(day: string): string {
  if (!/^\d{4}-\d\d-\d\d$/.test(day)) throw new StoreError('refused', `not a day: '${day.slice(0, 20)}'`)
  return dayOf(day)
}

/** What an index of a day holds; `null` for others. */
export function partitionOf(name: string, prefix: string): (Partition & { name: string }) | null {
  const [, kind, day = '', levels = ALL_LEVELS] =
    /^-(events|dead-letters)-(\d{4}\.\d\d\.\d\d)(?:-(\d+))?$/.exec(name.slice(prefix.length)) ?? []
  if (kind === undefined) return null
  return { name, day: day.replaceAll('.', '-'), levels: kind === 'events' ? levels : String(NO_LEVEL) }
}

/** Where a document keeps, as JSON text, the fields that Elasticsearch would not take as fields. */
const OTHER = 'soc.other'

/**
 * The event itself is `_source`, in ECS as Kibana expects it.
 * @throws {RangeError} the event is nested too deep to be written as JSON
 */
export function eventOperation(prefix: string, event: EcsEvent, classes: readonly string[] = [ALL_LEVELS]): Operation {
  const id = event['soc.record']
  const levels = classOf(levelOf(event['soc.criticality']), classes)
  const index = `${prefix}-events-${dayOf(event['event.ingested'])}${levels === ALL_LEVELS ? '' : `-${levels}`}`
  const entries = Object.entries(event).filter((entry): entry is [string, EcsValue] => entry[1] !== undefined)
  const other = entries.filter(([name, value]) => !isPlain(name, value))
  // Whoever reads on where the search ends has to know of which events it does not see all.
  const hides = other.length > 0 || entries.some(([name, value]) => isUnseen(name, value))
  const document = Object.fromEntries<EcsValue>([
    ...(other.length === 0 ? entries : entries.filter(([name, value]) => isPlain(name, value))),
    ...(other.length === 0 ? [] : [[OTHER, wellFormedJson(Object.fromEntries(other))] as [string, string]]),
    ['soc.pairs', [...entries.flatMap(([name, value]) => pairsOf(name, value)), ...(hides ? [`${OTHER}\0`] : [])]],
    ['soc.order', entries.flatMap(([name, value]) => placesOf(name, value))],
    ['soc.values', unmapped(entries)],
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

const OWN_NAMES: ReadonlySet<string> = new Set([OTHER, 'soc.pairs', 'soc.order', 'soc.values'])

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

/** What of a document is proved. */
export function eventRecord(event: EcsEvent): StoredRecord {
  const { 'soc.record': record, 'soc.seq': seq, 'soc.criticality': criticality } = event
  return { ...eventEvidence(event), spool: spoolOf(record, seq) ?? '', seq, level: levelOf(criticality) }
}

export function letterRecord(letter: DeadLetter): StoredRecord {
  const { record, seq } = letter
  return { ...letterEvidence(letter), spool: spoolOf(record, seq) ?? '', seq, level: NO_LEVEL }
}

function operation(kind: Operation['kind'], seq: number, id: string, action: object, document: object): Operation {
  return { kind, seq, id, lines: `${wellFormedJson(action)}\n${wellFormedJson(document)}\n` }
}

/** Texts of fields without a mapping. A key of `flattened` may not hold a NUL, and key and text together are one term. */
function unmapped(entries: readonly [string, EcsValue][]): Record<string, string[]> {
  return Object.fromEntries(
    entries.flatMap(([name, value]): [string, string[]][] => {
      const texts = isUnmapped(name) && canBeNamed(name) ? textsOf(value) : []
      return texts.length > 0 ? [[name, texts]] : []
    }),
  )
}
