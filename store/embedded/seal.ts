import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { DuckDBConnection } from '@duckdb/node-api'
import { type Database, literal } from './database.ts'
import { digestOf, makeFolder, publish } from './files.ts'
import { classSql } from './partitions.ts'
import type { Segment } from './schema.ts'
import { segmentPath } from './schema.ts'

/** A file just written, with its rows by agency. */
export interface Sealed extends Segment {
  agencies: Map<string, number>
}

/**
 * Writes the rows of a hot table, which nobody appends to any more, as one Parquet file per receive day (UTC) and class of
 * levels that are kept alike. The files are durable when this resolves; they count for nothing until the manifest lists them. After a failure nothing is left behind
 * that the next try would not overwrite.
 */
export async function writeSegments(
  database: Database,
  hot: string,
  folder: string,
  classes: readonly string[],
): Promise<Sealed[]> {
  const partition = `strftime("event.ingested", '%Y-%m-%d') || ' ' || ${classSql(classes)}`
  const stats = await database.sealer.runAndReadAll(`
    SELECT ${partition}, "soc.agency", epoch_ms(min("@timestamp")), epoch_ms(max("@timestamp")),
      min("soc.seq"), max("soc.seq"), count(*), count(*) FILTER ("spilled")
    FROM ${hot} GROUP BY 1, 2 ORDER BY 1, 2`)
  const partitions = new Map<string, Sealed>()
  for (const [name, agency, ...numbers] of stats.getRows()) {
    const [minMs = 0, maxMs = 0, minSeq = 0, maxSeq = 0, rows = 0, spilled = 0] = numbers.map(Number)
    const [day = '', levels = ''] = String(name).split(' ')
    const segment = partitions.get(String(name)) ?? {
      path: segmentPath(day, hot, levels),
      day,
      minMs,
      maxMs,
      minSeq,
      maxSeq,
      rows: 0,
      bytes: 0,
      sha256: null,
      spills: false,
      agencies: new Map(),
    }
    segment.minMs = Math.min(segment.minMs, minMs)
    segment.maxMs = Math.max(segment.maxMs, maxMs)
    segment.minSeq = Math.min(segment.minSeq, minSeq)
    segment.maxSeq = Math.max(segment.maxSeq, maxSeq)
    segment.rows += rows
    segment.spills ||= spilled > 0
    segment.agencies.set(String(agency), rows)
    partitions.set(String(name), segment)
  }
  for (const [name, segment] of partitions) {
    const path = join(folder, segment.path)
    const temporary = `${path}.tmp`
    await makeFolder(join(folder, segment.day))
    try {
      // Rows of a block stand in the order of their times, and so do blocks but for two that are written at once. To have those in order, too,
      // DuckDB would first hold all rows a second time (535 MiB for 282).
      await database.seal(`
        COPY (
          SELECT * FROM ${hot} WHERE ${partition} = ${literal(name)}
          ORDER BY "@timestamp", "soc.seq"
        ) TO ${literal(temporary)}
        (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 3, ROW_GROUP_SIZE 8192, PARQUET_VERSION v2, PRESERVE_ORDER false)`)
      segment.sha256 = await digestOf(temporary)
      segment.bytes = await publish(temporary, path)
    } catch (error) {
      await rm(temporary, { force: true })
      throw error
    }
  }
  return [...partitions.values()]
}

/** Lists the files in the manifest and gives up the table, inside the caller's transaction. */
export async function recordSegments(
  connection: DuckDBConnection,
  hot: string,
  segments: readonly Sealed[],
): Promise<void> {
  for (const s of segments) {
    const numbers = [s.minMs, s.maxMs, s.minSeq, s.maxSeq, s.rows, s.bytes].map(BigInt)
    const row = [s.path, s.day, ...numbers, s.sha256, s.spills]
    await connection.run('INSERT INTO segments VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)', row)
    for (const [agency, rows] of s.agencies) {
      await connection.run('INSERT INTO segment_agencies VALUES ($1, $2, $3)', [s.path, agency, BigInt(rows)])
    }
  }
  await connection.run('INSERT INTO sealed VALUES ($1)', [hot])
}
