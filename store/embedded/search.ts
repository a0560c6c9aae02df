import type { DuckDBValue } from '@duckdb/node-api'
import type { EcsEvent } from '../../model/event.ts'
import type { EventQuery, Scope } from '../store.ts'
import { decodeRow, SELECT_COLUMNS, time } from './columns.ts'
import {
  afterCondition,
  instantMs,
  Parameters,
  rangeCondition,
  rangeMs,
  scopeCondition,
  termCondition,
} from './conditions.ts'
import { literal } from './database.ts'
import type { Segment, View } from './schema.ts'

/** Runs one SELECT. */
export type Read = (sql: string, values: Record<string, DuckDBValue>) => Promise<DuckDBValue[][]>

interface Key {
  ms: number
  seq: number
  spool: string
}

/** How many files the first look takes; each further one takes twice as many. */
const FIRST_SEGMENTS = 4

/**
 * The newest events that hold. Files are taken newest first, and none is opened whose newest event is older than what was
 * found; keys come first and whole rows only for those that are returned.
 */
export async function searchEvents(view: View, folder: string, query: EventQuery, read: Read): Promise<EcsEvent[]> {
  const parameters = new Parameters()
  const scope = scopeCondition(query.scope, '"soc.agency"', parameters)
  if (scope === null || query.limit <= 0) return []
  const { fromMs, toMs } = rangeMs(query.range)
  const afterMs = query.after === undefined ? Infinity : instantMs(query.after.timestamp)
  const common = [scope, rangeCondition({ fromMs, toMs }, '"@timestamp"', parameters)]
  if (query.after !== undefined) {
    common.push(afterCondition(query.after.timestamp, query.after.seq, ['"@timestamp"', '"soc.seq"'], parameters))
  }
  const plain = query.terms.map((term) => termCondition(term, false, parameters))
  const spilled = query.terms.map((term) => termCondition(term, true, parameters))
  const branches =
    query.terms.length === 0
      ? [common.join(' AND ')]
      : [[...common, 'NOT "spilled"', ...plain].join(' AND '), [...common, '"spilled"', ...spilled].join(' AND ')]

  const remaining = view.segments.filter((s) => s.maxMs >= fromMs && s.minMs < toMs && s.minMs <= afterMs)
  const opened: Segment[] = []
  let found: Key[] = []
  for (let size = FIRST_SEGMENTS; ; size *= 2) {
    const group = remaining.splice(0, size)
    const sources = from({ hot: opened.length === 0 ? view.hot : [], segments: group }, folder)
    opened.push(...group)
    if (sources.length > 0) {
      const selects = sources.flatMap((source) =>
        branches.map(
          (where) => `SELECT "@timestamp" AS ts, "soc.seq" AS seq, "soc.spool" AS spool FROM ${source} WHERE ${where}`,
        ),
      )
      const rows = await read(
        `SELECT epoch_ms(ts), seq, spool FROM (${selects.join(' UNION ALL ')}) ORDER BY ts DESC, seq DESC LIMIT ${Math.trunc(query.limit)}`,
        parameters.values,
      )
      const keys = rows.map(([ms, seq, spool]): Key => ({ ms: Number(ms), seq: Number(seq), spool: String(spool) }))
      found = [...found, ...keys].sort((a, b) => b.ms - a.ms || b.seq - a.seq).slice(0, query.limit)
    }
    const next = remaining[0]
    if (next === undefined || (found.length === query.limit && found.at(-1)!.ms > next.maxMs)) break
  }
  if (found.length === 0) return []
  const between = { oldestMs: found.at(-1)!.ms, newestMs: found[0]!.ms }
  return eventsByRecord({ hot: view.hot, segments: opened }, folder, found, query.scope, read, between)
}

/** Events by name, in the order of `keys`, each once; those outside the scope are left out. */
export async function eventsByRecord(
  view: View,
  folder: string,
  keys: readonly { spool: string; seq: number }[],
  scope: Scope,
  read: Read,
  between?: { oldestMs: number; newestMs: number },
): Promise<EcsEvent[]> {
  const parameters = new Parameters()
  const scoped = scopeCondition(scope, '"soc.agency"', parameters)
  if (keys.length === 0 || scoped === null) return []
  const seqs = [...new Set(keys.map(({ seq }) => seq))]
  const { oldestMs = -Infinity, newestMs = Infinity } = between ?? {}
  const segments = view.segments.filter(
    (s) => s.maxMs >= oldestMs && s.minMs <= newestMs && seqs.some((seq) => seq >= s.minSeq && seq <= s.maxSeq),
  )
  // Written out, not bound: they are integers, and a list of constants is pushed down into the files.
  const where = [`"soc.seq" IN (${seqs.map(Math.trunc).join(', ')})`, scoped]
  if (between !== undefined) {
    where.push(`"@timestamp" BETWEEN ${parameters.add(time(oldestMs))} AND ${parameters.add(time(newestMs))}`)
  }
  const selects = from({ hot: view.hot, segments }, folder).map(
    (source) => `SELECT ${SELECT_COLUMNS} FROM ${source} WHERE ${where.join(' AND ')}`,
  )
  if (selects.length === 0) return []
  const events = (await read(selects.join(' UNION ALL '), parameters.values)).map(decodeRow)
  const byRecord = new Map(events.map((event) => [event['soc.record'], event]))
  return [...new Set(keys.map(({ spool, seq }) => `${spool}-${seq}`))].flatMap((record) => byRecord.get(record) ?? [])
}

/** The view as sources of a FROM. */
function from({ hot, segments }: View, folder: string): string[] {
  if (segments.length === 0) return [...hot]
  return [...hot, `read_parquet([${segments.map(({ path }) => literal(`${folder}/${path}`)).join(', ')}])`]
}
