import type { Level } from '../../model/alert.ts'
import type { Indicator, IndicatorKind, Tlp } from './indicator.ts'

/** An indicator as a file writes it, with where it stands there; or why what stands there is none. */
export type Written =
  | (Partial<Omit<Indicator, 'kind' | 'value' | 'level' | 'tlp'>> & {
      at: string
      value: string
      kind?: IndicatorKind
      level?: Level
      tlp?: Tlp
    })
  | { at: string; refused: string }

/** One way in which feeds are written; a file of `formats/` is one, under its name. */
export interface IndicatorFormat {
  /** Whether the beginning of a file is of this format; the one that takes everything else is asked last. */
  claims: (head: string) => boolean
  last?: true
  /** @throws {FormatError} where the file is not what it claims to be */
  read: (text: string) => Iterable<Written>
}

export class FormatError extends Error {
  override readonly name = 'FormatError'
}

export function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new FormatError(error instanceof Error ? error.message.slice(0, 200) : 'no JSON')
  }
}

/** A text that is not empty. */
export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value : undefined
}

/** What is written as 0 to 100. */
export function confidenceOf(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^\d{1,3}$/.test(value) ? Number(value) : value
  return typeof number === 'number' && number >= 0 && number <= 100 ? Math.round(number) : undefined
}

/** `TLP:AMBER`, `tlp:white`, `amber+strict`. */
export function tlpOf(value: unknown): Tlp | undefined {
  const name = textOf(value)?.toLowerCase().replace(/^tlp:/, '').trim()
  if (name === 'white') return 'clear'
  return (['clear', 'green', 'amber', 'amber+strict', 'red'] as const).find((each) => each === name)
}

/** Given, and not nothing. */
export function given<T extends object>(fields: { [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T
}
