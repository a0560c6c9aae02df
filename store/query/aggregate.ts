import type { EcsEvent } from '../../model/event.ts'
import { textsOf } from './evaluate.ts'
import { COUNT_SORT, type Sort } from './query.ts'

/** What is counted of the events that are meant. */
export type Aggregation =
  /** Without fields, one group: all of them. */
  | { kind: 'count'; by: readonly string[]; top: number; sort: Sort }
  /** Intervals begin at multiples of `intervalMs` after 1970-01-01T00:00Z, less `offsetMs`: +7 h is 25,200,000. */
  | { kind: 'histogram'; intervalMs: number; offsetMs: number; by?: string; top: number }

/** Events with these texts in the fields that were counted by. An event with several in one field counts in the group of each. */
export interface Group {
  values: string[]
  count: number
}

export type Aggregated =
  /** `more`: there are further groups. */
  | { kind: 'count'; groups: Group[]; more: boolean }
  /** Oldest first, those without events left out. `groups` are of the values that occur most in the whole, `top` of them. */
  | { kind: 'histogram'; buckets: { from: string; count: number; groups?: Group[] }[] }

/** The most intervals that one histogram has; more is `too_large`. */
export const BUCKETS_MAX = 2_000

/** The meaning of an aggregation, spelled out. */
export function aggregateOf(events: readonly EcsEvent[], aggregation: Aggregation): Aggregated {
  if (aggregation.kind === 'count') return topOf(groupsOf(events, aggregation.by), aggregation.top, aggregation.sort)
  const { by, top } = aggregation
  const series = by === undefined ? [] : seriesOf(groupsOf(events, [by]), top)
  const buckets = new Map<number, EcsEvent[]>()
  for (const event of events) {
    const from = bucketOf(Date.parse(event['@timestamp']), aggregation)
    buckets.set(from, [...(buckets.get(from) ?? []), event])
  }
  return {
    kind: 'histogram',
    buckets: [...buckets]
      .sort(([a], [b]) => a - b)
      .map(([from, inside]) => ({
        from: new Date(from).toISOString(),
        count: inside.length,
        ...(by !== undefined && {
          groups: sorted(
            groupsOf(inside, [by]).filter(({ values }) => series.includes(values[0]!)),
            COUNT_SORT,
          ),
        }),
      })),
  }
}

export function bucketOf(ms: number, { intervalMs, offsetMs }: { intervalMs: number; offsetMs: number }): number {
  return Math.floor((ms + offsetMs) / intervalMs) * intervalMs - offsetMs
}

function groupsOf(events: readonly EcsEvent[], by: readonly string[]): Group[] {
  const groups = new Map<string, Group>()
  for (const event of events) {
    let rows: string[][] = [[]]
    for (const field of by) {
      const texts = [...new Set(textsOf(event[field]))]
      rows = rows.flatMap((row) => texts.map((text) => [...row, text]))
    }
    for (const values of rows) {
      const key = JSON.stringify(values)
      const group = groups.get(key) ?? { values, count: 0 }
      group.count++
      groups.set(key, group)
    }
  }
  if (by.length === 0 && groups.size === 0) return [{ values: [], count: 0 }]
  return [...groups.values()]
}

/** The values that occur most. */
export function seriesOf(groups: readonly Group[], top: number): string[] {
  return sorted(groups, COUNT_SORT)
    .slice(0, top)
    .map(({ values }) => values[0]!)
}

/** The first groups in an order that leaves no two alike: as sorted, else by values. */
export function topOf(groups: readonly Group[], top: number, sort: Sort): Aggregated {
  const ordered = sorted(groups, sort)
  return { kind: 'count', groups: ordered.slice(0, top), more: ordered.length > top }
}

export function sorted(groups: readonly Group[], { by, descending }: Sort): Group[] {
  const way = descending ? -1 : 1
  return [...groups].sort((a, b) => {
    const first = by === 'count' ? a.count - b.count : compare(a.values[by]!, b.values[by]!)
    if (first !== 0) return first * way
    for (const [i, value] of a.values.entries()) {
      const next = compare(value, b.values[i]!)
      if (next !== 0) return next
    }
    return 0
  })
}

/** By code points, as UTF-8 sorts (a comparison of JavaScript's is by UTF-16 units). */
function compare(a: string, b: string): number {
  for (let i = 0; i < a.length && i < b.length; i++) {
    const [x, y] = [a.charCodeAt(i), b.charCodeAt(i)]
    if (x !== y) return surrogateLast(x) - surrogateLast(y)
  }
  return a.length - b.length
}

/** Units of surrogate pairs stand for what is above U+FFFF. */
function surrogateLast(unit: number): number {
  return unit >= 0xd800 && unit < 0xe000 ? unit + 0x10000 : unit
}
