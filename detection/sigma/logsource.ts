import type { EcsEvent } from '../../model/event.ts'
import { RuleError } from '../errors.ts'
import type { LogSource } from './rule.ts'
import { entriesOf, entryOf, itemsOf, offsetOf, textsOf, type SigmaDocument } from './yaml.ts'

/** One row of `logsources.yml`: events with these values belong to these log sources. */
export interface LogSourceRow {
  /** Field → values (lower case), of which the event must have one. */
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
    for (const [field, values] of rest[index]!) if (!values.has(lowerText(event[field]))) return false
    return true
  }
  return {
    rows,
    classify(event, found) {
      let count = 0
      for (const own of fields) {
        const value = event[own.field]
        if (value === undefined) continue
        for (const index of candidatesOf(own, value)) if (holds(event, index)) found[count++] = index
      }
      if (count > 1 && fields.length > 1) {
        found.length = count
        found.sort((a, b) => a - b)
      }
      return count
    },
  }
}

function lowerText(value: unknown): string {
  return typeof value === 'string' ? value.toLowerCase() : typeof value === 'number' ? String(value) : ''
}
