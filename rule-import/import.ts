import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { loadRules } from '../detection/engine.ts'
import { entryOf, readYaml, textOf } from '../detection/sigma/yaml.ts'
import type { RuleProblem } from '../detection/types.ts'
import { readRulesFolder } from '../rule-life/folder.ts'
import { readPack, replacePack, withPackLocked, type Pack } from './pack.ts'
import { BESIDE, planImport, withdrawMerge, type FileOutcome, type Plan } from './plan.ts'
import { readRelease, type Refusal, type Release } from './release.ts'

export interface ImportReport {
  pack: string
  release: string
  dryRun: boolean
  outcomes: FileOutcome[]
  refused: Refusal[]
  /** Versions of releases that still wait to be merged by hand, by path below the pack. */
  unresolved: string[]
  /** Rules of the whole folder that do not load after it; paths below the rules folder. */
  problems: RuleProblem[]
  /** Rules that load after it, of the pack. */
  loaded: number
}

const NOTICE_FILE = 'NOTICE'
const NOTICE = `The rules in this folder were written by the authors that each of them names, for the Sigma project
(https://github.com/SigmaHQ/sigma). Unless a rule says otherwise they are under the Detection Rule License (DRL) 1.1:
https://github.com/SigmaHQ/Detection-Rule-License

Whoever passes the rules on, changed or not, keeps the authors' names and this notice with them. Alerts show the author of
the rule that raised them.
`

/**
 * Takes a release into its own folder below the rules folder. What was changed here since the last import stays.
 * @param pack name of that folder
 * @throws {ImportError} nothing was changed
 */
export async function importRelease(options: {
  rulesFolder: string
  pack: string
  path: string
  dryRun: boolean
}): Promise<ImportReport> {
  const { rulesFolder, pack: name, path, dryRun } = options
  const release = readRelease(path)
  const run = async (): Promise<ImportReport> => {
    const pack = readPack(rulesFolder, name)
    const { plan, problems, loaded } = await planAndTry(rulesFolder, name, pack, release)
    const notices = noticesOf(release, name)
    const left = [...pack.entries.keys()].filter((entry) => entry.endsWith(BESIDE))
    if (!dryRun) await replacePack(rulesFolder, name, pack, changesOf(plan, pack, release, notices))
    return {
      pack: name,
      release: release.name,
      dryRun,
      outcomes: plan.outcomes,
      refused: [...release.refused, ...plan.refused],
      unresolved: [...new Set([...left, ...plan.beside.keys()])].sort(),
      problems,
      loaded,
    }
  }
  return dryRun ? run() : withPackLocked(rulesFolder, name, run)
}

async function planAndTry(rulesFolder: string, name: string, pack: Pack, release: Release) {
  const isOfPack = (path: string): boolean => path.startsWith(`${name}/`)
  const others = readRulesFolder(rulesFolder).filter(({ path }) => !isOfPack(path))
  const ours = new Map(
    [...pack.entries]
      .filter(([path, { isLink }]) => !isLink && isLoaded(path))
      .map(([path]) => [path, readFileSync(join(rulesFolder, name, path), 'utf8')]),
  )
  const plan = planImport({ base: pack.base, ours, theirs: release.rules, idsElsewhere: idsOf(others) })
  const files = [...plan.files].map(([path, text]) => ({ path: `${name}/${path}`, text }))
  const { rules, problems } = await loadRules([...others, ...files])
  const errors = problems.filter(({ severity }) => severity === 'error')
  const failing = new Set(errors.map((problem) => problem.path))
  const withdrawn = [...plan.merges.keys()].filter((path) => failing.has(`${name}/${path}`))
  for (const path of withdrawn) withdrawMerge(plan, path)
  const left = errors.filter(({ path }) => !withdrawn.some((one) => path === `${name}/${one}`))
  return { plan, problems: left, loaded: rules.filter(({ path }) => isOfPack(path)).length }
}

function isLoaded(path: string): boolean {
  return /\.ya?ml$/.test(path) && !path.split('/').some((part) => part.startsWith('.'))
}

function idsOf(files: readonly { path: string; text: string }[]): Map<string, string> {
  return new Map(
    files.flatMap(({ path, text }) =>
      readYaml(text).documents.flatMap(({ root }): [string, string][] => {
        const id = textOf(entryOf(root, 'id')?.value)
        return id === undefined ? [] : [[id, path]]
      }),
    ),
  )
}

/** A release of SigmaHQ that brings no licence text gets the notice that its licence asks for. */
function noticesOf(release: Release, name: string): Map<string, string> {
  const isSaid = [...release.notices.keys()].some((path) => /^(?:licen|notice|copying)/i.test(path))
  return new Map([...release.notices, ...(!isSaid && name === 'sigmahq' ? [[NOTICE_FILE, NOTICE] as const] : [])])
}

/** What `replacePack` has to write: a file that stays what it is comes along by itself. */
function changesOf(plan: Plan, pack: Pack, release: Release, notices: ReadonlyMap<string, string>) {
  const isWritten = ({ path, outcome, from }: FileOutcome): boolean =>
    plan.files.has(path) && (from !== undefined || !['unchanged', 'kept', 'conflict'].includes(outcome))
  const texts = plan.outcomes.filter(isWritten).map(({ path }) => [path, plan.files.get(path)!] as const)
  const gone = new Set([...pack.entries.keys()].filter((path) => isLoaded(path) && !plan.files.has(path)))
  const refused = new Set(plan.refused.map(({ path }) => path))
  const base = new Map([...release.rules].filter(([path]) => !refused.has(path)))
  return { texts: new Map([...texts, ...plan.beside, ...notices]), gone, base }
}
