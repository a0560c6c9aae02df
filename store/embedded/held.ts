import type { DuckDBConnection, DuckDBDataChunk } from '@duckdb/node-api'
import { DuckDBInstance } from '@duckdb/node-api'
import type { EcsEvent } from '../../model/event.ts'
import type { EventSource, Wanted } from '../event-source.ts'
import type { Held } from '../store.ts'
import { eventsOf, SELECT_COLUMNS, time } from './columns.ts'
import { Parameters, rangeCondition, rangeMs, scopeCondition } from './conditions.ts'
import { literal, storeError } from './database.ts'
import { BLOCK_ROWS, blocksOf, filterPath, openFilter, type Times, timesOf } from './filter.ts'
import { askedOf, type Chunks, keptIn, orAll, spilledIn } from './kept.ts'
import { type Needed, neededBy } from './keys.ts'
import type { Segment } from './schema.ts'
import { from, type Reader, segmentsWithin, type Statement } from './search.ts'

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
    `COPY (SELECT * FROM ${hot}) TO ${literal(`${folder}/${path}`)} (FORMAT parquet, COMPRESSION snappy, ROW_GROUP_SIZE ${BLOCK_ROWS}, PRESERVE_ORDER false)`,
  )
  const stats = await connection.runAndReadAll(
    `SELECT epoch_ms(min("@timestamp")), epoch_ms(max("@timestamp")), min("soc.seq"), max("soc.seq"), count(*), count(*) FILTER ("spilled")
     FROM read_parquet(${literal(`${folder}/${path}`)})`,
  )
  const [minMs = 0, maxMs = 0, minSeq = 0, maxSeq = 0, rows = 0, spilled = 0] = stats.getRows()[0]!.map(Number)
  const of = { path, day: '', bytes: 0, sha256: null, spills: spilled > 0 }
  return rows === 0 ? [] : [{ ...of, minMs, maxMs, minSeq, maxSeq, rows }]
}

/**
 * Reads held files in this process, with a DuckDB of its own that touches nothing but their folder, file by file.
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
  await connection.run('SET GLOBAL parquet_metadata_cache = true')
  await connection.run(
    `SET GLOBAL allowed_directories = [${literal(`${folder}/`)}, ${literal(`${folder}/../${HELD}/`)}]`,
  )
  await connection.run('SET GLOBAL enable_external_access = false')
  const all = async (...select: Statement): Promise<DuckDBDataChunk[]> => {
    try {
      return await (await connection.run(...select)).fetchAllChunks()
    } catch (error) {
      throw storeError(error)
    }
  }
  const read: Reader = {
    rows: async (...select) => (await all(...select)).flatMap((chunk) => chunk.getRows()),
    events: async (...select) => (await all(...select)).flatMap(eventsOf),
  }
  const chunks: Chunks = async function* (sql, values) {
    try {
      yield* ahead(await connection.stream(sql, values))
    } catch (error) {
      throw storeError(error)
    }
  }
  const within = (range: Wanted['range']): Segment[] =>
    segmentsWithin(segments, range).sort((a, b) => a.minMs - b.minMs)
  return {
    async *pages(wanted) {
      const needed = wanted.where === undefined ? 'any' : neededBy(wanted.where)
      const asked = askedOf(wanted)
      const files = within(wanted.range)
      const of = files.reduce((sum, { rows }) => sum + rows, 0)
      let done = 0
      const spilled = (some: Wanted) => spilledIn({ folder, segments: files, read, chunks }, some)
      for await (const kept of orAll(spilled, asked)) yield { ...kept, done, of }
      for (const segment of files) {
        const times = timesIn(folder, segment, needed)
        const there = (some: Wanted) => keptIn({ folder, segments: [segment], read, chunks }, some, times)
        for await (const kept of orAll(there, asked)) yield { ...kept, done, of }
        done += segment.rows
        yield { events: [], read: 0, done, of }
      }
    },
    newest: (scope, range) => newestIn(folder, within(range), { scope, range }, read),
    close: () => {
      connection.closeSync()
      instance.closeSync()
      return Promise.resolve()
    },
  }
}

/** The same, the next asked for before this one is given: DuckDB reads in a thread of its own, and need not wait while rows are looked at. */
async function* ahead<T>(items: AsyncIterable<T>): AsyncGenerator<T> {
  const iterator = items[Symbol.asyncIterator]()
  const ask = (): Promise<IteratorResult<T>> => {
    const next = iterator.next()
    next.catch(() => null) // whoever awaits it hears of that
    return next
  }
  let next = ask()
  try {
    for (;;) {
      const { done, value } = await next
      if (done === true) return
      next = ask()
      yield value
    }
  } finally {
    // Nothing else may be asked of the connection before.
    await next.catch(() => null)
    await iterator.return?.()
  }
}

/** When there are events in a file for which this may hold; null: no filter tells. */
function timesIn(folder: string, segment: Segment, needed: Needed): Times[] | null {
  if (needed === 'any') return null
  const filter = openFilter(`${folder}/${filterPath(segment.path)}`, segment)
  return filter && timesOf(filter, blocksOf(filter, needed))
}

async function newestIn(
  folder: string,
  files: readonly Segment[],
  { scope, range }: Pick<Wanted, 'scope' | 'range'>,
  read: Reader,
): Promise<EcsEvent | undefined> {
  const parameters = new Parameters()
  const scoped = scopeCondition(scope, '"soc.agency"', parameters)
  if (scoped === null) return undefined
  const where = `${scoped} AND ${rangeCondition(rangeMs(range), '"@timestamp"', parameters)}`
  let newest: { ms: number; source: string } | undefined
  for (const segment of files.toSorted((a, b) => b.maxMs - a.maxMs)) {
    if (newest !== undefined && segment.maxMs <= newest.ms) break
    const source = from({ hot: [], segments: [segment] }, folder)[0]!
    const [row] = await read.rows(`SELECT epoch_ms(max("@timestamp")) FROM ${source} WHERE ${where}`, parameters.values)
    const ms = row?.[0]
    if (typeof ms === 'bigint' && Number(ms) > (newest?.ms ?? -Infinity)) newest = { ms: Number(ms), source }
  }
  if (newest === undefined) return undefined
  const at = parameters.add(time(newest.ms))
  const [found] = await read.events(
    `SELECT ${SELECT_COLUMNS} FROM ${newest.source} WHERE ${where} AND "@timestamp" = ${at} LIMIT 1`,
    parameters.values,
  )
  return found
}
