import type { DuckDBConnection } from '@duckdb/node-api'
import { fold } from '../query/fold.ts'
import type { EcsValue } from '../../model/event.ts'
import { PERSONAL_FIELD, SECRET_FIELD } from '../../model/personal.ts'
import type { Condition } from '../query/query.ts'
import { leftOf } from './denied.ts'
import { pointerTo } from './where.ts'

/** A table of events that are not sealed, and what is left to be asked of its rows; absent: they are all meant. */
export interface Table {
  name: string
  where?: Condition | undefined
}

/** Fields that nearly every search denies to hold something. */
export const DENIED_FIELDS: ReadonlySet<string> = new Set([PERSONAL_FIELD, SECRET_FIELD])

/** Of one table. */
const VALUES_MAX = 1_000

/** Says that there is such a value in a field. */
export function noteValues(field: string, value: EcsValue, noted: Set<string>): void {
  for (const one of [value].flat()) if (one !== null && typeof one !== 'object') noted.add(keyOf(field, String(one)))
}

/** What is noted of a table that there was before. */
export async function valuesIn(connection: DuckDBConnection, table: string): Promise<Set<string>> {
  const noted = new Set<string>()
  for (const field of DENIED_FIELDS) {
    const found = await connection.runAndReadAll(
      `SELECT DISTINCT CAST(json_extract("rest", $pointer) AS VARCHAR) FROM ${table} WHERE contains("rest", $key)`,
      { pointer: pointerTo(field), key: `"${field}":` },
    )
    for (const [json] of found.getRows()) noteValues(field, JSON.parse(String(json ?? null)) as EcsValue, noted)
  }
  return noted
}

const keyOf = (field: string, text: string): string => `${field} ${fold(text)}`

/**
 * What values there are in `DENIED_FIELDS`, by table and by file: tables have no filter, and a file has none until it is made, for which
 * there is no time while everybody appends and asks. To look into the JSON of each row for what is hardly ever there takes most of the time of a
 * search.
 */
export class Unfiltered {
  readonly #noted = new Map<string, Set<string>>()

  /** A table that is empty, or of which all there is will be noted before it is asked. */
  start(table: string): void {
    this.#noted.set(table, new Set())
  }

  /** Rows come into a table; to be told before anybody sees them. */
  note(table: string, values: ReadonlySet<string>): void {
    const noted = this.#noted.get(table)
    if (noted === undefined) return
    for (const value of values) noted.add(value)
    // Senders choose names of fields: of a table that has too many all is asked again.
    if (noted.size > VALUES_MAX) this.#noted.delete(table)
  }

  /** The rows of a table, to which nothing comes any more, are in these files, too. */
  seal(table: string, paths: readonly string[]): void {
    const noted = this.#noted.get(table)
    if (noted !== undefined) for (const path of paths) this.#noted.set(path, noted)
  }

  /** A table that is gone, or a file that is or has a filter. */
  forget(name: string): void {
    this.#noted.delete(name)
  }

  /** Whether no row of a table or file holds it, as far as is noted. */
  isNowhere(name: string, denied: Condition): boolean {
    return (
      denied.kind === 'match' &&
      denied.pattern.kind === 'equals' &&
      DENIED_FIELDS.has(denied.field) &&
      this.#noted.get(name)?.has(keyOf(denied.field, denied.pattern.text)) === false
    )
  }

  asked(tables: readonly string[], where: Condition | undefined): Table[] {
    return tables.map((name) => ({ name, where: where && leftOf(where, (denied) => this.isNowhere(name, denied)) }))
  }
}
