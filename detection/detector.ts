import type { Alert, Proof } from '../model/alert.ts'
import type { EcsEvent } from '../model/event.ts'
import { Correlator } from './correlation/correlator.ts'
import { Matcher } from './network/match.ts'
import { proofOf } from './proof.ts'
import type { RuleSet } from './rule-set.ts'

const LATENESS_MS = 5 * 60_000
const GROUPS_MAX = 100_000
const BYTES_MAX = 256 << 20
/** Longer than a timespan and the lateness. */
const AGE_MS = 100 * 365 * 86_400_000
/** ECMA-262 §21.4.1.1: the last time a Date holds. */
const MS_MAX = 8.64e15

/**
 * Rules over a recorded stream, for whoever wants to know what matches what: unlike `Engine`, every match counts, also of
 * rules that are informational or that only feed correlations. Stateful: `match` first, the rest is about what it found.
 */
export class Detector {
  readonly #ruleSet: RuleSet
  readonly #matcher: Matcher
  readonly #correlator: Correlator
  readonly #matches: number[] = []
  #count = 0
  #newestMs = 0
  /** Events that belong to no known log source, so that no rule is about them. */
  unrouted = 0

  constructor(ruleSet: RuleSet, options: { latenessMs?: number } = {}) {
    this.#ruleSet = ruleSet
    this.#matcher = new Matcher(ruleSet.network, ruleSet.logSources)
    this.#correlator = new Correlator(ruleSet.correlations, ruleSet.network.rules, {
      latenessMs: options.latenessMs ?? LATENESS_MS,
      latenessByAgency: new Map(),
      groupsMax: GROUPS_MAX,
      bytesMax: BYTES_MAX,
      alerting: () => true,
    })
  }

  /** How many rules match; correlations take no notice. Never throws on an event. */
  match(event: EcsEvent): number {
    const count = this.#matcher.match(event, this.#matches, false)
    if (count < 0) this.unrouted++
    return (this.#count = Math.max(0, count))
  }

  /** Ids of the rules that the event just matched, sorted. */
  ids(): string[] {
    const ids: string[] = []
    for (let i = 0; i < this.#count; i++) ids.push(this.#ruleSet.network.rules[this.#matches[i]!]!.rule.id)
    return ids.length > 1 ? ids.sort() : ids
  }

  /** Why each of them matched, by id. */
  proofs(event: EcsEvent): Record<string, Proof[]> {
    const rules = this.#matches.slice(0, this.#count).map((index) => this.#ruleSet.network.rules[index]!)
    return Object.fromEntries(rules.map(({ rule, mapped }) => [rule.id, proofOf(mapped, event)] as const))
  }

  /** Alerts of correlations that the event just matched raises, or amends. It must have an identity and a time. */
  correlate(event: EcsEvent): readonly Alert[] {
    this.#newestMs = Math.max(this.#newestMs, Date.parse(event['@timestamp']))
    return this.#correlator.observe(event, this.#matches, this.#count)
  }

  /** The stream is over: windows that were still waiting for their end are judged. */
  end(): Alert[] {
    // A time far ahead takes the watermark past every window; an inner correlation that ends there opens windows of outer
    // ones, hence once more for each that is around others.
    const outer = this.#ruleSet.correlations.filter(({ parts }) => parts.some(({ kind }) => kind === 'correlation'))
    return [undefined, ...outer].flatMap(() => {
      this.#newestMs = Math.min(this.#newestMs + AGE_MS, MS_MAX)
      return this.#correlator.observe({ '@timestamp': new Date(this.#newestMs).toISOString() } as EcsEvent, [], 0)
    })
  }
}
