import type { Alert, Entity } from '../../model/alert.ts'
import { type Incident, isOpen } from '../../model/incident.ts'
import type { LocalDatabase } from '../../store/local/database.ts'
import type { HistoryEntry } from '../../store/local/history.ts'
import {
  type AlertFacts,
  alertGroupsOf,
  findIncidentAlert,
  keepFacts,
  keptFacts,
  moveAlerts,
  putIncidentAlert,
} from '../../store/local/incident-alerts.ts'
import { type GroupedIncident, incidentsOpenedBy, nextIncidentNumber } from '../../store/local/incidents.ts'
import type { Observable } from '../../store/local/observables.ts'
import { type RiskAlert, dropRisk, findRiskAlert, putRiskAlert, riskOf, takeRisk } from '../../store/local/risk.ts'
import { inTransaction } from '../../store/local/transaction.ts'
import { IncidentsAtHand } from './at-hand.ts'
import {
  type Candidate,
  type Choice,
  type Contribution,
  chooseIncident,
  factsOf,
  groupKeyOf,
  isWithdrawn,
  joinIncident,
  openIncident,
  primaryEntity,
  rebuilt,
  spanOf,
} from './grouping.ts'
import { type GroupingSettings, type RuleGrouping, plainGrouping, ruleGrouping } from './grouping-settings.ts'
import { reopen } from './lifecycle.ts'
import { observablesIn } from './observables.ts'
import { priorityOf } from './priority.ts'
import { shifted, widened } from './span.ts'

export interface RaiseOptions {
  /** Security level, 1 to 5, of a system at an event's time (ISO UTC). */
  criticality: (agency: string, system: string | undefined, at: string) => number
  /** Who is told where a rule raises more than it may. */
  ownerOf?: (rule: string) => string | undefined
  /** Default: a look-back of 24 hours for every rule, no risk score, no storms. */
  grouping?: GroupingSettings
  /** ISO UTC, for `createdAt`, `updatedAt` and the history: when the product noticed, not when it happened. */
  now?: () => string
}

/** An alert with what it comes to. */
interface Raised extends Contribution {
  agency: string
  groupKey: string
  entity: Entity
  version: number
  seq: number
  /** Number of its facts. */
  kept: number
  withdrawn: boolean
  observables: readonly Observable[]
  rule: RuleGrouping
}

/** A database with its incidents at hand, the time that is written down, and how alerts are grouped. */
interface Desk {
  db: LocalDatabase
  hand: IncidentsAtHand
  at: string
  grouping: GroupingSettings
}

/**
 * Turns alerts into incidents and gives those that changed, in their new shape. One write transaction, or the caller's.
 * Alerts are taken one by one in the order given, and a version that was applied before changes nothing: however the
 * alerts are cut into batches, and however often a batch comes again, the incidents are the same (law 3).
 */
export function raiseIncidents(db: LocalDatabase, alerts: readonly Alert[], options: RaiseOptions): Incident[] {
  if (alerts.length === 0) return []
  const at = options.now?.() ?? new Date().toISOString()
  return inTransaction(db, () => {
    const desk: Desk = { db, hand: new IncidentsAtHand(db), at, grouping: options.grouping ?? plainGrouping() }
    const changed = new Map<string, Incident>()
    for (const alert of alerts) {
      const known = findIncidentAlert(db, alert.id)
      if (known !== null && known.version >= alert.version) continue
      const waiting = known === null ? findRiskAlert(db, alert.id) : null
      if (waiting !== null && waiting.version >= alert.version) continue
      if (known === null && waiting === null && isWithdrawn(alert)) continue
      const level = options.criticality(alert.agency, alert.system, alert['@timestamp'])
      const raised = raisedOf(desk, alert, level)
      if (known === null && alert.beyondBudget !== undefined) {
        desk.hand.tell([overBudget(alert, alert.beyondBudget, options.ownerOf?.(alert.rule.id) ?? '', at)])
      }
      for (const incident of known === null ? place(desk, raised) : [amend(desk, raised, known)]) {
        changed.set(incident.id, incident)
      }
    }
    desk.hand.write()
    return [...changed.values()]
  })
}

