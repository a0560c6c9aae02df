import type { LoadedRule, RuleFile, RuleProblem } from './types.ts'
import { loadFolder } from '../model/load-folder.ts'
import { resolveCorrelations, type Correlation } from './correlation/resolve.ts'
import { DISABLED_PATH, readDisabled, silenceOf, type SwitchedOff } from './disabled.ts'
import { correlationDormancy, dormancyOf, type Dormancy } from './dormant.ts'
import { breather } from './breather.ts'
import { RuleError } from './errors.ts'
import type { Modifier } from './modifier.ts'
import { LIFE_PATH, readLife, type RuleLife } from './life.ts'
import { lint, loadChecks } from './lint.ts'
import { compileNetwork, type Network } from './network/compile.ts'
import { readCorrelation, type CorrelationRule } from './sigma/correlation.ts'
import { applyFilters, idleIn, readFilter, type Filter } from './sigma/filter.ts'
import { readLogSources, type LogSourceRow } from './sigma/logsource.ts'
import { applyPipelines, covers, placeholdersOf, readPipeline, type MappedRule } from './sigma/pipeline.ts'
import { readRule, type DetectionRule, type RuleContext } from './sigma/rule.ts'
import { entryOf, offsetOf, readYaml, textOf, type SigmaDocument, type YamlFile } from './sigma/yaml.ts'

/** Rules that loaded, what was wrong with the others, and the network compiled from them. */
export interface RuleSet {
  /** Every rule that loaded, in the order of files and documents. */
  rules: LoadedRule[]
  problems: RuleProblem[]
  network: Network
  correlations: readonly Correlation[]
  logSources: readonly LogSourceRow[]
  /** Ids of rules that must run on every event of their log source, because nothing positive need hold. */
  unwitnessed: string[]
}

interface Source {
  file: RuleFile
  yaml: YamlFile
}

let modifierFolder: Promise<Map<string, Modifier>> | undefined

/** The registry of modifiers; read once, as it is part of the program. */
export function loadModifiers(): Promise<Map<string, Modifier>> {
  return (modifierFolder ??= loadFolder<Modifier>(new URL('./modifiers/', import.meta.url)))
}

type FileKind = 'disabled' | 'life' | 'pipeline' | 'logsources' | 'rules'

