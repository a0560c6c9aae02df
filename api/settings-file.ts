import Type, { type Static, type TSchema } from 'typebox'
import { Value } from 'typebox/value'

const UNITS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

export const Duration = Type.String({ pattern: '^[1-9][0-9]{0,5}[smhd]$', description: 'a number with s, m, h or d' })

/** Milliseconds of a number with s, m, h or d. */
export function durationMs(duration: string): number {
  return Number(duration.slice(0, -1)) * UNITS[duration.at(-1) as keyof typeof UNITS]
}

/** `value`, which fits `schema`. @throws with the first place where it does not */
export function checked<T extends TSchema>(schema: T, value: unknown, path: string): Static<T> {
  const [error] = Value.Errors(schema, value)
  if (error === undefined) return value as Static<T>
  const names = error.params as { additionalProperties?: string[] }
  throw new Error(
    `${path}: ${error.instancePath || '/'} ${error.message} ${names.additionalProperties?.join(', ') ?? ''}`,
  )
}