/** A word to the owner of a rule: notices are made from the history. */
function overBudget(
  { agency, count, rule: { id, title, titleVi = title } }: Alert,
  { day, perDay }: NonNullable<Alert['beyondBudget']>,
  owner: string,
  at: string,
): HistoryEntry {
  const params = { rule: id, title, titleVi, owner, agency, day, perDay, beyond: count }
  return { at, actor: 'system', subject: { kind: 'rule', id }, code: 'rule_over_budget', params }
}

function raisedOf({ db, grouping }: Desk, alert: Alert, criticality: number): Raised {
  const rule = ruleGrouping(grouping, alert.rule)
  const facts = factsOf(alert, priorityOf(alert.rule.level, criticality))
  return {
    alertId: alert.id,
    agency: alert.agency,
    groupKey: groupKeyOf(alert, rule.by),
    entity: primaryEntity(alert, rule.by),
    facts,
    kept: keepFacts(db, facts),
    span: spanOf(alert),
    version: alert.version,
    seq: alert.seq,
    withdrawn: isWithdrawn(alert),
    observables: observablesIn(alert),
    rule,
  }
}

/** A new alert joins an incident, waits until there is more, or opens an incident. */
function place(desk: Desk, raised: Raised): Incident[] {
  const { db, hand, grouping } = desk
  const { agency, groupKey, span, rule } = raised
  const near = hand.ofGroup(agency, groupKey, widened(span, rule.lookBackMs))
  const choice = chooseIncident(span, followed(hand, near, raised.facts.rule.id), rule)
  if (choice.join === undefined && waits(desk, raised)) return []
  const placed =
    choice.join !== undefined
      ? [join(desk, raised, choice.join, choice)]
      : ((grouping.storm && joinStorm(desk, raised, grouping.storm)) ?? [open(desk, raised, choice)])
  if (grouping.risk !== undefined) dropRisk(db, raised.alertId)
  return placed
}

/**
 * Each incident, or the one that has its alerts now; once each. What a storm of another rule drew into itself is left out: an
 * alert must not vanish in a storm that it is not part of.
 */
function followed(hand: IncidentsAtHand, found: readonly GroupedIncident[], rule: string): Candidate[] {
  const byId = new Map<string, Candidate>()
  for (const one of found) {
    let each: Candidate = one
    for (let into = each.incident.mergedInto; into !== undefined; into = each.incident.mergedInto) {
      const next = hand.get(into)
      if (next === null) break
      // Seen at the time of the one that was merged, for that is what its group remembers.
      each = { ...next, seen: each.seen ?? { from: each.incident.firstEventAt, to: each.incident.lastEventAt } }
    }
    if (each.groupKey.startsWith('storm:') && each.groupKey !== stormKey(rule)) continue
    if (!byId.has(each.incident.id)) byId.set(each.incident.id, each)
  }
  return [...byId.values()]
}

/**
 * Whether the alert is too mild for an incident and its entity has too little on it. Where it is enough, all that waited joins
 * the incident that the alert opens.
 */
function waits(desk: Desk, raised: Raised): boolean {
  const {
    db,
    grouping: { risk },
  } = desk
  if (risk === undefined) return false
  const points = risk.points[raised.facts.rule.level] ?? 0
  if (points === 0) return false
  const { agency, groupKey, span } = raised
  const waiting: RiskAlert = {
    alertId: raised.alertId,
    agency,
    groupKey,
    version: raised.version,
    rule: raised.facts.rule.id,
    level: raised.facts.rule.level,
    points: raised.withdrawn ? 0 : points,
    seq: raised.seq,
    eventAt: span.to,
    firstAt: span.from,
    facts: raised.kept,
    observables: raised.observables,
  }
  putRiskAlert(db, waiting)
  const window = { from: shifted(span.to, -risk.windowMs), to: span.to }
  const { score } = riskOf(db, { agency, groupKey, ...window, repeatsMax: risk.repeatsMax })
  return raised.withdrawn || score < risk.threshold
}

