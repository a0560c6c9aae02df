import type { DuckDBDataChunk } from '@duckdb/node-api'
import { listValue } from '@duckdb/node-api'
import type { EcsEvent, EcsValue } from '../../model/event.ts'
import { COLUMNS } from './columns.ts'
import type { Parameters } from './conditions.ts'
import { integersOf, listsOf, textsOf } from './vectors.ts'
import { pointerTo } from './where.ts'

/** Some fields of rows that are not spilled, to be read without the rest of them. */
export interface Projection {
  /** One expression of SQL for each thing that is read. */
  expressions: string[]
  /** The events with these fields alone, by row. @param first the column of the first expression */
  decode: (chunk: DuckDBDataChunk, first: number) => (row: number) => EcsEvent
}

/** Fields with a column are read from it; all others are taken out of the JSON at once. */
export function projectionOf(fields: readonly string[], parameters: Parameters): Projection {
  const isNamed = fields.includes('soc.record')
  const columns = [...new Set([...fields.filter((field) => COLUMNS.has(field)), ...(isNamed ? ['soc.seq'] : [])])]
  const inRest = fields.filter((field) => !COLUMNS.has(field) && field !== 'soc.record')
  const expressions = columns.map((name) => (COLUMNS.get(name) === 'time' ? `epoch_ms("${name}")` : `"${name}"`))
  if (inRest.length > 0) {
    // Absent is NULL, and a null that is there the text `null`.
    expressions.push(`json_extract("rest", ${parameters.add(listValue(inRest.map(pointerTo)))})`)
  }
  if (isNamed) expressions.push('"soc.spool"')
  return {
    expressions,
    decode: (chunk, first) => {
      const values = columns.map((name, i) => (COLUMNS.get(name) === 'text' ? textsOf : integersOf)(chunk, first + i))
      const lists = inRest.length === 0 ? [] : listsOf(chunk, first + columns.length)
      const spools = isNamed ? textsOf(chunk, first + expressions.length - 1) : []
      return (row) => {
        const found: [string, EcsValue][] = []
        for (const [i, name] of columns.entries()) {
          const value = values[i]![row]!
          if (value !== null) found.push([name, COLUMNS.get(name) === 'time' ? new Date(value).toISOString() : value])
        }
        for (const [i, json] of (lists[row] ?? []).entries()) {
          if (json !== null) found.push([inRest[i]!, JSON.parse(json) as EcsValue])
        }
        if (isNamed) found.push(['soc.record', `${spools[row]!}-${values[columns.indexOf('soc.seq')]![row]!}`])
        return Object.fromEntries(found) as EcsEvent
      }
    },
  }
}
