import type { DuckDBValue } from '@duckdb/node-api'
import type { EcsEvent } from '../../model/event.ts'
import type { EventQuery, Scope, TimeRange } from '../store.ts'
import { spoolOf } from '../admission.ts'
import { ROW_COLUMNS, SELECT_COLUMNS, time } from './columns.ts'
import { afterCondition, instantMs, Parameters, rangeCondition, rangeMs, scopeCondition } from './conditions.ts'
import { literal } from './database.ts'
import type { Condition } from '../query/query.ts'
import { BLOCK_ROWS, type Times } from './filter.ts'
import type { Candidate, Filters } from './filters.ts'
import type { Segment, View } from './schema.ts'
import type { Table } from './unfiltered.ts'
import { whereSql } from './where.ts'

export type Statement = [sql: string, values: Record<string, DuckDBValue>]

/** Runs one SELECT. */
export interface Reader {
  rows(...select: Statement): Promise<DuckDBValue[][]>
  /** Of `SELECT_COLUMNS`. */
  events(...select: Statement): Promise<EcsEvent[]>
}

interface Found {
  ms: number
  seq: number
  spool: string
  /** All of it, where it was read at once. */
  event?: EcsEvent
}

/** How many files the first look takes; each further one takes twice as many. */
const FIRST_SEGMENTS = 4
/** Where filters leave less than this part of the rows, hardly more than what is meant is in them: it is read whole at once, not twice. */
const RARE = 1 / 4
/** Of what is rare as many blocks are read at once, of however many files: a statement for a few leaves half of the threads without work. */
const BLOCKS_AT_ONCE = 32

/** Rows of one place that are meant. */
export interface Branch {
  source: string
  where: string
  spilled: boolean
}

type Wanted = Pick<EventQuery, 'scope' | 'range' | 'where' | 'order' | 'after'>

/**
 * Where the rows that are meant are, with the values bound to it; `null` where nothing is in scope.
 * @param split spilled rows by themselves, for what looks into fields
 */
export function branches(
  candidates: readonly Candidate[],
  tables: readonly Table[],
  folder: string,
  query: Wanted,
  split = query.where !== undefined,
): { list: Branch[]; parameters: Parameters } | null {
  const parameters = new Parameters()
  const scope = scopeCondition(query.scope, '"soc.agency"', parameters)
  if (scope === null) return null
  const { fromMs, toMs } = rangeMs(query.range)
  const common = [scope]
  const { after, order } = query
  if (after !== undefined) {
    const columns: [string, string] = ['"@timestamp"', '"soc.seq"']
    common.push(afterCondition(after.timestamp, after.seq, columns, parameters, order === undefined ? {} : { order }))
  }
  /** Each row of such a file is in the range, and none is spilled: neither is asked, and two columns less are read. */
  const isKnown = ({ segment, times }: Candidate): boolean =>
    times === null && segment.minMs >= fromMs && segment.maxMs < toMs && !(split && segment.spills)
  const list = (split ? [true, false] : [false]).flatMap((spilled): Branch[] => {
    const some = candidates.filter(({ segment }) => !spilled || segment.spills)
    const kind = split ? `${spilled ? '' : 'NOT '}"spilled" AND ` : ''
    const meantBy = (own: Condition | undefined): string =>
      [...common, ...(own === undefined ? [] : [whereSql(own, spilled, parameters)])].join(' AND ')
    const asked = askedOf(
      some.filter((candidate) => !isKnown(candidate)),
      tables,
    )
    const known = askedOf(some.filter(isKnown), [])
    // What most rows are in comes last: DuckDB takes one source after another, and one thread alone has the end of a small one.
    return [
      ...asked.flatMap((own) => {
        const sources = sourcesOf(own.candidates, own.hot, folder)
        const meant = `${rangeCondition({ fromMs, toMs }, '"@timestamp"', parameters)} AND ${kind}${meantBy(own.where)}`
        return sources.map(({ source, times }) => ({ source, where: `${times} AND ${meant}`, spilled }))
      }),
      ...known.flatMap((own) => {
        const meant = meantBy(own.where)
        const segments = own.candidates.map(({ segment }) => segment)
        return from({ hot: [], segments }, folder).map((source) => ({ source, where: meant, spilled }))
      }),
    ]
  })
  return list.length === 0 ? null : { list, parameters }
}

/** Files and tables of which the same is asked. */
interface Asked {
  where: Condition | undefined
  candidates: Candidate[]
  hot: string[]
}

