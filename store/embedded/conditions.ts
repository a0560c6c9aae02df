import type { DuckDBValue } from '@duckdb/node-api'
import type { Order } from '../query/query.ts'
import type { Scope, TimeRange } from '../store.ts'
import { StoreError } from '../store.ts'
import { time } from './columns.ts'

/** Values bound to a statement. Text that a person or a log wrote reaches SQL only through here. */
export class Parameters {
  readonly values: Record<string, DuckDBValue> = {}
  #count = 0

  /** The placeholder that stands for `value`. */
  add(value: DuckDBValue): string {
    const name = `p${this.#count++}`
    this.values[name] = value
    return `$${name}`
  }
}

export interface RangeMs {
  fromMs: number
  toMs: number
}

export function rangeMs(range: TimeRange): RangeMs {
  return { fromMs: instantMs(range.from), toMs: instantMs(range.to) }
}

export function instantMs(text: string): number {
  const ms = Date.parse(text)
  if (Number.isNaN(ms)) throw new StoreError('refused', `not a time: '${text.slice(0, 50)}'`)
  return ms
}

/** `null` where the scope covers nothing. */
export function scopeCondition(scope: Scope, column: string, parameters: Parameters): string | null {
  if (scope === 'all') return 'true'
  if (scope.length === 0) return null
  return `${column} IN (${scope.map((agency) => parameters.add(agency)).join(', ')})`
}

export function rangeCondition({ fromMs, toMs }: RangeMs, column: string, parameters: Parameters): string {
  return `${column} >= ${parameters.add(time(fromMs))} AND ${column} < ${parameters.add(time(toMs))}`
}

/** Rows that come after `(timestamp, seq)` in this order, and after `id` where one is given. */
export function afterCondition(
  timestamp: string,
  seq: number,
  [ts, position]: [string, string],
  parameters: Parameters,
  { order = 'newest', tie }: { order?: Order; tie?: [column: string, id: string] } = {},
): string {
  const beyond = order === 'newest' ? '<' : '>'
  const at = parameters.add(time(instantMs(timestamp)))
  const place = parameters.add(BigInt(Math.trunc(seq)))
  const tied = tie === undefined ? '' : ` OR (${position} = ${place} AND ${tie[0]} > ${parameters.add(tie[1])})`
  return `${ts} ${beyond}= ${at} AND (${ts} ${beyond} ${at} OR ${position} ${beyond} ${place}${tied})`
}
