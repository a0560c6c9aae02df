import { lowerBound } from '../../detection/correlation/lower-bound.ts'
import type { Alert } from '../../model/alert.ts'
import { groupKeyOf, spanOf } from '../incidents/grouping.ts'
import { type GroupingSettings, ruleGrouping } from '../incidents/grouping-settings.ts'

/** A version of an alert, and between which times its events are. */
interface Placed {
  alert: Alert
  fromMs: number
  toMs: number
}

/**
 * Of stored alerts, those that can come to an incident with what either side raises, whichever way they are grouped: all others are
 * grouped alike on both sides. Alerts meet by agency and what they are grouped by where no more time lies between them than grouping
 * looks back over, and by their rule where it has enough of them for a storm.
 */
export function nearTo(raised: readonly Alert[], stored: readonly Alert[], grouping: GroupingSettings): Alert[] {
  const agencies = new Set(raised.map(({ agency }) => agency))
  const all = [...raised, ...stored.filter(({ agency }) => agencies.has(agency))].map((alert): Placed => {
    const { from, to } = spanOf(alert)
    return { alert, fromMs: Date.parse(from), toMs: Date.parse(to) }
  })
  const reachMs = reachOf(all, grouping)
  const sets = new DisjointSets() // a later version stays where the first one is: they have one id
  const join = (chain: readonly Placed[]): void => {
    for (const { alert } of chain) sets.join(chain[0]!.alert.id, alert.id)
  }
  for (const chain of chains(all, (alert) => groupKeyOf(alert, ruleGrouping(grouping, alert.rule).by), reachMs)) {
    join(chain)
  }
  const { storm } = grouping
  if (storm !== undefined) {
    for (const chain of chains(all, ({ rule }) => rule.id, reachMs)) if (mayStorm(chain, storm)) join(chain)
  }
  const met = new Set(raised.map(({ id }) => sets.of(id)))
  return stored.filter(({ id }) => met.has(sets.of(id)))
}

/** The longest time that grouping looks over for anything; no incident spans a longer gap. */
function reachOf(all: readonly Placed[], grouping: GroupingSettings): number {
  const { risk, storm } = grouping
  const lookBacks = all.map(({ alert }) => ruleGrouping(grouping, alert.rule).lookBackMs)
  const others = [risk?.windowMs ?? 0, storm?.withinMs ?? 0, storm?.quietMs ?? 0]
  return [...lookBacks, ...others].reduce((longest, ms) => Math.max(longest, ms), 0)
}

/** Alerts of one agency and key, parted where nothing happened for longer than `reachMs`. */
function* chains(all: readonly Placed[], keyOf: (alert: Alert) => string, reachMs: number): Generator<Placed[]> {
  const byKey = new Map<string, Placed[]>()
  for (const placed of all) {
    const key = `${placed.alert.agency}\n${keyOf(placed.alert)}`
    const known = byKey.get(key)
    if (known === undefined) byKey.set(key, [placed])
    else known.push(placed)
  }
  for (const placed of byKey.values()) {
    placed.sort((a, b) => a.fromMs - b.fromMs)
    let chain: Placed[] = []
    let untilMs = -Infinity
    for (const one of placed) {
      if (one.fromMs - untilMs > reachMs && chain.length > 0) {
        yield chain
        chain = []
      }
      chain.push(one)
      untilMs = Math.max(untilMs, one.toMs)
    }
    yield chain
  }
}

/** Whether one of these may find that its rule opened as many incidents around it as make a storm, if each opened one. */
function mayStorm(
  chain: readonly Placed[],
  { incidentsMax, withinMs }: NonNullable<GroupingSettings['storm']>,
): boolean {
  const ends = chain.map(({ toMs }) => toMs).sort((a, b) => a - b)
  return chain.some(
    ({ fromMs, toMs }) => lowerBound(ends, toMs + withinMs + 1) - lowerBound(ends, fromMs - withinMs) >= incidentsMax,
  )
}

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
