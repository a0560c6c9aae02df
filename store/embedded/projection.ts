import type { DuckDBValue } from '@duckdb/node-api'
import { DuckDBListValue, listValue } from '@duckdb/node-api'
import type { EcsEvent, EcsValue } from '../../model/event.ts'
import { COLUMNS } from './columns.ts'
import type { Parameters } from './conditions.ts'
import { pointerTo } from './where.ts'

/** Some fields of rows that are not spilled, to be read without the rest of them. */
export interface Projection {
  /** One expression of SQL for each thing that is read. */
  expressions: string[]
  /** The event with these fields alone, from the values of the expressions. */
  decode: (values: readonly DuckDBValue[]) => EcsEvent
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
    decode: (values) => {
      const found: [string, EcsValue][] = []
      for (const [i, name] of columns.entries()) {
        const value = values[i]
        if (typeof value === 'string') found.push([name, value])
        else if (typeof value === 'bigint')
          found.push([name, COLUMNS.get(name) === 'time' ? new Date(Number(value)).toISOString() : Number(value)])
      }
      const list = inRest.length === 0 ? undefined : values[columns.length]
      if (list instanceof DuckDBListValue) {
        for (const [i, json] of list.items.entries()) {
          if (typeof json === 'string') found.push([inRest[i]!, JSON.parse(json) as EcsValue])
        }
      }
      if (isNamed)
        found.push(['soc.record', `${values.at(-1) as string}-${String(values[columns.indexOf('soc.seq')])}`])
      return Object.fromEntries(found) as EcsEvent
    },
  }
}
