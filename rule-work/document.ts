import { relative, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { fileKind, loadRules, type RuleSet } from '../detection/engine.ts'
import type { RuleFile, RuleProblem } from '../detection/types.ts'
import { readRulesFolder } from '../rule-life/folder.ts'
import { testProblem } from './tests.ts'

/** A document that is larger is not looked into. */
export const UNITS_MAX = 1 << 20

/** Where a document of the editor stands: below the rules folder by its path there, or else by its own. */
export function pathOf(rulesFolder: string, uri: string): string {
  let path: string
  try {
    path = fileURLToPath(uri)
  } catch {
    return 'untitled.yml' // no file (yet)
  }
  const below = relative(resolve(rulesFolder), path)
  return below === '' || below.startsWith('..') || resolve(below) === below ? path : below.split(sep).join('/')
}

/** What the document is: its problems are those that `soc rules check` has, and its rules as they run. */
export interface Checked {
  problems: RuleProblem[]
  ruleSet?: RuleSet
}

/**
 * Loads the text as the file at `path`, with what decides what it means: pipelines, log sources, filters, switches, files that
 * share an id with it; and every rule, where it refers to others.
 */
export async function checkDocument(rulesFolder: string, path: string, text: string): Promise<Checked> {
  if (text.length > UNITS_MAX) {
    const place = { path, line: 1, column: 1 }
    return { problems: [{ ...place, severity: 'warning', code: 'too_large', message: 'too large to be looked into' }] }
  }
  if (/\.test\.ya?ml$/.test(path)) return { problems: testProblem(path, text) ?? [] }
  const own = { path, text }
  const ruleSet = await loadRules([...contextOf(readRulesFolder(rulesFolder), own), own])
  return { problems: ruleSet.problems.filter((problem) => problem.path === path), ruleSet }
}

/** What of the rules folder decides what a document means, beside itself. */
export function contextOf(files: readonly RuleFile[], { path, text }: RuleFile): RuleFile[] {
  const others = files.filter((file) => file.path !== path)
  const refers = /^ *["']?(?:correlation|filter)["']?\s*:/m.test(text) || fileKind(path) !== 'rules'
  if (refers) return others
  const ids = [...text.matchAll(/^id:\s*["']?([^\s"'#]+)/gm)].flatMap(([, id]) => id ?? [])
  return others.filter(
    (file) =>
      fileKind(file.path) !== 'rules' ||
      /^ *["']?filter["']?\s*:/m.test(file.text) ||
      ids.some((id) => file.text.includes(id)),
  )
}
