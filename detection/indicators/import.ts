import type { Level } from '../../model/alert.ts'
import { loadFolder } from '../../model/load-folder.ts'
import { FormatError, type IndicatorFormat, type Written } from './format.ts'
import { type Indicator, type Tlp, lineOf } from './indicator.ts'
import { normalIndicator } from './normal.ts'

const HEAD_CHARS = 64 * 1024
const EXAMPLES_MAX = 5
/** More would not fit into the memory that one set may take. */
export const INDICATORS_MAX = 5_000_000
const DAY_MS = 86_400_000

export interface ImportOptions {
  /** A name of `formats/`; absent: what the file looks like. */
  format?: string
  /** Of those whose file says nothing of it. */
  level: Level
  confidence?: number
  tlp?: Tlp
  /** How long those count whose file says nothing of it. */
  validDays?: number
  /** Epoch milliseconds, from which days are counted. */
  nowMs: number
}

export interface Imported {
  format: string
  /** Lines of the feed's file, sorted, each kind and value once. */
  lines: string[]
  /** Why something was not taken, how often, and where first. */
  refused: Record<string, { count: number; examples: string[] }>
}

/** @throws {FormatError} also where nothing can be used: an error page, or a file that broke off, must not take a feed's place */
export async function readImport(text: string, options: ImportOptions): Promise<Imported> {
  const formats = await loadFolder<IndicatorFormat>(new URL('formats/', import.meta.url))
  const [format, { read }] = chosen(formats, text, options.format)
  const found = new Map<string, string>()
  const refused: Imported['refused'] = {}
  const refuse = (code: string, at: string): void => {
    const known = (refused[code] ??= { count: 0, examples: [] })
    known.count++
    if (known.examples.length < EXAMPLES_MAX) known.examples.push(at)
  }
  for (const written of read(text)) {
    const taken = 'refused' in written ? written.refused : indicatorOf(written, options)
    if (typeof taken === 'string') refuse(taken, written.at)
    else found.set(`${taken.kind}\t${taken.value}`, lineOf(taken)) // what comes later is newer
    if (found.size > INDICATORS_MAX) throw new FormatError(`more than ${INDICATORS_MAX} indicators`)
  }
  if (found.size === 0) throw new FormatError(`nothing in it can be used: ${summed(refused)}`)
  return { format, lines: [...found.values()].sort(), refused }
}

function summed(refused: Imported['refused']): string {
  const said = Object.entries(refused).map(([code, { count, examples }]) => `${code} ${count} (${examples.join(', ')})`)
  return said.join('; ') || 'it is empty'
}

function chosen(
  formats: ReadonlyMap<string, IndicatorFormat>,
  text: string,
  name: string | undefined,
): [string, IndicatorFormat] {
  const head = text.slice(0, HEAD_CHARS)
  const asked = [...formats].sort(([, a], [, b]) => Number(a.last ?? false) - Number(b.last ?? false))
  const found = asked.find(([key, format]) => (name === undefined ? format.claims(head) : key === name))
  if (found === undefined) throw new FormatError(`there is no format '${name}': ${[...formats.keys()].join(', ')}`)
  return found
}

/** The indicator, or the code of what is wrong with it. */
function indicatorOf(written: Exclude<Written, { refused: string }>, options: ImportOptions): Indicator | string {
  const named = normalIndicator(written.value, written.kind)
  if (typeof named === 'string') return named
  const { confidence = options.confidence, tlp = options.tlp, name } = written
  const validFrom = written.validFrom === undefined ? undefined : timeOf(written.validFrom)
  const until = written.validUntil === undefined ? lapse(options) : timeOf(written.validUntil)
  if (validFrom === null || until === null) return 'bad_time'
  if (validFrom !== undefined && until !== undefined && until <= validFrom) return 'bad_time'
  return {
    ...named,
    level: written.level ?? options.level,
    ...(confidence !== undefined && { confidence }),
    ...(tlp !== undefined && { tlp }),
    ...(validFrom !== undefined && { validFrom }),
    ...(until !== undefined && { validUntil: until }),
    ...(name !== undefined && { name }),
  }
}

function lapse({ validDays, nowMs }: ImportOptions): string | undefined {
  return validDays === undefined ? undefined : new Date(nowMs + validDays * DAY_MS).toISOString()
}

/** A time as feeds write it, what names no zone in UTC; null where it is none. */
function timeOf(text: string): string | null {
  const written = text.trim().replace(/^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(?: ?UTC)?$/, '$1T$2Z')
  if (!/^\d{4}-\d\d-\d\d(T.*)?$/.test(written)) return null
  const ms = Date.parse(written)
  return Number.isNaN(ms) || ms < 0 ? null : new Date(ms).toISOString()
}
