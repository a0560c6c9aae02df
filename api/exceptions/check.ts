import { fileKind, loadRules } from '../../detection/engine.ts'
import { covers } from '../../detection/sigma/logsource.ts'
import { readLogSource } from '../../detection/sigma/rule.ts'
import { entriesOf, entryOf, readYaml, textOf, textsOf, type SigmaDocument } from '../../detection/sigma/yaml.ts'
import type { LoadedRule, RuleFile } from '../../detection/types.ts'
import { Problem, type ProblemPart } from '../problem.ts'

const DOCUMENTS_MAX = 20
const PATH = 'exception.yml'

/** What a text of Sigma filters comes to. */
export interface CheckedFilter {
  title: string
  /** Ids of the rules it names. */
  rules: 'any' | string[]
}

/**
 * Reads the filters of an exception as the engine would, and holds what they name against the rules in force.
 * @param files what rules are loaded from, for the pipelines' tables
 * @throws {Problem} `bad_exception`, each fault with its line and column in the text
 */
export async function checkFilter(
  text: string,
  files: readonly RuleFile[],
  rules: readonly LoadedRule[],
): Promise<CheckedFilter> {
  const settings = files.filter(({ path }) => ['pipeline', 'logsources'].includes(fileKind(path)))
  const { problems } = await loadRules([...settings, { path: PATH, text, exception: { id: PATH, agencies: 'all' } }])
  const faults = problems.filter(({ path, severity }) => path === PATH && severity === 'error')
  if (faults.length > 0) throw bad(faults.map(({ code, message, line, column }) => ({ code, message, line, column })))
  const { documents, place } = readYaml(text)
  if (documents.length === 0) throw new Problem('bad_exception', 'there is no filter in the text')
  if (documents.length > DOCUMENTS_MAX) throw new Problem('bad_exception', `at most ${DOCUMENTS_MAX} filters`)
  const named = documents.map((document) => {
    const { root } = document
    if (entryOf(root, 'filter') === undefined) {
      throw bad([{ code: 'no_filter', message: 'this document is no filter', ...place(root.range?.[0] ?? 0) }])
    }
    const faultOf = idleness(document, rules)
    if (faultOf.message !== '') throw bad([{ code: 'idle_filter', message: faultOf.message, ...place(faultOf.at) }])
    return faultOf.rules
  })
  const ids = named.flatMap((each) => each ?? [])
  return {
    title: textOf(entryOf(documents[0]!.root, 'title')?.value) ?? '',
    rules: named.includes(undefined) ? 'any' : [...new Set(ids)],
  }
}

/** The rules that a filter names, undefined for any; and why it would do nothing, where it would. */
function idleness(
  { root }: SigmaDocument,
  rules: readonly LoadedRule[],
): { rules: string[] | undefined; message: string; at: number } {
  const body = entryOf(root, 'filter')!
  const list = entriesOf(body.value, 'filter', body.at).find(({ key }) => key === 'rules')!
  const named = textsOf(list.value)
  const source = readLogSource(root)
  const own = rules.filter(({ kind, logsource }) => kind === 'detection' && covers(source, logsource ?? {}))
  if (named.length === 0 || (named.length === 1 && named[0]!.toLowerCase() === 'any')) {
    return { rules: undefined, message: own.length > 0 ? '' : 'no rule in force has this log source', at: list.at }
  }
  for (const id of named) {
    if (own.some((rule) => rule.id === id)) continue
    const other = rules.find((rule) => rule.id === id)
    const message =
      other === undefined
        ? `no rule in force has the id '${id}'`
        : other.kind === 'correlation'
          ? `'${other.title}' counts what other rules match: name those`
          : `'${other.title}' has another log source`
    return { rules: named, message, at: list.at }
  }
  return { rules: named, message: '', at: list.at }
}

function bad(faults: readonly { code: string; message: string; line: number; column: number }[]): Problem {
  const errors = faults.slice(0, 20).map(({ code, message, line, column }): ProblemPart => {
    return { pointer: '/filter', code, message, params: { line, column } }
  })
  const { line, column, message } = faults[0]!
  return new Problem('bad_exception', `${line}:${column}: ${message}`, { errors })
}
