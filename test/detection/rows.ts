import { expect, test } from 'vitest'
import { Engine, type RuleSet } from '../../detection/engine.ts'
import { evaluate } from '../../detection/reference.ts'
import type { RuleProblem } from '../../detection/types.ts'
import type { EcsValue } from '../../model/event.ts'
import { event, load, rule } from './made-up.ts'

export type Fields = Record<string, EcsValue>

/** Whether the only rule of a set matches, by the network and by the slow evaluator, which must agree. */
export function matches(ruleSet: RuleSet, fields: Fields): boolean {
  expect(ruleSet.problems.filter(({ severity }) => severity === 'error')).toEqual([])
  const own = event(fields)
  const fast = new Engine(ruleSet).matches(own).length > 0
  expect(fast, 'network and reference').toBe(evaluate(ruleSet.network.rules[0]!.mapped, own))
  return fast
}

/** Rows of: what it says, detection, fields of an event, whether it matches. */
export function table(rows: readonly [name: string, detection: string, fields: Fields, matched: boolean][]): void {
  test.each(rows)('%s', async (_name, detection, fields, matched) => {
    expect(matches(await load({ 'r.yml': rule(detection) }), fields)).toBe(matched)
  })
}

export const errorsOf = (problems: readonly RuleProblem[]): RuleProblem[] =>
  problems.filter(({ severity }) => severity === 'error')

/** A detection of one item. */
export const one = (item: string): string => `s:\n  ${item}\ncondition: s`
