import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { isSeq, parseDocument } from 'yaml'
import { parseRegistry } from '../model/registry.ts'

/** What a source is known by, and whose it is. */
export interface SourceEntry {
  match: { address?: string; stream?: string }
  agency: string
  system?: string
  /** First day that counts, `YYYY-MM-DD`: an agency sends nothing before it began. */
  from: string
}

/** The entry as a line of the registry's `sources`. */
export function entryLine({ match, agency, system, from }: SourceEntry): string {
  const conditions = Object.entries(match).map(([name, value]) => `${name}: ${plain(value)}`)
  const whose = [`agency: ${agency}`, ...(system === undefined ? [] : [`system: ${system}`]), `from: ${from}`]
  return `- { match: { ${conditions.join(', ')} }, ${whose.join(', ')} }`
}

/** YAML takes an IPv6 address for a map, and a bare number for no text. */
function plain(value: string): string {
  return /^[A-Za-z][A-Za-z0-9._-]*$|^\d+\.\d+\.\d+\.\d+(\/\d+)?$/.test(value) ? value : JSON.stringify(value)
}

/**
 * Puts the entry before the first of `sources`; all else in the file stays as people wrote it, comments too.
 * @throws if the list is not one entry a line, or the registry would not load with it; the file is then as it was
 */
export function addSourceEntry(path: string, entry: SourceEntry): void {
  const text = readFileSync(path, 'utf8')
  const sources = parseDocument(text).get('sources', true)
  const first = isSeq(sources) && sources.flow !== true ? sources.range?.[0] : undefined
  if (first === undefined) throw new Error(`${path}: sources is not a list of one entry a line: add the line by hand`)
  const indent = ' '.repeat(first - (text.lastIndexOf('\n', first - 1) + 1))
  const changed = `${text.slice(0, first)}${entryLine(entry)}\n${indent}${text.slice(first)}`
  parseRegistry(changed, path)
  writeFileSync(`${path}.tmp`, changed)
  renameSync(`${path}.tmp`, path)
}
