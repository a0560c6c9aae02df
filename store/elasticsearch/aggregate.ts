import type { Aggregated, Aggregation, Group } from '../query/aggregate.ts'
import { seriesOf, sorted, topOf } from '../query/aggregate.ts'
import { COUNT_SORT, match } from '../query/query.ts'
import { StoreError } from '../store.ts'
import { countedField } from './mappings.ts'
import { type Clause, clauseOf } from './terms.ts'

/** One search without hits: its `aggs` and the like, over the events that are meant and hold `filter`, too. */
type Ask = (body: Record<string, unknown>, filter?: readonly Clause[]) => Promise<Answer>

interface Answer {
  hits: { total?: { value: number } }
  aggregations?: Record<string, { buckets: Bucket[]; after_key?: Record<string, unknown> }>
}

interface Bucket {
  key: number | Record<string, string | number>
  doc_count: number
}

const PAGE = 10_000
/** Every group is fetched, for a shard's own top is not the whole's: counts of a `terms` aggregation are estimates. */
const GROUPS_MAX = 200_000

/** @throws {StoreError} too_large: more groups than `GROUPS_MAX`, or a field that is not indexed for counting */
export async function aggregateIn(aggregation: Aggregation, ask: Ask): Promise<Aggregated> {
  if (aggregation.kind === 'count') {
    const { by, top, sort } = aggregation
    if (by.length > 0)
      return topOf(
        (await cells(ask, by)).map(({ group }) => group),
        top,
        sort,
      )
    const { hits } = await ask({ track_total_hits: true })
    return { kind: 'count', groups: [{ values: [], count: hits.total?.value ?? 0 }], more: false }
  }
  const { by, top, intervalMs, offsetMs } = aggregation
  const interval = {
    field: '@timestamp',
    fixed_interval: `${intervalMs}ms`,
    offset: `${(intervalMs - (offsetMs % intervalMs)) % intervalMs}ms`,
  }
  const { aggregations } = await ask({ aggs: { all: { date_histogram: { ...interval, min_doc_count: 1 } } } })
  const groups = new Map<number, Group[]>()
  if (by !== undefined) {
    const series = seriesOf(
      (await cells(ask, [by])).map(({ group }) => group),
      top,
    )
    const only = { kind: 'or', of: series.map((value) => match(by, [{ text: value }])) } as const
    const found = series.length === 0 ? [] : await cells(ask, [by], { date_histogram: interval }, [clauseOf(only)])
    for (const { at, group } of found) {
      if (series.includes(group.values[0]!)) groups.set(at, [...(groups.get(at) ?? []), group])
    }
  }
  return {
    kind: 'histogram',
    buckets: (aggregations?.['all']?.buckets ?? []).map(({ key, doc_count: count }) => ({
      from: new Date(Number(key)).toISOString(),
      count,
      ...(by !== undefined && { groups: sorted(groups.get(Number(key)) ?? [], COUNT_SORT) }),
    })),
  }
}

/** All groups of these fields, and of an interval of time where `histogram` names one. */
async function cells(
  ask: Ask,
  by: readonly string[],
  histogram?: Clause,
  filter: readonly Clause[] = [],
): Promise<{ at: number; group: Group }[]> {
  const sources = by.map((field, i) => ({ [`v${i}`]: { terms: { field: fieldOf(field) } } }))
  const found: { at: number; group: Group }[] = []
  for (let after: Record<string, unknown> | undefined; ;) {
    const composite = {
      size: PAGE,
      sources: [...(histogram === undefined ? [] : [{ at: histogram }]), ...sources],
      ...(after !== undefined && { after }),
    }
    const { aggregations } = await ask({ aggs: { all: { composite } } }, filter)
    const { buckets = [], after_key: next } = aggregations?.['all'] ?? {}
    for (const { key, doc_count: count } of buckets) {
      const values = key as Record<string, string | number>
      found.push({ at: Number(values['at']), group: { values: by.map((_, i) => String(values[`v${i}`])), count } })
    }
    if (buckets.length < PAGE || next === undefined) return found
    if (found.length > GROUPS_MAX) {
      throw new StoreError('too_large', `more than ${GROUPS_MAX} groups: narrow the range or the terms`)
    }
    after = next
  }
}

function fieldOf(field: string): string {
  const counted = countedField(field)
  if (counted !== null) return counted
  throw new StoreError('too_large', `${field} is too long to be counted by`)
}