/** What a file holds, by its path below the rules folder. */
export function fileKind(path: string): FileKind {
  if (path === DISABLED_PATH) return 'disabled'
  if (path === LIFE_PATH) return 'life'
  if (/(?:^|\/)pipelines\//.test(path)) return 'pipeline'
  return /(?:^|\/)logsources\.ya?ml$/.test(path) ? 'logsources' : 'rules'
}

/** Whether a file is one of the rules folder's own, and not the tests beside a rule. */
export function isRead({ path }: RuleFile): boolean {
  return /\.ya?ml$/.test(path) && !/\.test\.ya?ml$/.test(path)
}

/**
 * Loads rules, Sigma filters, processing pipelines (`pipelines/*.yml`) and `logsources.yml`; files named `*.test.yml` and
 * those that are no YAML are skipped. One bad rule keeps only itself out: it is in `problems`, with its place.
 * @param yamlOf reads a file's text
 */
export async function loadRules(files: readonly RuleFile[], yamlOf = readYaml): Promise<RuleSet> {
  const [modifiers, checks] = await Promise.all([loadModifiers(), loadChecks()])
  const breathe = breather()
  const problems: RuleProblem[] = []
  const sources: Source[] = []
  const byPath = files.filter(isRead).toSorted((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0))
  for (const file of byPath) {
    await breathe()
    sources.push({ file, yaml: yamlOf(file.text) })
  }

  const report = (
    source: Source,
    severity: RuleProblem['severity'],
    code: string,
    message: string,
    at: number,
    rule?: string,
  ): void => {
    const { line, column } = source.yaml.place(at)
    problems.push({
      path: source.file.path,
      line,
      column,
      severity,
      code,
      message,
      ...(rule !== undefined && { rule }),
    })
  }
  /** What `read` makes of each document of the sources; a document it refuses is reported. */
  async function readEach<T>(
    from: readonly Source[],
    read: (document: SigmaDocument, source: Source) => T | undefined,
  ): Promise<T[]> {
    const results: T[] = []
    for (const source of from) {
      await breathe()
      for (const document of source.yaml.documents) {
        const result = attempt(source, document, () => read(document, source))
        if (result !== undefined) results.push(result)
      }
    }
    return results
  }
  function attempt<T>(source: Source, { root, hash }: SigmaDocument, run: () => T): T | undefined {
    try {
      return run()
    } catch (error) {
      if (!(error instanceof RuleError)) throw error
      const rule = fileKind(source.file.path) === 'rules' ? idOf(root, hash) : undefined
      report(source, 'error', error.code, error.message, error.at ?? offsetOf(root), rule)
      return undefined
    }
  }

  for (const source of sources) {
    for (const { code, message, at } of source.yaml.problems) report(source, 'error', code, message, at ?? 0)
  }
  const of = (kind: FileKind): Source[] => sources.filter(({ file }) => fileKind(file.path) === kind)

  const pipelines = await readEach(of('pipeline'), (document, source) => {
    const pipeline = readPipeline(document)
    for (const { code, message, at } of pipeline.warnings) report(source, 'warning', code, message, at)
    return pipeline
  })
  pipelines.sort((a, b) => a.priority - b.priority)
  const logSources = (await readEach(of('logsources'), readLogSources)).flat()
  const context: RuleContext = { modifiers, placeholder: placeholdersOf(pipelines) }

  const documents = of('rules')
  const filterSources = new Map<Filter, Source>()
  const filters: Filter[] = await readEach(documents, (document, source) => {
    if (entryOf(document.root, 'filter') === undefined) return undefined
    const filter = readFilter(document, source.file.path, context, source.file.exception)
    filterSources.set(filter, source)
    return filter
  })
  const ids = new Set<string>()
  const claim = (rule: DetectionRule | CorrelationRule): void => {
    if (ids.has(rule.id)) throw new RuleError('duplicate_id', `another rule has the id ${rule.id}`)
    ids.add(rule.id)
  }
  const detections: { rule: DetectionRule; mapped: MappedRule }[] = []
  const correlations: { rule: CorrelationRule; source: Source }[] = []
  const dormant = new Map<string, Dormancy>()
  await readEach(documents, (document, source) => {
    if (entryOf(document.root, 'filter') !== undefined) return
    if (entryOf(document.root, 'correlation') !== undefined) {
      const rule = readCorrelation(document, source.file.path)
      claim(rule)
      correlations.push({ rule, source })
      return
    }
    const written = readRule(document, source.file.path, context)
    const rule = applyFilters(written, filters)
    const mapped = applyPipelines(rule, pipelines, context)
    claim(rule)
    detections.push({ rule, mapped })
    const rows = logSources.filter((row) => row.sources.some((own) => covers(mapped.logsource, own)))
    for (const { code, message, at } of [...rule.warnings, ...lint(checks, written, mapped, document, rows)]) {
      report(source, 'warning', code, message, at, rule.id)
    }
    const why = dormancyOf(mapped, rows)
    if (why === undefined) return
    dormant.set(rule.id, why)
    const at = { unrouted_logsource: 'logsource', shadowed_by_filter: 'detection' }[why.code as string]
    if (at !== undefined) report(source, 'warning', why.code, why.message, entryOf(document.root, at)!.at, rule.id)
  })
  const read = detections.map(({ rule }) => rule)
  for (const [filter, source] of filterSources) {
    for (const message of idleIn(filter, read)) report(source, 'warning', 'idle_filter', message, filter.at)
  }
  const sourceOf = new Map(correlations.map(({ rule, source }) => [rule, source]))
  const switchedOff = (
    await readEach(of('disabled'), (document, source) => readDisabled(document).map((one) => ({ ...one, source })))
  ).flat()
  const lives = new Map(
    (
      await readEach(of('life'), (document, source) =>
        readLife(document).map((life) => [life.id, { ...life, source }] as const),
      )
    ).flat(),
  )
  const { off, counted } = silenceOf(
    [
      ...[...lives.values()]
        .filter(({ state }) => STOPPED.has(state))
        .map(({ id, state, why }) => ({
          id,
          reason: why === undefined ? state : `${state}: ${why}`,
          draft: state === 'draft',
        })),
      ...switchedOff.filter(({ agencies }) => agencies === undefined),
    ],
    detections.map(({ rule }) => rule),
    correlations.map(({ rule }) => rule),
  )
  const known = new Set([...detections, ...correlations].map(({ rule }) => rule.id))
  for (const { id, source, at } of lives.values()) {
    if (!known.has(id)) report(source, 'warning', 'unknown_life', `no rule that loads has the id ${id}`, at)
  }
  for (const { id, source, at } of switchedOff) {
    if (!known.has(id)) report(source, 'warning', 'unknown_disabled', `no rule that loads has the id ${id}`, at)
    const by = counted.get(id)
    if (by) report(source, 'warning', 'disabled_part', `raises no alert, but '${by.title}' still counts it`, at)
  }
  const runs = ({ rule: { id } }: { rule: { id: string } }): boolean => !off.has(id) || counted.has(id)
  const running = detections.filter(runs)
  const resolved = resolveCorrelations(
    running,
    correlations.filter(runs).map(({ rule }) => rule),
    of('pipeline')
      .flatMap(({ yaml }) => yaml.documents.map(({ hash }) => hash))
      .join(' '),
    (rule, error) => report(sourceOf.get(rule)!, 'error', error.code, error.message, error.at ?? rule.at, rule.id),
  )
  for (const { rule, parts } of resolved) {
    const why = correlationDormancy(
      rule,
      parts.map(({ kind, index }) => (kind === 'detection' ? running : resolved)[index]!.rule),
      dormant,
    )
    if (why === undefined) continue
    dormant.set(rule.id, why)
    report(sourceOf.get(rule)!, 'warning', why.code, why.message, rule.at, rule.id)
  }
  const network = compileNetwork(running)
  return {
    rules: [
      ...detections.map(({ rule }) => rule),
      ...resolved.map(({ rule }) => rule),
      ...correlations.map(({ rule }) => rule).filter((rule) => !runs({ rule })),
    ]
      .sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0))
      .map((rule) => ({
        ...loadedRule(rule, off.get(rule.id), dormant.get(rule.id)),
        ...lifeOf(lives.get(rule.id)),
        ...disabledIn(switchedOff.filter(({ id }) => id === rule.id)),
      })),
    problems,
    network,
    correlations: resolved,
    logSources,
    unwitnessed: network.unwitnessed.map((index) => network.rules[index]!.rule.id),
  }
}

