import { LEVELS } from '../../../../model/alert.ts'
import { entryOf, readYaml, textOf, textsOf } from '../../yaml.ts'
import { isSeq } from 'yaml'
import type { RuleDraft } from '../draft.ts'
import { oneOf, required } from '../parameters.ts'
import { badCondition, related, RELATIONS, type Relation } from '../state-test.ts'
import type { StepCondition } from '../transformation.ts'

/** Ordered as pySigma orders them. */
const STATUSES = ['unsupported', 'deprecated', 'experimental', 'test', 'stable']

/** An attribute as the rule has it, standard or its own; undefined where it has none of that name. */
function attributeOf({ rule, attributes }: RuleDraft, name: string): string | string[] | undefined {
  if (name === 'level') return rule.level
  if (name === 'status') return rule.status
  if (name === 'tags' || name === 'falsepositives') return rule[name]
  const set = attributes.get(name)
  if (set !== undefined) return set
  const value = entryOf(readYaml(rule.text).documents.at(-1)?.root ?? null, name)?.value ?? null
  return isSeq(value) ? textsOf(value) : textOf(value)
}

function compared(attribute: string, own: string, relation: Relation, wanted: string): boolean {
  const order = attribute === 'level' ? LEVELS : attribute === 'status' ? STATUSES : undefined
  if (order === undefined) return related(own, relation, wanted)
  const [a, b] = [own, wanted.toLowerCase()].map((word) => (order as readonly string[]).indexOf(word))
  return related(String(a), relation, String(b))
}

/**
 * An attribute of the rule in relation to a value: numbers and dates by size, levels and statuses by rank, any other text
 * only equal or not; of a list whether it holds the value (`in`, `not_in`). Without the attribute it does not hold.
 */
export default {
  parameters: ['attribute', 'value', 'op'],
  read(condition) {
    const [attribute, wanted] = [required(condition, 'attribute'), required(condition, 'value')]
    const op = oneOf(condition, 'op', [...RELATIONS, 'in', 'not_in'], 'eq')
    const ranks = attribute === 'level' ? LEVELS : attribute === 'status' ? STATUSES : undefined
    if (ranks !== undefined && !(ranks as readonly string[]).includes(wanted.toLowerCase())) {
      throw badCondition(`'${wanted}' is no ${attribute}`, condition)
    }
    const isOrdered = ranks !== undefined || /^[+-]?\d+(?:\.\d+)?$|^\d{4}-\d\d-\d\d$/.test(wanted)
    if (op !== 'eq' && op !== 'ne' && op !== 'in' && op !== 'not_in' && !isOrdered) {
      throw badCondition(`'${op}' needs a number, a date, a level or a status`, condition)
    }
    return (draft) => {
      const own = attributeOf(draft, attribute)
      if (own === undefined) return false
      if (Array.isArray(own))
        return op === 'in' ? own.includes(wanted) : op === 'ne' || (op === 'not_in' && !own.includes(wanted))
      return op !== 'in' && op !== 'not_in' && compared(attribute, own, op, wanted)
    }
  },
} satisfies StepCondition<RuleDraft>
