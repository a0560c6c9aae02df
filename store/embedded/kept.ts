import type { DuckDBDataChunk, DuckDBValue } from '@duckdb/node-api'
import { DuckDBListValue } from '@duckdb/node-api'
import type { EcsEvent } from '../../model/event.ts'
import { type Leaf, type Wanted, weakened } from '../event-source.ts'
import { StoreError } from '../store.ts'
import { COLUMNS, eventsOf, SELECT_COLUMNS } from './columns.ts'
import { Parameters, rangeCondition, rangeMs, scopeCondition } from './conditions.ts'
import type { Times } from './filter.ts'
import { projectionOf } from './projection.ts'
import type { Segment } from './schema.ts'
import { eventsByRecord, from, type Reader, timesCondition } from './search.ts'
import { integersOf, textsOf } from './vectors.ts'
import { whereSql } from './where.ts'

/** Rows of one SELECT as they come. */
export type Chunks = (sql: string, values: Record<string, DuckDBValue>) => AsyncIterable<DuckDBDataChunk>

/** Files, and how they are read. */
export interface Place {
  folder: string
  segments: readonly Segment[]
  read: Reader
  chunks: Chunks
}

/** Whole events that are kept, and how many were decided about. */
interface Kept {
  events: EcsEvent[]
  read: number
}

/** Rows whose values have a structure of their own; only those that are marked are looked at. */
const STRUCTURED = `coalesce(regexp_matches("rest", '[:\\[,][{]|[\\[,]\\['), false)`
/** Whole events read at once. */
const NAMES_AT_ONCE = 2_000

/** Spilled events that are kept: of all files at once, since few files have any and most of what asking costs is the statement. */
export async function* spilledIn(place: Place, wanted: Wanted): AsyncGenerator<Kept> {
  const segments = place.segments.filter(({ spills }) => spills)
  if (segments.length > 0) yield* wholeRows({ ...place, segments }, wanted, null, true)
}

/**
 * Events of files that are kept, but for spilled ones. Of rows that the reader's fields tell apart, one is shown to it for all.
 * @param times where events may be that are meant; null: anywhere
 */
export async function* keptIn(place: Place, wanted: Wanted, times: readonly Times[] | null): AsyncGenerator<Kept> {
  if (times?.length === 0) return
  if (wanted.fields === 'all') yield* wholeRows(place, wanted, times, false)
  else yield* byValues(place, wanted, wanted.fields, times)
}

/** Null where nothing is in scope. */
function conditionOf(
  { scope, range, where }: Wanted,
  times: readonly Times[] | null,
  spilled: boolean,
  parameters: Parameters,
): string | null {
  const scoped = scopeCondition(scope, '"soc.agency"', parameters)
  if (scoped === null) return null
  const meant = where === undefined ? 'true' : whereSql(where, spilled, parameters)
  return [
    spilled ? '"spilled"' : 'NOT "spilled"',
    scoped,
    rangeCondition(rangeMs(range), '"@timestamp"', parameters),
    ...(times === null ? [] : [timesCondition(times)]),
    spilled ? `(${meant} OR ${STRUCTURED})` : meant,
  ].join(' AND ')
}

async function* wholeRows(
  { folder, segments, chunks }: Place,
  wanted: Wanted,
  times: readonly Times[] | null,
  spilled: boolean,
): AsyncGenerator<Kept> {
  const parameters = new Parameters()
  const where = conditionOf(wanted, times, spilled, parameters)
  if (where === null) return
  const [source] = from({ hot: [], segments }, folder)
  for await (const chunk of chunks(`SELECT ${SELECT_COLUMNS} FROM ${source} WHERE ${where}`, parameters.values)) {
    yield { events: eventsOf(chunk).filter((event) => wanted.keeps(event)), read: chunk.rowCount }
  }
}

/** What is grouped and what is counted, before the values. */
const COUNTED = ['"soc.spool"', 'list("soc.seq")', 'count(*)']

async function* byValues(
  { folder, segments, read, chunks }: Place,
  wanted: Wanted,
  fields: readonly string[],
  times: readonly Times[] | null,
): AsyncGenerator<Kept> {
  const parameters = new Parameters()
  const where = conditionOf(wanted, times, false, parameters)
  if (where === null) return
  const [source] = from({ hot: [], segments }, folder)
  const { expressions, decode } = projectionOf(fields, parameters)
  const sql = `SELECT ${[...COUNTED, ...expressions].join(', ')} FROM ${source} WHERE ${where} GROUP BY ALL`
  const names: { spool: string; seq: number }[] = []
  let decided = 0
  for await (const chunk of chunks(sql, parameters.values)) {
    const eventAt = decode(chunk, COUNTED.length)
    const [spools, counts] = [textsOf(chunk, 0), integersOf(chunk, 2)]
    for (let row = 0; row < chunk.rowCount; row++) {
      decided += counts[row]!
      if (!wanted.keeps(eventAt(row))) continue
      const spool = spools[row]!
      const seqs = chunk.getColumnVector(1).getItem(row)
      if (seqs instanceof DuckDBListValue) for (const seq of seqs.items) names.push({ spool, seq: Number(seq) })
    }
  }
  yield { events: [], read: decided }
  names.sort((a, b) => a.seq - b.seq)
  for (let at = 0; at < names.length; at += NAMES_AT_ONCE) {
    const some = names.slice(at, at + NAMES_AT_ONCE)
    yield { events: await eventsByRecord({ hot: [], segments }, folder, some, wanted.scope, read), read: 0 }
  }
}

/**
 * Pages of what is wanted, or where the conditions need more memory than the database may take (each that looks into JSON takes as much
 * as a chunk of rows does), of all events: those that were given before are left out then.
 */
export async function* orAll(pages: (wanted: Wanted) => AsyncGenerator<Kept>, wanted: Wanted): AsyncGenerator<Kept> {
  const given = new Set<string>()
  try {
    for await (const kept of pages(wanted)) {
      for (const event of kept.events) given.add(event['soc.record'])
      yield kept
    }
    return
  } catch (error) {
    if (!(error instanceof StoreError && error.code === 'too_large') || wanted.where === undefined) throw error
  }
  const { where: _, ...all } = wanted
  for await (const { events, read } of pages(all)) {
    yield { events: events.filter((event) => !given.has(event['soc.record'])), read }
  }
}

/** What a comparison costs by where the field is: JSON has to be taken apart, and words are looked for in every column. */
const COSTS = { column: 1, json: 8, anywhere: 30 }
const COSTS_OF_EXPRESSION = { column: 8, json: 25, anywhere: 90 }
/** Comparing more costs more than deciding by the values there are, and more than reading whole events. */
const COST_MAX = { fields: 120, all: 600 }

/** As much of what is wanted as is worth asking of the database. */
export function askedOf({ where, ...wanted }: Wanted): Wanted {
  const sieve = where && weakened(where, costOf, wanted.fields === 'all' ? COST_MAX.all : COST_MAX.fields)
  return { ...wanted, ...(sieve !== undefined && { where: sieve }) }
}

function costOf(leaf: Leaf): number {
  if (leaf.kind === 'anywhere') return COSTS.anywhere
  if (leaf.kind === 'not') return Infinity
  if (leaf.kind === 'expression') return COSTS_OF_EXPRESSION[leaf.field === '' ? 'anywhere' : placeOf(leaf.field)]
  return leaf.field === '' ? COSTS.column : COSTS[placeOf(leaf.field)]
}

function placeOf(field: string): 'column' | 'json' {
  return COLUMNS.has(field) ? 'column' : 'json'
}
