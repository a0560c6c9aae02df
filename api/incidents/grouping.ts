import { createHash } from 'node:crypto'
import { type Alert, type Entity, LEVELS } from '../../model/alert.ts'
import type { Incident, State } from '../../model/incident.ts'
import type { Priority } from './priority.ts'

/** Longest entity value that is kept: it comes out of a log line. */
const ENTITY_CHARS_MAX = 256
/** Entities an incident lists; a scan touches thousands, and its alerts name them all. */
const ENTITIES_MAX = 100
const OPEN: ReadonlySet<State> = new Set<State>(['new', 'in_progress', 'on_hold'])

/** Late events showed that the alert never was, or is part of another one; there is nothing of it to show. */
export function isWithdrawn(alert: Alert): boolean {
  return alert.count === 0
}

/** First and last event of an alert, ISO UTC. */
export function spanOf(alert: Alert): { from: string; to: string } {
  const to = alert['@timestamp']
  const oldest = alert.evidence[0]?.['@timestamp'] ?? to
  return { from: oldest < to ? oldest : to, to }
}

/** The thing an alert is grouped by: its first entity, else its system. */
export function primaryEntity(alert: Alert): Entity {
  const entity = alert.entities[0] ?? { kind: 'host', value: alert.system ?? 'unknown' }
  return { kind: entity.kind, value: entity.value.slice(0, ENTITY_CHARS_MAX) }
}

/** Equal for two alerts of one agency exactly where they belong together; without an entity only alerts of one rule do. */
export function groupKeyOf(alert: Alert): string {
  if (alert.entities.length === 0) return `rule:${alert.rule.id}`
  const { kind, value } = primaryEntity(alert)
  return `${kind}:${value.toLowerCase()}` // hosts and Windows accounts are one thing in any case
}

/** Why an alert stands where it stands; a message code for the history. */
type GroupingReason = 'same_entity_within_look_back' | 'none_within_look_back' | 'after_closed'

export interface Choice {
  /** Where the alert joins; absent: a new incident opens. */
  join?: Incident
  reason: GroupingReason
  /** The handled incident that a new one follows. */
  follows?: Incident
}

/** Milliseconds between the alert's events and the incident's; 0 where they overlap. */
function gapMs(incident: Incident, span: { from: string; to: string }): number {
  const after = Date.parse(span.from) - Date.parse(incident.lastEventAt)
  const before = Date.parse(incident.firstEventAt) - Date.parse(span.to)
  return Math.max(0, after, before)
}

/**
 * Which of `candidates`, all of the alert's agency and group key, the alert joins: the open one nearest in event time, at
 * most `lookBackMs` away in either direction, the older number among equals. What was resolved or closed is never
 * changed under the hands of whoever decided so: a new incident follows it.
 */
export function chooseIncident(alert: Alert, candidates: readonly Incident[], lookBackMs: number): Choice {
  const span = spanOf(alert)
  const near = candidates
    .map((incident) => ({ incident, gap: gapMs(incident, span) }))
    .filter(({ gap }) => gap <= lookBackMs)
    .sort((a, b) => a.gap - b.gap || a.incident.number - b.incident.number)
  const open = near.find(({ incident }) => OPEN.has(incident.state))
  if (open !== undefined) return { join: open.incident, reason: 'same_entity_within_look_back' }
  const handled = near.at(0)
  if (handled !== undefined) return { reason: 'after_closed', follows: handled.incident }
  return { reason: 'none_within_look_back' }
}

/** Derived from the alert that opened it, which a replay raises again under the same id. */
export function incidentId(alertId: string): string {
  return createHash('sha256').update('incident\0').update(alertId).digest('hex').slice(0, 32)
}

/** Without a Vietnamese title the title itself stands in, so that a graver rule never keeps a milder one's. */
function titlesOf({ title, titleVi = title }: Alert['rule']): { title: string; titleVi: string } {
  return { title, titleVi }
}

/** An incident of this one alert. */
export function openIncident(alert: Alert, opened: Priority & { number: number; at: string }): Incident {
  const { rule } = alert
  const span = spanOf(alert)
  const entity = primaryEntity(alert)
  return {
    id: incidentId(alert.id),
    number: opened.number,
    version: 1,
    agency: alert.agency,
    ...(alert.system !== undefined && { system: alert.system }),
    ...titlesOf(rule),
    state: 'new',
    level: rule.level,
    priority: opened.priority,
    priorityReasons: opened.reasons,
    entity,
    entities: withEntities([entity], alert.entities),
    rules: [{ id: rule.id, ...titlesOf(rule), level: rule.level, count: 1 }],
    attack: withTags([], rule.tags),
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
 * `incident` with one more alert, or with a higher version of one it has. `version` rises only with what the history
 * records (a new rule, a higher level or priority): in a storm of one rule's alerts only counts move, and an analyst's
 * change is not refused for them.
 */
export function joinIncident(
  incident: Incident,
  alert: Alert,
  joined: Priority & { at: string; amended: boolean },
): Joined {
  const { rule } = alert
  const span = spanOf(alert)
  const withdrawn = isWithdrawn(alert)
  const one = joined.amended ? (withdrawn ? -1 : 0) : 1
  const newRule = !incident.rules.some(({ id }) => id === rule.id)
  const graver = LEVELS.indexOf(rule.level) > LEVELS.indexOf(incident.level)
  const higher = joined.priority > incident.priority
  const raised = graver || higher
  return {
    newRule,
    raised,
    incident: {
      ...incident,
      version: incident.version + (newRule || raised || withdrawn ? 1 : 0),
      ...(graver && { level: rule.level, ...titlesOf(rule) }),
      ...(higher && { priority: joined.priority, priorityReasons: joined.reasons }),
      entities: withEntities(incident.entities, alert.entities),
      rules: newRule
        ? [...incident.rules, { id: rule.id, ...titlesOf(rule), level: rule.level, count: 1 }]
        : incident.rules.map((known) => (known.id === rule.id ? { ...known, count: known.count + one } : known)),
      attack: withTags(incident.attack, rule.tags),
      alertCount: incident.alertCount + one,
      firstEventAt: span.from < incident.firstEventAt ? span.from : incident.firstEventAt,
      lastEventAt: span.to > incident.lastEventAt ? span.to : incident.lastEventAt,
      updatedAt: joined.at,
    },
  }
}

function withEntities(known: readonly Entity[], more: readonly Entity[]): Entity[] {
  const all = [...known]
  for (const { kind, value } of more) {
    if (all.length >= ENTITIES_MAX) break
    const entity = { kind, value: value.slice(0, ENTITY_CHARS_MAX) }
    if (!all.some((other) => other.kind === entity.kind && other.value === entity.value)) all.push(entity)
  }
  return all
}

function withTags(known: readonly string[], tags: readonly string[]): string[] {
  return [...new Set([...known, ...tags.filter((tag) => tag.startsWith('attack.'))])]
}
