import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { DuckDBConnection } from '@duckdb/node-api'
import { literal } from './database.ts'
import { makeFolder, publish } from './files.ts'
import type { Segment } from './schema.ts'
import { hotNumber } from './schema.ts'

/** A file just written, with its rows by agency. */
export interface Sealed extends Segment {
  agencies: Map<string, number>
}

/**
 * Writes the rows of a hot table, which nobody appends to any more, as one Parquet file per receive day (UTC). The files are
 * durable when this resolves; they count for nothing until the manifest lists them. After a failure nothing is left behind
 * that the next try would not overwrite.
 */
export async function writeSegments(connection: DuckDBConnection, hot: string, folder: string): Promise<Sealed[]> {
  const stats = await connection.runAndReadAll(`
    SELECT strftime("event.ingested", '%Y-%m-%d'), "soc.agency", epoch_ms(min("@timestamp")), epoch_ms(max("@timestamp")),
      min("soc.seq"), max("soc.seq"), count(*)
    FROM ${hot} GROUP BY 1, 2 ORDER BY 1, 2`)
  const days = new Map<string, Sealed>()
  for (const [day, agency, ...numbers] of stats.getRows()) {
    const [minMs = 0, maxMs = 0, minSeq = 0, maxSeq = 0, rows = 0] = numbers.map(Number)
    const path = `${String(day)}/${String(hotNumber(hot)).padStart(6, '0')}.parquet`
    const known = days.get(String(day))
    const segment = known ?? {
      path,
      day: String(day),
      minMs,
      maxMs,
      minSeq,
      maxSeq,
      rows: 0,
      bytes: 0,
      agencies: new Map(),
    }
    segment.minMs = Math.min(segment.minMs, minMs)
    segment.maxMs = Math.max(segment.maxMs, maxMs)
    segment.minSeq = Math.min(segment.minSeq, minSeq)
    segment.maxSeq = Math.max(segment.maxSeq, maxSeq)
    segment.rows += rows
    segment.agencies.set(String(agency), rows)
    days.set(segment.day, segment)
  }
  for (const segment of days.values()) {
    const path = join(folder, segment.path)
    const temporary = `${path}.tmp`
    await makeFolder(join(folder, segment.day))
    try {
      await connection.run(`
        COPY (
          SELECT * FROM ${hot} WHERE strftime("event.ingested", '%Y-%m-%d') = ${literal(segment.day)}
          ORDER BY "@timestamp", "soc.seq"
        ) TO ${literal(temporary)}
        (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 3, ROW_GROUP_SIZE 16384, PARQUET_VERSION v2)`)
      segment.bytes = await publish(temporary, path)
    } catch (error) {
      await rm(temporary, { force: true })
      throw error
    }
  }
  return [...days.values()]
}

/** Lists the files in the manifest and gives up the table, inside the caller's transaction. */
export async function recordSegments(
  connection: DuckDBConnection,
  hot: string,
  segments: readonly Sealed[],
): Promise<void> {
  for (const s of segments) {
    const numbers = [s.minMs, s.maxMs, s.minSeq, s.maxSeq, s.rows, s.bytes].map(BigInt)
    await connection.run('INSERT INTO segments VALUES ($1, $2, $3, $4, $5, $6, $7, $8)', [s.path, s.day, ...numbers])
    for (const [agency, rows] of s.agencies) {
      await connection.run('INSERT INTO segment_agencies VALUES ($1, $2, $3)', [s.path, agency, BigInt(rows)])
    }
  }
  await connection.run('INSERT INTO sealed VALUES ($1)', [hot])
}
