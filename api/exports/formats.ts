import type { EcsEvent, EcsValue } from '../../model/event.ts'

export const FORMATS = ['ndjson', 'csv', 'parquet'] as const
export type Format = (typeof FORMATS)[number]

export const CONTENT_TYPES: Record<Format, string> = {
  ndjson: 'application/x-ndjson; charset=utf-8',
  csv: 'text/csv; charset=utf-8',
  parquet: 'application/vnd.apache.parquet',
}

/** Columns of a table where the search names none. */
export const COLUMNS_NORMAL = [
  '@timestamp',
  'soc.agency',
  'soc.system',
  'host.name',
  'user.name',
  'source.ip',
  'destination.ip',
  'event.action',
  'event.outcome',
  'process.name',
  'message',
  'event.original',
  'soc.record',
]

/** One line of NDJSON: the whole event, or these fields of it. */
export function jsonLine(event: EcsEvent, fields: readonly string[] | undefined): string {
  if (fields === undefined) return `${JSON.stringify(event)}\n`
  return `${JSON.stringify(Object.fromEntries(Object.entries(event).filter(([name]) => fields.includes(name))))}\n`
}

/** The mark tells spreadsheets that the text is UTF-8. */
export function csvHead(columns: readonly string[]): string {
  return `\ufeff${csvLine(columns)}`
}

/** One row of texts (RFC 4180), none of which a spreadsheet runs. */
export function csvLine(texts: readonly string[]): string {
  return `${texts.map(cell).join(',')}\r\n`
}

/** One row (RFC 4180). */
export function csvRow(event: EcsEvent, columns: readonly string[]): string {
  return csvLine(columns.map((name) => flat(event[name])))
}

/** A value in one cell: the elements of a list with semicolons between them, objects as JSON. */
export function flat(value: EcsValue | undefined): string {
  if (value === undefined || value === null) return ''
  if (Array.isArray(value)) return value.map(flat).join('; ')
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

/**
 * Log text is hostile: what a spreadsheet would take for a formula gets an apostrophe before it, by which it is text (OWASP,
 * CSV Injection). Plain numbers stay, negative ones too. Everything is quoted, so that no separator of any locale divides a value.
 */
function cell(text: string): string {
  const formula =
    /^[\s\0]*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]/.test(text) && !/^-?\d{1,30}([.]\d{1,30})?$/.test(text)
  return `"${formula ? "'" : ''}${text.replaceAll('"', '""')}"`
}
