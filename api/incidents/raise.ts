import type { Alert } from '../../model/alert.ts'
import type { Incident } from '../../model/incident.ts'
import type { LocalDatabase } from '../../store/local/database.ts'
import { type HistoryEntry, addHistory } from '../../store/local/history.ts'
import {
  findIncidentAlert,
  getIncident,
  incidentsOfGroup,
  nextIncidentNumber,
  putIncident,
  putIncidentAlert,
} from '../../store/local/incidents.ts'
import { inTransaction } from '../../store/local/transaction.ts'
import {
  type Choice,
  chooseIncident,
  groupKeyOf,
  isWithdrawn,
  joinIncident,
  openIncident,
  primaryEntity,
  spanOf,
} from './grouping.ts'
import { type Priority, priorityOf } from './priority.ts'

export interface RaiseOptions {
  /** Security level, 1 to 5, of a system at an event's time (ISO UTC). */
  criticality: (agency: string, system: string | undefined, at: string) => number
  /** How far in event time an alert may lie from an incident that it joins; default 24 hours. */
  lookBackMs?: number
  /** ISO UTC, for `createdAt`, `updatedAt` and the history: when the product noticed, not when it happened. */
  now?: () => string
}

const DAY_MS = 86_400_000

/**
 * Turns alerts into incidents and gives those that changed, in their new shape. One write transaction, or the caller's.
 * Alerts are taken one by one in the order given, and a version that was applied before changes nothing: however the
 * alerts are cut into batches, and however often a batch comes again, the incidents are the same (law 3).
 */
export function raiseIncidents(db: LocalDatabase, alerts: readonly Alert[], options: RaiseOptions): Incident[] {
  if (alerts.length === 0) return []
  const at = options.now?.() ?? new Date().toISOString()
  const lookBackMs = options.lookBackMs ?? DAY_MS
  return inTransaction(db, () => {
    const changed = new Map<string, Incident>()
    for (const alert of alerts) {
      const known = findIncidentAlert(db, alert.id)
      if (known === null ? isWithdrawn(alert) : known.version >= alert.version) continue
      const criticality = options.criticality(alert.agency, alert.system, alert['@timestamp'])
      const raised = { ...priorityOf(alert.rule.level, criticality), at }
      const incident =
        known === null ? place(db, alert, { ...raised, lookBackMs }) : amend(db, alert, known.incidentId, raised)
      putIncidentAlert(db, {
        alertId: alert.id,
        incidentId: incident.id,
        version: alert.version,
        rule: alert.rule.id,
        level: alert.rule.level,
        seq: alert.seq,
        eventAt: alert['@timestamp'],
      })
      changed.set(incident.id, incident)
    }
    return [...changed.values()]
  })
}

/** A new alert joins an incident or opens one. */
function place(db: LocalDatabase, alert: Alert, raised: Priority & { at: string; lookBackMs: number }): Incident {
  const groupKey = groupKeyOf(alert)
  const span = spanOf(alert)
  const near = incidentsOfGroup(db, {
    agency: alert.agency,
    groupKey,
    from: shifted(span.from, -raised.lookBackMs),
    to: shifted(span.to, raised.lookBackMs),
  })
  const choice = chooseIncident(alert, near, raised.lookBackMs)
  if (choice.join !== undefined) return join(db, alert, choice.join, { ...raised, groupKey, amended: false })

  const incident = openIncident(alert, { ...raised, number: nextIncidentNumber(db) })
  putIncident(db, { incident, groupKey })
  addHistory(db, [
    entry(incident, raised.at, 'incident_opened', {
      ...because(alert, choice, raised.lookBackMs),
      ...(choice.follows !== undefined && {
        followsNumber: choice.follows.number,
        followsId: choice.follows.id,
        followsState: choice.follows.state,
      }),
    }),
  ])
  return incident
}

/** A higher version stays where its alert is, whatever has become of that incident. */
function amend(db: LocalDatabase, alert: Alert, id: string, raised: Priority & { at: string }): Incident {
  const found = getIncident(db, id, 'all')
  if (found === null) throw new Error(`alert ${alert.id} belongs to incident ${id}, which is not there`)
  return join(db, alert, found.incident, { ...raised, groupKey: found.groupKey, amended: true, lookBackMs: 0 })
}

function join(
  db: LocalDatabase,
  alert: Alert,
  before: Incident,
  how: Priority & { at: string; amended: boolean; groupKey: string; lookBackMs: number },
): Incident {
  const { incident, newRule, raised } = joinIncident(before, alert, how)
  putIncident(db, { incident, groupKey: how.groupKey })
  const entries: HistoryEntry[] = []
  if (newRule) {
    const reason: Choice = { reason: 'same_entity_within_look_back' }
    entries.push(entry(incident, how.at, 'rule_joined', because(alert, reason, how.lookBackMs)))
  }
  if (raised) {
    entries.push({
      ...entry(incident, how.at, 'priority_raised', { rule: alert.rule.id, ...titles(alert) }),
      before: { level: before.level, priority: before.priority },
      after: { level: incident.level, priority: incident.priority },
    })
  }
  if (isWithdrawn(alert)) {
    entries.push(entry(incident, how.at, 'alert_withdrawn', { rule: alert.rule.id, alert: alert.id, ...titles(alert) }))
  }
  addHistory(db, entries)
  return incident
}

function because(alert: Alert, { reason }: Choice, lookBackMs: number): HistoryEntry['params'] {
  const { kind, value } = primaryEntity(alert)
  const { id, level } = alert.rule
  return {
    reason,
    kind,
    value,
    rule: id,
    ...titles(alert),
    level,
    alert: alert.id,
    lookBackHours: lookBackMs / 3_600_000,
  }
}

function titles({ rule: { title, titleVi = title } }: Alert): { title: string; titleVi: string } {
  return { title, titleVi }
}

function entry(incident: Incident, at: string, code: string, params: HistoryEntry['params']): HistoryEntry {
  return { at, actor: 'system', subject: { kind: 'incident', id: incident.id }, code, params }
}

/** Stays inside years 0 to 9999, where ISO texts compare as their times do. */
function shifted(iso: string, byMs: number): string {
  const earliestMs = -62_167_219_200_000
  const latestMs = 253_402_300_799_999
  return new Date(Math.min(latestMs, Math.max(earliestMs, Date.parse(iso) + byMs))).toISOString()
}
