import type { DuckDBValue } from '@duckdb/node-api'
import type { Part, Pattern } from '../pattern.ts'
import { parseFreeText, parsePattern, TERM_VALUE_MAX } from '../pattern.ts'
import type { Scope, Term, TimeRange } from '../store.ts'
import { StoreError } from '../store.ts'
import { COLUMNS, time } from './columns.ts'

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

/** Rows that come after `(timestamp, seq)`, and after `id` where one is given, when the newest come first. */
export function afterCondition(
  timestamp: string,
  seq: number,
  [ts, position]: [string, string],
  parameters: Parameters,
  tie?: [column: string, id: string],
): string {
  const at = parameters.add(time(instantMs(timestamp)))
  const below = parameters.add(BigInt(Math.trunc(seq)))
  const tied = tie === undefined ? '' : ` OR (${position} = ${below} AND ${tie[0]} > ${parameters.add(tie[1])})`
  return `${ts} <= ${at} AND (${ts} < ${at} OR ${position} < ${below}${tied})`
}

/**
 * SQL that holds for rows with the term. `spilled` rows may hold a column's field in `rest`, others cannot.
 * @throws {StoreError} too_large: the value is longer than `TERM_VALUE_MAX`.
 */
export function termCondition({ field, value }: Term, spilled: boolean, parameters: Parameters): string {
  if (value.length > TERM_VALUE_MAX)
    throw new StoreError('too_large', `a term is longer than ${TERM_VALUE_MAX} characters`)
  if (field === '') {
    const pattern = parseFreeText(value)
    return `(${['event.original', 'message'].map((name) => fieldCondition(name, pattern, spilled, parameters)).join(' OR ')})`
  }
  return fieldCondition(field, parsePattern(value), spilled, parameters)
}

function fieldCondition(field: string, pattern: Pattern, spilled: boolean, parameters: Parameters): string {
  const column = columnText(field)
  if (column === null) return jsonCondition(field, pattern, parameters)
  const held = matches(column, pattern, parameters)
  return spilled ? `(${held} OR ${jsonCondition(field, pattern, parameters)})` : held
}

function columnText(field: string): string | null {
  if (field === 'soc.record') return `("soc.spool" || '-' || "soc.seq")`
  switch (COLUMNS.get(field)) {
    case 'text':
      return `"${field}"`
    case 'integer':
      return `CAST("${field}" AS VARCHAR)`
    case 'time':
      return `strftime("${field}", '%Y-%m-%dT%H:%M:%S.%gZ')`
    default:
      return null
  }
}

/** A field of `rest`: a scalar, or any scalar of a list. The first test spares parsing the JSON of rows without the field. */
function jsonCondition(field: string, pattern: Pattern, parameters: Parameters): string {
  const key = parameters.add(`${JSON.stringify(field)}:`)
  const pointer = parameters.add(`/${field.replaceAll('~', '~0').replaceAll('/', '~1')}`)
  const element = `(json_type(v) NOT IN ('OBJECT', 'ARRAY', 'NULL') AND ${matches(`(v->>'$')`, pattern, parameters)})`
  return `(contains("rest", ${key}) AND CASE json_type("rest", ${pointer})
    WHEN 'ARRAY' THEN len(list_filter(json_extract(json_extract("rest", ${pointer}), '$[*]'), lambda v: ${element})) > 0
    WHEN 'OBJECT' THEN false
    ELSE coalesce(${matches(`json_extract_string("rest", ${pointer})`, pattern, parameters)}, false) END)`
}

function matches(text: string, pattern: Pattern, parameters: Parameters): string {
  if (pattern.kind === 'exists') return `${text} IS NOT NULL`
  if (pattern.kind === 'wildcard') {
    return `regexp_full_match(${text}, ${parameters.add(pattern.parts.map(regexOf).join(''))}, 'is')`
  }
  const literal = `lower(${parameters.add(pattern.text)})`
  const lowered = `lower(${text})`
  switch (pattern.kind) {
    case 'equals':
      return `${lowered} = ${literal}`
    case 'prefix':
      return `starts_with(${lowered}, ${literal})`
    case 'suffix':
      return `suffix(${lowered}, ${literal})`
    default:
      return `contains(${lowered}, ${literal})`
  }
}

/** RE2 runs in time linear in the text (not LIKE, which tries every way to place several wildcards). */
function regexOf(part: Part): string {
  if ('any' in part) return part.any === 'run' ? '.*' : '.'
  return part.text.replace(/[\0-\x7f]/g, (c) =>
    /\w/.test(c) ? c : `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`,
  )
}