function askedOf(candidates: readonly Candidate[], tables: readonly Table[]): Asked[] {
  const all = new Map<Condition | undefined, Asked>()
  const like = (where: Condition | undefined): Asked => {
    const asked = all.get(where) ?? { where, candidates: [], hot: [] }
    all.set(where, asked)
    return asked
  }
  for (const { name, where } of tables) like(where).hot.push(name)
  for (const candidate of candidates) like(candidate.where).candidates.push(candidate)
  return [...all.values()]
}

/** Files of which only some blocks are read come one by one, up to so many lists of them in a statement: each costs half a millisecond to plan. */
const LISTS_MAX = 128

/**
 * Sources of a FROM, with the condition of when in each there may be what is meant. A file of which blocks are ruled out is a source of its
 * own: with those of others, every row that is read would be held against the times of them all.
 */
function sourcesOf(
  candidates: readonly Candidate[],
  hot: readonly string[],
  folder: string,
): { source: string; times: string }[] {
  const narrowed = candidates.filter(({ times }) => times !== null)
  const whole = candidates.filter(({ times }) => times === null).map(({ segment }) => segment)
  const listed = Math.max(1, Math.ceil(narrowed.length / LISTS_MAX))
  const lists = Array.from({ length: Math.ceil(narrowed.length / listed) }, (_, i) =>
    narrowed.slice(i * listed, (i + 1) * listed),
  )
  return [
    ...from({ hot, segments: whole }, folder).map((source) => ({ source, times: 'true' })),
    ...lists.flatMap((list) => {
      const times = timesCondition(list.flatMap((candidate) => candidate.times ?? []))
      return from({ hot: [], segments: list.map(({ segment }) => segment) }, folder).map((source) => ({
        source,
        times,
      }))
    }),
  ]
}

/** Stretches of time that a statement names; more are joined where the least is between them. */
const STRETCHES_MAX = 64

/** Events of these times: what DuckDB compares with the statistics of row groups. */
export function timesCondition(times: readonly Times[]): string {
  const joined: Times[] = []
  for (const [from, through] of times.toSorted(([a], [b]) => a - b)) {
    const last = joined.at(-1)
    if (last !== undefined && from <= last[1] + 1) last[1] = Math.max(last[1], through)
    else joined.push([from, through])
  }
  const gaps = joined.slice(1).map(([from], i) => from - joined[i]![1])
  const least = gaps.toSorted((a, b) => b - a)[STRETCHES_MAX - 1] ?? 0
  const stretches: Times[] = []
  for (const [from, through] of joined) {
    const last = stretches.at(-1)
    if (last !== undefined && from - last[1] <= least) last[1] = through
    else stretches.push([from, through])
  }
  const bounds = stretches.map(([from, through]) => `"@timestamp" BETWEEN ${instant(from)} AND ${instant(through)}`)
  return `(${bounds.join(' OR ')})`
}

/** Written out, not bound: an integer, and up to twice 64 of them in a statement. */
function instant(ms: number): string {
  return `make_timestamp_ms(${Math.trunc(ms)})`
}

/** Segments with something between these times. */
export function segmentsWithin(segments: readonly Segment[], range: TimeRange): Segment[] {
  const { fromMs, toMs } = rangeMs(range)
  return segments.filter((s) => s.maxMs >= fromMs && s.minMs < toMs)
}

/**
 * The first events that are meant. Files are taken in the order asked for, and none is opened whose first event comes after
 * what was found; keys come first and whole rows only for those that are returned, but where hardly more is left to be read.
 */