function open(desk: Desk, raised: Raised, choice: Choice): Incident {
  const { db, hand, at, grouping } = desk
  const { agency, groupKey, entity, span, facts } = raised
  const incident = openIncident(raised, { agency, entity, at, number: nextIncidentNumber(db) })
  hand.add({ incident, groupKey }, { rule: facts.rule.id, eventAt: span.to })
  putAlert(desk, raised, incident.id)
  hand.tell([
    entry(incident, at, 'incident_opened', {
      ...because(raised, choice.reason),
      ...(choice.follows !== undefined && {
        followsNumber: choice.follows.number,
        followsId: choice.follows.id,
        followsState: choice.follows.state,
      }),
    }),
  ])
  return grouping.risk === undefined ? incident : joinWaiting(desk, raised, { incident, groupKey }, grouping.risk)
}

/** What waited for the entity belongs to its incident, and says what the entity had on it. */
function joinWaiting(
  { db, hand, at }: Desk,
  raised: Raised,
  opened: GroupedIncident,
  risk: NonNullable<GroupingSettings['risk']>,
): Incident {
  const { agency, groupKey, span } = raised
  const window = { agency, groupKey, from: shifted(span.to, -risk.windowMs), to: span.to }
  const { score, rules } = riskOf(db, { ...window, repeatsMax: risk.repeatsMax })
  const waiting = takeRisk(db, window)
  if (waiting.length === 0) return opened.incident
  let { incident } = opened
  for (const one of waiting) {
    if (one.alertId === raised.alertId) continue
    const facts = keptFacts(db, one.facts)
    const joined = { alertId: one.alertId, facts, span: { from: one.firstAt, to: one.eventAt } }
    const { incident: next } = joinIncident(incident, joined, { at, counts: one.points > 0 ? 1 : 0 })
    incident = { ...next, version: incident.version } // as it opened: nobody has read it yet
    putIncidentAlert(db, {
      alertId: one.alertId,
      incidentId: incident.id,
      version: one.version,
      rule: one.rule,
      level: one.level,
      seq: one.seq,
      eventAt: one.eventAt,
      firstAt: one.firstAt,
      facts: one.facts,
      withdrawn: one.points === 0,
    })
    if (one.points > 0) hand.see(incident.id, one.observables, joined.span)
  }
  hand.put({ incident, groupKey })
  const { kind, value } = raised.entity
  const enough = { score, threshold: risk.threshold, rules, alerts: waiting.length, windowHours: hours(risk.windowMs) }
  hand.tell([entry(incident, at, 'risk_added', { kind, value, ...enough })])
  return incident
}

/**
 * The incident of a storm that the alert belongs to: its rule has opened more incidents than it may in so short a time, or
 * goes on after it did. What it opened, and what nobody has touched and no other rule has joined, is drawn into it. Undefined
 * where there is no storm.
 */
function joinStorm(
  desk: Desk,
  raised: Raised,
  settings: NonNullable<GroupingSettings['storm']>,
): Incident[] | undefined {
  const { db, hand, at } = desk
  const { agency, span, facts } = raised
  const groupKey = stormKey(facts.rule.id)
  const going = hand.ofGroup(agency, groupKey, widened(span, settings.quietMs))
  const known = going.find(({ incident }) => isOpen(incident))
  const storm = { incidents: settings.incidentsMax, withinSeconds: settings.withinMs / 1_000 }
  if (known !== undefined) return [join(desk, raised, known, { reason: 'storm_goes_on' }, storm)]

  const found = incidentsOpenedBy(db, {
    agency,
    rule: facts.rule.id,
    ...widened(span, settings.withinMs),
    limit: settings.incidentsMax,
  })
  if (found.length < settings.incidentsMax) return undefined
  const entity = { kind: 'host' as const, value: facts.system ?? agency }
  const opened = openIncident(raised, { agency, entity, at, number: nextIncidentNumber(db) })
  // Opened by no rule: or storms would be counted among what makes a storm.
  hand.add({ incident: opened, groupKey })
  putAlert(desk, raised, opened.id)
  hand.tell([entry(opened, at, 'incident_opened', { ...because(raised, 'storm'), ...storm })])
  const untouched = found
    .map((id) => hand.get(id)!)
    .filter(
      ({ incident: { state, assignee, version, rules } }) =>
        state === 'new' && assignee === undefined && version === 1 && rules.length === 1,
    )
  const drawn = untouched.map((each) => {
    const moved = moveAlerts(db, { kind: 'storm', source: each.incident.id, target: opened.id, at })
    const incident: Incident = {
      ...each.incident,
      state: 'closed',
      verdict: 'duplicate',
      mergedInto: opened.id,
      life: [...each.incident.life, { state: 'closed', at }],
      version: each.incident.version + 1,
      updatedAt: at,
    }
    hand.put({ ...each, incident })
    const params = { targetNumber: opened.number, targetId: opened.id, alerts: moved, reason: 'storm', ...storm }
    const after = { state: 'closed', verdict: 'duplicate', mergedInto: opened.id }
    hand.tell([{ ...entry(incident, at, 'incident_merged', params), before: { state: each.incident.state }, after }])
    return incident
  })
  const incident = { ...rebuilt(opened, alertGroupsOf(db, opened.id), at), version: opened.version }
  hand.put({ incident, groupKey })
  return [incident, ...drawn]
}

