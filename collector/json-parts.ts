import type { JsonObject, JsonValue } from './json-record.ts'

// Looks into a record of which only the outside is known to be an object.

export function part(value: JsonValue | undefined): JsonObject | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined
}

export const text = (value: JsonValue | undefined): string | undefined =>
  typeof value === 'string' ? value : undefined

/** A text that says something. */
export const filled = (value: JsonValue | undefined): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined

/** Text of a scalar; numbers and booleans as JSON writes them. */
export function word(value: JsonValue | undefined): string | undefined {
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : text(value)
}

/** The objects of an array, the first 64. */
export function parts(value: JsonValue | undefined): JsonObject[] {
  if (!Array.isArray(value)) return []
  return value
    .slice(0, 64)
    .map(part)
    .filter((item) => item !== undefined)
}
