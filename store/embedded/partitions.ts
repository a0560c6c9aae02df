import type { DuckDBValue } from '@duckdb/node-api'
import type { DeadLetter } from '../../model/record.ts'
import { spoolOf } from '../admission.ts'
import { letterEvidence, levelOf, NO_LEVEL, type StoredRecord } from '../integrity/leaf.ts'
import { ALL_LEVELS, type Partition, StoreError, type StoredQuery } from '../store.ts'
import { literal } from './database.ts'
import { levelsOfPath, type View } from './schema.ts'
import { from, type Reader } from './search.ts'

const DAY = `strftime("event.ingested", '%Y-%m-%d')`
/** The level of a row, which has no column: what no level can be is `0`, as in `levelOf`. */
const LEVEL = `CASE WHEN contains("rest", '"soc.criticality":') THEN coalesce(json_extract_string("rest", '/soc.criticality'), '') ELSE '' END`

/** SQL of the class that a row belongs to. */
export function classSql(classes: readonly string[]): string {
  if (classes.length === 1) return literal(classes[0]!)
  const own = classes.filter((levels) => !levels.includes(String(NO_LEVEL)))
  const cases = own.map((levels) => {
    return `WHEN ${LEVEL} IN (${Array.from(levels, literal).join(', ')}) THEN ${literal(levels)}`
  })
  const other = classes.find((levels) => !own.includes(levels)) ?? ALL_LEVELS
  return `CASE ${cases.join(' ')} ELSE ${literal(other)} END`
}

export async function partitionsOf(view: View, classes: readonly string[], read: Reader): Promise<Partition[]> {
  const found = new Map<string, Partition>()
  const note = (day: string, levels: string): void => void found.set(`${day} ${levels}`, { day, levels })
  for (const { day, path } of view.segments) note(day, levelsOfPath(path))
  const selects = [
    ...view.hot.map((name) => `SELECT ${DAY} AS day, ${classSql(classes)} AS levels FROM ${name}`),
    `SELECT strftime(received, '%Y-%m-%d'), '${NO_LEVEL}' FROM dead_letters`,
  ]
  for (const [day, levels] of await read.rows(selects.join(' UNION '), {})) note(String(day), String(levels))
  return [...found.keys()].sort().map((name) => found.get(name)!)
}

/** What deletes the rows of a partition that are in no file. */
export function deletionsOf(
  { day, levels }: Partition,
  hot: readonly string[],
  classes: readonly string[],
): { sql: string; values: Record<string, DuckDBValue> }[] {
  if (!/^\d{4}-\d\d-\d\d$/.test(day)) throw new StoreError('refused', `not a day: '${day.slice(0, 20)}'`)
  const rows = hot.map((name) => ({
    sql: `DELETE FROM ${name} WHERE ${DAY} = $day AND ${classSql(classes)} = $levels`,
    values: { day, levels },
  }))
  if (levels !== String(NO_LEVEL)) return rows
  return [...rows, { sql: `DELETE FROM dead_letters WHERE strftime(received, '%Y-%m-%d') = $day`, values: { day } }]
}

/** Rows as they are: what was put there by hand comes, too. */
export async function storedRecords(
  view: View,
  folder: string,
  { day, from: first, through, limit }: StoredQuery,
  read: Reader,
): Promise<StoredRecord[]> {
  const segments = view.segments.filter((s) => s.day === day && s.maxSeq >= first && s.minSeq <= through)
  const values = { day, first: BigInt(first), through: BigInt(through) }
  const selects = from({ hot: view.hot, segments }, folder).map(
    (
      source,
    ) => `SELECT "soc.spool", "soc.seq", epoch_ms("event.ingested"), "soc.source", "soc.agency", "event.original", "rest"
      FROM ${source} WHERE "soc.seq" BETWEEN $first AND $through AND ${DAY} = $day`,
  )
  /** By position, the second column. */
  const bounded = (sql: string): string => `${sql} ORDER BY 2 LIMIT ${Math.trunc(limit)}`
  const events = selects.length === 0 ? [] : await read.rows(bounded(selects.join(' UNION ALL ')), values)
  const letters = await read.rows(
    bounded(
      `SELECT record, seq, json FROM dead_letters WHERE seq BETWEEN $first AND $through AND strftime(received, '%Y-%m-%d') = $day`,
    ),
    values,
  )
  return [...events.map(eventRecord), ...letters.map(letterRecord)].sort((a, b) => a.seq - b.seq).slice(0, limit)
}

function eventRecord(row: readonly DuckDBValue[]): StoredRecord {
  const [spool, seq, received, source, agency, original, restText] = row
  const rest = typeof restText === 'string' ? fieldsOf(restText) : {}
  // A column's text that DuckDB's client would not give back whole is in `rest` instead.
  const text = (value: DuckDBValue | undefined, field: string): string => {
    const found = value ?? rest[field]
    return typeof found === 'string' ? found : ''
  }
  return {
    spool: String(spool),
    seq: Number(seq),
    level: levelOf(rest['soc.criticality']),
    record: `${String(spool)}-${String(seq)}`,
    receivedAt: new Date(Number(received)).toISOString(),
    source: text(source, 'soc.source'),
    agency: text(agency, 'soc.agency'),
    encoding: rest['soc.original_encoding'] === 'base64' ? 'base64' : '',
    raw: text(original, 'event.original'),
  }
}

/** What is no JSON any more was written to: the record then lacks what stood there, and is found by that. */
function fieldsOf(rest: string): Record<string, unknown> {
  try {
    return JSON.parse(rest) as Record<string, unknown>
  } catch {
    return {}
  }
}

function letterRecord([record, seq, json]: readonly DuckDBValue[]): StoredRecord {
  const { receivedAt = '', source = '', agency = '', bytes = '' } = fieldsOf(String(json)) as Partial<DeadLetter>
  const evidence = letterEvidence({ record: String(record), receivedAt, source, agency, bytes })
  return { ...evidence, spool: spoolOf(String(record), Number(seq)) ?? '', seq: Number(seq), level: NO_LEVEL }
}
