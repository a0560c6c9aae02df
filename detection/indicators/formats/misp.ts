import type { Level } from '../../../model/alert.ts'
import { FormatError, type IndicatorFormat, type Written, given, parsedJson, textOf, tlpOf } from '../format.ts'
import type { Indicator, IndicatorKind, Tlp } from '../indicator.ts'

/** Of a composite type (`filename|md5`) the part that is an indicator, counted from 0. */
const TYPES: Readonly<Record<string, readonly [IndicatorKind, number][]>> = {
  'ip-src': [['ip', 0]],
  'ip-dst': [['ip', 0]],
  'ip-src|port': [['ip', 0]],
  'ip-dst|port': [['ip', 0]],
  domain: [['domain', 0]],
  hostname: [['domain', 0]],
  'hostname|port': [['domain', 0]],
  'domain|ip': [
    ['domain', 0],
    ['ip', 1],
  ],
  url: [['url', 0]],
  link: [['url', 0]],
  md5: [['hash', 0]],
  sha1: [['hash', 0]],
  sha256: [['hash', 0]],
  'filename|md5': [['hash', 1]],
  'filename|sha1': [['hash', 1]],
  'filename|sha256': [['hash', 1]],
}

/** `threat_level_id` of an event; 4 is undefined. */
const LEVELS: Readonly<Record<string, Level>> = { 1: 'high', 2: 'medium', 3: 'low' }

interface Attribute {
  type?: unknown
  value?: unknown
  to_ids?: unknown
  deleted?: unknown
  comment?: unknown
  Tag?: unknown
}

interface MispEvent {
  info?: unknown
  threat_level_id?: unknown
  Attribute?: unknown
  Object?: unknown
  Tag?: unknown
}

/** MISP's own JSON: an event, several, or what its search answers with. Only attributes marked for detection (`to_ids`). */
export default {
  claims: (head) => /^\s*[[{]/.test(head) && /"(?:Event|Attribute|response|threat_level_id|to_ids)"\s*:/.test(head),

  *read(text) {
    const file = parsedJson(text) as { response?: unknown; Event?: unknown } | unknown[] | null
    const listed = Array.isArray(file) ? file : (file?.response ?? [file])
    if (!Array.isArray(listed)) throw new FormatError('no MISP event')
    for (const [i, entry] of (listed as ({ Event?: MispEvent } | null)[]).entries()) {
      const event = entry?.Event ?? (entry as MispEvent | null)
      if (typeof event !== 'object' || event === null) continue
      yield* attributesOf(event.Attribute, event, `events/${i}/Attribute`)
      for (const [j, object] of listOf<{ Attribute?: unknown }>(event.Object).entries()) {
        yield* attributesOf(object?.Attribute, event, `events/${i}/Object/${j}/Attribute`)
      }
    }
  },
} satisfies IndicatorFormat

function* attributesOf(attributes: unknown, event: MispEvent, path: string): Generator<Written> {
  for (const [i, attribute] of listOf<Attribute>(attributes).entries()) {
    const at = `${path}/${i}`
    const parts = typeof attribute?.type === 'string' ? TYPES[attribute.type] : undefined
    if (typeof attribute?.value !== 'string' || attribute.deleted === true) continue
    if (parts === undefined) yield { at, refused: 'unknown_kind' }
    else if (attribute.to_ids !== true && attribute.to_ids !== '1') yield { at, refused: 'not_for_detection' }
    else {
      for (const [kind, part] of parts) {
        yield given<Pick<Indicator, 'kind' | 'value'> & Partial<Indicator> & { at: string }>({
          at,
          kind,
          value: attribute.value.split('|')[part] ?? '',
          level: LEVELS[String(event.threat_level_id)],
          tlp: tlpOfTags(attribute.Tag) ?? tlpOfTags(event.Tag),
          name: textOf(attribute.comment) ?? textOf(event.info),
        })
      }
    }
  }
}

function tlpOfTags(tags: unknown): Tlp | undefined {
  return listOf<{ name?: unknown }>(tags)
    .map((tag) => (/^tlp:/i.test(String(tag?.name)) ? tlpOf(tag?.name) : undefined))
    .find((tlp) => tlp !== undefined)
}

function listOf<T>(value: unknown): (T | null)[] {
  return Array.isArray(value) ? (value as (T | null)[]) : []
}