const STOPPED: ReadonlySet<string> = new Set(['draft', 'retired'])

function lifeOf(life: RuleLife | undefined): Pick<LoadedRule, 'state' | 'budget' | 'owner' | 'changed'> {
  if (life === undefined) return {}
  const { state, budget, owner, by, since, why } = life
  const changed = {
    ...(by !== undefined && { by }),
    ...(since !== undefined && { since }),
    ...(why !== undefined && { why }),
  }
  return {
    state,
    ...(budget !== undefined && { budget }),
    ...(owner !== undefined && { owner }),
    ...(Object.keys(changed).length > 0 && { changed }),
  }
}

function disabledIn(lines: readonly SwitchedOff[]): Pick<LoadedRule, 'disabledIn'> {
  const where = lines.flatMap(({ agencies = [], reason }) => agencies.map((agency) => [agency, reason] as const))
  return where.length > 0 ? { disabledIn: Object.fromEntries(where) } : {}
}

function loadedRule(
  rule: DetectionRule | CorrelationRule,
  disabled: string | undefined,
  neverFires: Dormancy | undefined,
): LoadedRule {
  const { id, title, kind, level, status, hash, description, author, license, tags, falsepositives, path, text } = rule
  const { titleVi, descriptionVi, triageVi } = rule
  return {
    id,
    title,
    kind,
    level,
    status,
    hash,
    ...(description !== undefined && { description }),
    ...(titleVi !== undefined && { titleVi }),
    ...(descriptionVi !== undefined && { descriptionVi }),
    ...(triageVi !== undefined && { triageVi }),
    ...(author !== undefined && { author }),
    ...(license !== undefined && { license }),
    ...(disabled !== undefined && { disabled }),
    ...(neverFires !== undefined && { neverFires }),
    tags,
    falsepositives,
    references: rule.references,
    ...(rule.date !== undefined && { date: rule.date }),
    ...(rule.modified !== undefined && { modified: rule.modified }),
    related: rule.related,
    fields: rule.fields,
    scope: rule.scope,
    ...(rule.kind === 'detection' && { logsource: rule.logsource }),
    path,
    text,
  }
}

/** The id of a rule, or the one it gets for want of one, before the rule is read. */
function idOf(root: SigmaDocument['root'], hash: string): string | undefined {
  if (entryOf(root, 'filter') !== undefined) return undefined
  return textOf(entryOf(root, 'id')?.value) ?? hash.slice(0, 32)
}
