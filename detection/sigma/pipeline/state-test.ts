import type { Node } from 'yaml'
import { RuleError } from '../../errors.ts'
import { offsetOf } from '../yaml.ts'
import { oneOf, required } from './parameters.ts'

// `processing_state` is a condition of rules, items and fields alike; `rule_attribute` compares in the same words.

export const RELATIONS = ['eq', 'ne', 'gte', 'gt', 'lte', 'lt'] as const
export type Relation = (typeof RELATIONS)[number]

/** Compares by number where both are numbers, else as text; the order of text is that of its code units. */
export function related(own: string, relation: Relation, other: string): boolean {
  const [a, b] = [own, other].map((text) => (/^[+-]?\d+(?:\.\d+)?$/.test(text) ? Number(text) : undefined))
  const order = a !== undefined && b !== undefined ? a - b : own < other ? -1 : own > other ? 1 : 0
  switch (relation) {
    case 'eq':
      return order === 0
    case 'ne':
      return order !== 0
    case 'gte':
      return order >= 0
    case 'gt':
      return order > 0
    case 'lte':
      return order <= 0
    case 'lt':
      return order < 0
  }
}

export const STATE_PARAMETERS = ['key', 'val', 'op']

/** @throws {RuleError} `bad_pipeline` */
export function stateTest(condition: Node): (state: ReadonlyMap<string, string>) => boolean {
  const [key, value] = [required(condition, 'key'), required(condition, 'val')]
  const relation = oneOf(condition, 'op', RELATIONS, 'eq')
  return (state) => {
    const own = state.get(key)
    return own !== undefined && related(own, relation, value)
  }
}

export const badCondition = (message: string, condition: Node): RuleError =>
  new RuleError('bad_pipeline', message, offsetOf(condition))
