import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { loadRules, type RuleSet } from '../detection/engine.ts'
import { inSigmaNames, SIGMA_NAMES } from '../detection/sigma-names.ts'
import type { RuleFile } from '../detection/types.ts'
import type { EcsEvent } from '../model/event.ts'
import { ROOT } from '../model/root.ts'

/** The optional corpus: SigmaHQ's rules and real Windows events, beside the repository or where VONGGAC_SHARED points. */
export const DATA = join(process.env['VONGGAC_SHARED'] ?? join(ROOT, '../shared'), 'data')

export const hasCorpus = existsSync(join(DATA, 'sigmahq'))

function filesBelow(folder: string, base = folder): RuleFile[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return filesBelow(path, base)
    return entry.name.endsWith('.yml') ? [{ path: relative(base, path), text: readFileSync(path, 'utf8') }] : []
  })
}

export function sigmaHqRules(): RuleFile[] {
  return filesBelow(join(DATA, 'sigmahq')).map(({ path, text }) => ({ path: `sigmahq/${path}`, text }))
}

/** A shipped file of `rules/`. */
export function shipped(path: string): RuleFile {
  return { path, text: readFileSync(join(ROOT, 'rules', path), 'utf8') }
}

/** Rules for the corpus' events, which are flat, in Sigma's own names. */
export async function loadFlat(rules: readonly RuleFile[]): Promise<RuleSet> {
  const tables = [shipped('pipelines/placeholders.yml'), SIGMA_NAMES, shipped('logsources.yml')]
  return inSigmaNames(await loadRules([...rules, ...tables]))
}

export function flatEvent(line: string): EcsEvent {
  return JSON.parse(line) as EcsEvent
}

/** 100,669 distinct real events of Windows and Sysmon, one JSON object a line. */
export function windowsEvents(): string[] {
  const file = join(DATA, 'windows-events/events-windows-100k.ndjson.gz')
  return gunzipSync(readFileSync(file)).toString('utf8').trimEnd().split('\n')
}
