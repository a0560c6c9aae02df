import {
  isMap,
  isScalar,
  isSeq,
  parseAllDocuments,
  visit,
  type Document,
  type Node,
  type Pair,
  type YAMLMap,
} from 'yaml'
import { Engine, fileKind, loadRules, type RuleSet } from '../detection/engine.ts'
import { readYaml } from '../detection/sigma/yaml.ts'
import type { RuleFile } from '../detection/types.ts'
import type { EcsEvent } from '../model/event.ts'
import { readRulesFolder } from '../rule-life/folder.ts'
import { loadCases, type LoadedCase } from './tests.ts'

const LATENESS_MS = 300_000

/** A predicate that can be taken out of a rule without a test noticing. */
export interface Survivor {
  path: string
  /** 1-based. */
  line: number
  column: number
  /** As it is written: `Image|endswith`, with the value where it is one of several. */
  dropped: string
}

export interface MutationReport {
  rule: string
  path: string
  title: string
  /** Ways in which one predicate can be dropped. */
  mutants: number
  survivors: Survivor[]
}

/**
 * Takes each predicate of the rules out in turn, an item of a selection or one value of several, and runs the tests that can
 * tell: those beside the rule's file and beside the correlations that count on it. A mutant of which every case alerts the
 * same as before survives: no test says that the predicate matters. One that does not load has been noticed.
 * @param wanted ids of rules, or paths of files and folders below the rules folder; undefined: every rule with a test
 */
export async function mutateRules(rulesFolder: string, wanted?: readonly string[]): Promise<MutationReport[]> {
  const files = readRulesFolder(rulesFolder)
  const whole = await loadRules(files)
  const cases = await loadCases(rulesFolder)
  const asked = (id: string, path: string): boolean =>
    wanted === undefined ||
    wanted.some((name) => name === id || name === '' || name === path || path.startsWith(`${name}/`))
  const reports: MutationReport[] = []
  for (const file of files) {
    if (fileKind(file.path) !== 'rules') continue
    const own = whole.rules.filter(
      ({ id, path, kind }) => path === file.path && kind === 'detection' && asked(id, path),
    )
    if (own.length === 0) continue
    const near = neighbours(file.path, whole)
    const tests = cases.filter(({ rule }) => near.has(rule))
    const before = await alertedIn(files, near, file, tests)
    for (const { id, title } of own) {
      const mutants = mutantsOf(file, id)
      const survivors: Survivor[] = []
      for (const { text, ...what } of mutants) {
        const after = await alertedIn(files, near, { path: file.path, text }, tests)
        if (after === before) survivors.push({ path: file.path, ...what })
      }
      if (wanted !== undefined || tests.length > 0) {
        reports.push({ rule: id, path: file.path, title, mutants: mutants.length, survivors })
      }
    }
  }
  return reports
}

/** The file, the files of all correlations that count on its rules, and of all that those refer to. */
function neighbours(path: string, { correlations, network }: RuleSet): Set<string> {
  const pathOf = ({ kind, index }: { kind: string; index: number }): string =>
    kind === 'detection' ? network.rules[index]!.rule.path : correlations[index]!.rule.path
  const near = new Set([path])
  for (let size = 0; size < near.size;) {
    size = near.size
    for (const { rule, parts } of correlations) {
      const all = [rule.path, ...parts.map(pathOf)]
      if (parts.some((part) => near.has(pathOf(part))) || near.has(rule.path)) for (const one of all) near.add(one)
    }
  }
  return near
}

