import type { Alert } from '../../model/alert.ts'
import { groupKeyOf } from '../incidents/grouping.ts'
import type { GroupingSettings } from '../incidents/grouping-settings.ts'

/**
 * Of stored alerts, those that can come to an incident with what either side raises, whichever way they are grouped: all others are
 * grouped alike on both sides. Alerts meet by agency and what they are grouped by, and where a rule has enough of them for a storm,
 * by that rule.
 */
export function nearTo(raised: readonly Alert[], stored: readonly Alert[], grouping: GroupingSettings): Alert[] {
  const { storm } = grouping
  const all = [...raised, ...stored]
  const ofRule = new Map<string, Set<string>>()
  for (const alert of all) {
    const key = ruleKey(alert)
    const ids = ofRule.get(key)
    if (ids === undefined) ofRule.set(key, new Set([alert.id]))
    else ids.add(alert.id)
  }
  const sets = new DisjointSets()
  const keyOf = (alert: Alert): string =>
    JSON.stringify([alert.agency, groupKeyOf(alert, grouping.ruleGrouping(alert.rule).by)])
  for (const alert of all) {
    const key = keyOf(alert)
    sets.join(key, alert.id) // a later version stays where the first one is
    if (storm !== undefined && ofRule.get(ruleKey(alert))!.size >= storm.incidentsMax) sets.join(key, ruleKey(alert))
  }
  const met = new Set(raised.map((alert) => sets.of(alert.id)))
  return stored.filter((alert) => met.has(sets.of(alert.id)))
}

const ruleKey = ({ agency, rule }: Alert): string => JSON.stringify([agency, 'rule', rule.id])

/** Names that hang together. */
class DisjointSets {
  readonly #next = new Map<string, string>()

  /** The name that stands for all of its set. */
  of(name: string): string {
    let last = name
    for (let next = this.#next.get(last); next !== undefined; next = this.#next.get(last)) last = next
    for (let at = name; at !== last;) {
      const next = this.#next.get(at)!
      this.#next.set(at, last)
      at = next
    }
    return last
  }

  join(a: string, b: string): void {
    const [one, other] = [this.of(a), this.of(b)]
    if (one !== other) this.#next.set(one, other)
  }
}
