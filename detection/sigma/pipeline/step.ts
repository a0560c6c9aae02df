import { isMap, type Node } from 'yaml'
import { loadFolder } from '../../../model/load-folder.ts'
import { placed, RuleError } from '../../errors.ts'
import { parseCondition, selectionsOf, type Condition } from '../condition.ts'
import { entriesOf, entryOf, itemsOf, offsetOf } from '../yaml.ts'
import type { RuleDraft } from './draft.ts'
import { flag, oneOf, optional, refuseUnknown, required } from './parameters.ts'
import type { FieldSubject, ItemSubject } from './subject.ts'
import type { Action, StepCondition, Transformation } from './transformation.ts'

/** A step of a pipeline: what it does, and to which rules, items and fields. */
export interface Step {
  readonly id: string | undefined
  readonly action: Action
  ruleApplies(draft: RuleDraft): boolean
  itemApplies(subject: ItemSubject): boolean
  fieldApplies(subject: FieldSubject): boolean
  /** Whether it asks for more of an item than the name of its field. */
  readonly hasItemConditions: boolean
}

// Part of the program, read once as it starts.
const here = (folder: string): URL => new URL(`./${folder}/`, import.meta.url)
const transformations = await loadFolder<Transformation>(here('transformations'))
const ruleConditions = await loadFolder<StepCondition<RuleDraft>>(here('rule-conditions'))
const itemConditions = await loadFolder<StepCondition<ItemSubject>>(here('item-conditions'))
const fieldConditions = await loadFolder<StepCondition<FieldSubject>>(here('field-conditions'))

const PREFIXES = ['rule', 'detection_item', 'field_name']
const OF_EVERY_STEP = [
  'type',
  'id',
  ...PREFIXES.flatMap((prefix) => ['conditions', 'cond_op', 'cond_not', 'cond_expr'].map((key) => `${prefix}_${key}`)),
]

/** @throws {RuleError} `bad_pipeline`, placed */
export function readSteps(list: Node | null): Step[] {
  return itemsOf(list).map((node) => {
    if (!isMap(node)) throw new RuleError('bad_pipeline', 'a transformation must be a mapping', offsetOf(node ?? list))
    return placed(offsetOf(node), () => readStep(node))
  })
}

function readStep(node: Node): Step {
  const type = required(node, 'type')
  const transformation = transformations.get(type)
  if (transformation === undefined) throw new RuleError('bad_pipeline', `transformation '${type}' is unknown`)
  const tests = {
    ruleApplies: joined(node, 'rule', ruleConditions),
    itemApplies: joined(node, 'detection_item', itemConditions),
    fieldApplies: joined(node, 'field_name', fieldConditions),
  }
  const action = transformation.read(node, readSteps)
  refuseUnknown(node, type, [...OF_EVERY_STEP, ...transformation.parameters])
  const has = (prefix: string): boolean => entryOf(node, `${prefix}_conditions`) !== undefined
  if (action.about === 'placeholders' && PREFIXES.some(has)) {
    throw new RuleError('bad_pipeline', `${type} takes no conditions: placeholders are filled as rules are read`)
  }
  if ((action.about === 'rule' || action.about === 'steps') && (has('detection_item') || has('field_name'))) {
    throw new RuleError('bad_pipeline', `${type} is about rules: it takes rule conditions only`)
  }
  return { id: optional(node, 'id'), action, ...tests, hasItemConditions: has('detection_item') }
}

/** The conditions of a step under one prefix, joined by `_cond_op` or `_cond_expr` and turned round by `_cond_not`; none: always. */
function joined<Subject>(
  step: Node,
  prefix: string,
  known: ReadonlyMap<string, StepCondition<Subject>>,
): (subject: Subject) => boolean {
  const given = entryOf(step, `${prefix}_conditions`)
  const expression = entryOf(step, `${prefix}_cond_expr`)
  const isNegated = flag(step, `${prefix}_cond_not`)
  const op = oneOf(step, `${prefix}_cond_op`, ['and', 'or'], 'and')
  if (given === undefined) {
    if (expression) throw new RuleError('bad_pipeline', `${prefix}_cond_expr without conditions`, expression.at)
    return () => true
  }
  const named = isMap(given.value)
    ? entriesOf(given.value, 'conditions').map(({ key, value }) => [key, value] as const)
    : itemsOf(given.value).map((value, i) => [String(i), value] as const)
  const tests = new Map(named.map(([name, node]) => [name, readCondition(node ?? step, known)]))
  if (expression === undefined) {
    const all = [...tests.values()]
    return (subject) => (op === 'or' ? all.some((own) => own(subject)) : all.every((own) => own(subject))) !== isNegated
  }
  if (!isMap(given.value) || entryOf(step, `${prefix}_cond_op`)) {
    throw new RuleError('bad_pipeline', `${prefix}_cond_expr takes named conditions and no _cond_op`, expression.at)
  }
  const condition = parseCondition(required(step, `${prefix}_cond_expr`), [...tests.keys()], offsetOf(expression.value))
  const used = selectionsOf(condition)
  const unused = [...tests.keys()].filter((name) => !used.has(name))
  if (unused.length > 0) {
    throw new RuleError('bad_pipeline', `${prefix}_cond_expr does not use ${unused.join(', ')}`, expression.at)
  }
  const holds = (part: Condition, subject: Subject): boolean => {
    if (part.op === 'selection') return tests.get(part.name)!(subject)
    if (part.op === 'not') return !holds(part.of, subject)
    return part.op === 'and' ? part.of.every((own) => holds(own, subject)) : part.of.some((own) => holds(own, subject))
  }
  return (subject) => holds(condition, subject) !== isNegated
}

function readCondition<Subject>(
  node: Node,
  known: ReadonlyMap<string, StepCondition<Subject>>,
): (subject: Subject) => boolean {
  return placed(offsetOf(node), () => {
    const type = required(node, 'type')
    const condition = known.get(type)
    if (condition === undefined) throw new RuleError('bad_pipeline', `condition '${type}' is unknown here`)
    const test = condition.read(node)
    refuseUnknown(node, type, ['type', ...condition.parameters])
    return test
  })
}
