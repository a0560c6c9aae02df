import type { EngineOptions, HiddenCount } from '../../detection/engine.ts'
import { Engine } from '../../detection/engine.ts'
import { compileNetwork } from '../../detection/network/compile.ts'
import { Matcher } from '../../detection/network/match.ts'
import { restrict, rowsOf, type Difference } from '../../detection/restrict.ts'
import type { RuleSet } from '../../detection/rule-set.ts'
import type { Alert } from '../../model/alert.ts'
import type { EcsEvent } from '../../model/event.ts'

/** A version of an alert with the place its rule has among those that speak at one record. */
export interface Version {
  alert: Alert
  rank: number
}

/** What the rules that could differ say of a stretch of events. */
export interface Replayed {
  /** In the order in which they were raised. */
  versions: Version[]
  hidden: HiddenCount[]
  /** Matches of a rule that filters kept out, each once. */
  hiddenOf: (rule: string) => number
}

/**
 * Tells which events matter: those that a rule of these sets matches, filters or not. Sets that tell log sources alike are one
 * network, so that what they have in common is looked at once.
 */
export function keeperOf(sets: readonly RuleSet[]): (event: EcsEvent) => boolean {
  const alike = new Map<string, RuleSet[]>()
  for (const set of sets) {
    const key = rowsOf(set)
    alike.set(key, [...(alike.get(key) ?? []), set])
  }
  const matchers = [...alike.values()].map((some) => {
    return new Matcher(compileNetwork(some.flatMap(({ network }) => network.rules)), some[0]!.logSources)
  })
  const matches: number[] = []
  return (event) => matchers.some((matcher) => matcher.match(event, matches, false) > 0 || matcher.hidden.length > 0)
}

/** Positions of the rules of a set, in the order in which they speak of one record. */
export function ranksOf({ network, correlations }: RuleSet): Map<string, number> {
  const ids = [...network.rules, ...correlations].map(({ rule }) => rule.id)
  return new Map(ids.map((id, rank) => [id, rank]))
}

/** Runs the needed rules over events in the order of the log; of the affected ones, what they raised. */
export function replay(
  set: RuleSet,
  { affected, needed }: Difference,
  events: readonly EcsEvent[],
  options: EngineOptions,
): Replayed {
  if (events.length === 0) return { versions: [], hidden: [], hiddenOf: () => 0 }
  const engine = new Engine(restrict(set, needed), options)
  const ranks = ranksOf(set)
  const versions: Version[] = []
  for (const event of events) {
    for (const alert of engine.process(event)) {
      // What is tried out is seen by nobody who works on incidents.
      if (alert.shadow !== true && affected.has(alert.rule.id))
        versions.push({ alert, rank: ranks.get(alert.rule.id)! })
    }
  }
  const { rules } = engine.stats()
  return { versions, hidden: engine.takeHidden(), hiddenOf: (rule) => rules[rule]?.hidden ?? 0 }
}

/** As the log has them: by receipt, as far as days go, then by position. Positions begin anew with a spool. */
export function inLogOrder(events: EcsEvent[]): EcsEvent[] {
  const spoolOf = (event: EcsEvent): string => event['soc.record'].slice(0, -`-${event['soc.seq']}`.length)
  const firstOf = new Map<string, string>()
  for (const event of events) {
    const spool = spoolOf(event)
    const known = firstOf.get(spool)
    if (known === undefined || event['event.ingested'] < known) firstOf.set(spool, event['event.ingested'])
  }
  return events.sort((a, b) => {
    const [one, other] = [spoolOf(a), spoolOf(b)]
    if (one === other) return a['soc.seq'] - b['soc.seq']
    return firstOf.get(one)! < firstOf.get(other)! ? -1 : 1
  })
}
