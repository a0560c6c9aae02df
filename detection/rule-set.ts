import type { LoadedRule, RuleFile, RuleProblem } from './types.ts'
import { loadFolder } from '../model/load-folder.ts'
import { resolveCorrelations, type Correlation } from './correlation/resolve.ts'
import { RuleError } from './errors.ts'
import type { Modifier } from './modifier.ts'
import { compileNetwork, type Network } from './network/compile.ts'
import { readCorrelation, type CorrelationRule } from './sigma/correlation.ts'
import { applyFilters, readFilter, type Filter } from './sigma/filter.ts'
import { readLogSources, type LogSourceRow } from './sigma/logsource.ts'
import { applyPipelines, covers, readPipeline, type MappedRule, type Pipeline } from './sigma/pipeline.ts'
import { readRule, type DetectionRule, type RuleContext } from './sigma/rule.ts'
import { entryOf, offsetOf, readYaml, type SigmaDocument, type YamlFile } from './sigma/yaml.ts'

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
function loadModifiers(): Promise<Map<string, Modifier>> {
  return (modifierFolder ??= loadFolder<Modifier>(new URL('./modifiers/', import.meta.url)))
}

/**
 * Loads rules, Sigma filters, processing pipelines (`pipelines/*.yml`) and `logsources.yml`; files named `*.test.yml` and
 * those that are no YAML are skipped. One bad rule keeps only itself out: it is in `problems`, with its place.
 */
export async function loadRules(files: readonly RuleFile[]): Promise<RuleSet> {
  const modifiers = await loadModifiers()
  const problems: RuleProblem[] = []
  const sources = files
    .filter(({ path }) => /\.ya?ml$/.test(path) && !/\.test\.ya?ml$/.test(path))
    .toSorted((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0))
    .map((file): Source => ({ file, yaml: readYaml(file.text) }))

  const report = (
    source: Source,
    severity: RuleProblem['severity'],
    code: string,
    message: string,
    at: number,
  ): void => {
    const { line, column } = source.yaml.place(at)
    problems.push({ path: source.file.path, line, column, severity, code, message })
  }
  /** What `read` makes of each document of the sources; a document it refuses is reported. */
  function readEach<T>(from: readonly Source[], read: (document: SigmaDocument, source: Source) => T | undefined): T[] {
    return from.flatMap((source) =>
      source.yaml.documents.flatMap((document) => {
        const result = attempt(source, offsetOf(document.root), () => read(document, source))
        return result === undefined ? [] : [result]
      }),
    )
  }
  function attempt<T>(source: Source, at: number, run: () => T): T | undefined {
    try {
      return run()
    } catch (error) {
      if (!(error instanceof RuleError)) throw error
      report(source, 'error', error.code, error.message, error.at ?? at)
      return undefined
    }
  }

  for (const source of sources) {
    for (const { code, message, at } of source.yaml.problems) report(source, 'error', code, message, at ?? 0)
  }
  const kindOf = ({ file: { path } }: Source): string =>
    /(?:^|\/)pipelines\//.test(path) ? 'pipeline' : /(?:^|\/)logsources\.ya?ml$/.test(path) ? 'logsources' : 'rules'
  const of = (kind: string): Source[] => sources.filter((source) => kindOf(source) === kind)

  const pipelines: Pipeline[] = readEach(of('pipeline'), readPipeline).sort((a, b) => a.priority - b.priority)
  const logSources = readEach(of('logsources'), readLogSources).flat()
  const tables = new Map(pipelines.flatMap(({ vars }) => [...vars]))
  const context: RuleContext = { modifiers, placeholder: (name) => tables.get(name) }

  const documents = of('rules')
  const filters: Filter[] = readEach(documents, (document, { file }) =>
    entryOf(document.root, 'filter') === undefined ? undefined : readFilter(document, file.path, context),
  )
  const ids = new Set<string>()
  const claim = (rule: DetectionRule | CorrelationRule): void => {
    if (ids.has(rule.id)) throw new RuleError('duplicate_id', `another rule has the id ${rule.id}`)
    ids.add(rule.id)
  }
  const detections: { rule: DetectionRule; mapped: MappedRule }[] = []
  const correlations: { rule: CorrelationRule; source: Source }[] = []
  readEach(documents, (document, source) => {
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
    for (const { code, message, at } of rule.warnings) report(source, 'warning', code, message, at)
    if (!logSources.some((row) => row.sources.some((own) => covers(mapped.logsource, own)))) {
      const { product = '*', category = '*', service = '*' } = mapped.logsource
      report(
        source,
        'warning',
        'unrouted_logsource',
        `no event carries the log source ${product}/${category}/${service}`,
        entryOf(document.root, 'logsource')!.at,
      )
    }
  })
  const sourceOf = new Map(correlations.map(({ rule, source }) => [rule, source]))
  const resolved = resolveCorrelations(
    detections,
    correlations.map(({ rule }) => rule),
    [...of('pipeline').flatMap(({ yaml }) => yaml.documents), ...filters].map(({ hash }) => hash).join(' '),
    (rule, error) => report(sourceOf.get(rule)!, 'error', error.code, error.message, error.at ?? rule.at),
  )
  const network = compileNetwork(detections)
  return {
    rules: [...detections.map(({ rule }) => rule), ...resolved.map(({ rule }) => rule)]
      .sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0))
      .map(loadedRule),
    problems,
    network,
    correlations: resolved,
    logSources,
    unwitnessed: network.unwitnessed.map((index) => network.rules[index]!.rule.id),
  }
}

function loadedRule(rule: DetectionRule | CorrelationRule): LoadedRule {
  const { id, title, kind, level, status, hash, description, author, tags, falsepositives, path, text } = rule
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
    tags,
    falsepositives,
    ...(rule.kind === 'detection' && { logsource: rule.logsource }),
    path,
    text,
  }
}
