import { stringify } from 'yaml'
import { writtenText } from '../../detection/sigma/text.ts'
import type { LoadedRule } from '../../detection/types.ts'
import type { Alert, Evidence, Proof } from '../../model/alert.ts'
import type { EcsEvent } from '../../model/event.ts'

/** A field that all events of an alert have alike, and so could be what an exception asks for. */
export interface DraftField {
  /** As the filter names it. */
  field: string
  value: string
  /** The rule looked at it, or the alert is grouped by it. */
  matched: boolean
  /** Part of the draft. */
  chosen: boolean
}

export interface Draft {
  title: string
  /** One Sigma filter for each log source of the rules. */
  filter: string
  /** Ids of detection rules: those that matched. */
  rules: string[]
  agency: string
  fields: DraftField[]
}

/** What else tells who and what an event is about. */
const TELLING = [
  'host.name',
  'user.name',
  'source.ip',
  'destination.ip',
  'process.executable',
  'process.parent.executable',
  'url.original',
  'user_agent.original',
  'file.path',
  'event.code',
] as const
/** A longer value is no part of a draft: it would hardly come again. */
const VALUE_CHARS_MAX = 2_000
/** What a proof quotes of a text at most. */
const MATCHED_CHARS_MAX = 1_000

/** Why no draft can be made of an alert. */
export class DraftError extends Error {
  override readonly name = 'DraftError'
}

/**
 * The filter that keeps out what raised an alert: the values of the fields that its rules matched on, where all events
 * that it shows have them alike. Pure.
 * @param events those of its evidence that are still stored
 * @param options.fields take these instead; of all rules of the log sources instead of those that matched
 * @throws {DraftError}
 */
export function draftOf(
  alert: Alert,
  events: readonly EcsEvent[],
  rules: readonly LoadedRule[],
  options: { fields?: readonly string[]; anyRule?: boolean } = {},
): Draft {
  const ids = new Set(alert.evidence.map(({ rule }) => rule))
  const matched = rules.filter((rule) => ids.has(rule.id) && rule.kind === 'detection')
  if (matched.length === 0) throw new DraftError('none of the rules that matched is in force any more')
  const fields = fieldsOf(alert, events)
  const chosen = chosenOf(fields, options.fields)
  const title = `Ngoại lệ: ${alert.rule.title}`.slice(0, 256)
  const selection = Object.fromEntries(chosen.map(({ field, value }) => [field, writtenText(value)]))
  const bySource = new Map<string, LoadedRule[]>()
  for (const rule of matched) {
    const key = JSON.stringify(rule.logsource)
    bySource.set(key, [...(bySource.get(key) ?? []), rule])
  }
  const documents = [...bySource.values()].map((own) =>
    stringify(
      {
        title,
        logsource: own[0]!.logsource,
        filter: {
          rules: options.anyRule === true ? 'any' : own.map(({ id }) => id),
          selection,
          condition: 'not selection',
        },
      },
      { lineWidth: 0 },
    ),
  )
  return {
    title,
    filter: documents.join('---\n'),
    rules: matched.map(({ id }) => id),
    agency: alert.agency,
    fields: fields.map((field) => ({ ...field, chosen: chosen.includes(field) })),
  }
}

function chosenOf(fields: readonly DraftField[], wanted: readonly string[] | undefined): DraftField[] {
  const missing = wanted?.find((name) => !fields.some(({ field }) => field === name))
  if (missing !== undefined) throw new DraftError(`the events of the alert do not have '${missing}' alike`)
  const chosen = fields.filter(({ field, matched }) => wanted?.includes(field) ?? matched)
  if (chosen.length > 0) return chosen
  // A rule of keywords alone: then it is about who and where.
  const telling = fields.filter(({ field }) => field === 'host.name' || field === 'user.name' || field === 'source.ip')
  if (telling.length === 0) throw new DraftError('the events of the alert have no field alike that could tell them')
  return telling
}

/** Fields of which every event of the alert has the same single value, those that were matched first. */
function fieldsOf(alert: Alert, events: readonly EcsEvent[]): DraftField[] {
  const stored = new Map(events.map((event) => [event['soc.record'], event]))
  const groups = new Set(Object.values(alert.group).map((value) => value.toLowerCase()))
  const found = new Map<string, DraftField>()
  for (const [i, evidence] of alert.evidence.entries()) {
    const own = valuesOf(evidence, stored.get(evidence.record))
    if (i === 0) {
      for (const [field, { value, matched }] of own) {
        // A correlation counts what its parts match; what tells its events from others is what it is grouped by.
        found.set(field, { field, value, matched: matched || groups.has(value.toLowerCase()), chosen: false })
      }
    } else {
      for (const [field, { value }] of found) {
        if (own.get(field)?.value.toLowerCase() !== value.toLowerCase()) found.delete(field)
      }
    }
  }
  return [...found.values()].sort((a, b) => Number(b.matched) - Number(a.matched))
}

function valuesOf({ proof }: Evidence, event: EcsEvent | undefined): Map<string, { value: string; matched: boolean }> {
  const values = new Map<string, { value: string; matched: boolean }>()
  const add = (field: string, value: unknown, matched: boolean): void => {
    const text = typeof value === 'string' ? value : typeof value === 'number' ? String(value) : ''
    if (text !== '' && text.length <= VALUE_CHARS_MAX && !values.has(field)) values.set(field, { value: text, matched })
  }
  for (const one of proof) {
    if (one.field === '') continue
    const whole = event?.[one.eventField]
    // Of a list the element that matched; of a long text that is stored no more, the proof has only a part.
    const part = one.matched.length < MATCHED_CHARS_MAX ? one.matched : undefined
    add(nameOf(one), typeof whole === 'string' || typeof whole === 'number' ? whole : part, true)
  }
  for (const field of TELLING) add(field, event?.[field], false)
  return values
}

/** The event's own name where pipelines leave it alone, which is where it has a dot; else the rule's. */
function nameOf({ field, eventField }: Proof): string {
  return eventField.includes('.') ? eventField : field
}
