import { DuckDBInstance } from '@duckdb/node-api'
import { literal, storeError } from './database.ts'

/**
 * Writes rows of text as one Parquet file with zstd, in a small database of its own, so that the store's is left alone.
 * @param rows NDJSON of arrays of texts, one for each column
 * @throws {StoreError}
 */
export async function writeParquet(rows: string, columns: readonly string[], to: string): Promise<void> {
  try {
    const instance = await DuckDBInstance.create(':memory:', { memory_limit: '256MB', threads: '1' })
    const connection = await instance.connect()
    try {
      const selected = columns.map((name, i) => `json->>'$[${i}]' AS "${name.replaceAll('"', '""')}"`)
      await connection.run(
        `COPY (SELECT ${selected.join(', ')} FROM read_json(${literal(rows)}, format = 'newline_delimited', records = false, columns = {json: 'JSON'}, maximum_object_size = 16777216))
          TO ${literal(to)} (FORMAT parquet, COMPRESSION zstd, PARQUET_VERSION v2)`,
      )
    } finally {
      connection.closeSync()
      instance.closeSync()
    }
  } catch (error) {
    throw storeError(error)
  }
}
