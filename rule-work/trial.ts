import { isDeepStrictEqual } from 'node:util'
import { Worker } from 'node:worker_threads'
import type { Bundle, Kept } from '../pipeline/bundle.ts'
import { fileKind, loadRules, type RuleSet } from '../detection/engine.ts'
import { entryOf, readYaml, textOf, type SigmaDocument } from '../detection/sigma/yaml.ts'
import type { RuleFile, RuleProblem } from '../detection/types.ts'

/**
 * What is to be announced instead of `candidate`: a rule, filter, pipeline or other setting of rules whose edit does not load
 * is kept as it was in `previous`, until its file loads again or is deleted; what is wrong stays among the problems, and so
 * does that the former version is in force. Because this is decided before it is written into the log, a replay does the same.
 * @param since when `previous` was announced, ISO 8601
 */
export async function keepLastGood(candidate: Bundle, previous: Bundle, since: string): Promise<Bundle> {
  const isUntouched = previous.kept === undefined && isDeepStrictEqual(candidate.rules, previous.rules)
  if (isUntouched) return candidate
  const first = await loadRules(candidate.rules)
  if (!first.problems.some(isError)) return candidate

  const settings = await keptSettings(candidate, previous, first.problems, since)
  const rules = candidate.rules.filter(({ path }) => !settings.some(({ kept }) => kept.path === path))
  const context = settings.map(({ kept }) => kept)
  const trial = settings.length === 0 ? first : await loadRules([...rules, ...context])
  const documents = await keptDocuments(rules, context, previous, trial, since)
  if (settings.length + documents.length === 0) return candidate
  return {
    ...candidate,
    rules,
    kept: [...context, ...documents.map(({ kept }) => kept)],
    problems: [...settings.flatMap(({ problems }) => problems), ...documents.map(({ problem }) => problem)],
  }
}

/** The same in a thread of its own: thousands of rules take seconds, and the main thread answers senders. */
export function keepLastGoodAside(...input: Parameters<typeof keepLastGood>): Promise<Bundle> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('trial-thread.js', import.meta.url), { workerData: input })
    worker.on('message', (bundle: Bundle) => resolve(bundle))
    worker.on('error', reject)
    worker.on('exit', () => reject(new Error('the trial of the rules ended without a result')))
  })
}

const isError = ({ severity }: RuleProblem): boolean => severity === 'error'

function stays(path: string, what: string, since: string, at: { line: number; column: number }): RuleProblem {
  const { line, column } = at
  const message = `${what} stays in force as announced ${since}, until this file loads again or is deleted`
  return { path, line, column, severity: 'warning', code: 'former_stays', message }
}

/** The version that was in force is known by the time from which it was kept, however often it is kept again. */
function keptSince(previous: Bundle, path: string, text: string, since: string): string {
  return previous.kept?.find((kept) => kept.path === path && kept.text === text)?.since ?? since
}

/** Pipelines, log sources and the list of disabled rules go by files: with half of one, rules would mean something else. */
async function keptSettings(candidate: Bundle, previous: Bundle, problems: readonly RuleProblem[], since: string) {
  const found: { kept: Kept; problems: RuleProblem[] }[] = []
  for (const { path, text } of candidate.rules) {
    const errors = problems.filter((problem) => problem.path === path && isError(problem))
    if (fileKind(path) === 'rules' || errors.length === 0) continue
    const former = [...(previous.kept ?? []), ...previous.rules].find((file) => file.path === path)
    if (former === undefined || former.text === text) continue
    const alone = await loadRules([{ path, text: former.text }])
    if (alone.problems.some(isError)) continue // it never loaded
    const kept = { path, text: former.text, since: keptSince(previous, path, former.text, since) }
    found.push({ kept, problems: [...errors, stays(path, 'the former version', kept.since, errors[0]!)] })
  }
  return found
}

interface Written {
  path: string
  document: SigmaDocument
  /** What tells a document in its next version; without an id, its title in its file. */
  key: string
  id: string | undefined
  from: { line: number; column: number }
  to: { line: number; column: number }
}

