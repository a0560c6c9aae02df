import type { DuckDBDataChunk } from '@duckdb/node-api'
import { DuckDBTimestampValue } from '@duckdb/node-api'
import { type EcsEvent, type EcsValue, newEvent } from '../../model/event.ts'
import { integersOf, textsOf } from './vectors.ts'

export type ColumnKind = 'text' | 'integer' | 'time'

/**
 * Fields with a column of their own, under their ECS name, in the hot table and in every segment. What is not here, or does
 * not have its column's type (a list, an object), is in the JSON column `rest`; `spilled` marks
 * rows where the latter happened, so that only those are looked into twice, and rows with an object or a list in a list, which
 * a search does not look into and rules do. `soc.record` is `soc.spool`, `-`, `soc.seq`.
 */
export const COLUMNS: ReadonlyMap<string, ColumnKind> = new Map([
  ['@timestamp', 'time'],
  ['event.ingested', 'time'],
  ['soc.seq', 'integer'],
  ['soc.agency', 'text'],
  ['soc.system', 'text'],
  ['soc.source', 'text'],
  ['event.kind', 'text'],
  ['event.module', 'text'],
  ['event.dataset', 'text'],
  ['event.action', 'text'],
  ['event.outcome', 'text'],
  ['event.code', 'text'],
  ['host.name', 'text'],
  ['host.hostname', 'text'],
  ['user.name', 'text'],
  ['source.ip', 'text'],
  ['source.port', 'integer'],
  ['destination.ip', 'text'],
  ['process.name', 'text'],
  ['process.pid', 'integer'],
  ['process.executable', 'text'],
  ['url.original', 'text'],
  ['http.request.method', 'text'],
  ['http.response.status_code', 'integer'],
  ['log.source.address', 'text'],
  ['ecs.version', 'text'],
  ['message', 'text'],
  ['event.original', 'text'],
] as const)

const NAMES = [...COLUMNS.keys()]
const KINDS = [...COLUMNS.values()]

/** DuckDB's client takes it from the head of any text it reads: such a text goes into `rest`, where it is not at the head. */
const BYTE_ORDER_MARK = 0xfeff

/** Columns besides the fields', in the order in which rows are written and read. */
export const EXTRA = ['soc.spool', 'rest', 'spilled'] as const

/** Rows are compressed when they are sealed: what it takes to compress them before, at a checkpoint, an append would wait for. */
export const TABLE_COLUMNS = [
  ...[...COLUMNS].map(([name, kind]) => `"${name}" ${{ text: 'VARCHAR', integer: 'BIGINT', time: 'TIMESTAMP' }[kind]}`),
  '"soc.spool" VARCHAR',
  '"rest" VARCHAR',
  '"spilled" BOOLEAN',
]
  .map((column) => `${column} USING COMPRESSION uncompressed`)
  .join(', ')

/** The columns that an event is made of again, as they are. */
export const ROW_COLUMNS = [...COLUMNS.keys(), ...EXTRA.slice(0, 2)].map((name) => `"${name}"`).join(', ')

/** Select list whose rows `eventsOf` takes; a time is read as epoch milliseconds. */
export const SELECT_COLUMNS = [
  ...[...COLUMNS].map(([name, kind]) => (kind === 'time' ? `epoch_ms("${name}")` : `"${name}"`)),
  ...EXTRA.slice(0, 2).map((name) => `"${name}"`),
].join(', ')

/** Whether a value is more than a scalar or a list of scalars. */
export function hasStructure(value: EcsValue): boolean {
  if (value === null || typeof value !== 'object') return false
  return !Array.isArray(value) || value.some((element) => element !== null && typeof element === 'object')
}

/** Whether a value has the type of such a column. */
export function fits(kind: ColumnKind, value: EcsValue): boolean {
  switch (kind) {
    case 'text':
      return typeof value === 'string' && value.charCodeAt(0) !== BYTE_ORDER_MARK
    case 'integer':
      return Number.isSafeInteger(value) && !Object.is(value, -0)
    default:
      return true // a time: `whyRefused` let nothing else through
  }
}

export function time(ms: number): DuckDBTimestampValue {
  return new DuckDBTimestampValue(BigInt(ms) * 1000n)
}

const PLAIN = { configurable: true, enumerable: true, writable: true }

/** Rows of `SELECT_COLUMNS` as the events they were: equal to what was appended, save for lone surrogates. */
export function eventsOf(chunk: DuckDBDataChunk): EcsEvent[] {
  const columns = KINDS.map((kind, i) => (kind === 'text' ? textsOf(chunk, i) : integersOf(chunk, i)))
  const spools = textsOf(chunk, NAMES.length)
  const rests = textsOf(chunk, NAMES.length + 1)
  return Array.from({ length: chunk.rowCount }, (_, row) => {
    const event = newEvent({} as EcsEvent)
    for (let i = 0; i < NAMES.length; i++) {
      const value = columns[i]![row]!
      if (value !== null) event[NAMES[i]!] = KINDS[i] === 'time' ? new Date(value).toISOString() : value
    }
    event['soc.record'] = `${spools[row]!}-${event['soc.seq']}`
    const rest = rests[row]
    if (typeof rest === 'string') addFields(event, JSON.parse(rest) as EcsEvent)
    return event
  })
}

function addFields(event: EcsEvent, fields: EcsEvent): void {
  for (const name in fields) {
    // Defined where assigning would not: a field of this name is data.
    if (name === '__proto__') Object.defineProperty(event, name, { ...PLAIN, value: fields[name] })
    else event[name] = fields[name]
  }
}
