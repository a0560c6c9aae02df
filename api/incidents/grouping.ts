import { createHash } from 'node:crypto'
import { type Alert, type Entity, LEVELS } from '../../model/alert.ts'
import { type Incident, isOpen } from '../../model/incident.ts'
import type { AlertFacts, AlertGroup } from '../../store/local/incident-alerts.ts'
import type { GroupedIncident } from '../../store/local/incidents.ts'
import type { RuleGrouping } from './grouping-settings.ts'
import type { Priority } from './priority.ts'
import type { Span } from './span.ts'

/** Longest entity value that is kept: it comes out of a log line. */
const ENTITY_CHARS_MAX = 256
/** Entities an incident lists; a scan touches thousands, and its alerts name them all. */
const ENTITIES_MAX = 100
/** Of one alert those that are kept with what it says. */
const ENTITIES_OF_ALERT_MAX = ENTITIES_MAX
/** Late events showed that the alert never was, or is part of another one; there is nothing of it to show. */
export function isWithdrawn(alert: Alert): boolean {
  return alert.count === 0
}

export function spanOf(alert: Alert): Span {
  const to = alert['@timestamp']
  const oldest = alert.evidence[0]?.['@timestamp'] ?? to
  return { from: oldest < to ? oldest : to, to }
}

/** The thing an alert is grouped by: the entity that its rule asks for, else its first, else its system. */
export function primaryEntity(alert: Alert, by?: RuleGrouping['by']): Entity {
  const wanted = alert.entities.find(({ kind }) => kind === by) ?? alert.entities[0]
  const entity = wanted ?? { kind: 'host' as const, value: alert.system ?? 'unknown' }
  return { kind: entity.kind, value: entity.value.slice(0, ENTITY_CHARS_MAX) }
}

/** Equal for two alerts of one agency exactly where they belong together; without an entity only alerts of one rule do. */
export function groupKeyOf(alert: Alert, by?: RuleGrouping['by']): string {
  if (alert.entities.length === 0 || by === 'rule') return `rule:${alert.rule.id}`
  const { kind, value } = primaryEntity(alert, by)
  return `${kind}:${value.toLowerCase()}` // hosts and Windows accounts are one thing in any case
}

/** Why an alert stands where it stands; a message code for the history. */
type GroupingReason = 'same_entity_within_look_back' | 'none_within_look_back' | 'after_closed' | 'reopened_by_rule'

export interface Choice {
  /** Where the alert joins; absent: a new incident opens. */
  join?: GroupedIncident
  reason: GroupingReason
  /** The handled incident that a new one follows. */
  follows?: Incident
}

/** An incident that an alert may join; `seen`: the events of the one that was merged into it, by which the group knows it. */
export interface Candidate extends GroupedIncident {
  seen?: Span
}

/** Milliseconds between the alert's events and the incident's; 0 where they overlap. */
function gapMs({ incident, seen }: Candidate, span: Span): number {
  const { from, to } = seen ?? { from: incident.firstEventAt, to: incident.lastEventAt }
  const after = Date.parse(span.from) - Date.parse(to)
  const before = Date.parse(from) - Date.parse(span.to)
  return Math.max(0, after, before)
}

/**
 * Which of `candidates`, all of the alert's agency and group key, the alert joins: the open one nearest in event time, at
 * most the rule's look-back away in either direction, the older number among equals. What was resolved or closed is never
 * changed under the hands of whoever decided so: a new incident follows it, unless the rule says that it opens again.
 */
export function chooseIncident(span: Span, candidates: readonly Candidate[], rule: RuleGrouping): Choice {
  const near = candidates
    .map((candidate) => ({ candidate, gap: gapMs(candidate, span) }))
    .filter(({ gap }) => gap <= rule.lookBackMs)
    .sort((a, b) => a.gap - b.gap || a.candidate.incident.number - b.candidate.incident.number)
  const open = near.find(({ candidate }) => isOpen(candidate.incident))
  if (open !== undefined) return { join: open.candidate, reason: 'same_entity_within_look_back' }
  const handled = near[0]?.candidate
  if (handled === undefined) return { reason: 'none_within_look_back' }
  if (rule.afterHandled === 'reopen') return { join: handled, reason: 'reopened_by_rule' }
  return { reason: 'after_closed', follows: handled.incident }
}

/** Derived from the alert that opened it, which a replay raises again under the same id. */
export function incidentId(alertId: string): string {
  return createHash('sha256').update('incident\0').update(alertId).digest('hex').slice(0, 32)
}

/** What the alert says to its incident. Without a Vietnamese title the title itself stands in for it. */
export function factsOf(alert: Alert, { priority, reasons }: Priority): AlertFacts {
  const { id, title, titleVi = title, level, tags } = alert.rule
  return {
    rule: { id, title, titleVi, level },
    ...(alert.system !== undefined && { system: alert.system }),
    priority,
    priorityReasons: reasons,
    entities: alert.entities
      .slice(0, ENTITIES_OF_ALERT_MAX)
      .map(({ kind, value }) => ({ kind, value: value.slice(0, ENTITY_CHARS_MAX) })),
    attack: tags.filter((tag) => tag.startsWith('attack.')),
  }
}

/** One alert, as its incident takes it. */
export interface Contribution {
  alertId: string
  facts: AlertFacts
  span: Span
}

