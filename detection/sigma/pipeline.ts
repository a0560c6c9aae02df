import type { Node } from 'yaml'
import { RuleError } from '../errors.ts'
import type { Condition } from './condition.ts'
import { compileRegex } from './regex.ts'
import { readItem, type DetectionRule, type LogSource, type RuleContext, type Selection } from './rule.ts'
import { entriesOf, entryOf, itemsOf, offsetOf, textOf, textsOf, type SigmaDocument } from './yaml.ts'

/**
 * A processing pipeline in pySigma's YAML format: how the field names of rules become those of events. Understood:
 * `name`, `priority`, `vars` (placeholder tables) and the transformations below, each with `rule_conditions` (type
 * logsource), `rule_cond_op`, `rule_cond_not`, `field_name_conditions` (include_fields, exclude_fields,
 * processing_item_applied), `field_name_cond_op` and `field_name_cond_not`.
 */
export interface Pipeline {
  name: string
  priority: number
  vars: Map<string, string[]>
  steps: Step[]
}

type Transformation =
  | { type: 'field_name_mapping'; mapping: Map<string, string[]> }
  | { type: 'field_name_prefix_mapping'; mapping: [from: string, to: string[]][] }
  | { type: 'field_name_prefix'; prefix: string }
  | { type: 'field_name_suffix'; suffix: string }
  | { type: 'add_condition'; negated: boolean; conditions: Node }
  | { type: 'change_logsource'; logsource: LogSource }
  | { type: 'rule_failure'; message: string }

interface Step {
  id: string | undefined
  at: number
  transformation: Transformation
  ruleApplies(source: LogSource): boolean
  fieldApplies(field: string, applied: ReadonlySet<string>): boolean
}

/** Whether a log source that sets `wanted` covers one that sets `actual` (Sigma: each attribute that is set is equal). */
export function covers(wanted: LogSource, actual: LogSource): boolean {
  return (['product', 'category', 'service'] as const).every(
    (key) => wanted[key] === undefined || wanted[key] === actual[key],
  )
}

function logSourceOf(node: Node | null): LogSource {
  const source: LogSource = {}
  for (const key of ['product', 'category', 'service'] as const) {
    const text = textOf(entryOf(node, key)?.value)
    if (text !== undefined) source[key] = text.toLowerCase()
  }
  return source
}

/** Joins tests as `<prefix>_cond_op` and `<prefix>_cond_not` of a step say; without any test it applies. */
function joined<A extends unknown[]>(step: Node, prefix: string, tests: readonly ((...args: A) => boolean)[]) {
  const any = textOf(entryOf(step, `${prefix}_cond_op`)?.value)?.toLowerCase() === 'or'
  const negated = textOf(entryOf(step, `${prefix}_cond_not`)?.value) === 'true'
  if (tests.length === 0) return () => true
  return (...args: A) => (any ? tests.some((test) => test(...args)) : tests.every((test) => test(...args))) !== negated
}

function ruleTest(node: Node | null): (source: LogSource) => boolean {
  const type = textOf(entryOf(node, 'type')?.value)
  if (type !== 'logsource') throw new RuleError('bad_pipeline', `rule condition '${type}' is unknown`, offsetOf(node))
  const wanted = logSourceOf(node)
  return (source) => covers(wanted, source)
}

function fieldTest(node: Node | null): (field: string, applied: ReadonlySet<string>) => boolean {
  const type = textOf(entryOf(node, 'type')?.value)
  if (type === 'processing_item_applied') {
    const id = textOf(entryOf(node, 'processing_item_id')?.value) ?? ''
    return (_field, applied) => applied.has(id)
  }
  if (type !== 'include_fields' && type !== 'exclude_fields') {
    throw new RuleError('bad_pipeline', `field name condition '${type}' is unknown`, offsetOf(node))
  }
  const fields = textsOf(entryOf(node, 'fields')?.value)
  const byRegex = textOf(entryOf(node, 'match_type')?.value) === 're'
  const regexes = byRegex ? fields.map((field) => compileRegex(field, new Set())) : []
  const listed = (field: string): boolean =>
    byRegex ? regexes.some((regex) => regex.test(field)) : fields.includes(field)
  return type === 'include_fields' ? listed : (field) => !listed(field)
}

function mappingOf(node: Node | null, at: number): Map<string, string[]> {
  return new Map(entriesOf(node, 'mapping', at).map(({ key, value }) => [key, textsOf(value)]))
}

