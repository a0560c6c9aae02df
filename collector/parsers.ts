import { loadFolder } from '../model/load-folder.ts'
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

/** @throws Error where two parsers of a layer have the same precedence. */
export async function loadParsers(): Promise<Parsers> {
  return arrange(await loadFolder<Parser>(new URL('./parsers/', import.meta.url)))
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
