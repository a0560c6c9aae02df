import type { DuckDBConnection } from '@duckdb/node-api'
import { ALL_LEVELS, StoreError } from '../store.ts'
import { TABLE_COLUMNS } from './columns.ts'
import { literal } from './database.ts'

/** Version of the layout below; a store written by a newer program is refused. */
const LAYOUT = 3

/**
 * `positions`: how far each spool has been appended. `segments`: the sealed files, the only ones that exist for a reader;
 * `segment_agencies` splits their rows by agency. `sealed`: hot tables whose rows are in segments and which wait to be
 * dropped. `spills`: whether a row of the file is spilled; NULL where an older program wrote it. Times are UTC.
 */
const TABLES = `
CREATE TABLE IF NOT EXISTS layout (version INTEGER);
CREATE TABLE IF NOT EXISTS positions (spool VARCHAR, seq BIGINT);
CREATE TABLE IF NOT EXISTS alerts (
  id VARCHAR, version BIGINT, seq BIGINT, ts TIMESTAMP, rule VARCHAR, agency VARCHAR, json VARCHAR);
CREATE TABLE IF NOT EXISTS dead_letters (record VARCHAR, seq BIGINT, received TIMESTAMP, agency VARCHAR, json VARCHAR);
CREATE TABLE IF NOT EXISTS segments (
  path VARCHAR, day VARCHAR, min_ts BIGINT, max_ts BIGINT, min_seq BIGINT, max_seq BIGINT, "rows" BIGINT, bytes BIGINT,
  sha256 VARCHAR);
ALTER TABLE segments ADD COLUMN IF NOT EXISTS sha256 VARCHAR;
ALTER TABLE segments ADD COLUMN IF NOT EXISTS spills BOOLEAN;
CREATE TABLE IF NOT EXISTS segment_agencies (path VARCHAR, agency VARCHAR, "rows" BIGINT);
CREATE TABLE IF NOT EXISTS sealed (name VARCHAR);
`

/** A sealed file; `path` is relative to the folder of segments, times are epoch milliseconds. */
export interface Segment {
  path: string
  day: string
  minMs: number
  maxMs: number
  minSeq: number
  maxSeq: number
  rows: number
  bytes: number
  /** Of the whole file, hex; `null` where an older program wrote it. */
  sha256: string | null
  /** False: no row is spilled, and none is looked for. */
  spills: boolean
}

/** Where a reader finds events: tables not sealed yet, oldest first, and files, newest event first. Never changed in place. */
export interface View {
  hot: readonly string[]
  segments: readonly Segment[]
}

export function newestFirst(segments: readonly Segment[]): Segment[] {
  return [...segments].sort((a, b) => b.maxMs - a.maxMs)
}

/** Ends of paths: the number of the hot table, and levels where the file does not hold all. */
const SEGMENT = /(\d+)(?:-(\d+))?\.parquet$/

export function segmentPath(day: string, hot: string, levels: string): string {
  const number = String(hotNumber(hot)).padStart(6, '0')
  return `${day}/${number}${levels === ALL_LEVELS ? '' : `-${levels}`}.parquet`
}

export function levelsOfPath(path: string): string {
  return SEGMENT.exec(path)?.[2] ?? ALL_LEVELS
}

export const hotName = (number: number): string => `hot_${String(number).padStart(6, '0')}`
export const hotNumber = (name: string): number => Number(name.slice(4))

export async function createHot(connection: DuckDBConnection, name: string): Promise<void> {
  await connection.run(`CREATE TABLE ${name} (${TABLE_COLUMNS})`)
}

/**
 * Makes what is missing, drops hot tables that had been sealed before the program ended, and tells what there is.
 * @param folder of the segments
 */
export async function prepareSchema(
  connection: DuckDBConnection,
  folder: string,
): Promise<{ view: View; positions: Map<string, number>; nextHot: number }> {
  await connection.run(TABLES)
  const rows = async (sql: string) => (await connection.runAndReadAll(sql)).getRows()
  const [layout] = await rows('SELECT version FROM layout')
  if (layout === undefined) await connection.run(`INSERT INTO layout VALUES (${LAYOUT})`)
  else if (Number(layout[0]) < LAYOUT) await connection.run(`UPDATE layout SET version = ${LAYOUT}`)
  else if (Number(layout[0]) > LAYOUT) {
    throw new StoreError(
      'refused',
      `the store has layout ${String(layout[0])}; this program knows layouts up to ${LAYOUT}`,
    )
  }
  for (const [name] of await rows('SELECT name FROM sealed')) {
    await connection.run('BEGIN')
    await connection.run(`DROP TABLE IF EXISTS ${hotName(hotNumber(String(name)))}`)
    await connection.run('DELETE FROM sealed WHERE name = $1', [name!])
    await connection.run('COMMIT')
  }
  const hot = (
    await rows(`SELECT table_name FROM duckdb_tables() WHERE table_name LIKE 'hot\\_%' ESCAPE '\\' ORDER BY 1`)
  ).map(([name]) => String(name))
  await noteSpills(connection, folder)
  const segments = (
    await rows(
      'SELECT path, day, sha256, spills IS DISTINCT FROM false, min_ts, max_ts, min_seq, max_seq, "rows", bytes FROM segments',
    )
  ).map(([path, day, sha256, spills, ...numbers]): Segment => {
    const [minMs = 0, maxMs = 0, minSeq = 0, maxSeq = 0, count = 0, bytes = 0] = numbers.map(Number)
    const digest = typeof sha256 === 'string' ? sha256 : null
    const of = { path: String(path), day: String(day), sha256: digest, spills: spills === true }
    return { ...of, minMs, maxMs, minSeq, maxSeq, rows: count, bytes }
  })
  const used = [...hot.map(hotNumber), ...segments.map(({ path }) => Number(SEGMENT.exec(path)?.[1] ?? 0))]
  const nextHot = 1 + used.reduce((max, n) => Math.max(max, n), 0)
  const positions = new Map(
    (await rows('SELECT spool, seq FROM positions')).map(([s, seq]) => [String(s), Number(seq)]),
  )
  return { view: { hot, segments: newestFirst(segments) }, positions, nextHot }
}

/** Of files that an older program listed: the statistics inside tell it without reading a row. */
async function noteSpills(connection: DuckDBConnection, folder: string): Promise<void> {
  const unknown = await connection.runAndReadAll('SELECT path FROM segments WHERE spills IS NULL')
  const files = unknown.getRows().map(([path]) => literal(`${folder}/${String(path)}`))
  if (files.length === 0) return
  try {
    await connection.run(`
      UPDATE segments SET spills = (${literal(`${folder}/`)} || path) IN (
        SELECT filename FROM read_parquet([${files.join(', ')}], filename = true) WHERE "spilled" = true)
      WHERE spills IS NULL`)
  } catch {
    // One of them is gone or damaged: until that is mended all are taken to have some.
  }
}