function readTransformation(step: Node, at: number): Transformation {
  const entry = (key: string) => entryOf(step, key)
  const type = textOf(entry('type')?.value)
  switch (type) {
    case 'field_name_mapping':
      return { type, mapping: mappingOf(entry('mapping')?.value ?? null, at) }
    case 'field_name_prefix_mapping':
      return { type, mapping: [...mappingOf(entry('mapping')?.value ?? null, at)] }
    case 'field_name_prefix':
      return { type, prefix: textOf(entry('prefix')?.value) ?? '' }
    case 'field_name_suffix':
      return { type, suffix: textOf(entry('suffix')?.value) ?? '' }
    case 'add_condition': {
      const conditions = entry('conditions')?.value
      if (!conditions) throw new RuleError('bad_pipeline', 'add_condition without conditions', at)
      return { type, negated: textOf(entry('negated')?.value) === 'true', conditions }
    }
    case 'change_logsource':
      return { type, logsource: logSourceOf(step) }
    case 'rule_failure':
      return { type, message: textOf(entry('message')?.value) ?? 'refused by a pipeline' }
    default:
      throw new RuleError('bad_pipeline', `transformation '${type}' is unknown`, at)
  }
}

/** @throws {RuleError} `bad_pipeline`, placed */
export function readPipeline({ root }: SigmaDocument): Pipeline {
  const vars = entryOf(root, 'vars')
  const steps = entryOf(root, 'transformations')
  return {
    name: textOf(entryOf(root, 'name')?.value) ?? '',
    priority: Number(textOf(entryOf(root, 'priority')?.value) ?? 0),
    vars: vars?.value ? mappingOf(vars.value, vars.at) : new Map(),
    steps: (steps?.value ? itemsOf(steps.value) : []).map((node) => {
      const at = offsetOf(node)
      if (node === null) throw new RuleError('bad_pipeline', 'an empty transformation', steps!.at)
      const conditions = (key: string): (Node | null)[] => {
        const value = entryOf(node, key)?.value
        return value ? itemsOf(value) : []
      }
      return {
        id: textOf(entryOf(node, 'id')?.value),
        at,
        transformation: readTransformation(node, at),
        ruleApplies: joined(node, 'rule', conditions('rule_conditions').map(ruleTest)),
        fieldApplies: joined(node, 'field_name', conditions('field_name_conditions').map(fieldTest)),
      }
    }),
  }
}

/** What pipelines make of a rule. */
export interface MappedRule {
  logsource: LogSource
  condition: Condition
  /** The rule's own, and what pipelines added. */
  selections: ReadonlyMap<string, Selection>
  /** Fields of the event that a field of the rule is looked up in; several are alternatives. */
  eventFields(field: string): readonly string[]
}

interface Applied {
  names: string[]
  steps: Set<string>
}

/**
 * Applies pipelines in order of priority to a rule.
 * @throws {RuleError} `bad_rule` where a pipeline refuses it
 */
export function applyPipelines(
  rule: Pick<DetectionRule, 'logsource' | 'condition' | 'selections' | 'pipeline'>,
  pipelines: readonly Pipeline[],
  context: RuleContext,
): MappedRule {
  const used = rule.pipeline === undefined ? pipelines : pipelines.filter(({ name }) => name === rule.pipeline)
  let { logsource, condition } = rule
  const selections = new Map(rule.selections)
  const steps: Step[] = []
  for (const step of used.flatMap((pipeline) => pipeline.steps)) {
    if (!step.ruleApplies(logsource)) continue
    const { transformation } = step
    if (transformation.type === 'rule_failure') throw new RuleError('bad_rule', transformation.message)
    if (transformation.type === 'change_logsource') logsource = transformation.logsource
    else if (transformation.type === 'add_condition') {
      const name = `_added_${selections.size}`
      const items = entriesOf(transformation.conditions, 'conditions', step.at).map((entry) =>
        readItem(entry.key, itemsOf(entry.value), entry.at, context, []),
      )
      selections.set(name, [items])
      const own: Condition = { op: 'selection', name }
      condition = { op: 'and', of: [transformation.negated ? { op: 'not', of: own } : own, condition] }
    } else steps.push(step)
  }

  const known = new Map<string, readonly string[]>()
  const map = (field: string): readonly string[] => {
    let current: Applied[] = [{ names: [field], steps: new Set() }]
    for (const step of steps) current = current.flatMap((applied) => rename(step, applied))
    return [...new Set(current.flatMap((applied) => applied.names))]
  }
  return {
    logsource,
    condition,
    selections,
    eventFields(field) {
      let names = known.get(field)
      if (names === undefined) {
        names = map(field)
        known.set(field, names)
      }
      return names
    },
  }
}

function rename({ id, transformation, fieldApplies }: Step, { names, steps }: Applied): Applied[] {
  return names.map((name) => {
    const renamed = fieldApplies(name, steps) ? renameOne(transformation, name) : undefined
    if (renamed === undefined) return { names: [name], steps }
    return { names: renamed, steps: id === undefined ? steps : new Set([...steps, id]) }
  })
}

function renameOne(transformation: Transformation, name: string): string[] | undefined {
  switch (transformation.type) {
    case 'field_name_mapping':
      return transformation.mapping.get(name)
    case 'field_name_prefix_mapping': {
      const found = transformation.mapping.find(([from]) => name.startsWith(from))
      return found?.[1].map((to) => to + name.slice(found[0].length))
    }
    case 'field_name_prefix':
      return [transformation.prefix + name]
    case 'field_name_suffix':
      return [name + transformation.suffix]
    default:
      return undefined
  }
}