function documentsOf(files: readonly RuleFile[]): Written[] {
  return files
    .filter(({ path }) => fileKind(path) === 'rules')
    .flatMap(({ path, text }) => {
      const yaml = readYaml(text)
      return yaml.documents.map((document) => {
        const [from, , to] = document.root.range ?? [0, 0, text.length]
        const id = textOf(entryOf(document.root, 'id')?.value)
        const title = textOf(entryOf(document.root, 'title')?.value) ?? ''
        return { path, document, id, key: id ?? `${path} ${title}`, from: yaml.place(from), to: yaml.place(to) }
      })
    })
}

/**
 * Rules and filters go by documents. One is kept where it no longer loads: its file has an error and it is not among what
 * loaded, or it is found broken in another file. What cannot load either (a rule it refers to was deleted) is not kept.
 */
async function keptDocuments(
  rules: readonly RuleFile[],
  context: readonly Kept[],
  previous: Bundle,
  trial: RuleSet,
  since: string,
) {
  const errors = trial.problems.filter(isError)
  const current = documentsOf(rules)
  const errorIn = ({ path, from, to }: Written): RuleProblem | undefined =>
    errors.find((error) => error.path === path && !isBefore(error, from) && isBefore(error, to))
  const loaded = new Set(trial.rules.flatMap(({ id, path, title }) => [id, `${path} ${title}`]))
  const isFilter = ({ document }: Written): boolean => entryOf(document.root, 'filter') !== undefined
  const good = (one: Written): boolean => (isFilter(one) ? errorIn(one) === undefined : loaded.has(one.key))
  const standing = new Set(current.filter(good).map(({ key }) => key))
  const broken = new Map(current.filter((one) => !good(one)).map((one) => [one.key, one]))
  const hashes = new Set(current.map(({ document }) => document.hash))
  const isBrokenFile = new Set(errors.map(({ path }) => path))

  const wanted = new Map<string, { kept: Kept; problem: RuleProblem }>()
  for (const { path, document, id, key } of documentsOf([...(previous.kept ?? []), ...previous.rules])) {
    if (standing.has(key) || hashes.has(document.hash) || wanted.has(key)) continue
    const now = broken.get(key)
    if (now === undefined && !isBrokenFile.has(path)) continue
    const { text } = document
    const kept = { path, text, since: keptSince(previous, path, text, since) }
    const at = (now && errorIn(now)) ?? errors.find((error) => error.path === (now?.path ?? path)) ?? now?.from
    const title = textOf(entryOf(document.root, 'title')?.value) ?? key
    const what = `'${title}' (${document.hash.slice(0, 12)})`
    const problem = stays(now?.path ?? path, what, kept.since, at ?? { line: 1, column: 1 })
    wanted.set(key, { kept, problem: { ...problem, ...(id !== undefined && { rule: id }) } })
  }
  // A detection stands by itself; only a correlation needs the rules that it refers to, which may be any.
  const refers = [...wanted.values()].some(({ kept }) => /^ *["']?correlation/m.test(kept.text))
  const beside = refers ? rules : rules.filter(({ path }) => fileKind(path) !== 'rules')
  for (;;) {
    const list = [...wanted]
    if (list.length === 0) return []
    const apart = list.map(([, { kept }], i) => ({ path: `kept-${i}/${kept.path}`, text: kept.text }))
    const { problems } = await loadRules([...beside, ...context, ...apart])
    const fails = new Set(problems.filter(isError).map(({ path }) => path))
    const unfit = list.filter((_, i) => fails.has(apart[i]!.path))
    if (unfit.length === 0) return list.map(([, found]) => found)
    for (const [key] of unfit) wanted.delete(key)
  }
}

function isBefore(a: { line: number; column: number }, b: { line: number; column: number }): boolean {
  return a.line < b.line || (a.line === b.line && a.column < b.column)
}
