import type { Alert } from '../../model/alert.ts'
import type { EcsEvent, EcsValue } from '../../model/event.ts'
import type { DeadLetter } from '../../model/record.ts'
import { spoolOf, wellFormedJson } from '../admission.ts'
import { byName } from '../by-name.ts'
import { eventEvidence, letterEvidence, levelOf, NO_LEVEL, type StoredRecord } from '../integrity/leaf.ts'
import { textsOf } from '../query/evaluate.ts'
import { fold } from '../query/fold.ts'
import { classOf } from '../retention.ts'
import { ALL_LEVELS, type Partition, StoreError } from '../store.ts'
import { isUnmapped, KEYWORD_CHARS_MAX } from './mappings.ts'
import { canBeNamed, isUnseen, NAME_CHARS_MAX, piecesOf, placeOf } from './terms.ts'

/** What an operation is about. */
export interface Target {
  kind: 'event' | 'alert' | 'deadLetter'
  seq: number
  id: string
}

/** One line pair of a `_bulk` request. */
export interface Operation extends Target {
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
 * The event itself is `_source`, in ECS as Kibana expects it. Runs for every event. What it is searched by is gathered in one walk and
 * written as one list, and the event as it is: to write each text by itself took a third longer, most of it in the call.
 * @throws {RangeError} the event is nested too deep to be written as JSON
 */
export function eventOperation(prefix: string, event: EcsEvent, classes: readonly string[] = [ALL_LEVELS]): Operation {
  const id = event['soc.record']
  const levels = classOf(levelOf(event['soc.criticality']), classes)
  const index = `${prefix}-events-${dayOf(event['event.ingested'])}${levels === ALL_LEVELS ? '' : `-${levels}`}`
  const [pairs, order, values]: [string[], string[], string[]] = [[], [], []]
  /** JSON by name, of what is not taken as a field. */
  let other: Map<string, string> | null = null
  let hides = false
  const add = ({ before }: Name, name: string, text: string): void => {
    const folded = fold(text)
    if (folded.length <= KEYWORD_CHARS_MAX) pairs.push(before + folded)
    else {
      for (const piece of piecesOf(name, folded)) pairs.push(before + piece)
      hides ||= isUnseen(name, folded)
    }
    const place = placeOf(text)
    if (place !== null) order.push(before + place)
  }
  for (const name in event) {
    const value = event[name]
    if (value === undefined) continue
    const known = nameOf(name)
    if (!known.isPlain || !isFlat(value)) (other ??= new Map()).set(name, `${known.json}:${wellFormedJson(value)}`)
    if (!known.isSearched) {
      hides = true
      continue
    }
    const texts = typeof value === 'string' ? [value] : textsOf(value)
    for (const text of texts) add(known, name, text)
    if (known.isUnmapped && texts.length > 0) values.push(`${known.json}:${wellFormedJson(texts)}`)
  }
  let fields = wellFormedJson(other === null ? event : without(event, other)).slice(1, -1)
  // Whoever reads on where the search ends has to know of which events it does not see all.
  if (other !== null) {
    fields += `,${JSON.stringify(OTHER)}:${wellFormedJson(`{${[...other.values()].join(',')}}`)}`
    hides = true
  }
  if (hides) pairs.push(`${OTHER}\0`)
  const made = `"soc.pairs":${wellFormedJson(pairs)},"soc.order":${wellFormedJson(order)},"soc.values":{${values.join(',')}}`
  const action = wellFormedJson({ create: { _index: index, _id: id } })
  return { kind: 'event', seq: event['soc.seq'], id, lines: `${action}\n{${fields},${made}}\n` }
}

function without(event: EcsEvent, names: ReadonlyMap<string, string>): Record<string, EcsValue | undefined> {
  return Object.fromEntries(Object.entries(event).filter(([name]) => !names.has(name)))
}

/** What there is to know of a field by its name alone. */
interface Name {
  json: string
  /** The name and a NUL: what its terms begin with. */
  before: string
  isPlain: boolean
  isSearched: boolean
  /** A key of `flattened` may not hold a NUL, and key and text together are one term. */
  isUnmapped: boolean
}

const nameOf = byName((name): Name => {
  const isSearched = canBeNamed(name)
  return {
    json: wellFormedJson(name),
    before: `${name}\0`,
    isPlain: isPlainName(name),
    isSearched,
    isUnmapped: isSearched && isUnmapped(name),
  }
})

/** The event that `eventOperation` was given. */
export function eventOf(source: Record<string, EcsValue>): EcsEvent {
  const { [OTHER]: other, ...event } = source
  return (typeof other === 'string' ? { ...event, ...(JSON.parse(other) as object) } : event) as EcsEvent
}

/** Names that Elasticsearch keeps for itself or refuses go to `OTHER`, as do values with structure of their own. */
function isPlainName(name: string): boolean {
  return name.length <= NAME_CHARS_MAX && /^[^_.\s]/.test(name) && !/\.$|\.\.|[\0\s]/.test(name) && !OWN_NAMES.has(name)
}

function isFlat(value: EcsValue): boolean {
  if (value === null || typeof value !== 'object') return true
  return Array.isArray(value) && value.every((v) => v === null || typeof v !== 'object')
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

function operation(kind: Target['kind'], seq: number, id: string, action: object, document: object): Operation {
  return { kind, seq, id, lines: `${wellFormedJson(action)}\n${wellFormedJson(document)}\n` }
}