function stormKey(rule: string): string {
  return `storm:${rule}`
}

/** A higher version stays where its alert is, whatever has become of that incident. */
function amend(desk: Desk, raised: Raised, known: { incidentId: string; withdrawn: boolean }): Incident {
  const found = desk.hand.get(known.incidentId)
  if (found === null) throw new Error(`alert ${raised.alertId} belongs to ${known.incidentId}, which is not there`)
  const counts = Number(!raised.withdrawn) - Number(!known.withdrawn)
  return join(desk, raised, found, { reason: 'amended' }, {}, counts)
}

function join(
  desk: Desk,
  raised: Raised,
  into: GroupedIncident,
  choice: { reason: Choice['reason'] | 'storm_goes_on' | 'amended' },
  more: HistoryEntry['params'] = {},
  counts = 1,
): Incident {
  const { hand, at } = desk
  const entries: HistoryEntry[] = []
  const current = into.incident
  const before = choice.reason === 'reopened_by_rule' ? reopen(current, at) : current
  if (before !== current) {
    entries.push({
      ...entry(before, at, 'incident_reopened', because(raised, choice.reason)),
      before: { state: current.state, verdict: current.verdict ?? null },
      after: { state: before.state, verdict: null },
    })
  }
  const { incident, newRule, raised: rose } = joinIncident(before, raised, { at, counts })
  hand.put({ incident, groupKey: into.groupKey })
  putAlert(desk, raised, incident.id)
  const { rule } = raised.facts
  const titles = { rule: rule.id, title: rule.title, titleVi: rule.titleVi }
  if (newRule) entries.push(entry(incident, at, 'rule_joined', { ...because(raised, choice.reason), ...more }))
  if (rose) {
    entries.push({
      ...entry(incident, at, 'priority_raised', titles),
      before: { level: before.level, priority: before.priority },
      after: { level: incident.level, priority: incident.priority },
    })
  }
  if (raised.withdrawn && counts < 0) {
    entries.push(entry(incident, at, 'alert_withdrawn', { ...titles, alert: raised.alertId }))
  }
  hand.tell(entries)
  return incident
}

function putAlert({ db, hand }: Desk, raised: Raised, incidentId: string): void {
  putIncidentAlert(db, {
    alertId: raised.alertId,
    incidentId,
    version: raised.version,
    rule: raised.facts.rule.id,
    level: raised.facts.rule.level,
    seq: raised.seq,
    eventAt: raised.span.to,
    firstAt: raised.span.from,
    facts: raised.kept,
    withdrawn: raised.withdrawn,
  })
  if (!raised.withdrawn) hand.see(incidentId, raised.observables, raised.span)
}

/** Why the alert stands here, for the reader to put into words. */
function because({ entity, facts, alertId, rule }: Raised, reason: string): HistoryEntry['params'] {
  return { reason, ...entity, ...titlesOf(facts), alert: alertId, lookBackHours: hours(rule.lookBackMs) }
}

function titlesOf({ rule: { id, title, titleVi, level } }: AlertFacts): Record<string, string> {
  return { rule: id, title, titleVi, level }
}

function hours(ms: number): number {
  return ms / 3_600_000
}

function entry(incident: Incident, at: string, code: string, params: HistoryEntry['params']): HistoryEntry {
  return { at, actor: 'system', subject: { kind: 'incident', id: incident.id }, code, params }
}
