import type { Level } from '../../model/alert.ts'
import type { LocalDatabase } from './database.ts'
import type { Observable } from './observables.ts'
import { prepared } from './statement.ts'

/** An alert that waits for its entity to show more. */
export interface RiskAlert {
  alertId: string
  agency: string
  groupKey: string
  version: number
  rule: string
  level: Level
  points: number
  seq: number
  eventAt: string
  firstAt: string
  facts: number
  /** What stands in it: it is the incident's once there is one. */
  observables: readonly Observable[]
}

type RiskRow = Omit<RiskAlert, 'observables'> & { observables: string }

function toRiskAlert(row: RiskRow): RiskAlert {
  return { ...row, observables: JSON.parse(row.observables) as Observable[] }
}

const COLUMNS = `alert_id AS alertId, agency, group_key AS groupKey, version, rule_id AS rule, level, points, seq,
  event_at AS eventAt, first_at AS firstAt, facts, observables`

export function findRiskAlert(db: LocalDatabase, alertId: string): RiskAlert | null {
  const row = prepared(db, `SELECT ${COLUMNS} FROM risk_alerts WHERE alert_id = ?`).get(alertId) as RiskRow | undefined
  return row === undefined ? null : toRiskAlert(row)
}

export function putRiskAlert(db: LocalDatabase, alert: RiskAlert): void {
  const { alertId, agency, groupKey, version, rule, level, points, seq, eventAt, firstAt, facts, observables } = alert
  prepared(
    db,
    `INSERT INTO risk_alerts
       (alert_id, agency, group_key, version, rule_id, level, points, seq, event_at, first_at, facts, observables)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (alert_id) DO UPDATE SET version = excluded.version, points = excluded.points, seq = excluded.seq,
       event_at = excluded.event_at, first_at = excluded.first_at, facts = excluded.facts,
       observables = excluded.observables`,
  ).run(
    alertId,
    agency,
    groupKey,
    version,
    rule,
    level,
    points,
    seq,
    eventAt,
    firstAt,
    facts,
    JSON.stringify(observables),
  )
}

/**
 * Each rule and number of points that an entity has waiting, one step of the index for each, and how many alerts of them there are
 * in a time, counted no further than they count: what that costs does not depend on how many wait.
 */
const KINDS = `WITH RECURSIVE kinds (rule_id, points) AS (
    SELECT * FROM (SELECT rule_id, points FROM risk_alerts WHERE agency = ?1 AND group_key = ?2
      ORDER BY rule_id, points LIMIT 1)
    UNION ALL
    SELECT next.rule_id, next.points FROM kinds JOIN risk_alerts next ON next.alert_id = coalesce(
      (SELECT alert_id FROM risk_alerts WHERE agency = ?1 AND group_key = ?2
        AND rule_id = kinds.rule_id AND points > kinds.points ORDER BY points LIMIT 1),
      (SELECT alert_id FROM risk_alerts WHERE agency = ?1 AND group_key = ?2
        AND rule_id > kinds.rule_id ORDER BY rule_id, points LIMIT 1)))
  SELECT rule_id AS rule, points, (SELECT count(*) FROM (SELECT 1 FROM risk_alerts r
      WHERE r.agency = ?1 AND r.group_key = ?2 AND r.rule_id = kinds.rule_id AND r.points = kinds.points
        AND r.event_at BETWEEN ?3 AND ?4 LIMIT ?5)) AS times
    FROM kinds`

/** What an entity has on it from events of `[from, to]`: the score and its parts, each rule at most `repeatsMax` times. */
export function riskOf(
  db: LocalDatabase,
  entity: { agency: string; groupKey: string; from: string; to: string; repeatsMax: number },
): { score: number; rules: number } {
  const { agency, groupKey, from, to, repeatsMax } = entity
  const kinds = prepared(db, KINDS).all(agency, groupKey, from, to, repeatsMax) as {
    rule: string
    points: number
    times: number
  }[]
  const rules = new Map<string, { points: number; times: number }>()
  for (const { rule, points, times } of kinds) {
    if (times === 0) continue
    const { points: most, times: before } = rules.get(rule) ?? { points: 0, times: 0 }
    // What was withdrawn has no points, and is no time either.
    rules.set(rule, { points: Math.max(most, points), times: before + (points > 0 ? times : 0) })
  }
  const parts = [...rules.values()].map(({ points, times }) => points * Math.min(times, repeatsMax))
  return { score: parts.reduce((sum, part) => sum + part, 0), rules: rules.size }
}

/** Takes out, and gives, what waited for the entity: it has an incident now. By position. */
export function takeRisk(
  db: LocalDatabase,
  entity: { agency: string; groupKey: string; from: string; to: string },
): RiskAlert[] {
  const where = 'WHERE agency = ? AND group_key = ? AND event_at BETWEEN ? AND ?'
  const values = [entity.agency, entity.groupKey, entity.from, entity.to]
  const rows = prepared(db, `SELECT ${COLUMNS} FROM risk_alerts ${where} ORDER BY seq, alert_id`).all(...values)
  prepared(db, `DELETE FROM risk_alerts ${where}`).run(...values)
  return (rows as RiskRow[]).map(toRiskAlert)
}

export function dropRisk(db: LocalDatabase, alertId: string): void {
  prepared(db, 'DELETE FROM risk_alerts WHERE alert_id = ?').run(alertId)
}

/** Forgets what no window reaches any more. */
export function forgetRisk(db: LocalDatabase, beforeAt: string): number {
  return db.prepare('DELETE FROM risk_alerts WHERE event_at < ?').run(beforeAt).changes
}