/** An incident of this one alert. */
export function openIncident(
  { alertId, facts, span }: Contribution,
  opened: { agency: string; number: number; at: string; entity: Entity; id?: string },
): Incident {
  const { rule } = facts
  return {
    id: opened.id ?? incidentId(alertId),
    number: opened.number,
    version: 1,
    agency: opened.agency,
    ...(facts.system !== undefined && { system: facts.system }),
    title: rule.title,
    titleVi: rule.titleVi,
    state: 'new',
    level: rule.level,
    priority: facts.priority,
    priorityReasons: facts.priorityReasons,
    life: [{ state: 'new', at: opened.at }],
    legal: {},
    entity: opened.entity,
    entities: withEntities([opened.entity], facts.entities),
    rules: [{ ...rule, count: 1 }],
    attack: withTags([], facts.attack),
    alertCount: 1,
    firstEventAt: span.from,
    lastEventAt: span.to,
    createdAt: opened.at,
    updatedAt: opened.at,
  }
}

export interface Joined {
  incident: Incident
  /** A rule that the incident had not seen. */
  newRule: boolean
  /** The level or the priority rose. */
  raised: boolean
}

/**
 * `incident` with one more alert (`counts` 1), with a higher version of one it has (0), or with one that late events disproved
 * (-1). `version` rises only with what the history records (a new rule, a higher level or priority, a withdrawal): in a storm
 * of one rule's alerts only counts move, and an analyst's change is not refused for them.
 */
export function joinIncident(
  incident: Incident,
  { facts, span }: Contribution,
  { at, counts }: { at: string; counts: number },
): Joined {
  const { rule } = facts
  const newRule = !incident.rules.some(({ id }) => id === rule.id)
  const graver = LEVELS.indexOf(rule.level) > LEVELS.indexOf(incident.level)
  const higher = facts.priority > incident.priority
  const raised = graver || higher
  return {
    newRule,
    raised,
    incident: {
      ...incident,
      version: incident.version + (newRule || raised || counts < 0 ? 1 : 0),
      ...(graver && { level: rule.level, title: rule.title, titleVi: rule.titleVi }),
      ...(higher && { priority: facts.priority, priorityReasons: facts.priorityReasons }),
      entities: withEntities(incident.entities, facts.entities),
      rules: newRule
        ? [...incident.rules, { ...rule, count: 1 }]
        : incident.rules.map((known) => (known.id === rule.id ? { ...known, count: known.count + counts } : known)),
      attack: withTags(incident.attack, facts.attack),
      alertCount: incident.alertCount + counts,
      firstEventAt: span.from < incident.firstEventAt ? span.from : incident.firstEventAt,
      lastEventAt: span.to > incident.lastEventAt ? span.to : incident.lastEventAt,
      updatedAt: at,
    },
  }
}

/**
 * `incident` as these alerts, all it has now, make it: what taking them in one by one would give. Without any it keeps its
 * face and counts nothing.
 */
export function rebuilt(incident: Incident, groups: readonly AlertGroup[], at: string): Incident {
  const kept = { ...incident, version: incident.version + 1, alertCount: 0, updatedAt: at }
  const [first] = groups
  if (first === undefined) return { ...kept, rules: incident.rules.map((rule) => ({ ...rule, count: 0 })) }
  const rules = new Map<string, Incident['rules'][number]>()
  for (const { facts, count } of groups) {
    rules.set(facts.rule.id, { ...facts.rule, count: (rules.get(facts.rule.id)?.count ?? 0) + count })
  }
  const gravest = groups.reduce((a, b) =>
    LEVELS.indexOf(b.facts.rule.level) > LEVELS.indexOf(a.facts.rule.level) ? b : a,
  ).facts.rule
  const highest = groups.reduce((a, b) => (b.facts.priority > a.facts.priority ? b : a)).facts
  return {
    ...kept,
    title: gravest.title,
    titleVi: gravest.titleVi,
    level: gravest.level,
    priority: highest.priority,
    priorityReasons: highest.priorityReasons,
    entities: groups.reduce<Entity[]>((all, { facts }) => withEntities(all, facts.entities), [incident.entity]),
    rules: [...rules.values()],
    attack: groups.reduce<string[]>((all, { facts }) => withTags(all, facts.attack), []),
    alertCount: groups.reduce((sum, { count }) => sum + count, 0),
    firstEventAt: groups.map(({ firstAt }) => firstAt).reduce((a, b) => (a < b ? a : b)),
    lastEventAt: groups.map(({ lastAt }) => lastAt).reduce((a, b) => (a > b ? a : b)),
  }
}

/** `known` itself where nothing is new to it, so that what did not change is told by looking. */
function withEntities(known: Entity[], more: readonly Entity[]): Entity[] {
  const fresh: Entity[] = []
  for (const { kind, value } of more) {
    if (known.length + fresh.length >= ENTITIES_MAX) break
    const same = (other: Entity): boolean => other.kind === kind && other.value === value
    if (!known.some(same) && !fresh.some(same)) fresh.push({ kind, value })
  }
  return fresh.length === 0 ? known : [...known, ...fresh]
}

function withTags(known: string[], tags: readonly string[]): string[] {
  const all = [...new Set([...known, ...tags])]
  return all.length === known.length ? known : all
}
