import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api'
import { DuckDBInstance } from '@duckdb/node-api'
import type { EcsEvent, EcsValue } from '../../model/event.ts'
import type { EventSource, Page, Wanted } from '../event-source.ts'
import type { Held, Scope } from '../store.ts'
import { COLUMNS, decodeRow, SELECT_COLUMNS } from './columns.ts'
import { Parameters, rangeCondition, rangeMs, scopeCondition } from './conditions.ts'
import { literal, storeError } from './database.ts'
import type { Segment } from './schema.ts'
import { eventsByRecord, type Read } from './search.ts'
import { whereSql } from './where.ts'

export type { Held } from '../store.ts'

/** Folder, beside that of the segments, for copies of what is not sealed. */
export const HELD = 'held'

/** Copies a table that is appended to. @param folder of the segments, to which paths are relative */
export async function copyHot(
  connection: DuckDBConnection,
  hot: string,
  folder: string,
  name: string,
): Promise<Segment[]> {
  const path = `../${HELD}/${name}.parquet`
  await connection.run(
    `COPY (SELECT * FROM ${hot}) TO ${literal(`${folder}/${path}`)} (FORMAT parquet, COMPRESSION snappy)`,
  )
  const stats = await connection.runAndReadAll(
    `SELECT epoch_ms(min("@timestamp")), epoch_ms(max("@timestamp")), min("soc.seq"), max("soc.seq"), count(*)
     FROM read_parquet(${literal(`${folder}/${path}`)})`,
  )
  const [minMs = 0, maxMs = 0, minSeq = 0, maxSeq = 0, rows = 0] = stats.getRows()[0]!.map(Number)
  return rows === 0 ? [] : [{ path, day: '', minMs, maxMs, minSeq, maxSeq, rows, bytes: 0, sha256: null }]
}

/** Rows whose values have a structure of their own; only those that are marked are looked at. */
const STRUCTURED = `coalesce(regexp_matches("rest", '[:\\[,][{]|[\\[,]\\['), false)`
/** What every event has, and a reader is always given. */
const ALWAYS = ['@timestamp', 'event.ingested', 'soc.seq', 'soc.agency'] as const

/**
 * Reads held files in this process, with a DuckDB of its own that touches nothing but their folder. Pages are files.
 * @param threads what it may take of the machine
 */
export async function readHeld(
  { folder, segments }: Held,
  options: { memoryLimit?: string; threads?: number } = {},
): Promise<EventSource> {
  const instance = await DuckDBInstance.create(':memory:', {
    memory_limit: options.memoryLimit ?? '512MB',
    threads: String(options.threads ?? 1),
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  })
  const connection = await instance.connect()
  await connection.run(
    `SET GLOBAL allowed_directories = [${literal(`${folder}/`)}, ${literal(`${folder}/../${HELD}/`)}]`,
  )
  await connection.run('SET GLOBAL enable_external_access = false')
  const read: Read = async (sql, values) => {
    try {
      return (await connection.runAndReadAll(sql, values)).getRows()
    } catch (error) {
      throw storeError(error)
    }
  }
  const within = (range: Wanted['range']): Segment[] => {
    const { fromMs, toMs } = rangeMs(range)
    return segments.filter((s) => s.maxMs >= fromMs && s.minMs < toMs).sort((a, b) => a.minMs - b.minMs)
  }
  return {
    async *pages(wanted) {
      const files = within(wanted.range)
      const of = files.reduce((sum, { rows }) => sum + rows, 0)
      let done = 0
      for (const file of files) {
        done += file.rows
        for (const events of await Promise.all(
          [false, true].map((spilled) => rowsOf(folder, file, wanted, spilled, read)),
        )) {
          if (events.length > 0) yield page(events, wanted, done, of)
        }
        yield page([], wanted, done, of)
      }
    },
    async newest(scope, range) {
      const files = within(range).sort((a, b) => b.maxMs - a.maxMs)
      let found: EcsEvent | undefined
      for (const file of files) {
        if (found !== undefined && file.maxMs < Date.parse(found['@timestamp'])) break
        const parameters = new Parameters()
        const where = conditionsOf({ scope, range }, parameters)
        if (where === null) return undefined
        const sql = `SELECT ${SELECT_COLUMNS} FROM ${sourceOf(folder, file)} WHERE ${where} ORDER BY "@timestamp" DESC LIMIT 1`
        const [row] = await read(sql, parameters.values)
        const event = row && decodeRow(row)
        if (event !== undefined && event['@timestamp'] > (found?.['@timestamp'] ?? '')) found = event
      }
      return found
    },
    byName: (records, scope) => byName(folder, segments, records, scope, read),
    close: () => {
      connection.closeSync()
      instance.closeSync()
      return Promise.resolve()
    },
  }
}

