import type { Alert } from '../model/alert.ts'
import type { EcsEvent } from '../model/event.ts'
import { alertingOf } from './alerting.ts'
import { eventAlert } from './alert.ts'
import { Correlator, type CorrelationCounters } from './correlation/correlator.ts'
import type { SavedState } from './correlation/state.ts'
import type { CorrelationCount } from './correlation/tally.ts'
import { Matcher } from './network/match.ts'
import { TimeReader, timeOf } from './correlation/times.ts'
import { NoiseBudgets, type Budgeted, type SavedBudgets } from './noise-budget.ts'
import type { RuleSet } from './rule-set.ts'
import type { LoadedRule } from './types.ts'

export { fileKind, loadModifiers, loadRules, type RuleSet } from './rule-set.ts'

export interface RuleCounters {
  /** Events that matched; for a correlation, versions of alerts it worked out. */
  matches: number
  /** Events on which its condition held and a filter did not. */
  hidden: number
  /** Alerts and amended versions raised. */
  alerts: number
  /** Events on which its condition was run. */
  evaluated: number
  /** Time spent on its condition and, shared equally among the rules that have a gate there, on its fields; estimated from a sample of the events. */
  nanos: number
  /** Alerts that did not go out: the rule is off for their agency, or had used up its budget. */
  withheld: number
  correlation?: CorrelationCounters
}

/** Matches of one rule that one filter kept out, among the events of one agency received on one day. */
export interface HiddenCount {
  filter: string
  rule: string
  agency: string
  /** Of receipt, UTC: `YYYY-MM-DD`. */
  day: string
  events: number
  /** When the last of them was received, ISO UTC. */
  lastAt: string
}

export interface EngineStats {
  events: number
  /** Events that belong to no known log source, so that no rule is about them. */
  unrouted: number
  rules: Record<string, RuleCounters>
}

export interface EngineOptions {
  /** How far behind the newest event time an event may come and still be correlated in order; 5 minutes. */
  latenessMs?: number
  /** The same for agencies whose sources state another lateness: that of the slowest of them. */
  latenessByAgency?: ReadonlyMap<string, number>
  /** On whose wall clock the days of noise budgets begin; UTC. */
  timeZone?: string
  /** Groups that one correlation rule keeps at most; 100,000. */
  groupsMax?: number
  /** Estimated bytes of contributions that all correlation rules keep at most; 512 MiB. */
  bytesMax?: number
}

const LATENESS_MS = 5 * 60_000
const GROUPS_MAX = 100_000
const DAY = 'YYYY-MM-DD'.length
/** One event of so many is timed rule by rule. */
const SAMPLE = 256

/**
 * Events in, alerts out: a pure function of the sequence of events and the rules, on event time. An instance holds the
 * state of correlations; nothing else outlives an event but counters.
 */
export class Engine {
  readonly #ruleSet: RuleSet
  readonly #matcher: Matcher
  readonly #correlator: Correlator
  readonly #matches: number[] = []
  /** Per rule of the network: whether a match is an alert. */
  readonly #raises: boolean[]
  readonly #matched: Float64Array
  readonly #alerts = new Map<string, number>()
  /** Rules of which not every alert goes out as it is. */
  readonly #restrained = new Map<string, LoadedRule>()
  readonly #budgets: NoiseBudgets
  readonly #latenessOf: (agency: string) => number
  readonly #times = new TimeReader()
  readonly #withheld = new Map<string, number>()
  readonly #hiddenOf: Float64Array
  #hidden = new Map<string, HiddenCount>()
  #events = 0
  #unrouted = 0

