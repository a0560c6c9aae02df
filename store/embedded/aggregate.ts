import type { Aggregated, Aggregation, Group } from '../query/aggregate.ts'
import { aggregateOf, sorted } from '../query/aggregate.ts'
import { COUNT_SORT } from '../query/query.ts'
import { refuseTooManyBuckets } from '../admission.ts'
import type { AggregateQuery } from '../store.ts'
import type { View } from './schema.ts'
import type { Filters } from './filters.ts'
import { branches, type Branch, type Reader, segmentsWithin } from './search.ts'
import { columnText, jsonOf, textsOfJson } from './where.ts'

/** Counts where the rows are; only groups and buckets come back. */
export async function aggregate(
  view: View,
  folder: string,
  query: AggregateQuery,
  read: Reader,
  filters: Filters,
): Promise<Aggregated> {
  const { aggregation } = query
  const byField = aggregation.by !== undefined && aggregation.by.length > 0
  const candidates = await filters.candidates(segmentsWithin(view.segments, query.range), query.where)
  const tables = filters.unfiltered.asked(view.hot, query.where)
  const found = branches(candidates, tables, folder, query, byField || query.where !== undefined)
  if (aggregation.kind === 'count')
    return found === null ? aggregateOf([], aggregation) : count(found, aggregation, read)
  refuseTooManyBuckets(query.range, aggregation.intervalMs)
  return found === null ? aggregateOf([], aggregation) : histogram(found, aggregation, read)
}

type Found = NonNullable<ReturnType<typeof branches>>

async function count(
  found: Found,
  { by, top, sort }: Aggregation & { kind: 'count' },
  read: Reader,
): Promise<Aggregated> {
  const names = by.map((_, i) => `v${i}`)
  const way = sort.descending ? 'DESC' : 'ASC'
  const order = [`${sort.by === 'count' ? 'n' : names[sort.by]!} ${way}`, ...names].join(', ')
  const grouped = names.length === 0 ? '' : `GROUP BY ${names.join(', ')}`
  const rows = await read.rows(
    `SELECT ${[...names, `${counted(by)} AS n`].join(', ')} FROM (${union(found, by)}) ${grouped} ORDER BY ${order} LIMIT ${Math.trunc(top) + 1}`,
    found.parameters.values,
  )
  const groups = rows.map((row): Group => ({ values: row.slice(0, -1).map(String), count: Number(row.at(-1)) }))
  return { kind: 'count', groups: groups.slice(0, top), more: groups.length > top }
}

async function histogram(
  found: Found,
  { intervalMs, offsetMs, by, top }: Aggregation & { kind: 'histogram' },
  read: Reader,
): Promise<Aggregated> {
  const [interval, offset] = [Math.trunc(intervalMs), Math.trunc(offsetMs)]
  // `//` rounds towards zero; before 1970 it must round down.
  const start = `CAST(floor((epoch_ms("@timestamp") + ${offset}) / ${interval}) AS BIGINT) * ${interval} - ${offset}`
  const bucket = { name: 'bucket', sql: start }
  const { values } = found.parameters
  const all = await read.rows(
    `SELECT bucket, count(*) FROM (${union(found, [], bucket)}) GROUP BY bucket ORDER BY bucket`,
    values,
  )
  const groups = new Map<number, Group[]>()
  if (by !== undefined) {
    const rows = await read.rows(
      `WITH cells AS (SELECT bucket, v0, ${counted([by])} AS n FROM (${union(found, [by], bucket)}) GROUP BY bucket, v0),
        series AS (SELECT v0 FROM cells GROUP BY v0 ORDER BY sum(n) DESC, v0 LIMIT ${Math.trunc(top)})
      SELECT bucket, v0, n FROM cells WHERE v0 IN (SELECT v0 FROM series)`,
      values,
    )
    for (const [at, value, n] of rows) {
      groups.set(Number(at), [...(groups.get(Number(at)) ?? []), { values: [String(value)], count: Number(n) }])
    }
  }
  return {
    kind: 'histogram',
    buckets: all.map(([at, n]) => ({
      from: new Date(Number(at)).toISOString(),
      count: Number(n),
      ...(by !== undefined && { groups: sorted(groups.get(Number(at)) ?? [], COUNT_SORT) }),
    })),
  }
}

/** A column beside the fields' texts. */
interface Extra {
  name: string
  sql: string
}

/** Whether rows of `union` stand for `n` each. */
function isWeighted(by: readonly string[]): boolean {
  return by.some((field) => columnText(field) === null)
}

function counted(by: readonly string[]): string {
  return isWeighted(by) ? 'sum(n)' : 'count(*)'
}

/**
 * The rows that are counted: `extra`, and the fields' texts as `v0`, `v1` …; as many as `n` says, where a field is read out of JSON.
 * JSON is taken apart once for all rows in which it is the same.
 */
function union({ list, parameters }: Found, by: readonly string[], extra?: Extra): string {
  const columns = by.map(columnText)
  const weighted = isWeighted(by)
  const names = [...(extra === undefined ? [] : [extra.name]), ...by.map((_, i) => `v${i}`)]
  const first = extra === undefined ? [] : [`${extra.sql} AS ${extra.name}`]
  const select = ({ source, where, spilled }: Branch): string => {
    if (by.length === 0 || (!spilled && !weighted)) {
      const present = columns.map((column) => ` AND ${column} IS NOT NULL`).join('')
      const texts = columns.map((column, i) => `${column} AS v${i}`)
      return `SELECT ${[...first, ...texts].join(', ') || '1'} FROM ${source} WHERE ${where}${present}`
    }
    const fields = by.map((field, i): { read: string; texts: string } => {
      const column = columns[i]!
      if (spilled) {
        const rest = textsOfJson(jsonOf(field, parameters))
        return {
          read: column === null ? rest : `CASE WHEN ${column} IS NOT NULL THEN [${column}] ELSE ${rest} END`,
          texts: `l${i}`,
        }
      }
      return column === null
        ? { read: jsonOf(field, parameters), texts: textsOfJson(`l${i}`) }
        : { read: column, texts: `[l${i}]` }
    })
    const read = fields.map((field, i) => `${field.read} AS l${i}`)
    const rows = `SELECT ${[...first, ...read].join(', ')} FROM ${source} WHERE ${where}`
    const summed = weighted ? `SELECT *, count(*) AS n FROM (${rows}) GROUP BY ALL` : rows
    const unnested = fields.map(({ texts }, i) => `, unnest(list_distinct(${texts})) AS u${i}(v${i})`).join('')
    return `SELECT ${[...names, ...(weighted ? ['n'] : [])].join(', ')} FROM (${summed}) AS r${unnested}`
  }
  return list.map(select).join(' UNION ALL ')
}
