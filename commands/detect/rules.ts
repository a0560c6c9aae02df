import { existsSync, readFileSync, statSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { fileKind, loadRules, type RuleSet } from '../../detection/engine.ts'
import { inSigmaNames, SIGMA_NAMES } from '../../detection/sigma-names.ts'
import type { RuleFile, RuleProblem } from '../../detection/types.ts'
import { findYaml } from '../../rule-life/folder.ts'

/** What was asked for cannot be done; the message is for the person at the terminal. */
export class UsageError extends Error {}

export interface Wanted {
  /** Files and folders. */
  paths: readonly string[]
  /** Pipelines by name or file; `none` is the rules' own names; undefined: all that are shipped. */
  pipelines: readonly string[] | undefined
  names: 'ecs' | 'sigma'
  rulesFolder: string
}

/**
 * Loads the rules of the paths with the pipelines that were asked for and the log sources that fit the events' names. Site
 * values (`pipelines/placeholders.yml`) always apply: they are no mapping. What else a rules folder holds (pipelines, tests,
 * the list of what is switched off) is passed over.
 * @throws {UsageError} no such path or pipeline; no rule in them
 */
export async function loadWanted({ paths, pipelines, names, rulesFolder }: Wanted): Promise<RuleSet> {
  /** Path inside the set → as the person at the terminal knows it. */
  const shown = new Map<string, string>()
  const read = (path: string, file: string): RuleFile => {
    shown.set(path, file)
    return { path, text: readFileSync(file, 'utf8') }
  }
  const rules = ruleFiles(paths).map(({ path, file }) => read(path, file))
  if (rules.length === 0) throw new UsageError(`no rule in ${paths.join(', ')}`)
  const tables = pipelineFiles(pipelines, rulesFolder).map((file, i) =>
    read(`pipelines/${i}-${basename(file)}.yml`, file),
  )
  const ruleSet = await loadRules([
    ...rules,
    ...tables,
    ...(names === 'sigma' && pipelines?.includes('none') === true ? [SIGMA_NAMES] : []),
    read('logsources.yml', join(rulesFolder, 'logsources.yml')),
  ])
  const problems = ruleSet.problems.map((problem): RuleProblem => ({
    ...problem,
    path: shown.get(problem.path) ?? problem.path,
  }))
  return { ...(names === 'sigma' ? inSigmaNames(ruleSet) : ruleSet), problems }
}

/** Each file once, in the order of paths. */
function ruleFiles(paths: readonly string[]): { path: string; file: string }[] {
  const found = new Map<string, string>()
  paths.forEach((path, i) => {
    if (!existsSync(path)) throw new UsageError(`${path} is not there`)
    const isFolder = statSync(path).isDirectory()
    for (const name of isFolder ? findYaml(path) : [basename(path)]) {
      const file = isFolder ? join(path, name) : path
      if (fileKind(name) === 'rules' && !name.includes('.test.') && !found.has(resolve(file))) {
        found.set(
          resolve(file),
          `${String(i).padStart(4, '0')}/${isFolder || /\.ya?ml$/.test(name) ? name : `${name}.yml`}`,
        )
      }
    }
  })
  return [...found].map(([file, path]) => ({ path, file }))
}

/** Whether one of them is a shipped one by its name: those are about events as the collector makes them. */
export function namesShipped(wanted: readonly string[], rulesFolder: string): boolean {
  const shipped = shippedPipelines(rulesFolder)
  return wanted.some((name) => name !== 'none' && shipped.has(name))
}

/** File by name. */
function shippedPipelines(rulesFolder: string): Map<string, string> {
  const folder = join(rulesFolder, 'pipelines')
  const files = existsSync(folder) ? findYaml(folder) : []
  return new Map(files.map((file) => [file.replace(/\.ya?ml$/, ''), join(folder, file)]))
}

function pipelineFiles(wanted: readonly string[] | undefined, rulesFolder: string): string[] {
  const shipped = shippedPipelines(rulesFolder)
  if (wanted === undefined) return [...shipped.values()]
  const own = wanted
    .filter((name) => name !== 'none')
    .map((name) => {
      const known = shipped.get(name) ?? (existsSync(name) && statSync(name).isFile() ? name : undefined)
      if (known !== undefined) return known
      throw new UsageError(`no pipeline '${name}': one of ${[...shipped.keys()].join(', ')}, a file, or none`)
    })
  const values = shipped.get('placeholders')
  return [...new Set([...(values === undefined ? [] : [values]), ...own])]
}