/** What each case alerts, as one text; a rule set in which the file does not load is told by the reason. */
async function alertedIn(
  files: readonly RuleFile[],
  near: ReadonlySet<string>,
  changed: RuleFile,
  cases: readonly LoadedCase[],
): Promise<string> {
  // What is off or a draft is to be tested all the same.
  const context = files.filter(
    ({ path }) => ['pipeline', 'logsources'].includes(fileKind(path)) || (near.has(path) && path !== changed.path),
  )
  const set = await loadRules([...context, changed])
  const failed = set.problems.filter(({ severity, path }) => severity === 'error' && path === changed.path)
  if (failed.length > 0) return failed.map(({ code, message }) => `${code}: ${message}`).join('\n')
  const engine = new Engine(set, { latenessMs: LATENESS_MS })
  const blank = engine.checkpoint()
  const alerted = (events: readonly EcsEvent[]): string[] => {
    engine.restore(blank)
    return [...new Set(events.flatMap((event) => engine.process(event).map(({ rule: { id } }) => id)))].sort()
  }
  return cases.map(({ events }) => alerted(events).join()).join('\n')
}

interface Mutant extends Omit<Survivor, 'path'> {
  text: string
}

/** Every way of taking one predicate out of the detection of the rule `id`. */
function mutantsOf({ text }: RuleFile, id: string): Mutant[] {
  const { place } = readYaml(text)
  const index = documentOf(text, id)
  if (index < 0) return [] // of a template, or without an id
  const mutants: Mutant[] = []
  const count = cutsOf(documentsOf(text)[index]!).length
  for (let i = 0; i < count; i++) {
    const documents = documentsOf(text)
    const { at, dropped, cut } = cutsOf(documents[index]!)[i]!
    cut()
    const { line, column } = place(at)
    mutants.push({ line, column, dropped, text: documents.map(String).join('---\n') })
  }
  return mutants
}

/** Aliases are written out: what one place loses, the others keep. */
function documentsOf(text: string): Document.Parsed[] {
  const parsed = parseAllDocuments(text)
  const documents = Array.isArray(parsed) ? (parsed as Document.Parsed[]) : []
  for (const document of documents) {
    visit(document, { Alias: (_, alias) => alias.resolve(document)?.clone() as Node | undefined })
    visit(document, { Value: (_, node) => void delete node.anchor })
  }
  return documents
}

function documentOf(text: string, id: string): number {
  return documentsOf(text).findIndex(
    (document) => isMap(document.contents) && (document.contents as YAMLMap).get('id') === id,
  )
}

interface Cut {
  at: number
  dropped: string
  cut: () => void
}

/** The places where a predicate can be taken out of a document, in the order in which they are written. */
function cutsOf({ contents }: Document.Parsed): Cut[] {
  const detection = isMap(contents) ? contents.get('detection', true) : undefined
  if (!isMap(detection)) return []
  const cuts: Cut[] = []
  const listed = (items: unknown[], name: string): void => {
    if (items.length < 2) return
    for (const [i, item] of items.entries()) {
      if (!isScalar(item)) continue
      const dropped = `${name}: ${String(item.source ?? item.value)}`
      cuts.push({ at: item.range?.[0] ?? 0, dropped, cut: () => void items.splice(i, 1) })
    }
  }
  const mapped = (map: YAMLMap): void => {
    for (const pair of map.items as Pair<Node, Node | null>[]) {
      const key = keyOf(pair)
      if (map.items.length > 1) {
        const cut = (): void => void map.items.splice((map.items as unknown[]).indexOf(pair), 1)
        cuts.push({ at: pair.key.range?.[0] ?? 0, dropped: key, cut })
      }
      if (isSeq(pair.value)) listed(pair.value.items, key)
    }
  }
  for (const pair of detection.items as Pair<Node, Node | null>[]) {
    if (['condition', 'timeframe'].includes(keyOf(pair))) continue
    if (isMap(pair.value)) mapped(pair.value)
    if (!isSeq(pair.value)) continue
    const { items } = pair.value
    listed(items, keyOf(pair))
    for (const [i, item] of items.entries()) {
      if (!isMap(item)) continue
      if (items.length > 1) {
        cuts.push({ at: item.range?.[0] ?? 0, dropped: `${keyOf(pair)}[${i}]`, cut: () => void items.splice(i, 1) })
      }
      mapped(item)
    }
  }
  return cuts.sort((a, b) => a.at - b.at)
}

const keyOf = ({ key }: Pair<Node, Node | null>): string => (isScalar(key) ? String(key.source ?? key.value) : '')