  constructor(ruleSet: RuleSet, options: EngineOptions = {}) {
    this.#ruleSet = ruleSet
    const { network, correlations, logSources } = ruleSet
    this.#matcher = new Matcher(network, logSources)
    this.#matched = new Float64Array(network.rules.length)
    this.#hiddenOf = new Float64Array(network.rules.length)
    const alerting = alertingOf(ruleSet)
    this.#raises = network.rules.map(({ rule }) => alerting(rule.id))
    this.#correlator = new Correlator(correlations, network.rules, {
      latenessMs: options.latenessMs ?? LATENESS_MS,
      ...(options.latenessByAgency && { latenessByAgency: options.latenessByAgency }),
      groupsMax: options.groupsMax ?? GROUPS_MAX,
      ...(options.bytesMax !== undefined && { bytesMax: options.bytesMax }),
      alerting,
    })
    const budgeted = new Map<string, Budgeted>()
    for (const rule of ruleSet.rules) {
      const { id, kind, state, disabledIn, budget } = rule
      if (state === 'shadow' || disabledIn !== undefined || budget !== undefined) this.#restrained.set(id, rule)
      // What is tried out is measured in full.
      if (budget !== undefined && state !== 'shadow') budgeted.set(id, { ...budget, once: kind === 'detection' })
    }
    const latenessMs = options.latenessMs ?? LATENESS_MS
    this.#latenessOf = (agency) => options.latenessByAgency?.get(agency) ?? latenessMs
    this.#budgets = new NoiseBudgets(budgeted, {
      latenessMs: Math.max(latenessMs, ...(options.latenessByAgency?.values() ?? [])),
      timeZone: options.timeZone ?? 'UTC',
    })
  }

  /** Alerts that this event raises, and new versions of earlier ones that it amends. Never throws on an event. */
  process(event: EcsEvent): Alert[] {
    this.#events++
    const count = this.#matcher.match(event, this.#matches, this.#events % SAMPLE === 0)
    if (count < 0) this.#unrouted++
    if (this.#matcher.hidden.length > 0) this.#noteHidden(event)
    let alerts: Alert[] = []
    for (let i = 0; i < count; i++) {
      const index = this.#matches[i]!
      this.#matched[index]!++
      if (!this.#raises[index]) continue
      const { rule, mapped } = this.#ruleSet.network.rules[index]!
      alerts.push(eventAlert(rule, mapped, event))
    }
    if (this.#correlator.active) {
      const raised = this.#correlator.observe(event, this.#matches, count)
      if (raised.length > 0) alerts = alerts.length > 0 ? [...alerts, ...raised] : [...raised]
    }
    if (this.#restrained.size > 0) alerts = this.#restrain(alerts, event)
    for (const { rule } of alerts) this.#alerts.set(rule.id, (this.#alerts.get(rule.id) ?? 0) + 1)
    return alerts
  }

  /** Lets go what may go out: not what is off for its agency; marked what is tried out; of what has a budget no more than that. */
  #restrain(alerts: readonly Alert[], event: EcsEvent): Alert[] {
    const received = this.#times.read(event['event.ingested'] ?? '')
    const at = timeOf(this.#times.read(event['@timestamp']), received, this.#latenessOf(event['soc.agency']))
    const over = this.#budgets.advance(Math.min(at, received), event['soc.seq'])
    const out = alerts.flatMap((alert) => {
      const rule = this.#restrained.get(alert.rule.id)
      if (rule === undefined) return alert
      if (rule.disabledIn?.[alert.agency] !== undefined) {
        this.#withheld.set(rule.id, (this.#withheld.get(rule.id) ?? 0) + 1)
        return []
      }
      if (rule.state === 'shadow') return { ...alert, shadow: true as const }
      return rule.budget === undefined ? alert : this.#budgets.take(alert)
    })
    return [...over, ...out]
  }

  #noteHidden(event: EcsEvent): void {
    const agency = event['soc.agency']
    const lastAt = event['event.ingested']
    const day = lastAt.slice(0, DAY)
    const seen = new Set<number>()
    for (const { rule: index, filter } of this.#matcher.hidden) {
      if (!seen.has(index)) this.#hiddenOf[index]!++
      seen.add(index)
      const rule = this.#ruleSet.network.rules[index]!.rule.id
      const key = JSON.stringify([filter, rule, agency, day])
      const known = this.#hidden.get(key)
      if (known === undefined) this.#hidden.set(key, { filter, rule, agency, day, events: 1, lastAt })
      else {
        known.events++
        if (lastAt > known.lastAt) known.lastAt = lastAt
      }
    }
  }

  /** What filters kept out since this was last asked. */
  takeHidden(): HiddenCount[] {
    const counts = [...this.#hidden.values()]
    if (counts.length > 0) this.#hidden = new Map()
    return counts
  }

  /** What became of what correlations were offered since this was last asked. */
  takeCorrelated(): CorrelationCount[] {
    return this.#correlator.takeTallies()
  }

  /** Ids of the rules that an event matches, whatever becomes of the matches; correlations take no notice. */
  matches(event: EcsEvent): string[] {
    const count = this.#matcher.match(event, this.#matches, false)
    const ids: string[] = []
    for (let i = 0; i < count; i++) ids.push(this.#ruleSet.network.rules[this.#matches[i]!]!.rule.id)
    return ids
  }

  /** Forgets the values it has met, for whoever measures what the first meeting costs. */
  forget(): void {
    this.#matcher.forget()
  }

  /** The state of correlations, as JSON. */
  checkpoint(): string {
    const budgets = this.#budgets.save()
    return JSON.stringify({ ...this.#correlator.save(), ...(budgets && { budgets }) })
  }

  /** Goes on from a checkpoint. State of correlations that changed, or whose parts did, is dropped; of another format, all. */
  restore(state: string): void {
    const saved = JSON.parse(state) as SavedState & { budgets?: SavedBudgets }
    this.#correlator.restore(saved)
    this.#budgets.restore(saved.budgets)
  }

  stats(): EngineStats {
    const rules: EngineStats['rules'] = {}
    const { evaluated } = this.#matcher
    const nanos = this.#matcher.nanos()
    this.#ruleSet.network.rules.forEach(({ rule: { id } }, i) => {
      rules[id] = {
        matches: this.#matched[i]!,
        hidden: this.#hiddenOf[i]!,
        alerts: this.#alerts.get(id) ?? 0,
        evaluated: evaluated[i]!,
        nanos: Math.round(nanos[i]! * SAMPLE),
        withheld: this.#withheldOf(id),
      }
    })
    for (const { rule } of this.#ruleSet.correlations) {
      const alerts = this.#alerts.get(rule.id) ?? 0
      const correlation = this.#correlator.counters(rule.id)
      const withheld = this.#withheldOf(rule.id)
      rules[rule.id] = {
        matches: alerts,
        hidden: 0,
        alerts,
        evaluated: 0,
        nanos: 0,
        withheld,
        ...(correlation && { correlation }),
      }
    }
    return { events: this.#events, unrouted: this.#unrouted, rules }
  }

  #withheldOf(id: string): number {
    return (this.#withheld.get(id) ?? 0) + (this.#budgets.withheld.get(id) ?? 0)
  }
}
