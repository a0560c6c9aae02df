import type Database from 'libsql'

/**
 * Has the database keep texts whole. Its driver writes a NUL and reads no further than to it, so that a name would come back
 * shorter than it went in, and be written back so: a NUL goes in as its picture, U+2400, in every text and comparison alike.
 */
export function keepTextsWhole(database: Database.Database): void {
  const prepare = database.prepare.bind(database)
  const whole = (sql: string) => {
    const statement = prepare(sql)
    for (const name of ['run', 'get', 'all', 'iterate'] as const) {
      const call = statement[name].bind(statement) as (...values: unknown[]) => never
      statement[name] = (...values: unknown[]) => call(...values.map(pictured))
    }
    return statement
  }
  Object.assign(database, { prepare: whole })
}

function pictured(value: unknown): unknown {
  return typeof value === 'string' ? asKept(value) : value
}

/** `text` as it comes back from the database. */
export function asKept(text: string): string {
  return text.includes('\0') ? text.replaceAll('\0', '\u2400') : text
}
