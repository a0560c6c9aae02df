import { alertingOf } from './alerting.ts'
import { compileNetwork, type CompiledRule, type Node, type Predicate } from './network/compile.ts'
import type { RuleSet } from './rule-set.ts'
import { covers, type LogSourceRow } from './sigma/logsource.ts'

/**
 * The same with these rules alone, and the log sources that they are about. Whatever one of its correlations refers to must be among
 * them.
 */
export function restrict(ruleSet: RuleSet, ids: ReadonlySet<string>): RuleSet {
  const kept = ruleSet.network.rules.flatMap(({ rule }, index) => (ids.has(rule.id) ? [index] : []))
  const outer = ruleSet.correlations.flatMap(({ rule }, index) => (ids.has(rule.id) ? [index] : []))
  const network = compileNetwork(kept.map((index) => ruleSet.network.rules[index]!))
  const isMet = ({ sources }: LogSourceRow): boolean =>
    network.rules.some(({ mapped }) => sources.some((source) => covers(mapped.logsource, source)))
  const places = { detection: placesOf(kept), correlation: placesOf(outer) }
  return {
    ...ruleSet,
    rules: ruleSet.rules.filter(({ id }) => ids.has(id)),
    network,
    logSources: ruleSet.logSources.filter(isMet),
    correlations: outer.map((index) => {
      const correlation = ruleSet.correlations[index]!
      const parts = correlation.parts.map((part) => ({ ...part, index: places[part.kind].get(part.index)! }))
      return { ...correlation, parts }
    }),
    unwitnessed: network.unwitnessed.map((index) => network.rules[index]!.rule.id),
  }
}

const placesOf = (kept: readonly number[]): Map<number, number> => new Map(kept.map((index, place) => [index, place]))

/** Rules whose alerts can differ under two sets of rules, and those that have to be run to know them. */
export interface Difference {
  affected: ReadonlySet<string>
  /** `affected`, and what its correlations count. */
  needed: ReadonlySet<string>
}

/**
 * What two sets of rules differ in, by what the rules mean once compiled: a pipeline that changed concerns the rules that come
 * out otherwise, a filter those it applies to, and a part every correlation that counts it.
 * @param all take every rule for affected
 */
export function differenceOf(before: RuleSet, after: RuleSet, all = false): Difference {
  const sides = [before, after]
  const meanings = sides.map(meaningsOf)
  const ids = new Set(meanings.flatMap((each) => [...each.keys()]))
  const affected = new Set<string>()
  const anew = all || rowsOf(before) !== rowsOf(after)
  for (const id of ids) if (anew || meanings[0]!.get(id) !== meanings[1]!.get(id)) affected.add(id)
  const partsOf = (set: RuleSet, index: number): string[] =>
    set.correlations[index]!.parts.map(({ kind, index: at }) =>
      kind === 'detection' ? set.network.rules[at]!.rule.id : set.correlations[at]!.rule.id,
    )
  for (let before = -1; before < affected.size;) {
    before = affected.size
    for (const set of sides) {
      set.correlations.forEach(({ rule }, index) => {
        if (partsOf(set, index).some((part) => affected.has(part))) affected.add(rule.id)
      })
    }
  }
  const needed = new Set(affected)
  for (const set of sides) {
    for (let index = set.correlations.length - 1; index >= 0; index--) {
      if (needed.has(set.correlations[index]!.rule.id)) for (const part of partsOf(set, index)) needed.add(part)
    }
  }
  return { affected, needed }
}

/** A text that is the same where log sources are told alike. */
export function rowsOf({ logSources }: RuleSet): string {
  return JSON.stringify(
    logSources.map(({ when, sources }) => [when.map(([field, values]) => [field, [...values]]), sources]),
  )
}

/** By rule id, a text that is the same exactly where the rule means and says the same. */
function meaningsOf(set: RuleSet): Map<string, string> {
  const alerting = alertingOf(set)
  const { predicates } = set.network
  const lives = new Map(set.rules.map(({ id, state, budget, disabledIn }) => [id, [state, budget, disabledIn]]))
  const meanings = new Map<string, string>()
  for (const rule of set.network.rules) {
    const filters = rule.filters
      .map(({ node }) => shapeOf(node, predicates))
      .map((shape) => JSON.stringify(shape))
      .sort()
    const { id, hash } = rule.rule
    meanings.set(
      id,
      JSON.stringify([
        hash,
        lives.get(id),
        rule.mapped.logsource,
        alerting(id),
        shapeOf(rule.node, predicates),
        filters,
      ]),
    )
  }
  for (const { rule, parts, groupFields } of set.correlations) {
    const own = parts.map(({ kind, index, groupBy, fields }) => {
      const part: { id: string } = kind === 'detection' ? set.network.rules[index]!.rule : set.correlations[index]!.rule
      return [part.id, groupBy, fields]
    })
    meanings.set(rule.id, JSON.stringify([rule.hash, lives.get(rule.id), alerting(rule.id), own, groupFields]))
  }
  return meanings
}

function shapeOf(node: Node, predicates: readonly Predicate[]): unknown {
  switch (node.op) {
    case 'never':
      return 0
    case 'test': {
      const { slot, test, other } = predicates[node.predicate]!
      return [slot.names, test.key, other?.names ?? 0]
    }
    case 'not':
      return ['not', shapeOf(node.of, predicates)]
    case 'and':
    case 'or':
      return [node.op, ...node.of.map((part) => shapeOf(part, predicates))]
  }
}

/** Names of all fields that conditions and filters of a rule ask about; empty names stand for the whole event. */
export function askedBy({ node, filters }: CompiledRule, { predicates }: RuleSet['network']): string[][] {
  const found: string[][] = []
  const walk = (part: Node): void => {
    if (part.op === 'test') {
      const { slot, other } = predicates[part.predicate]!
      found.push([...slot.names], ...(other === undefined ? [] : [[...other.names]]))
    } else if (part.op === 'not') walk(part.of)
    else if (part.op !== 'never') part.of.forEach(walk)
  }
  walk(node)
  for (const filter of filters) walk(filter.node)
  return found
}