export async function searchEvents(
  view: View,
  folder: string,
  query: EventQuery,
  read: Reader,
  filters: Filters,
): Promise<EcsEvent[]> {
  if (query.limit <= 0) return []
  const newest = query.order !== 'oldest'
  const afterMs = query.after === undefined ? null : instantMs(query.after.timestamp)
  const remaining = segmentsWithin(view.segments, query.range).filter(
    (s) => afterMs === null || (newest ? s.minMs <= afterMs : s.maxMs >= afterMs),
  )
  if (!newest) remaining.sort((a, b) => a.minMs - b.minMs)
  const way = newest ? 'DESC' : 'ASC'
  const sign = newest ? 1 : -1
  const opened: Segment[] = []
  /** The first that are meant of some files and tables: all of them, or only their keys. */
  const firstOf = async (group: readonly Candidate[], tables: readonly Table[], whole: boolean): Promise<Found[]> => {
    const sources = branches(group, tables, folder, query)
    if (sources === null) return []
    const columns = whole ? ROW_COLUMNS : '"@timestamp", "soc.seq", "soc.spool"'
    const selects = sources.list.map(({ source, where }) => `SELECT ${columns} FROM ${source} WHERE ${where}`)
    const { values } = sources.parameters
    const all = `FROM (${selects.join(' UNION ALL ')}) ORDER BY "@timestamp" ${way}, "soc.seq" ${way} LIMIT ${Math.trunc(query.limit)}`
    if (whole) return (await read.events(`SELECT ${SELECT_COLUMNS} ${all}`, values)).map(foundWhole)
    opened.push(...group.map(({ segment }) => segment))
    return (await read.rows(`SELECT epoch_ms("@timestamp"), "soc.seq", "soc.spool" ${all}`, values)).map(foundKey)
  }
  let found: Found[] = []
  let tables = filters.unfiltered.asked(view.hot, query.where)
  for (let size = FIRST_SEGMENTS; ; size *= 2) {
    // Filters are asked as files are: for the newest hundred events a few will do.
    const asked = remaining.splice(0, size)
    const group = await filters.candidates(asked, query.where)
    while (remaining.length > 0 && isRare(group, asked) && rowsOf(group) < BLOCKS_AT_ONCE * BLOCK_ROWS) {
      size *= 4
      const more = remaining.splice(0, size)
      asked.push(...more)
      group.push(...(await filters.candidates(more, query.where)))
    }
    // What is not sealed has no filter: much of it may be meant, while of the files little is. To plan a source of few rows takes as long as
    // to read it, and a statement is planned by one thread.
    const half = Math.ceil(group.length / 2)
    const looks = isRare(group, asked)
      ? [firstOf(group.slice(0, half), [], true), firstOf(group.slice(half), [], true), firstOf([], tables, false)]
      : [firstOf(group, tables, false)]
    tables = []
    const more = (await allOf(looks)).flat()
    found = [...found, ...more].sort((a, b) => sign * (b.ms - a.ms || b.seq - a.seq)).slice(0, query.limit)
    const next = remaining[0]
    if (next === undefined) break
    if (found.length === query.limit && (newest ? found.at(-1)!.ms > next.maxMs : found.at(-1)!.ms < next.minMs)) break
  }
  const named = found.filter(({ event }) => event === undefined)
  const times = named.map(({ ms }) => ms)
  const between = { oldestMs: Math.min(...times), newestMs: Math.max(...times) }
  const events = await eventsByRecord({ hot: view.hot, segments: opened }, folder, named, query.scope, read, between)
  const byRecord = new Map(events.map((event) => [event['soc.record'], event]))
  return found.flatMap(({ spool, seq, event }) => event ?? byRecord.get(`${spool}-${seq}`) ?? [])
}

/** What all of them give, or the first error once none is at work any more: they read from the same tables and files. */
async function allOf<T>(work: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(work)
  return Promise.all(work)
}

function isRare(candidates: readonly Candidate[], of: readonly Segment[]): boolean {
  return rowsOf(candidates) <= RARE * of.reduce((sum, segment) => sum + segment.rows, 0)
}

/** Rows that filters leave. */
function rowsOf(candidates: readonly Candidate[]): number {
  return candidates.reduce(
    (sum, { segment, times }) => sum + Math.min(segment.rows, (times?.length ?? Infinity) * BLOCK_ROWS),
    0,
  )
}

function foundKey([ms, seq, spool]: readonly DuckDBValue[]): Found {
  return { ms: Number(ms), seq: Number(seq), spool: String(spool) }
}

function foundWhole(event: EcsEvent): Found {
  const seq = event['soc.seq']
  return { ms: Date.parse(event['@timestamp']), seq, spool: spoolOf(event['soc.record'], seq)!, event }
}

/** Events by name, in the order of `keys`, each once; those outside the scope are left out. */
export async function eventsByRecord(
  view: View,
  folder: string,
  keys: readonly { spool: string; seq: number }[],
  scope: Scope,
  read: Reader,
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
  const meant = where.join(' AND ')
  const selects = [
    // By their places: for a list of positions a table is read whole, all of its columns, which took ten times as long for a few rows.
    ...view.hot.map((hot) => `${hot} WHERE rowid IN (SELECT rowid FROM ${hot} WHERE ${meant})`),
    ...from({ hot: [], segments }, folder).map((source) => `${source} WHERE ${meant}`),
  ].map((rows) => `SELECT ${SELECT_COLUMNS} FROM ${rows}`)
  if (selects.length === 0) return []
  const events = await read.events(selects.join(' UNION ALL '), parameters.values)
  const byRecord = new Map(events.map((event) => [event['soc.record'], event]))
  return [...new Set(keys.map(({ spool, seq }) => `${spool}-${seq}`))].flatMap((record) => byRecord.get(record) ?? [])
}

/** The view as sources of a FROM. */
export function from({ hot, segments }: View, folder: string): string[] {
  if (segments.length === 0) return [...hot]
  return [...hot, `read_parquet([${segments.map(({ path }) => literal(`${folder}/${path}`)).join(', ')}])`]
}
