import type { Node } from 'yaml'
import type { EcsEvent } from '../../model/event.ts'
import { RuleError } from '../errors.ts'
import type { LogSource } from './rule.ts'
import { entriesOf, entryOf, itemsOf, offsetOf, textOf, textsOf, type SigmaDocument } from './yaml.ts'

/** Whether a log source that sets `wanted` covers one that sets `actual` (Sigma: each attribute that is set is equal). */
export function covers(wanted: LogSource, actual: LogSource): boolean {
  return (['product', 'category', 'service'] as const).every(
    (key) => wanted[key] === undefined || wanted[key] === actual[key],
  )
}

/** `product`, `category` and `service` of a mapping, lower case. */
export function logSourceIn(node: Node | null): LogSource {
  const source: LogSource = {}
  for (const key of ['product', 'category', 'service'] as const) {
    const text = textOf(entryOf(node, key)?.value)
    if (text !== undefined) source[key] = text.toLowerCase()
  }
  return source
}

/** One row of `logsources.yml`: events with these values belong to these log sources. */
export interface LogSourceRow {
  /** Field → values (lower case), of which the event must have one; of a list any element counts. */
  when: [field: string, values: ReadonlySet<string>][]
  sources: LogSource[]
}

/**
 * Reads `logsources.yml`: `logsources:` with rows of `when: {field: value or list}` and any of `product`, `category`,
 * `service` (value or list). Several categories or services make several log sources of one row.
 * @throws {RuleError} `bad_logsource`, placed
 */
export function readLogSources({ root }: SigmaDocument): LogSourceRow[] {
  const list = entryOf(root, 'logsources')
  if (!list?.value) throw new RuleError('bad_logsource', 'logsources is missing', offsetOf(root))
  return itemsOf(list.value).map((row) => {
    const when = entryOf(row, 'when')
    if (when === undefined || entriesOf(when.value, 'when', when.at).length === 0) {
      throw new RuleError('bad_logsource', 'a log source without when', when?.at ?? offsetOf(row))
    }
    const values = (key: string): (string | undefined)[] => {
      const texts = textsOf(entryOf(row, key)?.value).map((text) => text.toLowerCase())
      return texts.length === 0 ? [undefined] : texts
    }
    const sources = values('product').flatMap((product) =>
      values('category').flatMap((category) =>
        values('service').map((service) => ({
          ...(product !== undefined && { product }),
          ...(category !== undefined && { category }),
          ...(service !== undefined && { service }),
        })),
      ),
    )
    return {
      when: entriesOf(when.value, 'when', when.at).map(({ key, value }): [string, Set<string>] => [
        key,
        new Set(textsOf(value).map((text) => text.toLowerCase())),
      ]),
      sources,
    }
  })
}

/** Tells the rows an event belongs to. */
export interface Classifier {
  rows: readonly LogSourceRow[]
  /** Indexes of the rows that hold for the event, ascending, into `found`; returns how many. */
  classify(event: EcsEvent, found: number[]): number
}

const SPELLINGS_MAX = 1000
const SPELLING_UNITS_MAX = 100
/** Of a list: ECS's categories and types are never more than a few. */
const ELEMENTS_MAX = 8

/** Runs per event: one map look-up per distinct first field of the rows, then the remaining conditions of what it found. */
export function classifier(rows: readonly LogSourceRow[]): Classifier {
  const byField = new Map<string, Map<string, number[]>>()
  rows.forEach(({ when }, index) => {
    const [field, values] = when[0]!
    let byValue = byField.get(field)
    if (byValue === undefined) byField.set(field, (byValue = new Map()))
    for (const value of values) byValue.set(value, [...(byValue.get(value) ?? []), index])
  })
  const fields = [...byField].map(([field, byValue]) => ({ field, byValue, asWritten: new Map<unknown, number[]>() }))
  /** Values come in few spellings: those met are remembered, so that none is lower-cased again. */
  const candidatesOf = ({ byValue, asWritten }: (typeof fields)[number], value: unknown): readonly number[] => {
    const known = asWritten.get(value)
    if (known !== undefined) return known
    const candidates = byValue.get(lowerText(value)) ?? []
    const isShort = typeof value === 'number' || (typeof value === 'string' && value.length <= SPELLING_UNITS_MAX)
    if (isShort && asWritten.size < SPELLINGS_MAX) asWritten.set(value, candidates)
    return candidates
  }
  const rest = rows.map(({ when }) => when.slice(1))
  const holds = (event: EcsEvent, index: number): boolean => {
    for (const [field, values] of rest[index]!) if (!hasOne(values, event[field])) return false
    return true
  }
  return {
    rows,
    classify(event, found) {
      let count = 0
      let isSorted = fields.length < 2
      for (const own of fields) {
        const value = event[own.field]
        if (value === undefined) continue
        if (Array.isArray(value)) {
          isSorted = false
          for (const element of value.slice(0, ELEMENTS_MAX)) {
            for (const index of candidatesOf(own, element)) {
              if (holds(event, index) && !found.slice(0, count).includes(index)) found[count++] = index
            }
          }
        } else for (const index of candidatesOf(own, value)) if (holds(event, index)) found[count++] = index
      }
      if (count > 1 && !isSorted) {
        found.length = count
        found.sort((a, b) => a - b)
      }
      return count
    },
  }
}

/** Whether the value, or an element of it where it is a list, is one of these. */
export function hasOne(values: ReadonlySet<string>, value: unknown): boolean {
  if (Array.isArray(value)) return value.slice(0, ELEMENTS_MAX).some((element) => values.has(lowerText(element)))
  return values.has(lowerText(value))
}

function lowerText(value: unknown): string {
  return typeof value === 'string' ? value.toLowerCase() : typeof value === 'number' ? String(value) : ''
}
