import { loadFolder } from '../model/load-folder.ts'
import type { UserParser } from './user-parser.ts'
import type { HeaderParser, JsonParser, Parser, TextParser } from './parser.ts'

/** The parsers of `parsers/`, each layer in order of precedence. */
export interface Parsers {
  headers: readonly HeaderParser[]
  /** Headers that may stand inside another one. */
  embedded: readonly HeaderParser[]
  /** Headers that may stand inside an envelope. */
  enclosed: readonly HeaderParser[]
  json: readonly JsonParser[]
  /** Those asked about a program's lines: its own and those that ask for no program. */
  textFor(program: string): readonly TextParser[]
}

/**
 * Ours, with the place's own before them. `only` leaves one parser of content besides the headers.
 * @throws Error where two parsers of a layer have the same precedence, and where none is called `only`.
 */
export async function loadParsers(own: readonly UserParser[] = [], only?: string): Promise<Parsers> {
  const ours = await loadFolder<Parser>(new URL('./parsers/', import.meta.url))
  const modules = new Map<string, Parser>(own.map((parser) => [`own/${parser.name}`, parser]))
  for (const [name, parser] of ours) modules.set(name, parser)
  if (only === undefined) return arrange(modules)
  const chosen = [...modules].filter(
    ([name, { layer }]) => layer === 'header' || name === only || name === `own/${only}`,
  )
  if (!chosen.some(([, { layer }]) => layer !== 'header')) throw new Error(`there is no parser '${only}'`)
  return arrange(new Map(chosen))
}

/** The same for any set of parsers, by name. */
export function arrange(modules: ReadonlyMap<string, Parser>): Parsers {
  const headers: HeaderParser[] = []
  const texts: TextParser[] = []
  const json: JsonParser[] = []
  const taken = new Map<string, string>()
  for (const [name, parser] of [...modules].sort(([, a], [, b]) => a.precedence - b.precedence)) {
    const place = `${parser.layer} ${parser.precedence}`
    const other = taken.get(place)
    if (other !== undefined) throw new Error(`parsers ${other} and ${name} share precedence ${parser.precedence}`)
    taken.set(place, name)
    if (parser.layer === 'header') headers.push(parser)
    else if (parser.layer === 'text') texts.push(parser)
    else json.push(parser)
  }
  const open = texts.filter((parser) => parser.programs === undefined)
  const byProgram = new Map<string, TextParser[]>()
  for (const program of new Set(texts.flatMap((parser) => parser.programs ?? []))) {
    byProgram.set(
      program,
      texts.filter((parser) => parser.programs === undefined || parser.programs.includes(program)),
    )
  }
  return {
    headers,
    embedded: headers.filter((parser) => parser.embeds === true),
    enclosed: headers.filter((parser) => parser.envelope === undefined),
    json,
    textFor: (program) => byProgram.get(program) ?? open,
  }
}
