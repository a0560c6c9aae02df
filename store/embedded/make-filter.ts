import { rm, writeFile } from 'node:fs/promises'
import { DuckDBInstance } from '@duckdb/node-api'
import type { EcsValue } from '../../model/event.ts'
import { COLUMNS } from './columns.ts'
import { literal } from './database.ts'
import { publish } from './files.ts'
import { filterPath, startFilter } from './filter.ts'
import type { Filtered } from './filter-thread.ts'
import { integersOf, textsOf } from './vectors.ts'

/** Columns whose values are looked for; those of times are in the statistics of the files. */
const FIELDS = [...COLUMNS].filter(([name, kind]) => kind !== 'time' && name !== 'soc.seq')
const SELECTED = [
  'epoch_ms("@timestamp")',
  ...['event.original', 'rest', ...FIELDS.map(([name]) => name)].map((name) => `"${name}"`),
].join(', ')

/**
 * Makes the filter of a sealed file, and gives it its name when it is whole.
 * @param folder of the segments
 * @param isStopped asked now and then: true ends it without a filter
 */
export async function makeFilter(folder: string, segment: Filtered, isStopped: () => boolean): Promise<void> {
  const filter = startFilter(segment.rows)
  const instance = await DuckDBInstance.create(':memory:', {
    memory_limit: '256MB',
    threads: '1',
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  })
  const connection = await instance.connect()
  try {
    const rows = await connection.stream(
      `SELECT ${SELECTED} FROM read_parquet([${literal(`${folder}/${segment.path}`)}])`,
    )
    for (let chunk = await rows.fetchChunk(); chunk !== null && chunk.rowCount > 0; chunk = await rows.fetchChunk()) {
      if (isStopped()) return
      const [times, lines, rests] = [integersOf(chunk, 0), textsOf(chunk, 1), textsOf(chunk, 2)]
      const columns = FIELDS.map(([, kind], i) => (kind === 'text' ? textsOf : integersOf)(chunk, i + 3))
      for (let row = 0; row < chunk.rowCount; row++) {
        filter.begin(times[row]!, lines[row] ?? '')
        // An object of the whole event would be made only to be taken apart.
        for (let i = 0; i < FIELDS.length; i++) filter.field(FIELDS[i]![0], columns[i]![row])
        const rest = rests[row]
        if (typeof rest !== 'string') continue
        const fields = JSON.parse(rest) as Record<string, EcsValue>
        for (const name in fields) filter.field(name, fields[name])
      }
    }
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
  const path = `${folder}/${filterPath(segment.path)}`
  try {
    await writeFile(`${path}.tmp`, filter.finish(segment), { mode: 0o600 })
    await publish(`${path}.tmp`, path)
  } catch (error) {
    await rm(`${path}.tmp`, { force: true })
    throw error
  }
}
