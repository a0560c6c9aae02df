import type { Verdict } from '../../model/incident.ts'
import type { Scope } from '../store.ts'
import type { LocalDatabase } from './database.ts'
import { inScope } from './scope.ts'
import type { LogSource } from './ledger.ts'

interface Since {
  /** ISO UTC, of event time. */
  from: string
  scope: Scope
}

/** What analysts made of the incidents that alerts of a rule are in. */
export interface RuleVerdict {
  rule: string
  /** Null: not decided yet. */
  verdict: Verdict | null
  incidents: number
  alerts: number
  lastAt: string
}

/** By rule and verdict; of one rule where it is named. Alerts that late events disproved do not count. */
export function verdictsOfRules(db: LocalDatabase, { from, scope }: Since, rule?: string): RuleVerdict[] {
  const visible = inScope(scope, 'i.agency')
  return db
    .prepare(
      `SELECT a.rule_id AS rule, i.verdict, count(DISTINCT i.id) AS incidents, count(*) AS alerts, max(a.event_at) AS lastAt
       FROM incident_alerts a JOIN incidents i ON i.id = a.incident_id
       WHERE a.event_at >= ? AND a.withdrawn = 0 ${rule === undefined ? '' : 'AND a.rule_id = ?'} AND ${visible.sql}
       GROUP BY a.rule_id, i.verdict ORDER BY a.rule_id, i.verdict`,
    )
    .all(from, ...(rule === undefined ? [] : [rule]), ...visible.values) as RuleVerdict[]
}

/** Incidents by ATT&CK tag: `attack.t1110`. What turned out to be another's duplicate is not counted beside it. */
export function incidentsByTag(db: LocalDatabase, { from, scope }: Since): Map<string, number> {
  const visible = inScope(scope)
  const rows = db
    .prepare(
      `SELECT tag.value AS tag, count(DISTINCT incidents.id) AS incidents FROM incidents, json_each(incidents.attack) AS tag
       WHERE last_event_at >= ? AND coalesce(verdict, '') <> 'duplicate' AND ${visible.sql} GROUP BY tag.value`,
    )
    .all(from, ...visible.values) as { tag: string; incidents: number }[]
  return new Map(rows.map(({ tag, incidents }) => [tag, incidents]))
}

/** Events by the log sources they carry, since an hour of receipt; none: no rule is about them. */
export function eventsBySource(
  db: LocalDatabase,
  hour: string,
  scope: Scope,
): { sources: LogSource[]; events: number }[] {
  const visible = inScope(scope)
  const rows = db
    .prepare(
      `SELECT sources, sum(records) AS events FROM ledger
       WHERE hour >= ? AND what IN ('evaluated', 'failed') AND ${visible.sql} GROUP BY sources ORDER BY events DESC, sources`,
    )
    .all(hour, ...visible.values) as { sources: string; events: number }[]
  return rows.map(({ sources, events }) => ({
    sources: sources === '' ? [] : (JSON.parse(sources) as LogSource[]),
    events,
  }))
}

/** Alerts of a rule with the verdict on their incident, newest event first. */
export function judgedAlerts(
  db: LocalDatabase,
  { rule, from, scope }: Since & { rule: string },
  limit: number,
): { alertId: string; verdict: Verdict | null }[] {
  const visible = inScope(scope, 'i.agency')
  return db
    .prepare(
      `SELECT a.alert_id AS alertId, i.verdict FROM incident_alerts a JOIN incidents i ON i.id = a.incident_id
       WHERE a.rule_id = ? AND a.event_at >= ? AND a.withdrawn = 0 AND ${visible.sql} ORDER BY a.event_at DESC, a.alert_id LIMIT ?`,
    )
    .all(rule, from, ...visible.values, limit) as { alertId: string; verdict: Verdict | null }[]
}
