import { isScalar, isSeq, Scalar, type Node } from 'yaml'
import { RuleError } from '../../../errors.ts'
import { readItem, type LogSource } from '../../rule.ts'
import { entriesOf, entryOf, itemsOf, offsetOf } from '../../yaml.ts'
import { draftOf } from '../draft.ts'
import { flag, optional } from '../parameters.ts'
import type { Transformation } from '../transformation.ts'

/** Fills `$category`, `${product}` … of a template. Throws where the rule's log source has no such attribute. */
function filled(node: Node | null, logsource: LogSource): Node | null {
  if (!isScalar(node) || typeof node.value !== 'string') return node
  const text = node.value.replace(/\$(?:\{(\w+)\}|(\w+))/g, (all, braced?: string, bare?: string) => {
    const key = braced ?? bare
    if (key !== 'category' && key !== 'product' && key !== 'service') return all
    const value = logsource[key]
    if (value === undefined)
      throw new RuleError('bad_rule', `a pipeline asks for the ${key} of a log source without one`)
    return value
  })
  const scalar = new Scalar(text)
  scalar.range = node.range ?? null
  return scalar
}

/** Items joined to the rule's condition by AND; `negated` puts a NOT before them. Steps after this one apply to them. */
export default {
  parameters: ['conditions', 'name', 'template', 'negated'],
  read(step) {
    const conditions = entryOf(step, 'conditions')
    if (!conditions?.value) throw new RuleError('bad_pipeline', 'add_condition without conditions', offsetOf(step))
    const entries = entriesOf(conditions.value, 'conditions', conditions.at)
    const [wanted, isTemplate, isNegated] = [optional(step, 'name'), flag(step, 'template'), flag(step, 'negated')]
    return {
      about: 'rule',
      apply(draft) {
        let name = wanted ?? '_cond'
        for (let n = 2; draft.selections.has(name); n++) name = `${wanted ?? '_cond'}_${n}`
        const items = entries.map(({ key, value, at }) => {
          const nodes = isSeq(value) || isScalar(value) ? itemsOf(value) : [value]
          const values = isTemplate ? nodes.map((node) => filled(node, draft.logsource)) : nodes
          return draftOf(readItem(key, values, at, draft.context, []))
        })
        draft.selections.set(name, [items])
        const own = { op: 'selection' as const, name }
        draft.condition = { op: 'and', of: [isNegated ? { op: 'not', of: own } : own, draft.condition] }
      },
    }
  },
} satisfies Transformation