function page(events: EcsEvent[], { fields }: Wanted, done: number, of: number): Page {
  return { events, whole: fields === 'all', done, of }
}

function sourceOf(folder: string, { path }: Segment): string {
  return `read_parquet([${literal(`${folder}/${path}`)}])`
}

/** Null where nothing is in scope. */
function conditionsOf({ scope, range }: Pick<Wanted, 'scope' | 'range'>, parameters: Parameters): string | null {
  const scoped = scopeCondition(scope, '"soc.agency"', parameters)
  return scoped && `${scoped} AND ${rangeCondition(rangeMs(range), '"@timestamp"', parameters)}`
}

async function rowsOf(
  folder: string,
  file: Segment,
  wanted: Wanted,
  spilled: boolean,
  read: Read,
): Promise<EcsEvent[]> {
  const { where, fields } = wanted
  const parameters = new Parameters()
  const common = conditionsOf(wanted, parameters)
  if (common === null) return []
  const meant = where === undefined ? 'true' : whereSql(where, spilled, parameters)
  const condition = spilled ? `"spilled" AND (${meant} OR ${STRUCTURED})` : `NOT "spilled" AND ${meant}`
  const columns = fields === 'all' ? null : columnsOf(fields, spilled)
  const select = columns?.sql ?? SELECT_COLUMNS
  const rows = await read(
    `SELECT ${select} FROM ${sourceOf(folder, file)} WHERE ${common} AND ${condition}`,
    parameters.values,
  )
  return rows.map((row) => (columns === null ? decodeRow(row) : decodePart(row, columns.names)))
}

/** Columns in which the fields stand; `rest` where one of them has none, or where one may stand there all the same. */
function columnsOf(fields: readonly string[], spilled: boolean): { sql: string; names: string[] } {
  const names = [...new Set([...ALWAYS, ...fields.filter((field) => COLUMNS.has(field))])]
  const needsRest = spilled || fields.some((field) => !COLUMNS.has(field) && field !== 'soc.record')
  const columns = names.map((name) => (COLUMNS.get(name) === 'time' ? `epoch_ms("${name}")` : `"${name}"`))
  return { sql: [...columns, '"soc.spool"', ...(needsRest ? ['"rest"'] : [])].join(', '), names }
}

function decodePart(row: readonly DuckDBValue[], names: readonly string[]): EcsEvent {
  const event: Record<string, EcsValue> = {}
  for (let i = 0; i < names.length; i++) {
    const value = row[i]
    if (typeof value === 'string') event[names[i]!] = value
    else if (typeof value === 'bigint') {
      const number = Number(value)
      event[names[i]!] = COLUMNS.get(names[i]!) === 'time' ? new Date(number).toISOString() : number
    }
  }
  event['soc.record'] = `${row[names.length] as string}-${event['soc.seq'] as number}`
  const rest = row[names.length + 1]
  return (typeof rest === 'string' ? { ...event, ...(JSON.parse(rest) as EcsEvent) } : event) as EcsEvent
}

const NAMES_AT_ONCE = 2_000

async function byName(
  folder: string,
  segments: readonly Segment[],
  records: readonly string[],
  scope: Scope,
  read: Read,
): Promise<EcsEvent[]> {
  const keys = records
    .map((record) => {
      const dash = record.lastIndexOf('-')
      return { spool: record.slice(0, dash), seq: Number(record.slice(dash + 1)) }
    })
    .sort((a, b) => a.seq - b.seq)
  const found: EcsEvent[] = []
  for (let at = 0; at < keys.length; at += NAMES_AT_ONCE) {
    const some = keys.slice(at, at + NAMES_AT_ONCE)
    found.push(...(await eventsByRecord({ hot: [], segments }, folder, some, scope, read)))
  }
  return found
}
