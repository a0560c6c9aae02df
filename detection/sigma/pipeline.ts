import { RuleError } from '../errors.ts'
import type { Condition } from './condition.ts'
import { draftOf, unmapped, type ItemDraft, type RuleDraft } from './pipeline/draft.ts'
import { mapping } from './pipeline/parameters.ts'
import { runSteps, type Rename } from './pipeline/run-steps.ts'
import { readSteps, type Step } from './pipeline/step.ts'
import type { AppliedFilter, DetectionRule, Item, LogSource, RuleContext, Selection, Warning } from './rule.ts'
import { entriesOf, entryOf, offsetOf, textOf, type SigmaDocument } from './yaml.ts'

export { covers } from './logsource.ts'

/**
 * A processing pipeline in pySigma's YAML format: how the field names of rules become those of events. What its steps can
 * do and ask for is in the folders of `pipeline/`, one file each.
 */
export interface Pipeline {
  name: string
  priority: number
  /** Placeholder tables. */
  vars: Map<string, string[]>
  steps: readonly Step[]
  warnings: Warning[]
}

const KEYS: ReadonlySet<string> = new Set(['name', 'priority', 'vars', 'transformations', 'allowed_backends'])
/** They work on the text of a query, of which there is none here. */
const QUERY_KEYS: ReadonlySet<string> = new Set(['postprocessing', 'finalizers'])

/** @throws {RuleError} `bad_pipeline`, placed */
export function readPipeline({ root }: SigmaDocument): Pipeline {
  const warnings = entriesOf(root, 'the pipeline').flatMap(({ key, at }): Warning[] => {
    if (QUERY_KEYS.has(key)) {
      return [{ code: 'ignored_key', message: `'${key}' is about the text of queries and has no effect here`, at }]
    }
    if (!KEYS.has(key)) throw new RuleError('bad_pipeline', `a pipeline has no '${key}'`, at)
    return []
  })
  const priority = Number(textOf(entryOf(root, 'priority')?.value) ?? 0)
  if (Number.isNaN(priority)) {
    throw new RuleError('bad_pipeline', 'the priority must be a number', entryOf(root, 'priority')!.at)
  }
  const transformations = entryOf(root, 'transformations')?.value
  return {
    name: textOf(entryOf(root, 'name')?.value) ?? '',
    priority,
    vars: entryOf(root, 'vars')?.value ? mapping(root, 'vars') : new Map(),
    steps: transformations ? readSteps(transformations) : [],
    warnings:
      transformations === undefined && !entryOf(root, 'vars')
        ? [...warnings, { code: 'empty_pipeline', message: 'the pipeline does nothing', at: offsetOf(root) }]
        : warnings,
  }
}

/** Values of placeholders: from the tables of all pipelines, the later one's for a name that several have. */
export function placeholdersOf(pipelines: readonly Pipeline[]): (name: string) => readonly string[] | undefined {
  const tables = new Map(pipelines.flatMap(({ vars }) => [...vars]))
  const wildcards = pipelines
    .flatMap(({ steps }) => steps)
    .flatMap(({ action }) => (action.about === 'placeholders' ? [action.wildcard] : []))
  return (name) => tables.get(name) ?? (wildcards.some((wildcard) => wildcard(name)) ? ['*'] : undefined)
}

/** What pipelines make of a rule. */
export interface MappedRule {
  logsource: LogSource
  /** All of it: its own and the filters'. */
  condition: Condition
  /** Without the filters. */
  own: Condition
  filters: readonly AppliedFilter[]
  /** The rule's own, and what pipelines added. */
  selections: ReadonlyMap<string, Selection>
  /** Fields of the event that a field of the rule is looked up in; several are alternatives. */
  eventFields(field: string): readonly string[]
}

/**
 * Applies pipelines, which must be in order of priority, to a rule.
 * @throws {RuleError} `bad_rule` where a pipeline refuses it
 */
export function applyPipelines(rule: DetectionRule, pipelines: readonly Pipeline[], context: RuleContext): MappedRule {
  const used = rule.pipeline === undefined ? pipelines : pipelines.filter(({ name }) => name === rule.pipeline)
  const draft: RuleDraft = {
    rule,
    context,
    logsource: rule.logsource,
    condition: rule.condition,
    selections: new Map(
      [...rule.selections].map(([name, groups]) => [name, groups.map((items) => items.map(draftOf))]),
    ),
    attributes: new Map(),
    applied: new Set(),
    state: new Map(),
  }
  const renames: Rename[] = []
  for (const { steps } of used) runSteps(steps, draft, renames)

  const isGone = (name: string): boolean => draft.selections.get(name)!.length === 0
  const own = without(draft.condition, isGone)
  if (own === undefined) throw new RuleError('bad_rule', 'pipelines leave nothing of the rule')
  const filters = rule.filters.flatMap(({ filter, condition }): AppliedFilter[] => {
    const left = without(condition, isGone)
    return left === undefined ? [] : [{ filter, condition: left }]
  })
  const condition: Condition =
    filters.length === 0 ? own : { op: 'and', of: [own, ...filters.map((filter) => filter.condition)] }
  const fields = eventFieldsOf(renames)
  const selections = new Map<string, Selection>()
  for (const [name, groups] of draft.selections) {
    if (groups.length > 0)
      selections.set(
        name,
        groups.map((items) => items.map((own) => fields.settle(own))),
      )
  }
  return { logsource: draft.logsource, condition, own, filters, selections, eventFields: fields.of }
}

/** The condition without the selections that are gone; undefined where that is all of it. */
function without(condition: Condition, isGone: (name: string) => boolean): Condition | undefined {
  if (condition.op === 'selection') return isGone(condition.name) ? undefined : condition
  if (condition.op === 'not') {
    const of = without(condition.of, isGone)
    return of && { op: 'not', of }
  }
  const of = condition.of.flatMap((part) => without(part, isGone) ?? [])
  return of.length < 2 ? of[0] : { op: condition.op, of }
}

/**
 * Fields of the event by the names that rules use. A name alone tells them, but for the items that a step treated apart for
 * their values, or that a pipeline added: those get a name of their own, made of the fields they are looked up in.
 */
function eventFieldsOf(renames: readonly Rename[]) {
  const known = new Map<string, readonly string[]>()
  const of = (field: string): readonly string[] => {
    let names = known.get(field)
    if (names === undefined) {
      const branches = renames.reduce<ReturnType<Rename>>((before, rename) => rename(before), [unmapped(field)])
      known.set(field, (names = [...new Set(branches.map(({ name }) => name))]))
    }
    return names
  }
  const isSame = (a: readonly string[], b: readonly string[]): boolean =>
    a.length === b.length && a.every((name, i) => name === b[i])
  return {
    of,
    settle({ item, branches }: ItemDraft): Item {
      const names = [...new Set(branches.map(({ name }) => name))]
      if (item.field === '' || isSame(names, of(item.field))) return item
      let field = names.join(' or ')
      for (let n = 2; known.has(field) && !isSame(known.get(field)!, names); n++) field = `${names.join(' or ')} (${n})`
      known.set(field, names)
      return { ...item, field }
    },
  }
}
